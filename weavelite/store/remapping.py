"""Calls that are made anew of what is kept of their spans.

What a call says is worked out of its span by a mapping, and both rest. When the mapping learns, or
when an event comes that belongs to a span, the call is worked out again: the one change that an
ended call can see. Events that come before their span wait in `span_events`, for a week.
"""

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from weavelite.records.writes import CallWrite, EventWrite, KeptSpan, OpWrite
from weavelite.store import fulltext
from weavelite.store.base import Remap, Remapped
from weavelite.store.unpack import Unpacker

if TYPE_CHECKING:
    from weavelite.store.ingest import Ingest

TABLE = (
    "CREATE TABLE span_events(trace_id BLOB NOT NULL, span_id BLOB NOT NULL, digest BLOB NOT NULL,"
    " event TEXT NOT NULL, received_ns INTEGER NOT NULL,"
    " PRIMARY KEY(trace_id, span_id, digest)) STRICT, WITHOUT ROWID"
)
REWRITE = (
    "UPDATE calls SET op_key = ?, status = ?, display_name = ?, model = ?, input_tokens = ?,"
    " output_tokens = ?, sum_tokens = ?, error = ?, thread_id = ?,"
    " user_id = coalesce(?, user_id) WHERE seq = ?"
)
"""Names the columns that tallies watch, so that these follow, whatever has changed."""

_WAIT_NS = 7 * 86_400 * 1_000_000_000
_OF_CALL = (
    "SELECT c.seq, c.trace_id, c.span_id, c.parent_span, c.start_ns, c.end_ns,"
    " p.entity || '/' || p.name, b.rest, b.packed, o.kind, c.model, c.input_tokens,"
    " c.output_tokens, c.thread_id, b.inputs, b.output"
    " FROM calls c JOIN bodies b ON b.seq = c.seq JOIN ops o ON o.key = c.op_key"
    " JOIN projects p ON p.id = c.project_id"
)
_COMPARED = ("kind", "model", "input tokens", "output tokens", "thread")
Span = tuple[bytes, bytes]
"""Is a trace id and a span id."""


def add_events(connection: sqlite3.Connection, events: Sequence[EventWrite]) -> None:
    """Keeps events until their spans take them; each once."""
    if not events:
        return
    now = time.time_ns()
    connection.execute("DELETE FROM span_events WHERE received_ns < ?", (now - _WAIT_NS,))
    connection.executemany(
        "INSERT OR IGNORE INTO span_events VALUES (?,?,?,?,?)",
        [(e.trace_id, e.span_id, hashlib.sha256(e.event.encode()).digest()[:16], e.event, now)
         for e in events],
    )  # fmt: skip


def waiting(connection: sqlite3.Connection, spans: Sequence[Span]) -> list[Span]:
    """Says for which of some spans events wait."""
    if connection.execute("SELECT 1 FROM span_events LIMIT 1").fetchone() is None:
        return []
    ask = "SELECT 1 FROM span_events WHERE trace_id = ? AND span_id = ? LIMIT 1"
    return [span for span in spans if connection.execute(ask, span).fetchone() is not None]


def join(
    connection: sqlite3.Connection, ingest: "Ingest", mapping: Remap, spans: Sequence[Span]
) -> Remapped:
    """Gives spans that are in the store the events that wait for them."""
    rows: list[tuple[Any, ...]] = []
    for span in waiting(connection, spans):
        rows += connection.execute(f"{_OF_CALL} WHERE c.trace_id = ? AND c.span_id = ?", span)
    return _remap(connection, ingest, mapping, rows, older_than=None)


def renew(
    connection: sqlite3.Connection,
    ingest: "Ingest",
    mapping: Remap,
    older_than: int,
    after: int,
    limit: int,
) -> Remapped:
    """Maps spans again that an older mapping has mapped: a piece of the store."""
    rows = connection.execute(
        f"{_OF_CALL} WHERE c.seq > ? ORDER BY c.seq LIMIT ?", (after, limit)
    ).fetchall()
    done = _remap(connection, ingest, mapping, rows, older_than)
    return done._replace(next=rows[-1][0] if len(rows) == limit else None)


def _remap(
    connection: sqlite3.Connection,
    ingest: "Ingest",
    mapping: Remap,
    rows: Sequence[tuple[Any, ...]],
    older_than: int | None,
) -> Remapped:
    read = Unpacker(connection)
    changes: Counter[str] = Counter()
    written: list[CallWrite] = []
    changed = 0
    for row in rows:
        kept = _kept(row, read)
        if kept is None or (older_than is not None and _version(kept.raw) >= older_than):
            continue
        op, call = mapping(kept, list(_events_of(connection, kept)))
        differing = list(_differing(row, read, op, call))
        changes.update(differing)
        changed += bool(differing)
        ingest.rewrite(kept, op, call)
        written.append(call)
    ingest.settle(written)
    return Remapped(len(written), changed, dict(changes), None)


def _version(raw: dict[str, Any]) -> int:
    found = raw.get("mapping")
    return found if isinstance(found, int) else 0


def _kept(row: tuple[Any, ...], read: Unpacker) -> KeptSpan | None:
    rest, packed = row[7:9]
    if not rest or ('"otel"' not in rest and not packed & 4):
        return None
    raw = read(rest, packed & 4).get("otel")
    return KeptSpan._make((*row[:7], raw)) if isinstance(raw, dict) else None


def _events_of(connection: sqlite3.Connection, kept: KeptSpan) -> Iterator[dict[str, Any]]:
    """Takes the events that wait for a span."""
    taken = connection.execute(
        "DELETE FROM span_events WHERE trace_id = ? AND span_id = ? RETURNING event",
        (kept.trace_id, kept.span_id),
    ).fetchall()
    for (event,) in taken:
        yield orjson.loads(event)


def _differing(row: tuple[Any, ...], read: Unpacker, op: OpWrite, call: CallWrite) -> Iterator[str]:
    get = call.rest.get
    new = (op.kind, get("model"), get("input_tokens"), get("output_tokens"), get("thread_id"))
    for name, was, now in zip(_COMPARED, row[9:14], new, strict=True):
        if was != now:
            yield name
    for name, text, bit, made in (("inputs", row[14], 1, call.inputs),
                                  ("output", row[15], 2, call.output)):  # fmt: skip
        was = None if text is None else read(text, row[8] & bit)
        if was != (None if made is None else orjson.loads(made)):
            yield name


def changed(connection: sqlite3.Connection, kept: KeptSpan) -> None:
    """Takes back what was worked out of a call as it was: its tokens, and where its texts are."""
    connection.execute("DELETE FROM usage WHERE seq = ?", (kept.seq,))
    connection.execute("DELETE FROM unmetered WHERE seq = ?", (kept.seq,))
    fulltext.index_again(connection, kept.seq)
