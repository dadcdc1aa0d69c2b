"""Counts of calls that are kept beside them, so that sums over a million read a few thousand rows.

What comes in is counted later, by who serves the store, many calls in one statement: `_marks` says
up to which call. Later changes of counted calls (an end, tokens that a trace adds up, a deletion)
are noted by triggers, whoever makes them. Readers count what is not yet in.
Times are kept in units of three widths, and latencies rounded to two digits.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTHS = (10, 600, 36_000)
"""Seconds of a unit of time: long stretches are shown in wide ones."""
SECOND = 1_000_000_000
MARK = "calls tallied"
PENDING = 2048
"""Calls that wait at least, and twice as many at most; readers count them one by one."""
SLICE = 5_000
_SANE = 10**12
RARE = 10_000

OWN = "coalesce({0}.input_tokens, 0) + coalesce({0}.output_tokens, 0)"
TREE = f"coalesce({{0}}.sum_tokens, {OWN})"
ROOT = "({0}.parent_span IS NULL)"
LATENCY = "{0}.end_ns - {0}.start_ns"

TABLES = """
CREATE TABLE _marks(name TEXT PRIMARY KEY, upto INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE _tallies(
  project_id INTEGER NOT NULL, width INTEGER NOT NULL, op_key INTEGER NOT NULL,
  root INTEGER NOT NULL, status INTEGER NOT NULL, unit INTEGER NOT NULL, calls INTEGER NOT NULL,
  tokens INTEGER NOT NULL, sum_tokens INTEGER NOT NULL, first_ns INTEGER NOT NULL,
  last_ns INTEGER NOT NULL,
  PRIMARY KEY(project_id, width, op_key, root, status, unit)) STRICT, WITHOUT ROWID;
CREATE TABLE _latencies(
  project_id INTEGER NOT NULL, op_key INTEGER NOT NULL, root INTEGER NOT NULL,
  status INTEGER NOT NULL, latency INTEGER NOT NULL, calls INTEGER NOT NULL,
  PRIMARY KEY(project_id, op_key, root, status, latency)) STRICT, WITHOUT ROWID
"""


def rounded(latency: str) -> str:
    """Writes the rounding of a latency to two digits, which is within 5 % of it."""
    return f"CAST(CAST(printf('%.1e', {latency}) AS REAL) AS INTEGER)"


def _tokens(expression: str, row: str) -> str:
    return f"max(0, min({expression.format(row)}, {_SANE}))"


def _key(row: str) -> str:
    return f"{row}.project_id, {row}.op_key, {ROOT.format(row)}, {row}.status"


_ADD_UNIT = (
    "INSERT INTO _tallies(project_id, op_key, root, status, calls, tokens, sum_tokens, first_ns,"
    " last_ns, width, unit) {0} ON CONFLICT DO UPDATE SET calls = calls + excluded.calls,"
    " tokens = tokens + excluded.tokens, sum_tokens = sum_tokens + excluded.sum_tokens,"
    " first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)"
)
_ADD_LATENCY = (
    "INSERT INTO _latencies(project_id, op_key, root, status, latency, calls) {0}"
    " ON CONFLICT DO UPDATE SET calls = calls + excluded.calls"
)
# A group's key is packed into one number, which sorts in half the time. An op is of one project.
_WAITING = "FROM calls c WHERE c.seq > ? AND c.seq <= ?"
_STATE = f"{ROOT.format('c')} << 3 | c.status"
_UNITS = (
    f"SELECT {_key('c')}, count(*), sum({_tokens(OWN, 'c')}), sum({_tokens(TREE, 'c')}),"
    f" min(c.start_ns), max(c.start_ns), {WIDTHS[0]}, c.start_ns / {WIDTHS[0] * SECOND}"
    f" {_WAITING} GROUP BY c.op_key, (c.start_ns / {WIDTHS[0] * SECOND}) << 4 | {_STATE}"
)
_WIDER = [
    f"SELECT project_id, op_key, root, status, sum(calls), sum(tokens), sum(sum_tokens),"
    f" min(first_ns), max(last_ns), {width}, unit * {WIDTHS[0]} / {width} AS wider FROM new_units"
    " WHERE true GROUP BY op_key, root, status, wider"
    for width in WIDTHS
]
_LATENCIES = (
    f"SELECT {_key('c')}, {rounded(LATENCY.format('c'))}, count(*) {_WAITING}"
    f" AND c.end_ns IS NOT NULL GROUP BY c.op_key, {rounded(LATENCY.format('c'))} << 4 | {_STATE}"
)


def _change(row: str, sign: int) -> str:
    """Writes the statements with which a trigger adds a call, or takes it away."""
    tokens = ", ".join(f"{sign} * {_tokens(expression, row)}" for expression in (OWN, TREE))
    start = f"{row}.start_ns"
    units = [
        _ADD_UNIT.format(
            f"VALUES ({_key(row)}, {sign}, {tokens}, {start}, {start}, {width},"
            f" {start} / {width * SECOND})"
        )
        for width in WIDTHS
    ]
    latency = _ADD_LATENCY.format(
        f"SELECT {_key(row)}, {rounded(LATENCY.format(row))}, {sign} WHERE {row}.end_ns IS NOT NULL"
    )
    return "; ".join([*units, latency, ""])


def _trigger(name: str, event: str, changes: str) -> str:
    counted = f"OLD.seq <= (SELECT upto FROM _marks WHERE name = '{MARK}')"
    on = f"CREATE TRIGGER _tallies_{name} AFTER {event} ON calls"
    return f"{on} WHEN {counted} BEGIN {changes} END"


def create(db: Any) -> None:
    """Makes the tables and triggers; what is in the store is counted in pieces, later."""
    for statement in TABLES.split(";"):
        db.execute(statement)
    db.execute("INSERT INTO _marks VALUES (?, 0)", (MARK,))
    columns = "parent_span, status, end_ns, input_tokens, output_tokens, sum_tokens"
    db.execute(_trigger("update", f"UPDATE OF {columns}", _change("OLD", -1) + _change("NEW", 1)))
    db.execute(_trigger("delete", "DELETE", _change("OLD", -1)))


def upto(connection: sqlite3.Connection) -> int:
    """Returns the last call that is counted."""
    row = connection.execute("SELECT upto FROM _marks WHERE name = ?", (MARK,)).fetchone()
    return int(row[0])


Selection = tuple[str, list[Any]]
"""Is a statement that selects keys of ops, and its values."""


@dataclass(frozen=True, slots=True)
class OfOps:
    """Counts calls of some ops, and those of them that have a query's status and place."""

    calls: int
    fitting: int

    @property
    def is_rare(self) -> bool:
        """Tells whether the calls are so few that they are better found by op than by time."""
        return self.calls <= RARE

    @property
    def is_dense(self) -> bool:
        """Tells whether many calls of the ops fit, so that few are read to find some."""
        return self.fitting * 50 >= self.calls


def of_ops(
    connection: sqlite3.Connection,
    project: int,
    ops: Sequence[Selection],
    statuses: Sequence[int],
    *,
    roots: bool,
) -> OfOps | None:
    """Counts calls of ops that are in all selections; None while many are not counted yet."""
    if not _is_fresh(connection):
        return None
    among = "".join(f" AND op_key IN ({keys})" for keys, _ in ops)
    fits = "root >= ?" + (f" AND status IN ({', '.join(map(str, statuses))})" if statuses else "")
    calls, fitting = connection.execute(
        f"SELECT coalesce(sum(calls), 0), coalesce(sum(iif({fits}, calls, 0)), 0) FROM _tallies"
        f" WHERE project_id = ? AND width = {WIDTHS[-1]}{among}",
        [roots, project, *(value for _, values in ops for value in values)],
    ).fetchone()
    return OfOps(calls, fitting)


def are_slow(connection: sqlite3.Connection, project: int, latency: float) -> bool:
    """Tells whether counted calls can have taken as long in nanoseconds."""
    least = latency * 0.94  # latencies here are rounded to two digits
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM _latencies"
        " WHERE project_id = ? AND latency >= ? AND calls > 0)",
        (project, least),
    )
    return bool(found.fetchone()[0]) or not _is_fresh(connection)


