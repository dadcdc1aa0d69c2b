"""The openai SDK: each request becomes a call, with the messages, the answer and its usage.

Methods of the SDK's resources are wrapped by name, so clients that exist already are traced, and
one that a version of the SDK lacks is passed over. Nothing else of the SDK is imported: what it
builds on (httpx, httpx2) changes between its versions.
"""

import functools
import importlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weavelite import instrument
from weavelite_integrations._nesting import recorded_above
from weavelite_integrations._openai_stream import (
    ChatSum,
    Reading,
    ResponseSum,
    Result,
    Sum,
    after,
    attach,
    before,
    dumped,
)

RAW_HEADER = "X-Stainless-Raw-Response"
# They are about the transport, and headers hold secrets.
NOT_ASKED = {"extra_headers", "extra_query", "timeout", "idempotency_key"}
SENTINELS = {"NotGiven", "Omit"}
USAGE_HOST = "api.openai.com"  # others are known to answer 400 to stream_options


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Is a method of the SDK that makes a request."""

    name: str
    kind: str
    asks_for_usage: bool = False


@dataclass(slots=True)
class Request:
    """Is a request on its way."""

    call: instrument.Call
    kwargs: dict[str, Any]
    total: Sum
    raw: str | None
    started: float


CHAT = "openai.resources.chat.completions"
RESPONSES = "openai.resources.responses"
BETA = "openai.resources.beta.chat.completions"
PARSE = Endpoint("openai.chat.completions.parse", "llm")
METHODS: list[tuple[str, str, str, Endpoint]] = [
    (CHAT, "Completions", "create", Endpoint("openai.chat.completions.create", "llm", True)),
    (CHAT, "Completions", "parse", PARSE),
    (BETA, "Completions", "parse", PARSE),
    (RESPONSES, "Responses", "create", Endpoint("openai.responses.create", "llm")),
    (RESPONSES, "Responses", "parse", Endpoint("openai.responses.parse", "llm")),
    ("openai.resources", "Embeddings", "create", Endpoint("openai.embeddings.create", "embedding")),
]


def patch() -> None:
    """Traces every client of the openai SDK; may be called any number of times."""
    for owner, method, endpoint in _methods(""):
        instrument.wrap(owner, method, functools.partial(_traced, endpoint))
    # By the table and not by inspection: in some versions a coroutine method does not look like it.
    for owner, method, endpoint in _methods("Async"):
        instrument.wrap(owner, method, functools.partial(_traced_async, endpoint))


def unpatch() -> None:
    """Puts the SDK's own methods back."""
    for owner, method, _ in [*_methods(""), *_methods("Async")]:
        instrument.unwrap(owner, method)


def _methods(prefix: str) -> list[tuple[Any, str, Endpoint]]:
    found = []
    for module, owner, method, endpoint in METHODS:
        try:
            known = importlib.import_module(module)
        except ImportError:
            continue
        cls = getattr(known, prefix + owner, None)
        if cls is not None and method in vars(cls):
            found.append((cls, method, endpoint))
    return found


def _traced(endpoint: Endpoint, original: Callable[..., Any]) -> Callable[..., Any]:
    def request(self: Any, *args: Any, **kwargs: Any) -> Any:
        begun = _begin(endpoint, self, kwargs)
        if begun is None:
            return original(self, *args, **kwargs)
        try:
            result = original(self, *args, **begun.kwargs)
        except BaseException as error:
            _fail(begun, error)
            raise
        _receive(begun, result)
        return result

    return request


def _traced_async(endpoint: Endpoint, original: Callable[..., Any]) -> Callable[..., Any]:
    async def request(self: Any, *args: Any, **kwargs: Any) -> Any:
        begun = _begin(endpoint, self, kwargs)
        if begun is None:
            return await original(self, *args, **kwargs)
        try:
            result = await original(self, *args, **begun.kwargs)
        except BaseException as error:
            _fail(begun, error)
            raise
        _receive(begun, result)
        return result

    return request


