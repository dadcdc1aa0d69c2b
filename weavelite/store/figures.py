"""Latencies and tokens of calls in order, so that what few calls reach is found at once.

They come in no order, and an index that each write keeps would cost a tenth of it. So who serves
the store sorts them, later and many at a time, in stretches of 4,096 calls: a piece is written at
the end of the table, however large that is, and readers seek in each stretch. `_marks` says up to
which call; later changes are noted by triggers.
"""

import sqlite3
from typing import Any

from weavelite.store import tallies

MARK = "calls sorted"
LATENCY, TOKENS, INPUT, OUTPUT = range(4)
UTMOST = 1 << 62
"""Figures beyond this are kept as this."""
_BITS = 12
_NEAR = 4 * tallies.PENDING
"""Calls that are not sorted yet, up to which readers look at each."""
_ALL = (
    tallies.LATENCY.join(("(", ") / 1000")),  # in microseconds
    "CASE WHEN coalesce({0}.sum_tokens, {0}.input_tokens, {0}.output_tokens) IS NOT NULL"
    f" THEN {tallies.TREE} END",
    "{0}.input_tokens",
    "{0}.output_tokens",
)
_COLUMNS = "end_ns, sum_tokens, input_tokens, output_tokens"
TABLE = """
CREATE TABLE _figures(
  stretch INTEGER NOT NULL, figure INTEGER NOT NULL, value INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(stretch, figure, value, seq)) STRICT, WITHOUT ROWID
"""


def _value(figure: int, row: str) -> str:
    return f"max(-{UTMOST}, min({_ALL[figure].format(row)}, {UTMOST}))"


def _key(figure: int, row: str) -> str:
    return f"{row}.seq >> {_BITS}, {figure}, {_value(figure, row)}, {row}.seq"


_OF_CALLS = " UNION ALL ".join(
    f"SELECT {_key(figure, 'c')} FROM calls c WHERE c.seq > ?1 AND c.seq <= ?2"
    f" AND {_value(figure, 'c')} IS NOT NULL"
    for figure in range(len(_ALL))
)
_PIECE = f"INSERT OR IGNORE INTO _figures {_OF_CALLS} ORDER BY 1, 2, 3, 4"
_FOUND = (
    "WITH RECURSIVE stretches(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM stretches"
    f" WHERE at < ?5 >> {_BITS})"
    " SELECT f.seq FROM stretches CROSS JOIN _figures f WHERE f.stretch = stretches.at"
    " AND f.figure = ?1 AND f.value BETWEEN ?2 AND ?3 LIMIT ?4"
)


def _out(row: str) -> str:
    return "".join(
        f"DELETE FROM _figures WHERE stretch = {row}.seq >> {_BITS} AND figure = {figure}"
        f" AND value = {_value(figure, row)} AND seq = {row}.seq; "
        for figure in range(len(_ALL))
    )


def _in(row: str) -> str:
    return "".join(
        f"INSERT OR IGNORE INTO _figures SELECT {_key(figure, row)}"
        f" WHERE {_value(figure, row)} IS NOT NULL; "
        for figure in range(len(_ALL))
    )


def _trigger(name: str, event: str, changes: str) -> str:
    is_sorted = f"OLD.seq <= (SELECT upto FROM _marks WHERE name = '{MARK}')"
    on = f"CREATE TRIGGER _figures_{name} AFTER {event} ON calls"
    return f"{on} WHEN {is_sorted} BEGIN {changes} END"


def create(db: Any) -> None:
    """Makes table and triggers; what is in the store is sorted in pieces, later."""
    db.execute(TABLE)
    db.execute("INSERT INTO _marks VALUES (?, 0)", (MARK,))
    db.execute(_trigger("update", f"UPDATE OF {_COLUMNS}", _out("OLD") + _in("NEW")))
    db.execute(_trigger("delete", "DELETE", _out("OLD")))


def _reach(connection: sqlite3.Connection) -> tuple[int, int]:
    """Returns the last call that is sorted, and the last that there is."""
    row = connection.execute(
        "SELECT upto, (SELECT coalesce(max(seq), 0) FROM calls) FROM _marks WHERE name = ?", (MARK,)
    ).fetchone()
    return row or (0, UTMOST)


def waiting(connection: sqlite3.Connection, keep: int = tallies.PENDING) -> int:
    """Returns how many calls are to be sorted now; 0 while they are few."""
    upto, last = _reach(connection)
    calls = last - upto - keep
    return calls if calls >= max(keep, 1) else 0


def advance(connection: sqlite3.Connection, keep: int = tallies.PENDING) -> int:
    """Sorts a piece of what waits, in the caller's transaction; returns how many calls."""
    if not (calls := waiting(connection, keep)):
        return 0
    start, _ = _reach(connection)
    end = min(start + calls, start + 1 | (1 << _BITS) - 1)  # of one stretch
    connection.execute(_PIECE, (start, end))
    connection.execute("UPDATE _marks SET upto = ? WHERE name = ?", (end, MARK))
    return end - start


def between(
    connection: sqlite3.Connection, figure: int, low: float, high: float, most: int
) -> list[int] | None:
    """Finds calls of all projects whose figure is in a range, and some that it may be.

    None where they are more than `most`, or too many are not sorted yet.
    """
    upto, last = _reach(connection)
    if last - upto > _NEAR:
        return None
    ends = [int(max(-UTMOST, min(end, UTMOST))) for end in (low, high)]
    found = connection.execute(_FOUND, (figure, *ends, most + 1, upto)).fetchall()
    found += connection.execute(
        f"SELECT c.seq FROM calls c WHERE c.seq > ? AND {_value(figure, 'c')} BETWEEN ? AND ?",
        (upto, *ends),
    )
    return [row[0] for row in found] if len(found) <= most else None
