"""Which calls report tokens, and which of them count: the tables `usage` and `usage_above`.

Frameworks report the tokens of a request again on the spans around it. So of the reporters on one
path only the deepest counts; the others are `nested`. Children come before their parents as well
as after, in other batches and from other processes: `usage_above` holds each span that is known to
have a reporter below, and whoever arrives looks itself up there.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from weavelite.records.writes import CallWrite
from weavelite.usage import BUCKETS, Tokens, tokens_of

USAGE = f"""
CREATE TABLE usage(
  seq INTEGER NOT NULL, model TEXT NOT NULL, provider TEXT, trace_id BLOB NOT NULL,
  nested INTEGER NOT NULL, estimated INTEGER NOT NULL,
  {", ".join(f"{name} INTEGER NOT NULL" for name in BUCKETS)},
  PRIMARY KEY(seq, model)) STRICT, WITHOUT ROWID;
CREATE INDEX usage_by_trace ON usage(trace_id);
CREATE TABLE usage_above(
  trace_id BLOB NOT NULL, span_id BLOB NOT NULL,
  PRIMARY KEY(trace_id, span_id)) STRICT, WITHOUT ROWID;
CREATE TABLE unmetered(seq INTEGER PRIMARY KEY) STRICT;
CREATE TABLE prices(
  id TEXT PRIMARY KEY, project_id INTEGER NOT NULL, llm_id TEXT NOT NULL, provider_id TEXT NOT NULL,
  prompt_token_cost REAL NOT NULL, completion_token_cost REAL NOT NULL,
  cache_read_input_token_cost REAL, cache_creation_input_token_cost REAL,
  prompt_token_cost_unit TEXT NOT NULL, completion_token_cost_unit TEXT NOT NULL,
  effective_ns INTEGER NOT NULL, created_ns INTEGER NOT NULL) STRICT;
