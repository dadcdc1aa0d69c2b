"""Whose calls are: of the user whom a call names, else of the one whom its trace names first.

Programs name a user around all calls, or where they know one: in a call below the root, or, as
those with OpenTelemetry do, at one span of a trace. So what names nobody is of who is named beside.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from weavelite.records.writes import CallWrite
from weavelite.store.unpack import Unpacker

COLUMN = "ALTER TABLE calls ADD COLUMN user_id TEXT"
TABLES = """
CREATE INDEX calls_of_user ON calls(project_id, user_id, id) WHERE user_id IS NOT NULL;
CREATE TABLE trace_users(
  trace_id BLOB PRIMARY KEY, user_id TEXT NOT NULL) STRICT, WITHOUT ROWID
"""
KEYS = ("user_id", "userId", "user.id", "enduser.id", "user")
"""Name a user among the attributes of a call; the first that is there counts."""
LONGEST = 200
_MARK = "users sought"
_SLICE = 2000
_ANY = "SELECT 1 FROM trace_users LIMIT 1"
_NAME = "INSERT OR IGNORE INTO trace_users VALUES (?,?)"
_NAMED = "SELECT user_id FROM trace_users WHERE trace_id = ?"
_BESIDE = "UPDATE calls SET user_id = ?2 WHERE trace_id = ?1 AND user_id IS NULL"
_UNKNOWN = (
    "SELECT c.seq, c.trace_id, b.rest, b.packed FROM bodies b JOIN calls c ON c.seq = b.seq"
    " WHERE b.seq > ? AND b.seq <= ? AND b.rest IS NOT NULL"
    " AND (b.packed & 4 OR instr(b.rest, 'user')) ORDER BY b.seq"
)


def create(db: Any) -> None:
    """Makes column, index and table; whose the calls in the store are is found later."""
    for statement in (COLUMN, *TABLES.split(";")):
        db.execute(statement)
    db.execute("INSERT INTO _marks SELECT ?, coalesce(max(seq), 0) FROM calls", (_MARK,))


def user_of(rest: dict[str, Any]) -> str | None:
    """Says whom a call names: in its attributes, or in the metadata among them."""
    attributes = rest.get("attributes")
    if not isinstance(attributes, dict):
        return None
    for held in (attributes, attributes.get("metadata")):
        if isinstance(held, dict):
            for key in KEYS:
                if user := _name(held.get(key)):
                    return user
    return None


def _name(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip()[:LONGEST] or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def settle(connection: sqlite3.Connection, calls: Iterable[CallWrite]) -> dict[bytes, str]:
    """Says whose the traces of calls are that are about to be written; notes it where they tell.

    What is in the store already of a trace becomes the user's, too.
    """
    named: dict[bytes, str] = {}
    traces = set()
    for call in calls:
        traces.add(call.trace_id)
        if call.trace_id not in named and (user := user_of(call.rest)) is not None:
            named[call.trace_id] = user
    note(connection, named)
    if not named and connection.execute(_ANY).fetchone() is None:
        return {}
    found = ((trace, connection.execute(_NAMED, (trace,)).fetchone()) for trace in traces)
    return {trace: row[0] for trace, row in found if row is not None}


def note(connection: sqlite3.Connection, named: dict[bytes, str]) -> None:
    """Notes whose traces are of which that was not known, by their ids."""
    for trace, user in named.items():
        if connection.execute(_NAME, (trace, user)).rowcount == 1:
            connection.execute(_BESIDE, (trace, user))


def forget(connection: sqlite3.Connection, traces: Iterable[bytes]) -> None:
    """Forgets whose traces were of which no call is left."""
    connection.executemany(
        "DELETE FROM trace_users WHERE trace_id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM calls WHERE trace_id = ?1)",
        [(trace,) for trace in set(traces)],
    )


# Stores that are older than this


def are_sought(connection: sqlite3.Connection) -> bool:
    """Tells whether there are calls of which nobody knows yet whose they are."""
    return _left(connection) > 0


def _left(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT upto FROM _marks WHERE name = ?", (_MARK,)).fetchone()
    return int(row[0])


def seek(connection: sqlite3.Connection) -> int:
    """Finds out whose a piece of the older calls are, newest first; returns how many it read."""
    end = _left(connection)
    start = max(0, end - _SLICE)
    read = Unpacker(connection)
    rows: Sequence[tuple[Any, ...]] = connection.execute(_UNKNOWN, (start, end)).fetchall()
    for seq, trace, text, packed in rows:
        user = user_of(read(text, packed & 4))
        if user is not None:
            connection.execute("UPDATE calls SET user_id = ? WHERE seq = ?", (user, seq))
            note(connection, {trace: user})
    connection.execute("UPDATE _marks SET upto = ? WHERE name = ?", (start, _MARK))
    return end - start
