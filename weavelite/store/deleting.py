"""Deletes calls, and leaves tombstones, so that nothing brings them back."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from weavelite.store import metering, remote_parents, users
from weavelite.store.opening import connect
from weavelite.store.pool import release

_FEEDBACK = (  # of the call's project, by which it is found in an index
    "DELETE FROM feedback WHERE project_id = (SELECT project_id FROM calls WHERE seq = ?1)"
    " AND call_id = (SELECT id FROM calls WHERE seq = ?1)"
)


def drop_calls(connection: sqlite3.Connection, doomed: Sequence[tuple[Any, ...]]) -> None:
    """Deletes calls, given as seq, id, trace id and span id, inside the caller's transaction."""
    seqs = [(row[0],) for row in doomed]
    now = time.time_ns()
    connection.executemany(
        "INSERT OR IGNORE INTO tombstones VALUES (?,?)", [(row[2] + row[3], now) for row in doomed]
    )
    release(connection, [row[0] for row in doomed])
    connection.executemany(_FEEDBACK, seqs)
    connection.executemany("DELETE FROM bodies WHERE seq = ?", seqs)
    connection.executemany("DELETE FROM calls WHERE seq = ?", seqs)
    remote_parents.forget(connection, [(row[2], row[3]) for row in doomed])
    metering.forget(connection, ((row[0], row[2]) for row in doomed))
    users.forget(connection, (row[2] for row in doomed))


def deleted_of(path: Path, spans: Iterable[tuple[bytes, bytes]]) -> set[tuple[bytes, bytes]]:
    """Says which calls, given as trace id and span id, were deleted from a store.

    It only reads, beside whoever writes; a store that is not made yet has none. Raises
    sqlite3.Error.
    """
    if not path.exists():
        return set()
    asked = "SELECT 1 FROM tombstones WHERE key = ?"
    with closing(connect(path, readonly=True)) as connection:
        tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tombstones'")
        if tables.fetchone() is None:
            return set()
        if connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
            return set()
        return {
            span for span in spans if connection.execute(asked, (span[0] + span[1],)).fetchone()
        }
