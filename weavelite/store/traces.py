"""Whole traces: as headers, or as columns, which are a fifth as long and read as much faster.

Calls are read in the order of the table: in that of the index a large trace takes three times as
long.
"""

import sqlite3
from collections.abc import Sequence
from itertools import count
from operator import itemgetter
from typing import Any

import orjson

from weavelite.errors import NotFoundError
from weavelite.ids import uuid_of_bytes
from weavelite.records.answers import PackedOp, PackedTrace, Sparse, Trace
from weavelite.records.words import STATUSES, SUCCESS
from weavelite.store import costing, rows, sql
from weavelite.store.costing import Sums

_CALLS = (
    "(SELECT seq FROM calls WHERE trace_id = ? ORDER BY seq) t CROSS JOIN calls c ON c.seq = t.seq"
)
_HEADERS = (
    f"SELECT {sql.COLUMNS} FROM {_CALLS} JOIN ops o ON o.key = c.op_key"
    " WHERE c.project_id = ? ORDER BY c.start_ns, c.id"
)
_PACKED = (
    f"SELECT c.seq, c.start_ns, c.id, c.end_ns, c.op_key, c.span_id, {sql.PARENT}, c.status,"
    " c.sum_tokens, c.display_name, c.model, c.input_tokens, c.output_tokens, c.error, c.thread_id"
    f" FROM {_CALLS} WHERE c.project_id = ?"
)
_AS_THEY_ARE = ("display_name", "model", "input_tokens", "output_tokens", "error", "thread_id")
"""Are the last columns of `_PACKED`: None where there is nothing."""
_OPS = "SELECT key, name, digest, kind FROM ops WHERE key IN (SELECT value FROM json_each(?))"


def headers(connection: sqlite3.Connection, project: int, trace_id: bytes) -> Trace:
    """Returns the headers of a trace, by their start; raises NotFoundError."""
    found = _found(connection, _HEADERS, project, trace_id)
    calls = [rows.header(row) for row in found]
    at = {call.span_id: row for row, call in enumerate(calls)}
    parents = [None if c.parent_span_id is None else at.get(c.parent_span_id) for c in calls]
    seqs, starts = [row[0] for row in found], [row[10] for row in found]
    for row, sums in costing.of_trace(connection, project, trace_id, seqs, starts, parents).items():
        costing.put(calls[row], sums)
    return Trace(trace_id=trace_id.hex(), calls=calls)


def packed(connection: sqlite3.Connection, project: int, trace_id: bytes) -> PackedTrace:
    """Returns a trace as columns; raises NotFoundError.

    What few calls have stands beside, as rows and values. A parent is the row of a call where it is
    in the trace, else a span id. A span id is left out where it is the end of the call's id, as it
    is unless another program chose it.
    """
    found = _found(connection, _PACKED, project, trace_id)
    found.sort(key=itemgetter(1, 2))
    seqs, starts, ids, ends, keys, spans, above, statuses, tokens, *others = zip(
        *found, strict=True
    )
    at = dict(zip(spans, count()))
    parents = [None if span is None else at.get(span) for span in above]
    sums = costing.of_trace(connection, project, trace_id, seqs, starts, parents)
    ops, op = _ops(connection, keys)
    first = starts[0] // 1000
    columns = {
        "status": _sparse([STATUSES[status] for status in statuses], STATUSES[SUCCESS]),
        **{name: _sparse(column) for name, column in zip(_AS_THEY_ARE, others, strict=True)},
        **_sums(tokens, sums),
    }
    return PackedTrace(
        trace_id=trace_id.hex(),
        first_us=first,
        ops=ops,
        id=[uuid_of_bytes(id) for id in ids],
        op=op,
        start=[start // 1000 - first for start in starts],
        took=[
            None if end is None else end // 1000 - start // 1000
            for start, end in zip(starts, ends, strict=True)
        ],
        parent=[
            span.hex() if row is None and span is not None else row
            for row, span in zip(parents, above, strict=True)
        ],
        span=_sparse(
            [None if id[8:] == span else span.hex() for id, span in zip(ids, spans, strict=True)]
        ),
        others={name: column for name, column in columns.items() if column.rows},
    )


def _found(
    connection: sqlite3.Connection, statement: str, project: int, trace_id: bytes
) -> list[tuple[Any, ...]]:
    found = connection.execute(statement, (trace_id, project)).fetchall()
    if not found:
        raise NotFoundError(f"There is no trace {trace_id.hex()} in this project.")
    return found


def _ops(connection: sqlite3.Connection, keys: Sequence[int]) -> tuple[list[PackedOp], list[int]]:
    """Lists the ops of some calls, and which of them each call ran."""
    listed = list(dict.fromkeys(keys))
    known = {key: op for key, *op in connection.execute(_OPS, (orjson.dumps(listed).decode(),))}
    at = {key: place for place, key in enumerate(listed)}
    return [PackedOp(*known[key]) for key in listed], [at[key] for key in keys]


def _sums(tokens: Sequence[int | None], sums: dict[int, Sums]) -> dict[str, Sparse]:
    """Writes what calls and all below them used; `tokens` holds where nothing is reported."""
    columns: list[list[Any]] = [list(tokens), [False] * len(tokens), [None] * len(tokens),
                                [False] * len(tokens)]  # fmt: skip
    for row, told in sums.items():
        for column, value in zip(columns, told, strict=True):
            column[row] = value
    counted, estimated, costs, partial = columns
    return {
        "sum_tokens": _sparse(counted),
        "estimated": _sparse(estimated, False),
        "sum_cost": _sparse(costs),
        "cost_partial": _sparse(partial, False),
    }


def _sparse(column: Sequence[Any], default: Any = None) -> Sparse:
    found = [row for row, value in enumerate(column) if value != default]
    return Sparse(found, [column[row] for row in found])
