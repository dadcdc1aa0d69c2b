"""Values of Python's own library that JSON has no form for, as text or numbers, and back."""

import base64
from collections import UserList, deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import UUID

from weavelite.media import sniff
from weavelite.serialize.description import stable_repr
from weavelite.serialize.tags import INLINE, LOADERS, NOT_MINE, Stored, make_tag

_MICROSECOND = timedelta(microseconds=1)


def standard(value: Any) -> Any:
    """Writes a value of the standard library; NOT_MINE for any other."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, _BASES):  # subclasses come back as what they extend
        return next(write for base, write in _WRITERS.items() if isinstance(value, base))(value)
    return NOT_MINE


def _bytes(value: bytes) -> Any:
    if len(value) <= INLINE:
        text = base64.b64encode(value).decode()
        return make_tag("bytes", bytes=len(value), base64=text)
    return _content("bytes", bytes(value))


def _content(name: str, data: bytes) -> Stored:
    return Stored(name, {"mimetype": sniff(data), "size": len(data)}, {"content": data})


def _path(value: PurePath) -> Stored:
    return Stored(f"pathlib.{type(value).__name__}", str(value))


def _text(name: str, write: Callable[[Any], Any] = str) -> Callable[[Any], Stored]:
    return lambda value: Stored(name, write(value))


_VIEWS: tuple[Any, ...] = ({}.keys(), {}.values(), {}.items())

# A subclass stands before what it extends.
_WRITERS: dict[type, Callable[[Any], Any]] = {
    datetime: _text("datetime.datetime", datetime.isoformat),
    date: _text("datetime.date", date.isoformat),
    time: _text("datetime.time", time.isoformat),
    timedelta: _text("datetime.timedelta", lambda value: {"microseconds": value // _MICROSECOND}),
    Decimal: _text("decimal.Decimal"),
    complex: _text("complex"),
    range: _text("range", lambda value: [value.start, value.stop, value.step]),
    frozenset: _text("frozenset", lambda value: sorted(value, key=stable_repr)),
    PurePath: _path,
    bytes: _bytes,
    bytearray: lambda value: _content("bytearray", bytes(value)),
    memoryview: lambda value: _bytes(value.tobytes()),
    **dict.fromkeys((deque, UserList, *map(type, _VIEWS)), list),
}

_BASES = tuple(_WRITERS)


def _hashable(items: list[Any]) -> list[Any]:
    return [tuple(_hashable(item)) if isinstance(item, list) else item for item in items]


LOADERS.update(
    {
        "datetime.datetime": lambda stored: datetime.fromisoformat(stored.val),
        "datetime.date": lambda stored: date.fromisoformat(stored.val),
        "datetime.time": lambda stored: time.fromisoformat(stored.val),
        "datetime.timedelta": lambda stored: timedelta(microseconds=stored.val["microseconds"]),
        "uuid.UUID": lambda stored: UUID(stored.val),
        "tuple": lambda stored: tuple(stored.val),
        "decimal.Decimal": lambda stored: Decimal(stored.val),
        "complex": lambda stored: complex(stored.val),
        "range": lambda stored: range(*stored.val),
        "frozenset": lambda stored: frozenset(_hashable(stored.val)),
        "bytes": lambda stored: stored.read("content"),
        "bytearray": lambda stored: bytearray(stored.read("content")),
    }
)
# A path of another system comes back as one that can only be looked at.
LOADERS.update(
    {
        "pathlib.PosixPath": lambda stored: _here(PurePosixPath(stored.val)),
        "pathlib.WindowsPath": lambda stored: _here(PureWindowsPath(stored.val)),
        "pathlib.PurePosixPath": lambda stored: PurePosixPath(stored.val),
        "pathlib.PureWindowsPath": lambda stored: PureWindowsPath(stored.val),
    }
)


def _here(path: PurePath) -> PurePath:
    return Path(path) if isinstance(Path(), type(path)) else path
