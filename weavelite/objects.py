"""Versioned values: the `Object` base that users subclass, and tables of rows."""

import copy
import functools
import importlib
import inspect
import json
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from weavelite.errors import NotFoundError
from weavelite.ids import canonical_json, digest_json, digest_table
from weavelite.refs import Ref
from weavelite.serialize import Walker, looks_tagged

Save = Callable[[Any], Any]
"""Publishes a part of a value, and returns the text of its ref, or the JSON that stands for it."""

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


class StoredFunction:
    """Is a function as it was published: its name and the digest of its code, which is not run."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = dict(record)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Says that stored code does not run."""
        raise NotFoundError(
            f"The function {self.record['name']!r} was read from the store, where code does not "
            "run: set the field that holds it to the function itself."
        )


class Table:
    """Is a sequence of rows that does not change; its rows are given out as copies.

    Rows are mappings of column names to JSON-able values.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [dict(row) for row in rows]
        self._stored: list[tuple[str, str]] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (copy.deepcopy(row) for row in self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return copy.deepcopy(self._rows[index])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Table):
            return self._rows == other._rows
        return isinstance(other, Sequence) and self._rows == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({len(self)} rows)"

    def stored(self, save: Save) -> list[tuple[str, str]]:
        """Returns each row as its digest and the JSON that is stored, columns in their order."""
        if self._stored is None:
            values = [jsonable(row, save) for row in self._rows]
            self._stored = [(digest_json(value), json.dumps(value)) for value in values]
        return self._stored

    def row_digests(self, save: Save) -> list[str]:
        """Returns the digest of each row, in order."""
        return [row[0] for row in self.stored(save)]

    def digest(self, save: Save) -> str:
        """Names the table by the digests of its rows."""
        return digest_table(self.row_digests(save))


def jsonable(value: Any, save: Save) -> Any:
    """Turns a value into plain JSON; objects, tables and ops inside it are saved, and are refs.

    NaN stays, and keys become text as in JSON, so that digests are those of Weave.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value if type(value) in _PLAIN and _is_unicode(value) else _walk(value)
        case dict() if not looks_tagged(value):
            return {_key(key): jsonable(item, save) for key, item in value.items()}
        case list() | tuple() if not hasattr(value, "_fields"):
            return [jsonable(item, save) for item in value]
    if isinstance(value, Object | Table) or op_state(value) is not None:
        return save(value)
    if isinstance(value, FunctionType | MethodType | functools.partial):
        return save(value)
    if isinstance(value, StoredFunction):
        return value.record
    if isinstance(value, Ref):
        return str(value)
    return save(value)


_PLAIN = (type(None), bool, int, float, str)


def _is_unicode(value: Any) -> bool:
    if type(value) is not str or value.isascii():
        return True
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _walk(value: Any) -> Any:
    return Walker(classes=True).walk(value, 0)


def _key(key: Any) -> str:
    match key:
        case str():
            return key
        case True | False | None:
            return canonical_json(key)
        case int() | float():
            return canonical_json(key)
    return str(key)


KINDS = ("Dataset", "Evaluation", "Scorer", "Model", "Prompt", "Leaderboard")


def kind_of(value: Any) -> tuple[str, str | None]:
    """Says what a stored value is: one of KINDS or 'object', and the name of its class."""
    if not isinstance(value, dict) or "_class_name" not in value:
        return "object", None
    name = str(value["_class_name"])
    lineage = [name, *value.get("_bases", [])]
    return next((kind for kind in KINDS if kind in lineage), "object"), name
