"""Deletes calls, and leaves tombstones, so that nothing brings them back."""

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from weavelite.store import metering, remote_parents
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
