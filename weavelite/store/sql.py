"""Queries of calls as SQL; pure."""

from collections.abc import Sequence
from typing import Any

import orjson

from weavelite.ids import uuid_bytes
from weavelite.query import CallQuery
from weavelite.records.words import STATUSES
from weavelite.store.packed import TEXT

COLUMNS = (
    "c.seq, c.id, c.trace_id, c.span_id, c.parent_span, o.name, o.digest, c.display_name, o.kind,"
    " c.status, c.start_ns, c.end_ns, c.model, c.input_tokens, c.output_tokens, c.sum_tokens,"
    " c.error, c.thread_id"
)

_LIKE = "LIKE ? ESCAPE '\\'"
_USERS = (
    "WITH RECURSIVE found(id) AS (SELECT id FROM pool WHERE"
    f" value LIKE iif(kind = {TEXT}, ?, ?) ESCAPE '\\'"
    " UNION SELECT l.parent FROM pool_links l JOIN found ON l.child = found.id)"
    " SELECT u.seq FROM pool_uses u JOIN found ON u.pool_id = found.id"
)
"""The calls whose bodies refer to an entry with a text, or to a list that holds one."""

_ORDER = {
    "started_at": "c.id {0}",
    "ended_at": "c.end_ns {0} NULLS LAST, c.id {0}",
    "latency": "c.end_ns - c.start_ns {0} NULLS LAST, c.id {0}",
    "op_name": "o.name {0}, c.id {0}",
}


def where(query: CallQuery, project_id: int) -> tuple[str, list[Any]]:
    """Writes the filter of a query as a condition on calls `c` and ops `o`."""
    clauses = ["c.project_id = ?"]
    values: list[Any] = [project_id]

    def among(column: str, items: Sequence[Any]) -> None:
        clauses.append(f"{column} IN ({', '.join('?' * len(items))})")
        values.extend(items)

    if query.op_names:
        names = ", ".join("?" * len(query.op_names))
        clauses.append(
            f"c.op_key IN (SELECT key FROM ops WHERE project_id = ? AND name IN ({names}))"
        )
        values.extend([project_id, *query.op_names])
    if query.statuses:
        among("c.status", [STATUSES.index(status) for status in query.statuses])
    if query.trace_roots_only:
        clauses.append("c.parent_span IS NULL")
    if query.call_ids is not None:
        among("c.id", [uuid_bytes(text) for text in query.call_ids])
    if query.trace_ids is not None:
        among("c.trace_id", [uuid_bytes(text) for text in query.trace_ids])
    if query.thread_ids is not None:
        among("c.thread_id", list(query.thread_ids))
    if query.parent_ids is not None:
        _under(query.parent_ids, project_id, clauses, values)
    if query.text:
        _containing(query.text, clauses, values)
    if query.before is not None:
        clauses.append("c.id < ?" if query.sort[1] == "desc" else "c.id > ?")
        values.append(uuid_bytes(query.before))
    return " AND ".join(clauses), values


def _under(parents: Sequence[str], project_id: int, clauses: list[str], values: list[Any]) -> None:
    marks = ", ".join("?" * len(parents))
    clauses.append(
        "(c.trace_id, c.parent_span) IN "
        f"(SELECT trace_id, span_id FROM calls WHERE project_id = ? AND id IN ({marks}))"
    )
    values.extend([project_id, *(uuid_bytes(text) for text in parents)])


def _containing(text: str, clauses: list[str], values: list[Any]) -> None:
    columns = ("o.name", "c.display_name", "c.error", "c.model")
    named = " OR ".join(f"{column} {_LIKE}" for column in columns)
    clauses.append(
        f"({named} OR EXISTS (SELECT 1 FROM bodies b WHERE b.seq = c.seq AND"
        f" (b.inputs {_LIKE} OR b.output {_LIKE})) OR c.seq IN ({_USERS}))"
    )
    plain, in_json = _anywhere(text), _anywhere(orjson.dumps(text).decode()[1:-1])
    values.extend([plain] * len(columns) + [in_json, in_json, plain, in_json])


def _anywhere(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def select(query: CallQuery, project_id: int, *, extra: str = "", join: str = "") -> Any:
    """Writes a query as a statement and its values; `extra` adds columns, `join` adds tables."""
    condition, values = where(query, project_id)
    order = _ORDER[query.sort[0]].format(query.sort[1].upper())
    limit = -1 if query.limit is None else query.limit
    statement = (
        f"SELECT {COLUMNS}{extra} FROM calls c JOIN ops o ON o.key = c.op_key {join}"
        f" WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?"
    )
    return statement, [*values, limit, query.offset]
