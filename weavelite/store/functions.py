"""The functions that queries call in SQL: what JSON holds at a path, and how values compare.

In SQL a boolean is a blob of one byte, which equals no number; a list or dictionary is its JSON.
Reading bodies here is quicker than `json_extract` with `json_type`, which would be needed to tell
true from 1, and it is the same for packed and plain ones.
"""

import math
import sqlite3
from functools import lru_cache
from typing import Any

import orjson

from weavelite.ids import uuid_of_bytes
from weavelite.store.unpack import Unpacker

TRUE, FALSE = b"\x01", b"\x00"
_INT64 = range(-(1 << 63), 1 << 63)
_KINDS = {int: 0, float: 0, str: 1, bytes: 2}


def install(connection: sqlite3.Connection) -> None:
    """Gives a connection the functions that `expressions` writes."""
    bodies = _Bodies(connection)
    connection.create_function("json_at", 3, bodies.at)
    connection.create_function("refers", 3, bodies.refers)
    for function in (uuid, ordering, contains, converted):
        connection.create_function(
            function.__name__, function.__code__.co_argcount, function, deterministic=True
        )


class _Bodies:
    """Reads bodies; remembers the last one, which the next term is likely to ask for again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._unpack = Unpacker(connection, most=4_000_000)
        self._text = ""
        self._packed = 0
        self._value: Any = None

    def _read(self, text: str, packed: int) -> Any:
        if text != self._text or packed != self._packed:
            self._value = orjson.loads(text)
            self._text, self._packed = text, packed
        return self._value

    def at(self, text: str | None, packed: int, path: str) -> Any:
        """Returns what JSON, packed or not, holds at a path; None when there is nothing."""
        if text is None:
            return None
        value = self._read(text, packed)
        if packed:
            return sql_value(self._unpack.at(value, steps(path)))
        for step in steps(path):
            value = below(value, step)
        return sql_value(value)

    def refers(self, text: str | None, packed: int, ref: str) -> bool:
        """Tells whether JSON has a ref somewhere; one that ends in ":*" is of any version."""
        start = ref.removesuffix("*")
        if text is None or (not packed and start not in text):
            return False
        value = self._read(text, packed)
        whole = self._unpack.whole(value) if packed else value
        return any(
            item.startswith(start) if start != ref else item == ref for item in _texts(whole)
        )


@lru_cache(maxsize=256)
def steps(path: str) -> tuple[str, ...]:
    """Reads a path, which is a JSON list."""
    return tuple(orjson.loads(path))


def below(value: Any, step: str) -> Any:
    """Takes one step into a value; None where it leads nowhere."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
        return value[int(step)] if int(step) < len(value) else None
    return None


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def sql_value(value: Any) -> int | float | str | bytes | None:
    """Makes a value that SQL compares of a JSON value."""
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return value if value in _INT64 else float(value)
    if value is None or isinstance(value, float | str):
        return value
    return orjson.dumps(value).decode()


def uuid(raw: bytes | None) -> str | None:
    """Writes an id as users know it."""
    return None if raw is None else uuid_of_bytes(raw)


def ordering(left: Any, right: Any) -> int | None:
    """Says by its sign which is greater; None when they are of different types."""
    kind = _KINDS.get(type(left))
    if kind is None or kind != _KINDS.get(type(right)):
        return None
    return 1 if left > right else -1 if left < right else 0


def contains(text: Any, part: Any, folded: int) -> bool | None:
    """Tells whether a text has another in it; None when one of them is no text."""
    if not isinstance(text, str) or not isinstance(part, str):
        return None
    return part.casefold() in text.casefold() if folded else part in text


def converted(value: Any, to: str) -> Any:
    """Makes a value of another type; None when it cannot be read as one."""
    if to == "exists":
        return FALSE if value is None else TRUE
    if value is None:
        return None
    if to == "string":
        return _written(value)
    if to == "bool":
        return _truth(value)
    number = _number(value)
    if number is None:
        return None
    if to == "double":
        return float(number)
    return int(number) if int(number) in _INT64 else None


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return "true" if value == TRUE else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _truth(value: Any) -> bytes | None:
    if isinstance(value, str):
        return {"true": TRUE, "1": TRUE, "false": FALSE, "0": FALSE}.get(value.lower())
    return value if isinstance(value, bytes) else (TRUE if value else FALSE)


def _number(value: Any) -> int | float | None:
    if isinstance(value, bytes):
        return int(value == TRUE)
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    try:
        number = _read_number(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _read_number(text: str) -> int | float:
    try:
        whole = int(text)
    except ValueError:
        return float(text)
    return whole if whole in _INT64 else float(text)
