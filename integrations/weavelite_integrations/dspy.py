"""DSPy: its programs, model calls, tools, retrievers and evaluations become calls.

A model call is recorded as DSPy makes it, whichever client is beneath; one that DSPy answers from
its cache is one, too, without tokens.
"""

import importlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from weavelite import instrument
from weavelite_integrations._streams import dumped

HIDDEN = {"api_key", "api_base", "base_url", "headers", "callbacks", "cache", "rollout_id"}


def plain(value: Any) -> Any:
    """Makes JSON of what DSPy hands around: predictions and examples as what they hold."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items() if name not in HIDDEN}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "toDict"):
        return plain(value.toDict())
    if isinstance(value, type) or callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return dumped(value)


def _class_name(given: dict[str, Any]) -> str:
    return type(given["self"]).__name__


def _tool_name(given: dict[str, Any]) -> str:
    return str(getattr(given["self"], "name", None) or "tool")


def _method(
    name: str, kind: str, display: Callable[[dict[str, Any]], str] = _class_name
) -> instrument.Method:
    return instrument.Method(
        name=f"dspy.{name}",
        kind=kind,
        inputs=plain,
        told=lambda value: (plain(value), None, None),
        display_name=display,
    )


# Where a class is; a retriever is a program, too.
METHODS: list[tuple[str, str, instrument.Method]] = [
    ("dspy.primitives.module", "Module", _method("module", "chain")),
    ("dspy.adapters.types.tool", "Tool", _method("tool", "tool", _tool_name)),
    ("dspy.clients.embedding", "Embedder", _method("embedder", "embedding")),
    ("dspy.evaluate.evaluate", "Evaluate", _method("evaluate", "chain")),
]
MODELS = "dspy.clients.base_lm"


def patch() -> None:
    """Traces every program of DSPy; may be called any number of times."""
    for owner, name, method in _methods():
        if method is None:
            make = _model_async if name == "acall" else _model
            instrument.wrap(owner, name, make)
        else:
            instrument.trace(owner, name, method)


def unpatch() -> None:
    """Puts DSPy's own methods back."""
    for owner, name, _ in _methods():
        instrument.unwrap(owner, name)


def _methods() -> Iterator[tuple[Any, str, instrument.Method | None]]:
    for module, owner, method in [*METHODS, (MODELS, "BaseLM", None)]:
        try:
            known = getattr(importlib.import_module(module), owner, None)
        except ImportError:
            continue
        for name in ("__call__", "acall"):
            if known is not None and name in vars(known):
                yield known, name, method


def _model(original: Callable[..., Any]) -> Callable[..., Any]:
    def asking(lm: Any, *args: Any, **kwargs: Any) -> Any:
        with _Asking(lm, args, kwargs) as asked:
            asked.said = original(lm, *args, **kwargs)
        return asked.said

    return asking


def _model_async(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def asking(lm: Any, *args: Any, **kwargs: Any) -> Any:
        with _Asking(lm, args, kwargs) as asked:
            asked.said = await original(lm, *args, **kwargs)
        return asked.said

    return asking


class _Asking:
    """Is the call of a model around what is asked of it; what it `said` is assigned inside."""

    said: Any = None

    def __init__(self, lm: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._lm = lm
        self._call = _begin(lm, args, kwargs)
        self._inside = _alone(self._call)

    def __enter__(self) -> "_Asking":
        self._inside.__enter__()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._inside.__exit__(kind, error, trace)
        if error is not None:
            instrument.end(self._call, error=error)
        else:
            _end(self._call, self._lm, self.said)


def _alone(call: instrument.Call | None) -> Any:
    """Keeps the client beneath from telling the same again."""
    return instrument.active(None) if call is None else instrument.suppress()


@instrument.quiet
def _begin(lm: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> instrument.Call | None:
    if instrument.is_recorded_above():
        return None
    given = {**dict(zip(("prompt", "messages"), args, strict=False)), **kwargs}
    asked = {**(getattr(lm, "kwargs", None) or {}), **given}
    model = str(getattr(lm, "model", ""))
    return instrument.start(
        "dspy.lm",
        plain({name: value for name, value in asked.items() if value is not None}),
        kind="llm",
        display_name=type(lm).__name__,
        attributes={"provider": model.partition("/")[0]} if "/" in model else None,
        model=model.partition("/")[2] or model,
    )


@instrument.quiet
def _end(call: instrument.Call | None, lm: Any, said: Any) -> None:
    told_of = (one for one in reversed(lm.history[-20:]) if one.get("outputs") is said)
    entry: dict[str, Any] = next(told_of, {})
    usage = dumped(entry.get("usage")) or None
    model = entry.get("response_model")
    told = said[0] if isinstance(said, list) and len(said) == 1 else said
    instrument.end(call, plain(told), usage=usage, model=model)
