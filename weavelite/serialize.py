"""Python values to JSON, as they are now: what the user changes later does not reach the record.

`encode` tries orjson first, which is quick and refuses what it does not know. What it refuses goes
through `CODECS`, a list of plain functions that users can extend; where orjson gives up on the
structure (cycles, depth, integers above 64 bits, lone surrogates, keys that are not strings) a
bounded walker takes over. Values that JSON has no form for are tagged: `{"_type": ..., ...}`.
"""

import base64
import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

import orjson

Codec = Callable[[Any], Any]

NOT_MINE = object()
"""What a codec returns for a value that it does not know."""

CODECS: list[Codec] = []
"""Asked in order for each value that JSON does not know; the first that answers wins."""

TYPE = "_type"
DEPTH_LIMIT = 200
REPR_LIMIT = 2000
ARRAY_LIMIT = 100_000
LARGE = 16 * 1024 * 1024

_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_SERIALIZE_UUID
)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_INT_LIMIT = 1 << 63


def encode(value: Any, limit: int | None = None) -> bytes:
    """Writes a value as JSON; raises nothing that a value can cause.

    `limit` is the size in bytes above which a stub stands for the value.
    """
    try:
        text = orjson.dumps(value, plain, _OPTIONS)
    except Exception:  # orjson's own errors, and whatever the user's objects raise
        text = _walked(value)
    if limit is not None and len(text) > limit:
        return orjson.dumps({TYPE: "stub", "bytes": len(text), "limit": limit})
    return text


def encode_exactly(value: Any) -> bytes:
    """Writes a value as `encode` does, and keeps NaN and infinities, which orjson drops."""
    return _walked(value)


def _walked(value: Any) -> bytes:
    try:
        return orjson.dumps(Walker().walk(value, 0))
    except Exception as error:  # a class that lies about itself, or no room left on the stack
        return orjson.dumps({TYPE: "unreadable", "error": type(error).__name__})


def decode(text: str | bytes) -> Any:
    """Reads what `encode` wrote, and gives tagged values back as what they were."""
    return restore(orjson.loads(text))


def plain(value: Any) -> Any:
    """Turns a value that JSON does not know into one that it knows, by the codecs."""
    for codec in CODECS:
        known = codec(value)
        if known is not NOT_MINE:
            return known
    return _common(value)


def _common(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case str() | int() | float() | dict() | list() | tuple():
            return _base_of_subclass(value)
        case bytes() | bytearray() | memoryview():
            if len(value) > LARGE:
                return {TYPE: "bytes", "bytes": len(value)}
            raw = bytes(value)
            return {TYPE: "bytes", "bytes": len(raw), "base64": base64.b64encode(raw).decode()}
        case set() | frozenset():
            return {TYPE: "set", "items": sorted(value, key=repr)}
        case complex() | Decimal() | PurePath():
            return str(value)
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case type():
            return f"<class {value.__module__}.{value.__qualname__}>"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return _structure(value)


def _base_of_subclass(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    base: Any
    for base in (str, int, float, dict, list, tuple):
        if isinstance(value, base):
            return base(value)
    return value


def _structure(value: Any) -> Any:
    """Describes any other object: never iterates it, and never runs a repr that might."""
    cls = type(value)
    name = f"{cls.__module__}.{cls.__qualname__}"
    fields = getattr(cls, "model_fields", None)
    if isinstance(fields, Mapping):
        extra = getattr(value, "__pydantic_extra__", None) or {}
        return {**{name: getattr(value, name, None) for name in fields}, **extra}
    if callable(getattr(cls, "tolist", None)) and hasattr(cls, "dtype"):
        return _array(value, name)
    if isinstance(value, Mapping):
        return dict(value)
    if callable(value) and hasattr(value, "__qualname__"):
        return f"<function {value.__module__}.{value.__qualname__}>"
    if hasattr(cls, "__iter__") or hasattr(cls, "__aiter__") or hasattr(cls, "__next__"):
        return f"<{name} object>"
    return stable_repr(value)


def _array(value: Any, name: str) -> Any:
    """Writes an array as its numbers, and a large one, whose list would be larger, as its shape."""
    if getattr(value, "size", 0) <= ARRAY_LIMIT:
        return value.tolist()
    shape = [int(length) for length in value.shape]
    return {TYPE: name, "dtype": str(value.dtype), "shape": shape}


def stable_repr(value: Any) -> str:
    """Describes a value in at most 2,000 characters, the same in each run: no addresses."""
    try:
        text = _ADDRESS.sub("", repr(value))
    except Exception as error:  # the user's __repr__ may do anything
        text = f"<{type(value).__qualname__} object, whose repr raises {type(error).__name__}>"
    return text if len(text) <= REPR_LIMIT else text[:REPR_LIMIT] + "…"


class Walker:
    """Copies a value into plain JSON values, with marks where it cannot go on."""

    def __init__(self) -> None:
        self._above: set[int] = set()

    def walk(self, value: Any, depth: int) -> Any:
        """Returns the JSON form of a value that stands `depth` levels deep."""
        match value:
            case None | bool():
                return value
            case int() if type(value) is int:
                fits = -_INT_LIMIT <= value < 2 * _INT_LIMIT
                return value if fits else {TYPE: "int", "value": _digits(value)}
            case float() if type(value) is float:
                return value if math.isfinite(value) else {TYPE: "float", "value": str(value)}
            case str() if type(value) is str:
                return value.encode("utf-8", "backslashreplace").decode()
        if depth >= DEPTH_LIMIT:
            return {TYPE: "too deep", "repr": f"<{type(value).__qualname__}>"}
        if id(value) in self._above:
            return {TYPE: "cycle", "repr": f"<{type(value).__qualname__}>"}
        self._above.add(id(value))
        try:
            return self._container(value, depth + 1)
        finally:
            self._above.discard(id(value))

    def _container(self, value: Any, depth: int) -> Any:
        if type(value) is dict:
            return self._dict(value, depth)
        if type(value) in (list, tuple):
            return [self.walk(item, depth) for item in value]
        try:
            known = orjson.loads(orjson.dumps(value))  # datetimes, UUIDs: what orjson knows itself
        except (TypeError, ValueError, RecursionError):
            known = self._plain(value)
        return self.walk(known, depth)

    def _plain(self, value: Any) -> Any:
        try:
            return plain(value)
        except Exception as error:  # a codec or a property of the user's class may do anything
            return f"<{type(value).__qualname__} object: {type(error).__name__}>"

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        items = list(value.items())
        if all(type(key) is str for key, _ in items):
            return {self.walk(key, depth): self.walk(item, depth) for key, item in items}
        pairs = [[self.walk(key, depth), self.walk(item, depth)] for key, item in items]
        return {TYPE: "dict", "pairs": pairs}


def _digits(value: int) -> str:
    return hex(value)  # decimal digits of a huge integer are slow, and limited by Python


def restore(value: Any) -> Any:
    """Gives tagged values in plain JSON back as what they were."""
    if isinstance(value, list):
        return [restore(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"_type": "dict", "pairs": list(pairs)}:
            return {_hashable(restore(key)): restore(item) for key, item in pairs}
        case {"_type": "set", "items": list(items)}:
            return {_hashable(restore(item)) for item in items}
        case {"_type": "bytes", "base64": str(text)}:
            return base64.b64decode(text)
        case {"_type": "int", "value": str(text)}:
            return int(text, 16)
        case {"_type": "float", "value": str(text)}:
            return float(text)
    return {key: restore(item) for key, item in value.items()}


def _hashable(value: Any) -> Any:
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value
