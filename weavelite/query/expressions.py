"""Weave's Mongo-like queries as trees; whatever cannot be understood raises QueryError.

What they mean: a field that is missing or null is unknown, and so is what compares it; an unknown
expression matches no call, nor does its `$not` (`$convert` to `exists` and `$eq` with null tell).
Numbers compare as numbers, texts as texts, booleans as booleans. Values of different types are
unequal, and neither is greater. Lists and dictionaries compare as their JSON.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import orjson

from weavelite.errors import QueryError
from weavelite.query.fields import TIMES, Field, call_field

DEEPEST = 16
MOST = 500
"""How many operators a query may have: SQLite has its limits, and a query with more is a bug."""
MOST_VALUES = 15_000

TWO = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
TYPES = ("string", "int", "double", "bool", "exists")
OPERATORS = ("$and", "$or", "$not", *TWO, "$in", "$contains", "$convert", "$getField", "$literal")

FieldReader = Callable[[str], Field]


@dataclass(frozen=True, slots=True)
class Literal:
    """Is a value that a query names."""

    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """Is an operator with its operands; `option` is a type of `$convert`, or "fold" of a search."""

    name: str
    operands: tuple["Expression", ...]
    option: str = ""


Expression = Literal | Field | Operation


def all_of(tree: Expression | None) -> list[Expression]:
    """Lists terms that must all hold for an expression to hold."""
    is_all = isinstance(tree, Operation) and tree.name == "$and"
    return list(tree.operands) if is_all and isinstance(tree, Operation) else [tree] if tree else []


def parse(query: Mapping[str, Any], field: FieldReader = call_field) -> Expression:
    """Reads `{"$expr": {...}}`; raises QueryError."""
    if not isinstance(query, Mapping) or list(query) != ["$expr"]:
        raise QueryError('A query is a dictionary {"$expr": {...}} with one operator inside.')
    return _Parser(field).expression(query["$expr"], 1)


def literal(value: Any) -> Literal:
    """Makes a value that can be compared of what a user gave; raises QueryError."""
    if isinstance(value, datetime):
        return Literal(seconds(value))
    if isinstance(value, float) and math.isnan(value):
        raise QueryError("NaN equals nothing, not even itself: leave it out of the query.")
    if value is None or isinstance(value, bool | float):
        return Literal(value)
    if isinstance(value, int):
        return Literal(int(value) if abs(value) < 1 << 63 else _huge(value))
    try:
        text = str(value) if isinstance(value, str) else orjson.dumps(value).decode()
        text.encode()
    except (TypeError, UnicodeError):
        raise QueryError(f"{value!r} cannot be compared: it has no JSON form.") from None
    return Literal(text)


def _huge(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def seconds(time: datetime) -> float:
    """Writes a time as seconds since 1970, to the microsecond; one without a zone is in UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) / 1e6


class _Parser:
    def __init__(self, field: FieldReader) -> None:
        self._field = field
        self._count = self._values = 0

    def expression(self, given: Any, depth: int) -> Expression:
        if not isinstance(given, Mapping) or len(given) != 1:
            raise QueryError(f"{given!r} is not an operator: it is a dictionary with one key.")
        name, operand = next(iter(given.items()))
        self._count += 1
        if depth > DEEPEST or self._count > MOST:
            raise QueryError(
                f"A query has at most {MOST} operators, {DEEPEST} levels deep: use $in for many"
                " values, or ask in parts."
            )
        match name:
            case "$literal":
                self._value()
                return literal(operand)
            case "$getField":
                return self._field(operand)
            case "$and" | "$or" | "$not":
                return Operation(name, self._some(name, operand, depth))
            case "$in":
                return self._among(operand, depth)
            case "$contains":
                return self._search(operand, depth)
            case "$convert":
                return self._convert(operand, depth)
        if name in TWO:
            return Operation(name, _timed(self._some(name, operand, depth, 2)))
        near = get_close_matches(str(name), OPERATORS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise QueryError(f"{name!r} is no operator.{hint} There are {', '.join(OPERATORS)}.")

    def _value(self) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise QueryError(f"A query names at most {MOST_VALUES} values: ask in parts.")

    def _some(
        self, name: str, operands: Any, depth: int, exactly: int = 0
    ) -> tuple[Expression, ...]:
        exactly = 1 if name == "$not" else exactly
        if isinstance(operands, Mapping) and exactly == 1:
            operands = [operands]
        if not isinstance(operands, list | tuple) or len(operands) != (exactly or len(operands)):
            raise QueryError(f"{name} takes a list of {exactly or 'any number of'} operands.")
        if not operands:
            raise QueryError(f"{name} has an empty list: leave it out, or give it an operand.")
        return tuple(self.expression(item, depth + 1) for item in operands)

    def _among(self, operands: Any, depth: int) -> Operation:
        match operands:
            case [wanted, [*items]]:
                values = tuple(self._item(item, depth) for item in items)
                return Operation("$in", _timed((self.expression(wanted, depth + 1), *values)))
        raise QueryError("$in takes a list of two: an operand, and a list of literals.")

    def _item(self, item: Any, depth: int) -> Literal:
        self._value()
        if isinstance(item, Mapping):
            if list(item) != ["$literal"]:
                raise QueryError(f"{item!r} is not a literal: the list of $in has only literals.")
            return literal(item["$literal"])
        return literal(item)

    def _search(self, spec: Any, depth: int) -> Operation:
        match spec:
            case {"input": found, "substr": part, **others} if set(others) <= {"case_insensitive"}:
                folded = others.get("case_insensitive")
                if folded in (None, True, False):
                    operands = (self.expression(item, depth + 1) for item in (found, part))
                    return Operation("$contains", tuple(operands), "fold" if folded else "")
        raise QueryError('$contains takes {"input": ..., "substr": ..., "case_insensitive": bool}.')

    def _convert(self, spec: Any, depth: int) -> Operation:
        match spec:
            case {"input": given, "to": str(to), **others} if not others and to in TYPES:
                return Operation("$convert", (self.expression(given, depth + 1),), to)
        raise QueryError(
            f'$convert takes {{"input": ..., "to": ...}}; types are {", ".join(TYPES)}.'
        )


def _timed(operands: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """Reads texts that are compared with a time as times."""
    if not any(
        isinstance(item, Field) and item.root in (*TIMES, "created_at") for item in operands
    ):
        return operands
    return tuple(_moment(item) for item in operands)


def _moment(item: Expression) -> Expression:
    if not isinstance(item, Literal) or not isinstance(item.value, str):
        return item
    try:
        return Literal(seconds(datetime.fromisoformat(item.value)))
    except ValueError:
        raise QueryError(
            f"{item.value!r} is not a time: write 2026-01-31T12:00:00Z, or seconds since 1970."
        ) from None
