"""Trees of queries to SQL: values are bound, never written into a statement; pure.

Each operator is written once. A condition is true, false or NULL, which is "unknown"; a value that
is a boolean is a blob, so conditions and values are turned into each other where they meet. What
is cheap comes first, since SQLite leaves the rest alone where that has settled it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from weavelite.query import Expression, Field, Literal, Operation

CHEAP, DEAR = 0, 1
_COMPARED = {"$gt": "> 0", "$gte": ">= 0", "$lt": "< 0", "$lte": "<= 0"}


class Sql(NamedTuple):
    """Is a piece of a statement with its values; `kind` is what it is when it is known.

    Kinds are text, real (any number), and blob (a boolean).
    """

    text: str
    values: tuple[Any, ...] = ()
    cost: int = CHEAP
    kind: str | None = None


class Column(NamedTuple):
    """Is a field as SQL; `raw` is what is stored, where `stored` can write a text as that."""

    sql: Sql
    raw: str | None = None
    stored: Callable[[str], Any] | None = None


Fields = Callable[[Field], Column]


class Compiler:
    """Writes expressions over some table, whose fields it is given."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def condition(self, tree: Expression) -> Sql:
        """Writes a tree as a condition."""
        if isinstance(tree, Operation) and tree.option == "exists":
            value = self.value(tree.operands[0])
            return value._replace(text=f"({value.text} IS NOT NULL)", kind=None)
        if not isinstance(tree, Operation) or tree.name == "$convert":
            value = self.value(tree)
            return value._replace(text=f"({value.text} = x'01')", kind=None)
        match tree.name:
            case "$and" | "$or":
                return self._joined(tree)
            case "$not":
                inside = self.condition(tree.operands[0])
                return inside._replace(text=f"(NOT {inside.text})")
            case "$eq":
                return self._equal(*tree.operands)
            case "$ne":
                same = self._equal(*tree.operands)
                return same._replace(text=f"(NOT {same.text})")
            case "$in":
                return self._among(tree.operands[0], tree.operands[1:])
            case "$glob":
                value, pattern = map(self.value, tree.operands)
                return _made(f"({value.text} GLOB {pattern.text})", (value, pattern))
            case "$untrue":  # unlike $not it holds of what is unknown
                inside = self.condition(tree.operands[0])
                return inside._replace(text=f"({inside.text} IS NOT 1)")
            case "$contains":
                return _call("contains", *map(self.value, tree.operands), int(bool(tree.option)))
        left, right = map(self.value, tree.operands)
        return _ordered(left, right, _COMPARED[tree.name])

    def value(self, tree: Expression) -> Sql:
        """Writes a tree as a value."""
        if isinstance(tree, Literal):
            return _literal(tree.value)
        if isinstance(tree, Field):
            return self._fields(tree).sql
        if tree.name == "$convert":
            return _call("converted", self.value(tree.operands[0]), tree.option)
        truth = self.condition(tree)
        text = f"(CASE {truth.text} WHEN 1 THEN x'01' WHEN 0 THEN x'00' END)"
        return truth._replace(text=text, kind="blob")

    def terms(self, tree: Expression | None) -> list[Sql]:
        """Writes a tree as conditions that must all hold, the cheap ones first."""
        if tree is None:
            return []
        parts: tuple[Expression, ...] = (tree,)
        if isinstance(tree, Operation) and tree.name == "$and":
            parts = tree.operands
        return sorted(map(self.condition, parts), key=lambda part: part.cost)

    def _joined(self, tree: Operation) -> Sql:
        parts = sorted(map(self.condition, tree.operands), key=lambda part: part.cost)
        word = " AND " if tree.name == "$and" else " OR "
        return _made(f"({word.join(part.text for part in parts)})", parts)

    def _equal(self, left: Expression, right: Expression) -> Sql:
        if left == Literal(None) or not isinstance(right, Literal):
            left, right = right, left
        if isinstance(right, Literal):
            return self._among(left, (right,))
        parts = (self.value(left), self.value(right))
        return _made(f"(+{parts[0].text} = +{parts[1].text})", parts)

    def _among(self, tree: Expression, literals: tuple[Expression, ...]) -> Sql:
        """Tells whether a value is one of some, of which null says that it is missing."""
        found = [item.value for item in literals if isinstance(item, Literal)]
        wanted = [value for value in found if value is not None]
        column = self._fields(tree) if isinstance(tree, Field) else None
        value = column.sql if column is not None else self.value(tree)
        given = self._given(column, value, wanted)
        if len(wanted) == len(found):
            return given
        missing = f"({value.text} IS NULL)"
        if not wanted:
            return _made(missing, (value,))
        return _made(f"({missing} OR {given.text})", (value, given))

    def _given(self, column: Column | None, value: Sql, wanted: list[Any]) -> Sql:
        if column is not None and column.raw is not None and column.stored is not None:
            texts = [item for item in wanted if isinstance(item, str)]
            stored = [column.stored(item) for item in texts]
            wanted = [item for item in stored if item is not None]
            value = Sql(column.raw)
        elif value.kind is not None:  # affinity would make a text of a number
            wanted = [item for item in wanted if _literal(item).kind == value.kind]
        marks = ", ".join("?" * len(wanted))
        values = tuple(_literal(item).values[0] for item in wanted)
        if not wanted:  # nothing equals it; what is missing stays unknown
            return _made(f"(CASE WHEN {value.text} IS NOT NULL THEN 0 END)", (value,))
        return _made(f"({value.text} IN ({marks}))", (value, Sql("", values)))


def _literal(value: Any) -> Sql:
    if isinstance(value, bool):
        return Sql("?", (b"\x01" if value else b"\x00",), kind="blob")
    kind = {str: "text", int: "real", float: "real", bytes: "blob"}.get(type(value))
    return Sql("?", (value,), kind=kind)


def _ordered(left: Sql, right: Sql, test: str) -> Sql:
    if left.kind is not None and left.kind == right.kind:
        return _made(f"({left.text} {test.split()[0]} {right.text})", (left, right))
    compared = _call("ordering", left, right)
    return compared._replace(text=f"({compared.text} {test})")


def _call(name: str, *operands: Sql | int | str) -> Sql:
    parts = [item if isinstance(item, Sql) else Sql("?", (item,)) for item in operands]
    return _made(f"{name}({', '.join(part.text for part in parts)})", parts)


def _made(text: str, parts: Any) -> Sql:
    values = tuple(value for part in parts for value in part.values)
    return Sql(text, values, max((part.cost for part in parts), default=CHEAP))
