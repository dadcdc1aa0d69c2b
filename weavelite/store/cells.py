"""The cells of a run, as far as verdicts are made of them, in one pass over its trace."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weavelite.ids import uuid_bytes, uuid_of_bytes
from weavelite.records.answers import CallHeader, StoredCell
from weavelite.records.words import CELL, STATUSES
from weavelite.store import costing
from weavelite.store.unpack import Unpacker

_MOST_REMEMBERED = 4_000_000
"""Characters of the pool that are kept in mind."""
_HEAD = (
    "SELECT c.seq, c.id, c.trace_id, c.span_id, c.status, c.error"
    " FROM calls c JOIN ops o ON +o.key = c.op_key"
)
_OF_RUN = (  # the plus leads by the trace, which has fewer calls than the op
    f"{_HEAD} WHERE c.trace_id = ? AND c.parent_span = ? AND +c.project_id = ? AND o.name = ?"
    " ORDER BY c.id"
)
_BY_ID = f"{_HEAD} WHERE c.project_id = ? AND c.id = ? AND o.name = ?"
_STATE = (  # what is counted is read of indices alone
    "SELECT (SELECT count(*) FROM calls WHERE trace_id = :trace),"
    " (SELECT max(seq) FROM calls WHERE trace_id = :trace),"
    " (SELECT count(*) FROM usage WHERE trace_id = :trace),"
    " (SELECT count(*) FROM prices WHERE project_id = :project),"
    " (SELECT count(*) FROM prices_purged)"
)
_BODY = "SELECT inputs, output, rest, packed FROM bodies WHERE seq = ?"


def of_run(
    connection: sqlite3.Connection, project: int, run: CallHeader, row: str | None, is_brief: bool
) -> Iterator[StoredCell]:
    """Yields the cells of a run in the order in which they began, priced."""
    trace_id = uuid_bytes(run.trace_id)
    values = (trace_id, bytes.fromhex(run.span_id), project, CELL)
    heads = connection.execute(_OF_RUN, values).fetchall()
    if row is not None:
        heads = [head for head in heads if _may_be_about(connection, head[0], row)]
    spans = [head[3] for head in heads]
    sums = costing.apart(connection, project, trace_id, spans) if spans else {}
    yield from _read(connection, heads, sums, is_brief)


def by_id(
    connection: sqlite3.Connection, project: int, call_ids: Sequence[str]
) -> Iterator[StoredCell]:
    """Yields cells by the ids of their calls, whole and unpriced."""
    heads = [
        head
        for call_id in call_ids
        for head in connection.execute(_BY_ID, (project, uuid_bytes(call_id), CELL))
    ]
    yield from _read(connection, heads, {}, is_brief=False)


def _read(
    connection: sqlite3.Connection,
    heads: Iterable[tuple[Any, ...]],
    sums: Mapping[bytes, costing.Sums],
    is_brief: bool,
) -> Iterator[StoredCell]:
    whole = Unpacker(connection, most=_MOST_REMEMBERED)
    read = Unpacker(connection, brief=True, most=_MOST_REMEMBERED) if is_brief else whole
    for seq, id, trace_id, span, status, error in heads:
        found = connection.execute(_BODY, (seq,)).fetchone()
        if found is None:  # deleted since
            continue
        inputs, output, rest, packed = found
        tokens, _, cost, _ = sums.get(span, _NOTHING)
        yield StoredCell(
            id=uuid_of_bytes(id),
            trace_id=trace_id.hex(),
            status=STATUSES[status],
            error=error,
            inputs=whole(inputs, packed & 1) if inputs else None,
            output=read(output, packed & 2) if output else None,
            attributes=(whole(rest, packed & 4).get("attributes") or {}) if rest else {},
            sum_tokens=tokens,
            sum_cost=cost,
        )


def _may_be_about(connection: sqlite3.Connection, seq: int, row: str) -> bool:
    """Tells whether the inputs of a cell have the digest of a row, or its start, as far as seen."""
    found = connection.execute(
        "SELECT packed & 1 OR instr(inputs, ?) FROM bodies WHERE seq = ?", (row, seq)
    )
    return bool((found.fetchone() or (False,))[0])


def trace_state(connection: sqlite3.Connection, project: int, trace_id: bytes) -> str:
    """Returns a text that changes when calls of a trace come or go, or what they cost."""
    found = connection.execute(_STATE, {"trace": trace_id, "project": project}).fetchone()
    return ".".join(map(str, found))


_NOTHING = (None, False, None, False)
