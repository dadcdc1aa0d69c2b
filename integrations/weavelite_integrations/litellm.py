"""LiteLLM: its functions and its Router become calls; the SDKs beneath are not recorded again.

Its functions are known by name in many modules (`from litellm import completion`), so each module
that has imported one already gets the traced one, too.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from weavelite import instrument
from weavelite_integrations import _media
from weavelite_integrations._litellm_sums import CompletionSum, RoutedSum, routed_told, told
from weavelite_integrations._openai_sums import ResponseSum
from weavelite_integrations._stainless import NOT_ASKED, plain

# About the transport, and secrets; LiteLLM itself lists what else is its own and not the model's.
LEFT_OUT = NOT_ASKED | {
    "api_key",
    "api_base",
    "api_version",
    "azure_ad_token",
    "base_url",
    "client",
    "headers",
    "model_info",
    "shared_session",
}
SCALARS = (str, int, float, bool)
FILES = {"file", "image", "mask"}


# Of the metadata, what the Router puts in.
ROUTERS = ("model_group", "model_info", "deployment", "api_base", "caching_groups", "attempted_")


def _inputs(by_place: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    given = {**dict(zip(by_place, given.get("args", ()), strict=False)), **given}
    asked = {
        name: _media.uploaded(value) if name in FILES else plain(value)
        for name, value in given.items()
        if value is not None and name not in LEFT_OUT and name not in _own_names()
    }
    metadata = given.get("metadata")
    if isinstance(metadata, dict):
        told = {name: value for name, value in metadata.items() if not name.startswith(ROUTERS)}
        if told and all(isinstance(value, SCALARS) for value in told.values()):
            asked["metadata"] = told
    return asked


@functools.cache
def _own_names() -> frozenset[str]:
    listed = getattr(sys.modules.get("litellm.types.utils"), "all_litellm_params", ())
    return frozenset(map(str, listed)) - {"model", "messages", "input", "prompt"}


def _about(given: dict[str, Any]) -> dict[str, Any]:
    provider, model = given.get("custom_llm_provider"), _model(given)
    if provider is None and isinstance(model, str) and "/" in model:
        provider = model.partition("/")[0]
    server = given.get("api_base") or given.get("base_url")
    found = {"provider": provider, "server": server if isinstance(server, str) else None}
    return {name: value for name, value in found.items() if value}


def _model(given: dict[str, Any]) -> Any:
    return given.get("model") or next(iter(given.get("args", ())), None)


def _method(
    name: str,
    *by_place: str,
    kind: str = "llm",
    total: Callable[[], instrument.Sum] | None = None,
) -> instrument.Method:
    return instrument.Method(
        name=f"litellm.{name}",
        kind=kind,
        inputs=functools.partial(_inputs, by_place),
        about=_about,
        model=_model,
        told=told,
        total=total,
        requests=True,
    )


FUNCTIONS = {
    "completion": _method("completion", "model", "messages", total=CompletionSum),
    "text_completion": _method("text_completion", "prompt", "model", total=CompletionSum),
    "responses": _method("responses", "input", "model", total=ResponseSum),
    "embedding": _method("embedding", "model", "input", kind="embedding"),
    "rerank": _method("rerank", "model", "query", "documents", kind="retriever"),
    "moderation": _method("moderation", "input", "model", kind="op"),
    "image_generation": _method("image_generation", "prompt", "model"),
    "transcription": _method("transcription", "model", "file"),
    "speech": _method("speech", "model", "input", "voice"),
}
# Where they are: one that another calls is not recorded again.
MODULES = (
    "litellm",
    "litellm.main",
    "litellm.images.main",
    "litellm.rerank_api.main",
    "litellm.responses.main",
)
ROUTED = ("completion", "text_completion", "embedding", "image_generation")


def patch() -> None:
    """Traces LiteLLM's functions and its Router; may be called any number of times."""
    for owner, name, asynchronous, method in _functions():
        original = getattr(owner, name)
        if instrument.trace(owner, name, method, asynchronous=asynchronous):
            _rename(original, getattr(owner, name))
    for router, name, asynchronous in _routed():
        routed = instrument.Method(
            name=f"litellm.Router.{name.removeprefix('a')}",
            kind="chain",
            inputs=FUNCTIONS[name.removeprefix("a")].inputs,
            told=routed_told,
            total=RoutedSum,
        )
        instrument.trace(router, name, routed, asynchronous=asynchronous)


def unpatch() -> None:
    """Puts LiteLLM's own functions back, everywhere."""
    for owner, name, _, _ in _functions():
        traced = getattr(owner, name)
        if instrument.unwrap(owner, name):
            _rename(traced, getattr(owner, name))
    for router, name, _ in _routed():
        instrument.unwrap(router, name)


def _functions() -> Iterator[tuple[Any, str, bool, instrument.Method]]:
    for owner in filter(None, map(sys.modules.get, MODULES)):
        for plain_name, method in FUNCTIONS.items():
            for name, asynchronous in ((plain_name, False), (f"a{plain_name}", True)):
                if isinstance(getattr(owner, name, None), FunctionType):
                    yield owner, name, asynchronous, method


def _routed() -> Iterator[tuple[Any, str, bool]]:
    router = getattr(sys.modules.get("litellm"), "Router", None)
    for name in ROUTED:
        for known, asynchronous in ((name, False), (f"a{name}", True)):
            if router is not None and known in vars(router):
                yield router, known, asynchronous


def _rename(old: Any, new: Any) -> None:
    """Puts a function in the place of another in every module that knows it."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if isinstance(names, dict):
            for name in [name for name, value in list(names.items()) if value is old]:
                names[name] = new
