"""Reads what can still be read of a damaged store into a new one."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weavelite.errors import StoreError
from weavelite.store.opening import connect
from weavelite.store.schema import ensure_schema

_MENDED = (
    "INSERT INTO bodies(seq, inputs) SELECT seq, '{}' FROM calls"
    " WHERE seq NOT IN (SELECT seq FROM bodies)",
    "DELETE FROM bodies WHERE seq NOT IN (SELECT seq FROM calls)",
    "INSERT INTO ops(key, project_id, name, kind, version, created_ns)"
    " SELECT op_key, min(project_id), 'unknown op', 'op', 0, 0 FROM calls"
    " WHERE op_key NOT IN (SELECT key FROM ops) GROUP BY op_key",
    "DELETE FROM pool_uses WHERE pool_id NOT IN (SELECT id FROM pool)",
    "DELETE FROM pool_links WHERE child NOT IN (SELECT id FROM pool)",
    "DELETE FROM table_rows WHERE row_digest NOT IN (SELECT digest FROM rows)",
)
"""What makes rows whole again of which a part could not be read."""


@dataclass(slots=True)
class Salvaged:
    """Says what a salvage read, and where the damaged store is now."""

    damaged: Path
    rows: int = 0
    incomplete: list[str] = field(default_factory=list)
    """The tables of which not all could be read."""


def salvage(path: Path) -> Salvaged:
    """Puts what can be read of a damaged store into a new one in its place.

    No program may be tracing into it meanwhile. The damaged file is kept under another name.
    Raises StoreError when nothing can be read.
    """
    unborn = path.with_name(path.name + ".salvaged")
    unborn.unlink(missing_ok=True)
    unborn.touch(mode=0o600)
    _lengthen(path)
    done = Salvaged(path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"))
    try:
        with closing(connect(path, readonly=True)) as old, closing(connect(unborn)) as new:
            ensure_schema(new, unborn)
            for (table,) in new.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " AND name NOT LIKE '\\_%' ESCAPE '\\'"
            ).fetchall():
                try:
                    _copy(old, new, table, done)
                except sqlite3.Error:
                    done.incomplete.append(table)
            for statement in _MENDED:
                new.execute(statement)
            new.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # one file, to be moved
    except sqlite3.Error as error:
        unborn.unlink(missing_ok=True)
        raise StoreError(f"Nothing can be read of {path}: {error}. Is there a backup?") from error
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(f"{done.damaged}{suffix}")
    unborn.rename(path)
    unborn.with_name(unborn.name + ".lock").unlink(missing_ok=True)
    return done


def _lengthen(path: Path) -> None:
    """Gives a file that was cut short its length again: SQLite opens no store without its end.

    The page size and the number of pages stand in its header (https://sqlite.org/fileformat.html).
    """
    with path.open("r+b") as file:
        header = file.read(100)
        if header.startswith(b"SQLite format 3\0"):
            page = int.from_bytes(header[16:18])
            length = int.from_bytes(header[28:32]) * (65_536 if page == 1 else page)
            file.truncate(max(length, path.stat().st_size))


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str, done: Salvaged) -> None:
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    known = {row[1] for row in old.execute(f"PRAGMA table_info({table})")}
    columns = [column for column in columns if column in known]
    insert = (
        f"INSERT OR IGNORE INTO {table}({', '.join(columns)})"
        f" VALUES ({', '.join('?' * len(columns))})"
    )
    new.execute("BEGIN")
    new.execute(f"DELETE FROM {table}")  # what a migration put there
    with new:
        for row in _rows(old, table, columns, done):
            with suppress(sqlite3.Error):  # a row that breaks a constraint is damage, too
                done.rows += new.execute(insert, row).rowcount


def _rows(
    old: sqlite3.Connection, table: str, columns: list[str], done: Salvaged
) -> Iterator[tuple[Any, ...]]:
    """Yields the rows from the front up to the damage, and from the end back to it."""
    names = ", ".join(columns)
    for order in ("ASC", "DESC"):
        by = _key(old, table)
        try:
            yield from old.execute(
                f"SELECT {names} FROM {table} ORDER BY " + ", ".join(f"{key} {order}" for key in by)
            )
        except sqlite3.Error:
            if order == "ASC":
                done.incomplete.append(table)
        else:
            return


def _key(old: sqlite3.Connection, table: str) -> list[str]:
    """Names what a table is stored in the order of: its rowid, or its key where it has none."""
    sql = old.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    if "WITHOUT ROWID" not in sql:
        return ["rowid"]
    places = {row[5]: row[1] for row in old.execute(f"PRAGMA table_info({table})")}
    return [places[place] for place in sorted(places) if place]
