"""One value that JSON does not know to one that it knows, a level at a time."""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from weavelite.serialize.classes import write_fields, write_member
from weavelite.serialize.description import stable_repr
from weavelite.serialize.standard import standard
from weavelite.serialize.tags import CODECS, NOT_MINE, TYPE, Stored, Tag, make_tag

ARRAY_LIMIT = 100_000

_SAME = frozenset({str, int, bool, type(None)})
_FLOATS = frozenset({float})
_UNASKED = (Enum, UUID)
ASKED = frozenset({str, int, bool, type(None), list, dict, tuple})
"""Types of which no value itself is what orjson writes without asking: of an enum, a UUID, NaN."""


def plain(value: Any) -> Any:
    """Turns a value that JSON does not know into one that it knows, by the codecs."""
    for codec in CODECS:
        known = codec(value)
        if known is not NOT_MINE:
            return known
    return _common(value)


def exact(value: Any) -> Any:
    """Says of a field, and of what stands in it, what orjson would write without asking.

    That is all that is looked at: a number in a list of lists is written as orjson does.
    """
    kind = type(value)
    if kind in _SAME:
        return value
    if kind is tuple:
        return Stored("tuple", [exact(item) for item in value])
    if kind is list:
        kinds = set(map(type, value))
        same = kinds <= _SAME or (kinds == _FLOATS and math.isfinite(sum(value)))
        return value if same else [unasked(item) for item in value]
    if kind is dict:
        same = _SAME.issuperset(map(type, value.values()))
        return value if same else {key: unasked(item) for key, item in value.items()}
    return unasked(value)


def exact_values(named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Marks which of some values, such as arguments, orjson would write without asking."""
    return {name: unasked(value) for name, value in named.items()}


def unasked(value: Any) -> Any:
    """Marks members of enums, UUIDs and numbers that are not finite."""
    if type(value) is float:
        return value if math.isfinite(value) else make_tag("float", value=str(value))
    return plain(value) if issubclass(type(value), _UNASKED) else value


def _common(value: Any) -> Any:
    if type(value) is Stored or type(value) is Tag:
        return value
    if isinstance(value, Enum):
        return write_member(value)
    fields = write_fields(value, exact)
    if fields is not None:
        return fields
    match value:
        case str() | int() | float() | dict() | list() | tuple():
            return _base_of_subclass(value)
        case set():
            return make_tag("set", items=sorted(value, key=stable_repr))
        case UUID():
            return Stored("uuid.UUID", str(value))
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case type():
            return f"<class {value.__module__}.{value.__qualname__}>"
    known = standard(value)
    if known is not NOT_MINE:
        return known
    return _structure(value)


def _base_of_subclass(value: Any) -> Any:
    base: Any
    for base in (str, int, float, dict, list, tuple):
        if isinstance(value, base):
            return base(value)
    return value


def _structure(value: Any) -> Any:
    """Describes any other object: never iterates it, and never runs a repr that might."""
    cls = type(value)
    name = f"{cls.__module__}.{cls.__qualname__}"
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
