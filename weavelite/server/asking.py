"""Asks the application without a socket, as a page would."""

from typing import Any, Self
from urllib.parse import quote, urlencode

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from weavelite.errors import StoreError


class Asker:
    """Asks one application, from a loop in a thread of its own."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._thread = start_blocking_portal()

    def __enter__(self) -> Self:
        self._portal = self._thread.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._thread.__exit__(*error)

    def get(self, path: str, params: dict[str, str]) -> bytes:
        """Returns the body of an answer; raises StoreError for anything but 200."""
        status, body = self._portal.call(_answer, self._app, path, params)
        if status != 200:
            raise StoreError(f"{path} is refused: {body.decode(errors='replace')[:500]}")
        return body


async def _answer(app: FastAPI, path: str, params: dict[str, str]) -> tuple[int, bytes]:
    status, body = 0, bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))
        else:
            body.extend(bytes(message.get("body", b"")))  # type: ignore[call-overload]

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": urlencode(params).encode(),
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    return status, bytes(body)
