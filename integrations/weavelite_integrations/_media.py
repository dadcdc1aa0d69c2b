"""What SDKs send and receive besides JSON, as content: uploaded files, images, sound."""

import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from weavelite import Content

Reads = Callable[..., Iterator[bytes]]
AsyncReads = Callable[..., AsyncIterator[bytes]]

MOST = 16 * 2**20
"""Bytes of a response beyond which reading along stops: more is not kept of it anyway."""


def uploaded(value: Any) -> Any:
    """Gives a file as the SDKs take it (bytes, path, open file, or a tuple of name and such)."""
    try:
        return _uploaded(value)
    except Exception:  # the upload itself will tell the user what is wrong with the file
        return f"<{type(value).__name__} that cannot be read>"


def _uploaded(value: Any, name: str | None = None, mimetype: str | None = None) -> Any:
    if isinstance(value, list):
        return [uploaded(item) for item in value]
    if isinstance(value, tuple):
        given_name, file, *more = value
        return _uploaded(file, given_name, more[0] if more else None)
    if isinstance(value, bytes | bytearray):
        return Content(bytes(value), filename=name, mimetype=mimetype)
    if isinstance(value, os.PathLike):
        path = Path(value)
        size = path.stat().st_size
        return Content(path.read_bytes, filename=name or path.name, mimetype=mimetype, size=size)
    if callable(getattr(value, "read", None)):
        return _open_file(value, name, mimetype)
    return value


def _open_file(file: Any, name: str | None, mimetype: str | None) -> Any:
    """Reads a file from its beginning, as HTTP clients do, and puts it back where it was."""
    if not file.seekable():
        return f"<{type(file).__name__} that can be read only once>"
    place = file.tell()
    file.seek(0)
    try:
        data = file.read()
    finally:
        file.seek(place)
    known = name or getattr(file, "name", None)
    filename = Path(known).name if isinstance(known, str) else None
    return Content(
        data if isinstance(data, bytes) else data.encode(), filename=filename, mimetype=mimetype
    )


def decoded(text: str, mimetype: str | None = None) -> Any:
    """Makes content of base64; what is not base64 stays text."""
    try:
        return Content.from_base64(text, mimetype=mimetype)
    except Exception:
        return text


def body(response: Any, data: bytes) -> Any:
    """Gives the body of an HTTP response as what it says it is: JSON, text or content."""
    kind = str(response.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return json.loads(data)
    if kind.startswith("text/"):
        return data.decode(errors="replace")
    return Content(data, mimetype=None if kind in ("", "application/octet-stream") else kind)


class Along:
    """Keeps what a program reads of the body of an HTTP response, up to a limit."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self._pieces: list[bytes] = []
        self._size = 0
        # Everything that reads a response of httpx and httpx2 comes by these two.
        if hasattr(response, "iter_bytes"):
            response.iter_bytes = self._iterating(response.iter_bytes)
        if hasattr(response, "aiter_bytes"):
            response.aiter_bytes = self._iterating_async(response.aiter_bytes)

    def read(self) -> bytes | None:
        """Gives the body as far as it has been read; None when nothing has."""
        try:
            data: bytes = self._response.content
        except Exception:  # it was read as a stream, or not at all
            return b"".join(self._pieces) if self._pieces else None
        return data

    def _add(self, piece: bytes) -> None:
        if self._size < MOST:
            self._pieces.append(piece)
            self._size += len(piece)

    def _iterating(
        self, original: Callable[..., Iterator[bytes]]
    ) -> Callable[..., Iterator[bytes]]:
        def iter_bytes(*args: Any, **kwargs: Any) -> Iterator[bytes]:
            for piece in original(*args, **kwargs):
                self._add(piece)
                yield piece

        return iter_bytes

    def _iterating_async(self, original: AsyncReads) -> AsyncReads:
        async def aiter_bytes(*args: Any, **kwargs: Any) -> AsyncIterator[bytes]:
            async with aclosing(original(*args, **kwargs)) as pieces:  # type: ignore[type-var]  # is a generator
                async for piece in pieces:
                    self._add(piece)
                    yield piece

        return aiter_bytes
