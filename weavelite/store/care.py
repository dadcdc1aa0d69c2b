"""Looks after a store file: checks, copies, compacts, and takes out what nobody refers to.

All of it works while programs write to the store and the viewer reads from it.
"""

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from weavelite.errors import StoreError
from weavelite.ids import digest as digest_of
from weavelite.store import counters, fulltext
from weavelite.store.content_folder import content_folder
from weavelite.store.opening import connect
from weavelite.store.recent import GENERATION

DIGEST = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{43,64}(?![A-Za-z0-9])")
_PAGES = 256  # a megabyte at a time, so that writers get their turn

_UNFINISHED_SECONDS = 3600
"""Nobody writes one file for that long."""

_LOOSE = {
    "bodies without a call": "bodies WHERE seq NOT IN (SELECT seq FROM calls)",
    "calls without bodies": "calls WHERE seq NOT IN (SELECT seq FROM bodies)",
    "calls without an op": "calls WHERE op_key NOT IN (SELECT key FROM ops)",
    "references to text that is gone": "pool_uses WHERE pool_id NOT IN (SELECT id FROM pool)",
    "lists that continue what is gone": "pool_links WHERE child NOT IN (SELECT id FROM pool)",
    "table rows that are gone": "table_rows WHERE row_digest NOT IN (SELECT digest FROM rows)",
}
_TEXTS = (
    "SELECT code FROM ops UNION ALL SELECT val FROM objects UNION ALL SELECT val FROM rows"
    " UNION ALL SELECT inputs FROM bodies UNION ALL SELECT output FROM bodies"
    " UNION ALL SELECT rest FROM bodies UNION ALL SELECT value FROM pool"
    " UNION ALL SELECT payload FROM feedback"
)
"""Everything in which the digest of a file may stand."""


@contextmanager
def _opened(path: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connect(path, readonly=readonly)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"The store {path} cannot be used: {error}.") from error


def check(path: Path) -> list[str]:
    """Returns what is wrong with a store: damaged pages, rows that refer to nothing, content.

    An empty list says that all is well. Raises StoreError when the file is no store.
    """
    with _opened(path, readonly=True) as connection:
        problems = _damaged_pages(connection)
        if not problems:
            for what, rows in _LOOSE.items():
                count = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
                problems += [f"{count:,} {what}"] if count else []
    for file in _content_files(path):
        if digest_of(file.read_bytes()) != file.name:
            problems.append(f"the content {file} is not what its name says")
    return problems


def _damaged_pages(connection: sqlite3.Connection) -> list[str]:
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_CORRUPT:
            raise
        return [str(error)]
    return [text for text in found if text != "ok"]


def _content_files(path: Path) -> list[Path]:
    folder = content_folder(path)
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in files if not file.name.startswith("."))  # those are unfinished


def _left_unfinished(path: Path) -> list[Path]:
    """Finds what was being written into the folder of content by who has died meanwhile."""
    young = time.time() - _UNFINISHED_SECONDS
    files = content_folder(path).glob(".*")
    return [file for file in files if file.is_file() and file.stat().st_mtime < young]


def backup(path: Path, folder: Path) -> Path:
    """Copies a store and its content into a new or empty folder; returns the copy's file.

    The copy is of one moment, whoever writes meanwhile. Raises StoreError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is not an empty folder: name a new one for the backup.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / path.name
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with _opened(path, readonly=True) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=_PAGES, sleep=0.001)
    for file in _content_files(path):
        to = content_folder(target)
        to.mkdir(exist_ok=True, mode=0o700)
        shutil.copyfile(file, to / file.name)
        (to / file.name).chmod(0o600)
    return target


def vacuum(path: Path) -> tuple[int, int]:
    """Writes the store anew without its gaps; returns its bytes before and after."""
    before = bytes_of(path)
    with _opened(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before, bytes_of(path)


def bytes_of(path: Path) -> int:
    """Adds up a store's bytes, those not yet in its main file included."""
    return sum(
        file.stat().st_size for file in (path, path.with_name(path.name + "-wal")) if file.exists()
    )


@dataclass(slots=True)
class Collected:
    """Counts what `collect` took out."""

    texts: int = 0
    rows: int = 0
    tables: int = 0
    files: int = 0
    before: int = 0
    """Bytes of the store."""
    after: int = 0


def collect(path: Path, *, files: bool) -> Collected:
    """Takes out what nobody refers to, and leaves no byte of what was deleted in the store's file.

    Args:
        path: the store.
        files: whether content and code go, too: only when no program is tracing, since one that
            has sent a content once refers to it without sending it again.

    """
    done = Collected()
    with _opened(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute(
                "WITH RECURSIVE live(id) AS (SELECT pool_id FROM pool_uses"
                " UNION SELECT l.child FROM pool_links l JOIN live ON l.parent = live.id)"
                " DELETE FROM pool WHERE id NOT IN live"
            )
            done.texts = connection.execute("SELECT changes()").fetchone()[0]
            connection.execute("DELETE FROM pool_links WHERE parent NOT IN (SELECT id FROM pool)")
            counters.add(connection, {GENERATION: 1})
            fulltext.drop(connection)
            if files:
                _collect_files(connection, path, done)
    done.before, done.after = vacuum(path)
    return done


def _collect_files(connection: sqlite3.Connection, path: Path, done: Collected) -> None:
    named = {
        digest
        for (text,) in connection.execute(_TEXTS)
        if text is not None
        for digest in DIGEST.findall(text)
    }
    done.tables = _drop(connection, "tables", named)
    connection.execute(
        "DELETE FROM table_rows WHERE table_digest NOT IN (SELECT digest FROM tables)"
    )
    done.rows = connection.execute(
        "DELETE FROM rows WHERE digest NOT IN (SELECT row_digest FROM table_rows)"
    ).rowcount
    done.files = _drop(connection, "files", named)
    for file in _content_files(path):
        if file.name not in named:
            file.unlink(missing_ok=True)
            done.files += 1
    for file in _left_unfinished(path):
        file.unlink(missing_ok=True)
        done.files += 1


def _drop(connection: sqlite3.Connection, table: str, named: set[str]) -> int:
    known = {row[0] for row in connection.execute(f"SELECT digest FROM {table}")}
    gone = [(digest,) for digest in known - named]
    connection.executemany(f"DELETE FROM {table} WHERE digest = ?", gone)
    return len(gone)
