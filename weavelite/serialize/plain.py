"""One value that JSON does not know to one that it knows, a level at a time."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from weavelite.serialize.description import stable_repr
from weavelite.serialize.standard import standard
from weavelite.serialize.tags import CODECS, NOT_MINE, TYPE, Stored, Tag, make_tag

ARRAY_LIMIT = 100_000


def plain(value: Any) -> Any:
    """Turns a value that JSON does not know into one that it knows, by the codecs."""
    for codec in CODECS:
        known = codec(value)
        if known is not NOT_MINE:
            return known
    return _common(value)


def _common(value: Any) -> Any:
    if type(value) is Stored or type(value) is Tag:
        return value
    if isinstance(value, Enum):
        return value.value
    if hasattr(type(value), "__dataclass_fields__"):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    match value:
        case str() | int() | float() | dict() | list() | tuple():
            return _base_of_subclass(value)
        case set():
            return make_tag("set", items=sorted(value, key=stable_repr))
        case UUID():
            return str(value)
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case type():
            return f"<class {value.__module__}.{value.__qualname__}>"
    known = standard(value)
    if known is not NOT_MINE:
        return known
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
    """Writes an array of any library as its numbers, and a large one as its shape."""
    shape = [int(length) for length in value.shape]
    size = 1
    for length in shape:
        size *= length
    if size <= ARRAY_LIMIT:
        return value.tolist()
    return {TYPE: name, "dtype": str(value.dtype), "shape": shape}
