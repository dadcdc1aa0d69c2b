"""The functions that queries call in SQL: what JSON holds at a path, and how values compare.

In SQL a boolean is a blob of one byte, which equals no number; a list or dictionary is its JSON.
Reading bodies here is quicker than `json_extract` with `json_type`, which would be needed to tell
true from 1, and it is the same for packed and plain ones.
"""

import math
import sqlite3
from functools import lru_cache, reduce
from typing import Any

import orjson

from weavelite.errors import NotFoundError
from weavelite.ids import uuid_of_bytes
from weavelite.refs import Ref, is_ref, parse_ref
from weavelite.serialize import looks_tagged
from weavelite.store import objects, reading
from weavelite.store.stepping import FALSE, TRUE, below
from weavelite.store.unpack import Unpacker

_DIGEST = 43
_REMEMBERED = 256
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
        self._connection = connection
        self._unpack = Unpacker(connection, most=4_000_000)
        self._objects: dict[str, Any] = {}
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
        first, *later = steps(path)
        value = self._unpack.at(value, first) if packed else reduce(below, first, value)
        for part in later:
            value = reduce(below, part, self._object(value))
        return sql_value(value)

    def _object(self, ref: Any) -> Any:
        """Reads the object that a ref points to, or None; versions by digest are remembered."""
        if not is_ref(ref):
            return None
        if ref in self._objects:
            return self._objects[ref]
        value = _pointed(self._connection, parse_ref(ref))
        if len(self._objects) >= _REMEMBERED:
            self._objects.clear()
        if value is not None and len(parse_ref(ref).version) == _DIGEST:
            self._objects[ref] = value
        return value

    def refers(self, text: str | None, packed: int, ref: str) -> bool:
        """Tells whether JSON has a ref somewhere; one that ends in "*" begins so."""
        start = ref.removesuffix("*")
        if text is None or (not packed and start not in text):
            return False
        value = self._read(text, packed)
        whole = self._unpack.whole(value) if packed else value
        return any(
            item.startswith(start) if start != ref else item == ref for item in _texts(whole)
        )


def _pointed(connection: sqlite3.Connection, ref: Ref) -> Any:
    if ref.extra[:3] == ("attr", "rows", "id"):
        return objects.rows(connection, [ref.extra[3]]).get(ref.extra[3])
    project = reading.project_id(connection, str(ref.project))
    if project is None or ref.kind != "object":
        return None
    try:
        found = objects.object_version(connection, project, ref.name, ref.version or "latest")
    except NotFoundError:
        return None
    return reduce(below, ref.extra[1::2], found.value)


@lru_cache(maxsize=256)
def steps(path: str) -> list[list[str]]:
    """Reads a path, which is a JSON list: in parts, between which refs are followed."""
    parts: list[list[str]] = [[]]
    for step in orjson.loads(path):
        if step is None:
            parts.append([])
        else:
            parts[-1].append(step)
    return parts


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
    if isinstance(value, dict) and looks_tagged(value) and isinstance(value.get("val"), int | str):
        return sql_value(value["val"])  # of a date, a path, a member of an enum
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
