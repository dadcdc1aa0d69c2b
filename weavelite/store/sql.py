"""Queries of calls as SQL; pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from weavelite.ids import uuid_bytes, uuid_of_bytes
from weavelite.query import (
    OPS_OWN,
    START,
    CallQuery,
    Expression,
    FeedbackQuery,
    Field,
    Literal,
    Operation,
    all_of,
)
from weavelite.records.words import STATUSES, SUCCESS
from weavelite.store.expressions import Compiler, Sql
from weavelite.store.fields import FEEDBACK_TEXTS, of_calls, of_feedback
from weavelite.store.fulltext import Condition, is_few

PARENT = (
    "coalesce(c.parent_span, (SELECT r.parent_span FROM remote_parents r"
    " WHERE r.trace_id = c.trace_id AND r.span_id = c.span_id))"
)
COLUMNS = (
    f"c.seq, c.id, c.trace_id, c.span_id, {PARENT}, o.name, o.digest,"
    " c.display_name, o.kind, c.status, c.start_ns, c.end_ns, c.model, c.input_tokens,"
    " c.output_tokens, c.sum_tokens, c.error, c.thread_id"
)

ROOT = "c.parent_span IS NULL"
_SCORED = (
    "EXISTS (SELECT 1 FROM feedback f WHERE f.project_id = c.project_id AND f.call_id = c.id"
    " AND f.type = ?)"
)
_WITH_FEEDBACK = "c.id IN (SELECT f.call_id FROM feedback f WHERE f.project_id = ? AND f.type = ?)"
_FEEDBACK_OF = {name: kind for name, (kind, _) in FEEDBACK_TEXTS.items()}
_COMPARING = ("$eq", "$in", "$gt", "$gte", "$lt", "$lte", "$contains", "$glob")
_NO_SUCCESS = f"c.status <> {SUCCESS}"  # as in the index `calls_failed`, which is used then
_START = of_calls(Field(START)).sql.text
_BOUNDS = ("$gt", "$gte", "$lt", "$lte")
_CALLS = Compiler(of_calls)


def where(
    query: CallQuery,
    project_id: int,
    text: Condition | None,
    *,
    whole: bool = False,
    op: int | None = None,
) -> tuple[str, list[Any]]:
    """Writes the filter of a query as a condition on calls `c` and ops `o`.

    What calls with the query's text fulfil is found by `narrowing.narrowed`, which reads the store.
    `whole` tells that all that is found is read, and not the first page of it; `op` is the one op
    that is wanted, whose calls are then walked in their order.
    """
    few = text is not None and is_few(text)  # so that no index of the project is walked
    ops = ops_wanted(query, project_id)
    few = few or op is not None or (whole and bool(ops)) or bool(query.trace_ids)
    clauses = ["+c.project_id = ?" if few else "c.project_id = ?"]
    values: list[Any] = [project_id]

    def among(column: str, items: Sequence[Any] | None) -> None:
        if items is not None:
            clauses.append(f"{column} IN ({', '.join('?' * len(items))})")
            values.extend(items)

    if op is not None:
        clauses.append("c.op_key = ?")
        values.append(op)
    for keys, found in ops if op is None else ():
        clauses.append(f"c.op_key IN ({keys})")
        values.extend(found)
    if query.statuses:
        among("c.status", [STATUSES.index(status) for status in query.statuses])
        if "success" not in query.statuses:
            clauses.append(_NO_SUCCESS)
    if query.trace_roots_only:
        clauses.append(ROOT)
    among("c.id", _ids(query.call_ids))
    among("c.trace_id", _ids(query.trace_ids))
    among("c.thread_id", query.thread_ids)
    if query.parent_ids is not None:
        _under(query.parent_ids, project_id, clauses, values)
    for name in query.scored_by:
        clauses.append(_SCORED)
        values.append(name)
    if query.before is not None:
        _after(query, project_id, clauses, values)
    _expressed(query, project_id, clauses, values)
    _in_bodies(query, clauses, values)
    if text is not None:
        clauses.append(text[0])
        values.extend(text[1])
    return " AND ".join(clauses), values


def _expressed(query: CallQuery, project_id: int, clauses: list[str], values: list[Any]) -> None:
    """Wants what the expression says of calls."""
    others = split_where(query)[1]
    for type in sorted({type for term in others if (type := needed_feedback(term))}):
        clauses.append(_WITH_FEEDBACK)
        values.extend([project_id, type])
    for condition in sorted(map(_in_order, others), key=lambda part: part.cost):
        clauses.append(condition.text)
        values.extend(condition.values)


def _in_order(term: Expression) -> Sql:
    """Writes a condition; the plus keeps the index of the order in use.

    Of texts that begin alike there may be many, in no order: those of few are named.
    """
    found = _CALLS.condition(term)
    is_glob = isinstance(term, Operation) and term.name == "$glob"
    return found._replace(text=f"(+{found.text[1:]}") if is_glob else found


def split_where(query: CallQuery) -> tuple[list[Expression], list[Expression]]:
    """Splits the expression of a query in terms that must all hold: of ops alone, and others."""
    terms = all_of(query.where)
    own = [term for term in terms if _is_of_op(term)]
    return own, [term for term in terms if term not in own]


def ops_wanted(query: CallQuery, project_id: int) -> list[tuple[str, list[Any]]]:
    """Writes which ops a query wants, as selections of keys that calls must be in."""
    wanted = [_of_ops(query.op_names, project_id)] if query.op_names else []
    for term in split_where(query)[0]:
        found = _CALLS.condition(term)
        keys = f"SELECT o.key FROM ops o WHERE o.project_id = ? AND {found.text}"
        wanted.append((keys, [project_id, *found.values]))
    return wanted


def needed_feedback(tree: Expression) -> str | None:
    """Names the type of feedback without which a condition cannot be true, if there is one."""
    return needed(tree, _feedback_of)


def needed(tree: Expression, of: Callable[[Expression], str | None]) -> str | None:
    """Names what must be there for a condition to be true, if there is such a thing.

    `of` names it for a value that is unknown without it.
    """
    if not isinstance(tree, Operation) or Literal(None) in tree.operands:
        return None
    if tree.name in ("$and", "$or"):
        found = {needed(item, of) for item in tree.operands}
        if tree.name == "$and":
            found.discard(None)
        return min(found, key=str) if len(found) == 1 or (tree.name == "$and" and found) else None
    if tree.name not in _COMPARING and not (tree.name == "$convert" and tree.option == "exists"):
        return None
    names = {of(item) for item in tree.operands if not isinstance(item, Literal)}
    return names.pop() if len(names) == 1 else None


def condition(tree: Expression) -> Sql:
    """Writes a condition on calls."""
    return _CALLS.condition(tree)


def _feedback_of(value: Expression) -> str | None:
    """Names the type of feedback that a value is of, without which it is unknown."""
    if isinstance(value, Operation) and value.name == "$convert" and value.option != "exists":
        return _feedback_of(value.operands[0])
    if not isinstance(value, Field):
        return None
    return _FEEDBACK_OF.get(value.root, None if value.type == "*" else value.type)


def _is_of_op(tree: Expression) -> bool:
    """Tells whether an expression can be said of an op; one without fields is left alone."""
    fields = {item.root for item in _fields(tree)}
    return bool(fields) and fields <= set(OPS_OWN)


def _fields(tree: Expression) -> Iterator[Field]:
    if isinstance(tree, Field):
        yield tree
    elif isinstance(tree, Operation):
        for operand in tree.operands:
            yield from _fields(operand)


def _after(query: CallQuery, project_id: int, clauses: list[str], values: list[Any]) -> None:
    """Wants what comes after the page that ended with `before`."""
    sign = "<" if query.sort[0][1] == "desc" else ">"
    last = uuid_bytes(query.before or "")
    if not _has_window(query):
        clauses.append(f"c.id {sign} ?")
        values.append(last)
        return
    start = "(SELECT start_ns / 1000 / 1e6 FROM calls WHERE project_id = ? AND id = ?)"
    clauses.append(f"({_START}, c.id) {sign} (coalesce({start}, ?), ?)")
    values.extend([project_id, last, int.from_bytes(last[:6]) / 1000, last])  # it may be gone


def _ids(texts: Sequence[str] | None) -> list[bytes] | None:
    return None if texts is None else [uuid_bytes(text) for text in texts]


def _of_ops(names: Sequence[str], project_id: int) -> tuple[str, list[Any]]:
    """Selects ops by name, all versions, or one as `name:digest`."""
    marks = ", ".join("?" * len(names))
    either = f"name IN ({marks})"
    found: list[Any] = list(names)
    if any(":" in name for name in names):
        either = f"({either} OR name || ':' || digest IN ({marks}))"
        found *= 2
    return f"SELECT key FROM ops WHERE project_id = ? AND {either}", [project_id, *found]


def _under(parents: Sequence[str], project_id: int, clauses: list[str], values: list[Any]) -> None:
    marks = ", ".join("?" * len(parents))
    clauses.append(
        "(c.trace_id, c.parent_span) IN "
        f"(SELECT trace_id, span_id FROM calls WHERE project_id = ? AND id IN ({marks}))"
    )
    values.extend([project_id, *(uuid_bytes(text) for text in parents)])


def _in_bodies(query: CallQuery, clauses: list[str], values: list[Any]) -> None:
    """Wants turns and refs, which are found in bodies only."""
    if query.turn_ids is not None:
        turn = of_calls(Field("rest", ("turn_id",))).sql
        ids = [uuid_of_bytes(uuid_bytes(text)) for text in query.turn_ids]
        clauses.append(f"c.thread_id IS NOT NULL AND {turn.text} IN ({', '.join('?' * len(ids))})")
        values.extend([*turn.values, *ids])
    for column, bit, refs in (("inputs", 1, query.input_refs), ("output", 2, query.output_refs)):
        if refs is not None:
            found = " OR ".join([f"refers(b.{column}, b.packed & {bit}, ?)"] * len(refs)) or "0"
            clauses.append(f"EXISTS (SELECT 1 FROM bodies b WHERE b.seq = c.seq AND ({found}))")
            values.extend(refs)


def order(query: CallQuery) -> tuple[str, list[Any]]:
    """Writes the order of a query, which ends with the id, so that it is the same each time."""
    terms: list[str] = []
    values: list[Any] = []
    direction = "ASC"
    for field, wanted in query.order():
        direction = wanted.upper()
        if field.root == START:  # ids are in the order of start, and nothing comes after one
            if _has_window(query):
                terms.append(f"{_START} {direction}")
            break
        found = of_calls(field).sql
        terms.append(f"{found.text} {direction} NULLS LAST")
        values.extend(found.values)
    return ", ".join([*terms, f"c.id {direction}"]), values


def _has_window(query: CallQuery) -> bool:
    """Tells whether only calls of some time are wanted, which `calls_by_start` finds in order."""
    return any(
        isinstance(term, Operation)
        and term.name in _BOUNDS
        and any(isinstance(item, Field) and item.root == START for item in term.operands)
        for term in split_where(query)[1]
    )


def select(
    query: CallQuery,
    project_id: int,
    text: Condition | None,
    *,
    columns: str = COLUMNS,
    extra: str = "",
    join: str = "",
    until: int | None = None,
    whole: bool = False,
    op: int | None = None,
) -> tuple[str, list[Any]]:
    """Writes a query as a statement and its values.

    `extra` adds columns, `join` adds tables; `until` leaves out calls that came later; `whole` and
    `op` are as in `where`.
    """
    condition, values = where(query, project_id, text, whole=whole, op=op)
    if until is not None:  # the plus keeps the index of the order in use
        condition += " AND +c.seq <= ?"
        values.append(until)
    ordered, more = order(query)
    limit = -1 if query.limit is None else query.limit
    statement = (
        f"SELECT {columns}{extra} FROM calls c JOIN ops o ON o.key = c.op_key {join}"
        f" WHERE {condition} ORDER BY {ordered} LIMIT ? OFFSET ?"
    )
    return statement, [*values, *more, limit, query.offset]


def count(query: CallQuery, project_id: int, text: Condition | None) -> tuple[str, list[Any]]:
    """Writes a statement that counts what a query finds."""
    condition, values = where(query, project_id, text)
    limit = -1 if query.limit is None else query.limit
    statement = (
        "SELECT count(*) FROM (SELECT 1 FROM calls c JOIN ops o ON o.key = c.op_key"
        f" WHERE {condition} LIMIT ? OFFSET ?)"
    )
    return statement, [*values, limit, query.offset]


_FEEDBACK = Compiler(of_feedback)


def feedback(query: FeedbackQuery, project_id: int, columns: str) -> tuple[str, list[Any]]:
    """Writes a query of feedback as a statement and its values."""
    clauses = ["f.project_id = ?"]
    values: list[Any] = [project_id]
    for term in _FEEDBACK.terms(query.where):
        clauses.append(term.text)
        values.extend(term.values)
    limit = -1 if query.limit is None else query.limit
    statement = (
        f"SELECT {columns} FROM feedback f WHERE {' AND '.join(clauses)}"
        " ORDER BY f.id LIMIT ? OFFSET ?"
    )
    return statement, [*values, limit, query.offset]
