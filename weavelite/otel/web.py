"""Trace context over HTTP: what servers are asked under, and what clients send along."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from weavelite.trace.context import innermost
from weavelite.trace.remote import under

_NAME = "traceparent"


def traceparent() -> str | None:
    """Returns the innermost call here as W3C trace context; None outside of any."""
    call = innermost()
    return None if call is None or call.is_dropped else str(call.traceparent)


def headers(others: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the headers of a request with the trace context of the innermost call added.

    A `traceparent` that is among them already stays.
    """
    made = dict(others or {})
    found = traceparent()
    if found is not None and not any(name.lower() == _NAME for name in made):
        made[_NAME] = found
    return made


class AsgiMiddleware:
    """Makes the calls of a request children of the call that sent it, in an ASGI application."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request; other events of the server are handed on."""
        sent = _sent(scope.get("headers") or ()) if scope.get("type") != "lifespan" else None
        if sent is None:
            await self.app(scope, receive, send)
            return
        with under(sent):
            await self.app(scope, receive, send)


def _sent(pairs: Iterable[tuple[bytes, bytes]]) -> str | None:
    for name, value in pairs:
        if name.lower() == b"traceparent":
            return value.decode("latin-1")
    return None


class WsgiMiddleware:
    """Makes the calls of a request children of the call that sent it, in a WSGI application."""

    def __init__(self, app: Callable[[Any, Any], Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serves one request."""
        sent = environ.get("HTTP_TRACEPARENT")
        if not isinstance(sent, str):
            return self.app(environ, start_response)
        with under(sent):
            return _Body(self.app(environ, start_response), sent)


class _Body:
    """Is the body of an answer, each piece of which is made under the call that asked."""

    def __init__(self, pieces: Iterable[bytes], sent: str) -> None:
        self._pieces, self._sent = pieces, sent

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._pieces)
        while True:
            try:
                with under(self._sent):
                    piece = next(pieces)
            except StopIteration:
                return
            yield piece

    def close(self) -> None:
        """Lets go of what the application holds."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()