def newest(connection: sqlite3.Connection) -> list[int]:
    """Numbers the calls that are not counted yet."""
    counted = upto(connection)
    return [row[0] for row in connection.execute("SELECT seq FROM calls WHERE seq > ?", (counted,))]


def _is_fresh(connection: sqlite3.Connection) -> bool:
    """Tells whether nearly all calls are counted."""
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    return int(last) - upto(connection) <= 4 * PENDING


def waiting(connection: sqlite3.Connection, keep: int = PENDING) -> int:
    """Returns how many calls are to be counted now; 0 while they are few."""
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    calls = int(last) - upto(connection) - keep
    return calls if calls >= max(keep, 1) else 0


def advance(connection: sqlite3.Connection, keep: int = PENDING) -> int:
    """Counts a piece of what waits, in the caller's transaction; returns how many calls.

    The newest are kept waiting, since most that will change do so soon.
    """
    if not (calls := waiting(connection, keep)):
        return 0
    start = upto(connection)
    piece = (start, start + min(calls, SLICE))
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS new_units(project_id, op_key, root, status, calls, tokens,"
        " sum_tokens, first_ns, last_ns, width, unit)"
    )
    connection.execute(f"INSERT INTO new_units {_UNITS}", piece)
    for wider in _WIDER:
        connection.execute(_ADD_UNIT.format(wider))
    connection.execute("DELETE FROM new_units")
    connection.execute(_ADD_LATENCY.format(_LATENCIES), piece)
    connection.execute("UPDATE _marks SET upto = ? WHERE name = ?", (piece[1], MARK))
    return piece[1] - piece[0]