@instrument.quiet
def _begin(endpoint: Endpoint, resource: Any, kwargs: dict[str, Any]) -> Request | None:
    if recorded_above():
        return None
    client = getattr(resource, "_client", None)
    call = instrument.start(
        endpoint.name,
        _asked(kwargs),
        kind=endpoint.kind,
        attributes=_about(client),
        model=kwargs["model"] if isinstance(kwargs.get("model"), str) else None,
    )
    if call is None:
        return None
    sent = _with_usage(client, kwargs) if endpoint.asks_for_usage else kwargs
    chat = endpoint.name.startswith("openai.chat.")
    total = ChatSum(hide_usage=sent is not kwargs) if chat else ResponseSum()
    raw = (kwargs.get("extra_headers") or {}).get(RAW_HEADER)
    return Request(call, sent, total, raw, time.perf_counter())


@instrument.quiet
def _fail(request: Request, error: BaseException) -> None:
    # A completion that could not be parsed (too long, say) was made and paid for.
    made = dumped(getattr(error, "completion", None))
    output, usage, model = _told(made) if isinstance(made, dict) else (None, None, None)
    instrument.end(request.call, output, error=error, usage=usage, model=model)


@instrument.quiet
def _receive(request: Request, result: Any) -> None:
    if request.raw is not None:
        _receive_raw(request, result)
    elif request.kwargs.get("stream"):
        attach(result, Reading(request.call, request.total, request.started))
    else:
        _end(request, dumped(result))


def _receive_raw(request: Request, result: Any) -> None:
    """Takes a raw response, of which nothing may be read that the user has not read."""
    if request.kwargs.get("stream"):
        # One that nobody parses is let go, and the reading ends the call.
        reading = Reading(request.call, request.total, request.started)
        asynchronous = request.raw == "stream" and type(result).__name__.startswith("Async")
        after(result, "parse", asynchronous, lambda stream: _attach_once(stream, reading))
    elif request.raw == "true":  # the SDK has read it
        _end_raw(request, result)
    else:
        before(result, "close", lambda: _end_raw(request, result))


def _attach_once(stream: Any, reading: Reading) -> None:
    if not reading.attached:
        reading.attached = True
        attach(stream, reading)


def _end_raw(request: Request, result: Any) -> None:
    try:
        told = json.loads(result.http_response.content)
    except Exception:  # not read, or not JSON: that is the user's to meet
        told = None
    _end(request, told)


def _end(request: Request, told: Any) -> None:
    output, usage, model = _told(told) if isinstance(told, dict) else (told, None, None)
    instrument.end(request.call, output, usage=usage, model=model)


def _told(told: dict[str, Any]) -> Result:
    """Gives output, usage and model of a response; of embeddings the size, not the numbers."""
    usage, model = told.get("usage"), told.get("model")
    if told.get("object") != "list":
        return told, usage, model
    vectors = [item.get("embedding") or () for item in told.get("data") or ()]
    size = {"embeddings": len(vectors), "dimensions": len(vectors[0]) if vectors else 0}
    return {**told, "data": size}, usage, model


def _asked(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _plain(value)
        for name, value in kwargs.items()
        if name not in NOT_ASKED
        and type(value).__name__ not in SENTINELS
        and not (name == "extra_body" and value is None)  # filled in by the SDK's own helpers
    }


def _plain(value: Any) -> Any:
    """Makes JSON of what the SDK takes; iterators stay as they are, for the SDK to read."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, type):  # response_format=SomeModel
        schema = getattr(value, "model_json_schema", None)
        return {"name": value.__name__, "schema": schema()} if schema else value.__name__
    return dumped(value)


def _about(client: Any) -> dict[str, Any]:
    url = getattr(client, "base_url", None)
    host = getattr(url, "host", None)
    azure = type(client).__name__.endswith("AzureOpenAI")
    provider = "azure" if azure else "openai" if host in (None, USAGE_HOST) else host
    port = getattr(url, "port", None)
    return {"provider": provider, "server": f"{host}:{port}" if port else host}


def _with_usage(client: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Asks for the usage of a stream, where that is safe and the user said nothing about it."""
    options = kwargs.get("stream_options") or {}
    host = getattr(getattr(client, "base_url", None), "host", None)
    if not kwargs.get("stream") or host != USAGE_HOST or "include_usage" in options:
        return kwargs
    return {**kwargs, "stream_options": {**options, "include_usage": True}}
