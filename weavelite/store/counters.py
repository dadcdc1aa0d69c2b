"""What a store counts, by name: records of no use, and how often its pool was cleared."""

import sqlite3
from collections.abc import Mapping


def add(connection: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    """Adds to counters, inside the caller's transaction; those that are not there begin at zero."""
    connection.executemany(
        "INSERT INTO counters VALUES (?,?)"
        " ON CONFLICT(name) DO UPDATE SET value = value + excluded.value",
        counts.items(),
    )


def counted(connection: sqlite3.Connection) -> dict[str, int]:
    """Returns all counters."""
    return dict(connection.execute("SELECT name, value FROM counters").fetchall())
