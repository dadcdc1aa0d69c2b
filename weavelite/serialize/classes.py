"""Values of the program's own classes: enums, dataclasses, pydantic models, named tuples.

They are written by their fields, which stand where the fields of a dictionary would, and the name
of their class beside them: `{"x": 1, "y": 2, "~": "shop.models:Point"}`. So people and queries
find in them what they look for. An enum's member is written by its value.

What is read back is a value of the same class where the program that reads has imported it, and
it has the same fields still; else it is the dictionary, or the value. Nothing is imported, and
neither `__init__` nor `__post_init__` nor a validator is called.
"""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from weavelite.serialize.tags import CLASS_NAME, FINDERS, MARK, Loader, Stored, Tag

_BY_VALUE = ("tuple", "uuid.UUID")


@lru_cache(1024)
def name_of(cls: type) -> str | None:
    """Names a class so that `class_of` finds it; None when it does not, as inside of a function."""
    name = f"{cls.__module__}:{cls.__qualname__}"
    return name if class_of(name) is cls else None


def class_of(name: str) -> type | None:
    """Finds a class of a module that is imported already; None when there is none."""
    if not CLASS_NAME.fullmatch(name):
        return None
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for step in path.split("."):
        found = getattr(found, "__dict__", {}).get(step)  # runs no `__getattr__`
    return found if isinstance(found, type) else None


@lru_cache(1024)
def _known(cls: type) -> tuple[tuple[str, ...], str | None] | None:
    """Returns the names of the fields of a class and its own; None when it names no fields."""
    fields = getattr(cls, "model_fields", None)
    if hasattr(cls, "__dataclass_fields__"):
        names = [field.name for field in dataclasses.fields(cls)]
    elif issubclass(cls, tuple) and hasattr(cls, "_asdict"):
        names = list(cls._fields)  # type: ignore[attr-defined]
    elif isinstance(fields, Mapping):
        names = list(fields)
    else:
        return None
    return tuple(names), None if MARK in names else name_of(cls)


def write_fields(value: Any, write: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Writes a value by its fields; None when its class is none that names fields."""
    known = _known(type(value))  # type: ignore[arg-type]
    if known is None:
        return None
    names, class_name = known
    fields = {name: write(getattr(value, name, None)) for name in names}
    extra = getattr(value, "__pydantic_extra__", None)
    if extra:
        fields |= {name: write(item) for name, item in extra.items()}
    return fields if class_name is None or MARK in fields else Tag(fields | {MARK: class_name})


def made(name: str, fields: dict[str, Any]) -> Any:
    """Makes a value of its fields; it is a dictionary of them where the class is not at hand."""
    cls = class_of(name)
    make = None if cls is None else _maker(cls)
    if cls is None or make is None:
        return fields
    try:
        return make(cls, fields)
    except Exception:  # other fields than it had, or a class that cannot be made without its code
        return fields


def _maker(cls: type) -> Callable[[Any, dict[str, Any]], Any] | None:
    if issubclass(cls, BaseModel):
        return _model
    if dataclasses.is_dataclass(cls):
        return _dataclass
    return _named_tuple if issubclass(cls, tuple) and hasattr(cls, "_fields") else None


def _dataclass(cls: Any, fields: dict[str, Any]) -> Any:
    _same_names(fields, {field.name for field in dataclasses.fields(cls)})
    value = object.__new__(cls)
    for name, item in fields.items():
        object.__setattr__(value, name, item)
    return value


def _named_tuple(cls: Any, fields: dict[str, Any]) -> Any:
    _same_names(fields, set(cls._fields))
    return tuple.__new__(cls, [fields[name] for name in cls._fields])


def _model(cls: Any, fields: dict[str, Any]) -> Any:
    extra = {name: fields[name] for name in fields if name not in cls.model_fields}
    allowed = cls.model_config.get("extra") == "allow"
    _same_names(set(fields) - set(extra) if allowed else fields, set(cls.model_fields))
    value = object.__new__(cls)
    private = {
        name: attribute.default
        for name, attribute in cls.__private_attributes__.items()
        if attribute.default is not PydanticUndefined
    }
    parts = {
        "__dict__": {name: fields[name] for name in cls.model_fields},
        "__pydantic_fields_set__": set(fields),
        "__pydantic_extra__": extra if allowed else None,
        "__pydantic_private__": private if cls.__private_attributes__ else None,
    }
    for name, part in parts.items():
        object.__setattr__(value, name, part)
    return value


def _same_names(found: Any, wanted: set[str]) -> None:
    if set(found) != wanted:
        raise ValueError("the class has other fields now")


def write_member(member: Enum) -> Any:
    """Writes a member of an enum by its value, or by its name where the value is no simple one."""
    name = name_of(type(member))
    plain = member.value if type(member.value) in (str, int) else member.name
    return member.value if name is None or plain is None else Stored(name, plain)


def without_class(known: Any) -> Any:
    """Takes the class out of what `write_member` and the like have written."""
    if isinstance(known, Stored):
        return known.val if known.type in _BY_VALUE or CLASS_NAME.fullmatch(known.type) else known
    if type(known) is Tag and type(known[MARK]) is str:
        return {name: item for name, item in known.items() if name != MARK}
    return known


def _find_member(name: str) -> Loader | None:
    return (lambda stored: _member(name, stored.val)) if CLASS_NAME.fullmatch(name) else None


def _member(name: str, known_as: Any) -> Any:
    cls = class_of(name)
    if cls is None or not issubclass(cls, Enum):
        return known_as
    for member in cls.__members__.values():
        if type(member.value) is type(known_as) and member.value == known_as:
            return member
    return cls.__members__.get(known_as, known_as)


FINDERS.append(_find_member)
