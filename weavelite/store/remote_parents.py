"""Calls whose parents ran elsewhere: roots here, until the parent arrives.

A request's `traceparent` names a call of another program, which may trace into this store or into
none; the parent of an OpenTelemetry span may have been left out by a sampler, or be on its way. So
such a call is listed as a root, and `remote_parents` remembers under whom it belongs.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from weavelite.records.writes import CallWrite

TABLE = (
    "CREATE TABLE remote_parents(trace_id BLOB NOT NULL, parent_span BLOB NOT NULL,"
    " span_id BLOB NOT NULL, PRIMARY KEY(trace_id, parent_span, span_id)) STRICT, WITHOUT ROWID"
)
_WAIT = (
    "INSERT OR IGNORE INTO remote_parents SELECT ?1, ?2, ?3"
    " WHERE NOT EXISTS (SELECT 1 FROM calls WHERE trace_id = ?1 AND span_id = ?2)"
    " AND EXISTS (SELECT 1 FROM calls WHERE trace_id = ?1 AND span_id = ?3)"
)
_AS_ROOT = (
    "UPDATE calls SET parent_span = NULL WHERE trace_id = ?1 AND span_id = ?3 AND EXISTS"
    " (SELECT 1 FROM remote_parents WHERE trace_id = ?1 AND parent_span = ?2 AND span_id = ?3)"
)
_ARRIVED = (
    "SELECT r.trace_id, r.parent_span, r.span_id FROM calls c JOIN remote_parents r"
    " ON r.trace_id = c.trace_id AND r.parent_span = c.span_id WHERE c.seq > ?"
)


def place(
    connection: sqlite3.Connection, calls: Sequence[CallWrite], last: int
) -> list[tuple[bytes, bytes, bytes]]:
    """Makes roots of calls without their remote parents, and children of those that wait for one.

    All calls are in the store; those after `last` are new there. Returns the trace, the parent and
    the span of each that waited.
    """
    here = {(call.trace_id, call.span_id) for call in calls}
    remote = [
        (call.trace_id, call.parent_span, call.span_id)
        for call in calls
        if call.remote
        and call.parent_span is not None
        and (call.trace_id, call.parent_span) not in here
    ]
    connection.executemany(_WAIT, remote)
    connection.executemany(_AS_ROOT, remote)
    if connection.execute("SELECT 1 FROM remote_parents LIMIT 1").fetchone() is None:
        return []
    arrived = connection.execute(_ARRIVED, (last,)).fetchall()
    connection.executemany(
        # What a span of OpenTelemetry adds up to is known of roots only.
        "UPDATE calls SET parent_span = ?2, sum_tokens = iif(substr(id, 9) = span_id, sum_tokens,"
        " NULL) WHERE trace_id = ?1 AND span_id = ?3",
        arrived,
    )
    connection.executemany(
        "DELETE FROM remote_parents WHERE trace_id = ? AND parent_span = ? AND span_id = ?", arrived
    )
    return arrived


def forget(connection: sqlite3.Connection, spans: Iterable[tuple[bytes, bytes]]) -> None:
    """Forgets the parents of deleted calls, given as trace id and span id."""
    if connection.execute("SELECT 1 FROM remote_parents LIMIT 1").fetchone() is not None:
        connection.executemany(
            "DELETE FROM remote_parents WHERE trace_id = ? AND span_id = ?", spans
        )
