"""The Model Context Protocol: what a client asks and a server answers, in one trace.

The client puts the `traceparent` of its call into the request's `_meta`, as the protocol provides;
the server's call is below it, also where the two are different programs.
"""

import functools
import importlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import weavelite
from weavelite import instrument
from weavelite_integrations._streams import dumped

# What a client asks: its method, kind, and what its first two arguments are.
ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "call_tool": ("tool", ("name", "arguments")),
    "get_prompt": ("prompt", ("name", "arguments")),
    "read_resource": ("retriever", ("uri",)),
}
ANSWERED = {"tools/call": "tool", "prompts/get": "prompt", "resources/read": "retriever"}


def patch() -> None:
    """Traces clients and servers of the SDK; may be called any number of times."""
    for owner, name, make in _methods():
        instrument.wrap(owner, name, make)


def unpatch() -> None:
    """Puts the SDK's own methods back."""
    for owner, name, _ in _methods():
        instrument.unwrap(owner, name)


def _methods() -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
    session = _found("mcp.client.session", "ClientSession")
    for name in ASKED:
        if hasattr(session, name):
            yield session, name, functools.partial(_asking, name)
    middleware = _found("mcp.server._otel", "OpenTelemetryMiddleware")  # sees every request
    if middleware is not None:
        yield middleware, "__call__", _answering


def _found(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:  # another version, or a part that is not installed
        return None


def _asking(name: str, original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    kind, by_place = ASKED[name]

    async def asking(session: Any, *args: Any, **kwargs: Any) -> Any:
        given = {**dict(zip(by_place, args, strict=False)), **kwargs}
        asked = {known: plain(given.get(known)) for known in by_place if given.get(known)}
        called = str(asked.get("name") or asked.get("uri"))
        call = instrument.start(f"mcp.client.{name}", asked, kind=kind, display_name=called)
        if call is not None and "traceparent" not in (kwargs.get("meta") or {}):
            kwargs["meta"] = {**(kwargs.get("meta") or {}), "traceparent": call.traceparent}
        return await _run(call, lambda: original(session, *args, **kwargs))

    return asking


def _answering(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def answering(middleware: Any, ctx: Any, call_next: Any) -> Any:
        return await _run(_begin(ctx), lambda: original(middleware, ctx, call_next))

    return answering


@instrument.quiet
def _begin(ctx: Any) -> instrument.Call | None:
    kind = ANSWERED.get(ctx.method)
    if kind is None:
        return None
    params = dict(ctx.params or {})
    params.pop("_meta", None)
    name = str(params.get("name") or params.get("uri"))
    with weavelite.under(str((ctx.meta or {}).get("traceparent") or "")):
        return instrument.start(
            f"mcp.server.{ctx.method}", plain(params), kind=kind, display_name=name
        )


async def _run(call: instrument.Call | None, ask: Callable[[], Awaitable[Any]]) -> Any:
    try:
        with instrument.active(call):
            result = await ask()
    except BaseException as error:
        instrument.end(call, error=error)
        raise
    _end(call, result)
    return result


@instrument.quiet
def _end(call: instrument.Call | None, result: Any) -> None:
    told = plain(dumped(result))
    if not isinstance(told, dict):
        instrument.end(call, told)
        return
    failed = told.get("is_error") or told.get("isError")
    texts = [part.get("text") for part in told.get("content") or () if isinstance(part, dict)]
    why = "\n".join(str(text) for text in texts if text) or "the tool failed"
    instrument.end(call, told, error=why if failed else None)


def plain(value: Any) -> Any:
    """Makes JSON of what the SDK takes, without what it keeps for itself."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items() if name not in ("_meta", "meta")}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