CREATE TABLE prices_purged(id TEXT PRIMARY KEY, purged_ns INTEGER NOT NULL) STRICT
"""

_REPORT = (
    "INSERT INTO usage SELECT c.seq, ?, ?, c.trace_id, EXISTS (SELECT 1 FROM"
    " usage_above a WHERE a.trace_id = c.trace_id AND a.span_id = c.span_id), ?,"
    f" {', '.join('?' * len(BUCKETS))} FROM calls c WHERE c.trace_id = ? AND c.span_id = ?"
    " ON CONFLICT DO UPDATE SET "
    + ", ".join(
        f"{name} = excluded.{name}" for name in ("provider", "nested", "estimated", *BUCKETS)
    )
)
"""Nothing is replaced: of rows that are, triggers do not hear."""
_SILENT = "INSERT OR IGNORE INTO unmetered SELECT seq FROM calls WHERE trace_id = ? AND span_id = ?"
_ARRIVED_ABOVE = (
    "SELECT c.seq, c.trace_id, c.parent_span FROM calls c JOIN usage_above a"
    " ON a.trace_id = c.trace_id AND a.span_id = c.span_id WHERE c.seq > ?"
)

_REPORTS = (
    "SELECT 1 FROM usage_above WHERE trace_id = ?1 AND span_id = ?2 UNION ALL SELECT 1 FROM calls c"
    " JOIN usage u ON u.seq = c.seq WHERE c.trace_id = ?1 AND c.span_id = ?2"
)
"""Asks whether a call, or one below it, reports."""
_TOLD_LATE = (
    "INSERT OR IGNORE INTO usage_above SELECT c.trace_id, c.parent_span FROM calls c"
    " WHERE c.parent_span IS NOT NULL AND (EXISTS (SELECT 1 FROM usage u WHERE u.seq = c.seq)"
    " OR EXISTS (SELECT 1 FROM usage_above a WHERE a.trace_id = c.trace_id"
    " AND a.span_id = c.span_id)) AND c.trace_id IN (SELECT trace_id FROM usage)"
)
_NESTED_LATE = (
    "UPDATE usage SET nested = 1 WHERE nested = 0 AND EXISTS (SELECT 1 FROM calls c"
    " JOIN usage_above a ON a.trace_id = c.trace_id AND a.span_id = c.span_id"
    " WHERE c.seq = usage.seq)"
)
_ROOTS = "SELECT trace_id, span_id FROM calls WHERE trace_id = ? AND parent_span IS NULL"
_SUM = (
    f"UPDATE calls SET sum_tokens = (SELECT sum({' + '.join(BUCKETS)}) FROM usage"
    " WHERE trace_id = ?1 AND nested = 0)"
    " WHERE trace_id = ?1 AND span_id = ?2 AND parent_span IS NULL AND end_ns IS NOT NULL"
)

_COUNTED = (
    f"SELECT c.span_id, c.parent_span, sum({' + '.join(BUCKETS)}) FROM usage u"
    " JOIN calls c ON c.seq = u.seq WHERE u.trace_id = ? AND u.nested = 0 GROUP BY u.seq"
)
_PARENT = "SELECT parent_span FROM calls WHERE trace_id = ? AND span_id = ?"

Report = tuple[str, str | None, bool, Tokens]
"""Is the model, the provider, whether it is an estimate, and the tokens."""


def meter(
    connection: sqlite3.Connection,
    calls: Sequence[CallWrite],
    last: int,
    joined: Sequence[tuple[bytes, bytes, bytes]] = (),
) -> None:
    """Notes what calls report, which are in the store; those after `last` are new there.

    Calls that were roots until now are given by the trace, the parent and the span.
    """
    reporting, written, silent = [], [], []
    for call in calls:
        if call.end_ns is None or not call.rest:
            continue
        reports = list(reports_of(call.rest))
        for model, provider, estimated, tokens in reports:
            written.append((model, provider, estimated, *tokens, call.trace_id, call.span_id))
        if reports:
            reporting.append((call.trace_id, call.parent_span))
        elif call.rest.get("model") and call.output is not None:
            silent.append((call.trace_id, call.span_id))
    if written:
        connection.executemany(_REPORT, written)
    if silent:
        connection.executemany(_SILENT, silent)
    reporting += [
        (trace_id, parent)
        for trace_id, parent, span in joined
        if connection.execute(_REPORTS, (trace_id, span)).fetchone() is not None
    ]
    for trace_id, parent in reporting:
        _tell(connection, trace_id, parent)
    arrived = connection.execute(_ARRIVED_ABOVE, (last,)).fetchall()
    for seq, trace_id, parent in arrived:
        connection.execute("UPDATE usage SET nested = 1 WHERE seq = ?", (seq,))
        _tell(connection, trace_id, parent)
    touched = {trace_id for trace_id, _ in reporting} | {row[1] for row in arrived}
    if touched:
        foreign = {call.trace_id for call in calls if call.remote or not call.fresh}
        _total(connection, touched, touched & foreign)


def add_estimate(connection: sqlite3.Connection, span: tuple[bytes, bytes], report: Report) -> None:
    """Notes what a call that is in the store probably used, which its provider did not tell."""
    model, provider, estimated, tokens = report
    connection.execute(_REPORT, (model, provider, estimated, *tokens, *span))
    parent = connection.execute(
        "SELECT parent_span FROM calls WHERE trace_id = ? AND span_id = ?", span
    ).fetchone()
    if parent is not None:
        _tell(connection, span[0], parent[0])
        _total(connection, {span[0]}, {span[0]})


def _tell(connection: sqlite3.Connection, trace_id: bytes, span_id: bytes | None) -> None:
    """Tells a span, and all above it as far as they are known, that there is a reporter below."""
    while span_id is not None:
        told = connection.execute(
            "INSERT OR IGNORE INTO usage_above VALUES (?,?)", (trace_id, span_id)
        )
        if told.rowcount != 1:  # and so does everything above it
            return
        found = connection.execute(
            "SELECT seq, parent_span FROM calls WHERE trace_id = ? AND span_id = ?",
            (trace_id, span_id),
        ).fetchone()
        if found is None:
            return
        connection.execute("UPDATE usage SET nested = 1 WHERE seq = ?", (found[0],))
        span_id = found[1]


def _total(connection: sqlite3.Connection, traces: set[bytes], foreign: set[bytes]) -> None:
    """Sums up traces at their roots, once these have ended: lists and totals are mostly of roots.

    The span id of an own root is in its trace's id; that of a foreign one has to be looked for.
    """
    roots = [(trace_id, trace_id[8:]) for trace_id in traces - foreign]
    for trace_id in foreign:
        found = connection.execute(_ROOTS, (trace_id,)).fetchall()
        if len(found) > 1:
            _total_each(connection, trace_id, [span for _, span in found])
        else:
            roots += found
    connection.executemany(_SUM, roots)


def _total_each(connection: sqlite3.Connection, trace_id: bytes, roots: Sequence[bytes]) -> None:
    """Sums up a trace of several roots, since a parent is not there: each what is below it."""
    sums: dict[bytes, int] = {}
    root_of = {root: root for root in roots}
    for span, parent, tokens in connection.execute(_COUNTED, (trace_id,)).fetchall():
        passed = [span]
        while passed[-1] not in root_of and parent is not None and parent not in passed:
            passed.append(parent)
            found = connection.execute(_PARENT, (trace_id, parent)).fetchone()
            parent = found[0] if found is not None else None
        root = root_of.get(passed[-1], passed[-1])
        root_of.update(dict.fromkeys(passed, root))
        sums[root] = sums.get(root, 0) + tokens
    connection.executemany(
        "UPDATE calls SET sum_tokens = ? WHERE trace_id = ? AND span_id = ? AND end_ns IS NOT NULL",
        [(sums.get(root), trace_id, root) for root in roots],
    )


def forget(connection: sqlite3.Connection, doomed: Iterable[tuple[int, bytes]]) -> None:
    """Drops what deleted calls reported, given as seq and trace id: those above may count again."""
    traces = set()
    for seq, trace_id in doomed:
        connection.execute("DELETE FROM unmetered WHERE seq = ?", (seq,))
        if connection.execute("DELETE FROM usage WHERE seq = ?", (seq,)).rowcount:
            traces.add(trace_id)
    for trace_id in traces:
        settle(connection, trace_id)


def settle(connection: sqlite3.Connection, trace_id: bytes) -> None:
    """Finds out anew which reporters of a trace count."""
    connection.execute("DELETE FROM usage_above WHERE trace_id = ?", (trace_id,))
    connection.execute("UPDATE usage SET nested = 0 WHERE trace_id = ?", (trace_id,))
    reporting = connection.execute(
        "SELECT c.parent_span FROM usage u JOIN calls c ON c.seq = u.seq WHERE u.trace_id = ?",
        (trace_id,),
    ).fetchall()
    for (parent,) in reporting:
        _tell(connection, trace_id, parent)
    _total(connection, {trace_id}, {trace_id})


def tell_late(connection: sqlite3.Connection) -> None:
    """Tells those whose children came before them, in a store that did not tell them then."""
    while connection.execute(_TOLD_LATE).rowcount:
        pass
    connection.execute(_NESTED_LATE)


def take_over(connection: sqlite3.Connection) -> None:
    """Fills the tables of a store that is older than they are."""
    connection.execute(
        f"INSERT INTO usage(seq, model, trace_id, nested, estimated, {', '.join(BUCKETS)})"
        " SELECT seq, coalesce(model, ''), trace_id, 0, 0,"
        f" {', '.join(_TAKEN_OVER.get(name, '0') for name in BUCKETS)} FROM calls"
        " WHERE input_tokens IS NOT NULL OR output_tokens IS NOT NULL"
    )
    for (trace_id,) in connection.execute("SELECT DISTINCT trace_id FROM usage").fetchall():
        settle(connection, trace_id)


_TAKEN_OVER = {"input": "coalesce(input_tokens, 0)", "output": "coalesce(output_tokens, 0)"}


def reports_of(rest: dict[str, Any]) -> Iterator[Report]:
    """Yields what a call reports, a model each: of a span as it was mapped, else of its summary."""
    provider = provider_of(rest)
    model = rest.get("model")
    own = model if isinstance(model, str) else ""
    if (tokens := rest.get("tokens")) is not None:
        yield own, provider, False, Tokens(*tokens)
        return
    summary = rest.get("summary")
    usage = summary.get("usage") if isinstance(summary, dict) else None
    if not isinstance(usage, dict):
        counts = rest.get("input_tokens"), rest.get("output_tokens")
        told = tokens_of({"input_tokens": counts[0], "output_tokens": counts[1]})
        if told is not None:
            yield own, provider, False, told
        return
    if any(isinstance(value, int) for value in usage.values()):
        usage = {own: usage}
    for name, report in usage.items():
        tokens = tokens_of(report)
        if tokens is not None:
            yield _model(name, own), provider, report.get("estimated") is True, tokens


def _model(name: Any, own: str) -> str:
    return own if name == "unknown" and own else str(name)


def provider_of(rest: dict[str, Any]) -> str | None:
    """Says who served the model of a call: as its span was mapped, else as its attributes say."""
    attributes = rest.get("attributes")
    found = rest.get("provider")
    if found is None and isinstance(attributes, dict):
        found = attributes.get("provider")
    return found.lower() if isinstance(found, str) and found else None
