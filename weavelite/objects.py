"""Versioned values: the `Object` base that users subclass."""

import importlib
import inspect
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from weavelite.refs import Ref
from weavelite.tables import Save, jsonable

OP_MARK = "__weavelite_op__"
"""Is the attribute by which a function is known as an op."""


def op_state(value: Any) -> Any:
    """Returns what is known of an op, given as its function or as a bound method; else None.

    It looks at functions only: asking any other object for an attribute may run the user's code. A
    wrapper that `functools.wraps` made of an op is not the op.
    """
    function = value.__func__ if isinstance(value, MethodType) else value
    if not isinstance(function, FunctionType):
        return None
    state = function.__dict__.get(OP_MARK)
    return state if state is not None and state.shell is function else None


CLASSES: dict[str, type["Object"]] = {}
"""The classes of objects that this program has, by name."""

ROOMS: dict[str, str] = {}
"""Modules with classes that come with weavelite, and are imported when one of them is asked for."""


def class_named(name: str) -> "type[Object] | None":
    """Finds the class of stored objects by its name; None when this program does not have it."""
    if name not in CLASSES and name in ROOMS:
        importlib.import_module(ROOMS[name])
    return CLASSES.get(name)


@dataclass(frozen=True, slots=True)
class Publication:
    """Says as what an object was published last, by whom, and how its fields were then."""

    publisher: Any
    mark: bytes
    ref: Ref


class Publications:
    """Remembers publications outside of the objects, which can be copied, pickled and compared."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], Publication]] = {}

    def of(self, value: "Object") -> Publication | None:
        """Returns how an object was published last; None when it was not."""
        known = self._known.get(id(value))
        return known[1] if known is not None and known[0]() is value else None

    def remember(self, value: "Object", publication: Publication) -> None:
        """Notes how an object was published, as long as the object lives."""
        key = id(value)
        self._known[key] = (weakref.ref(value, lambda _: self._known.pop(key, None)), publication)


PUBLICATIONS = Publications()


class Object(BaseModel):
    """Is the base of everything that is versioned by its fields and by the code of its ops."""

    # Built when first used: it takes longer than importing all of this package.
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)

    name: str | None = None
    description: str | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remembers the class, so that stored objects of it come back as it."""
        super().__pydantic_init_subclass__(**kwargs)
        CLASSES[cls.__name__] = cls
        for member in vars(cls).values():
            state = op_state(member)
            if state is not None:
                state.owner = cls  # its code reaches the other methods of the class

    @property
    def ref(self) -> Ref | None:
        """Is where this object was published last; None before."""
        known = PUBLICATIONS.of(self)
        return known.ref if known is not None else None

    def _record(self, save: Save) -> dict[str, Any]:
        """Writes this object as the JSON value that is stored and digested.

        Objects, tables and ops inside are published by `save` and stand as refs, as in Weave.
        """
        bases = [base.__name__ for base in type(self).__mro__[1:]]
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            "_type": type(self).__name__,
            **{name: jsonable(value, save) for name, value in fields.items()},
            **{name: save(op) for name, op in _ops_as_in(type(self)).items()},
            "_class_name": type(self).__name__,
            "_bases": bases[: bases.index("BaseModel") + 1],
        }

    @classmethod
    def _from_record(cls, value: Mapping[str, Any], load: Callable[[Any], Any]) -> Self:
        """Makes an object of its stored value; `load` resolves refs and tagged values."""
        fields = {name: load(value[name]) for name in cls.model_fields if name in value}
        return cls(**fields)


def ops_of(cls: type) -> dict[str, Any]:
    """Finds the methods of a class that are ops, by name; those of this library stay out."""
    found = {}
    for name in dir(cls):
        value = inspect.getattr_static(cls, name)
        if op_state(value) is None:
            continue
        if not str(value.__module__).startswith("weavelite."):
            found[name] = value
    return dict(sorted(found.items()))


def _ops_as_in(cls: type) -> dict[str, Any]:
    return {name: op_state(op).as_in(cls) for name, op in ops_of(cls).items()}


KINDS = ("Dataset", "Evaluation", "Scorer", "Model", "Prompt", "Leaderboard")


def kind_of(value: Any) -> tuple[str, str | None]:
    """Says what a stored value is: one of KINDS or 'object', and the name of its class."""
    if not isinstance(value, dict) or "_class_name" not in value:
        return "object", None
    name = str(value["_class_name"])
    lineage = [name, *value.get("_bases", [])]
    return next((kind for kind in KINDS if kind in lineage), "object"), name
