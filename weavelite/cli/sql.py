"""SQL over a store, for reading only."""

import sqlite3
from pathlib import Path
from typing import Any

from weavelite.errors import QueryError
from weavelite.store.sqlite import connect


def run_sql(path: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement; returns the names of its columns and its rows, or raises QueryError."""
    connection = connect(path, readonly=True)
    try:
        cursor = connection.execute(query)
        return [column[0] for column in cursor.description or ()], cursor.fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise QueryError(f"{error}. The tables are: {', '.join(_tables(connection))}.") from None
    finally:
        connection.close()


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE '!_%' ESCAPE '!' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return [row[0] for row in names]
