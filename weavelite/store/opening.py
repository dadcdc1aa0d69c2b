"""Opens the file of a store."""

import sqlite3
from pathlib import Path

BUSY_MS = 30_000
"""How long a connection waits for others."""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Opens a connection that waits for others instead of failing."""
    target = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
    connection = sqlite3.connect(
        target, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -16384")
    return connection
