"""Puts what another store holds into this one.

Nothing here is overwritten: what both have is there once, an end beats a start, what either has
deleted stays deleted, and histories are in the order of their times. So stores can be merged in any
order, and again.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from weavelite.records.words import ERROR, INTERRUPTED
from weavelite.records.writes import (
    Batch,
    CallWrite,
    ObjectWrite,
    OpWrite,
    TableWrite,
)
from weavelite.store.content_folder import content_folder
from weavelite.store.deleting import drop_calls
from weavelite.store.ingest import IN_COLUMNS
from weavelite.store.opening import connect
from weavelite.store.schema import ensure_schema
from weavelite.store.sqlite import SqliteStore
from weavelite.store.unpack import Unpacker
from weavelite.usage import BUCKETS

PIECE = 500
CHARACTERS = 8_000_000
"""What is held of the other store at a time, unless one row is larger."""
_REPORTS = f"SELECT model, {', '.join(BUCKETS)} FROM usage WHERE seq = ? AND estimated = 0"
PROJECT_NAME = "(SELECT entity || '/' || name FROM projects WHERE id = project_id)"


@dataclass(slots=True)
class Merged:
    """Counts what came from the other store and was new here."""

    calls: int = 0
    objects: int = 0
    feedback: int = 0


def merge(store: SqliteStore, other: Path) -> Merged:
    """Merges the store file `other`, which is brought to this version's schema, into a store.

    Raises StoreError when either cannot be used. Calls still running there are interrupted here,
    until they are merged again.
    """
    with closing(connect(other)) as source:
        ensure_schema(source, other)
        source.execute("BEGIN")  # as of one moment
        store.write(partial(_deletions, source))
        before = _counts(store)
        for batch in _batches(source):
            store.ingest(batch)
        for step in (add_feedback, add_labels, add_prices, interrupt):
            store.write(partial(step, source))
    _copy_content(other, store.path)
    return Merged(*(now - then for now, then in zip(_counts(store), before, strict=True)))


def _counts(store: SqliteStore) -> tuple[int, ...]:
    return store.write(
        lambda connection: tuple(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("calls", "objects", "feedback")
        )
    )


def pieces(source: sqlite3.Connection, statement: str) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yields rows some at a time, so that neither many nor large ones fill the memory."""
    rows, size = [], 0
    for row in source.execute(statement):
        rows.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == PIECE or size >= CHARACTERS:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _batches(source: sqlite3.Connection) -> Iterator[Batch]:
    """Yields everything in the order that it needs."""
    for rows in pieces(source, "SELECT digest, content FROM files"):
        yield Batch(files=list(rows))
    yield Batch(
        ops=[
            OpWrite(*row)
            for row in source.execute(
                f"SELECT key, {PROJECT_NAME}, name, kind, digest, code, created_ns FROM ops"
                " ORDER BY created_ns, version"
            )
        ]
    )
    for (digest,) in source.execute("SELECT digest FROM tables").fetchall():
        yield Batch(tables=[TableWrite(digest, table_of(source, digest))])
    for rows in pieces(
        source,
        f"SELECT {PROJECT_NAME}, name, digest, kind, class_name, val, created_ns FROM objects"
        " ORDER BY created_ns, version",
    ):
        yield Batch(objects=[ObjectWrite(*row) for row in rows])
    yield from call_batches(source)


def table_of(source: sqlite3.Connection, digest: str) -> list[tuple[str, str]]:
    """Returns the rows of a table, with their digests."""
    return source.execute(
        "SELECT t.row_digest, r.val FROM table_rows t JOIN rows r ON r.digest = t.row_digest"
        " WHERE t.table_digest = ? ORDER BY t.position",
        (digest,),
    ).fetchall()


def call_batches(source: sqlite3.Connection, where: str = "") -> Iterator[Batch]:
    """Yields calls in the order in which they came; `where` is a condition on `c`, in SQL."""
    columns = ", ".join(f"c.{name}" for name in IN_COLUMNS)
    statement = (
        "SELECT c.seq, c.id, c.trace_id, c.span_id, coalesce(c.parent_span, r.parent_span),"
        " c.op_key, c.start_ns, c.end_ns, c.status, b.inputs, b.output, b.rest, b.packed,"
        f" r.parent_span IS NOT NULL, {columns} FROM calls c JOIN bodies b ON b.seq = c.seq"
        " LEFT JOIN remote_parents r ON r.trace_id = c.trace_id AND r.span_id = c.span_id"
        f" {where} ORDER BY c.seq"
    )
    for rows in pieces(source, statement):
        read = Unpacker(source)
        yield Batch(calls=[_call(row, read, source) for row in rows])


def _call(row: tuple[Any, ...], read: Unpacker, source: sqlite3.Connection) -> CallWrite:
    status, inputs, output, rest_text, packed, remote = row[8:14]
    rest = read(rest_text, packed & 4) if rest_text else {}
    columns = zip(IN_COLUMNS, row[14:], strict=True)
    rest.update({name: value for name, value in columns if value is not None})
    reports = source.execute(_REPORTS, row[:1]).fetchall()
    if len(reports) == 1 and reports[0][0] == rest.get("model", ""):  # else the summary says it
        rest["tokens"] = reports[0][1:]

    def plain(text: str | None, bit: int) -> str | None:
        if text is None or not packed & bit:
            return text
        return orjson.dumps(read(text, 1)).decode()

    body = plain(inputs, 1) or "{}"
    return CallWrite._make(
        (*row[1:8], status == ERROR, body, plain(output, 2), rest, False, bool(remote))
    )


def _projects(target: sqlite3.Connection) -> dict[str, int]:
    found = target.execute("SELECT entity || '/' || name, id FROM projects")
    return {str(name): int(id) for name, id in found}


def _deletions(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Deletes here what was deleted there."""
    keys = source.execute("SELECT key, deleted_ns FROM tombstones").fetchall()
    target.executemany("INSERT OR IGNORE INTO tombstones VALUES (?,?)", keys)
    find = "SELECT seq, id, trace_id, span_id FROM calls WHERE trace_id = ? AND span_id = ?"
    doomed = [row for key, _ in keys for row in target.execute(find, (key[:16], key[16:]))]
    drop_calls(target, doomed)


def add_feedback(source: sqlite3.Connection, target: sqlite3.Connection, where: str = "") -> None:
    """Adds feedback, but for calls that were deleted here; `where` is in SQL."""
    ids = _projects(target)
    rows = source.execute(
        f"SELECT id, {PROJECT_NAME}, call_id, type, payload, creator, created_ns,"
        f" EXISTS (SELECT 1 FROM calls c WHERE c.id = call_id) FROM feedback {where}"
    )
    here = "SELECT 1 FROM calls WHERE project_id = ? AND id = ?"
    for row in rows.fetchall():
        key = ids.get(row[1])
        if key is None or (row[-1] and not target.execute(here, (key, row[2])).fetchone()):
            continue
        target.execute(
            "INSERT OR IGNORE INTO feedback VALUES (?,?,?,?,?,?,?)", (row[0], key, *row[2:-1])
        )


def add_labels(source: sqlite3.Connection, target: sqlite3.Connection, where: str = "") -> None:
    """Adds the history of aliases and tags; `where` is in SQL."""
    _history(source, target, "aliases", "name, alias, digest, created_ns", where)
    _history(source, target, "tags", "name, digest, tag, is_set, created_ns", where)


def _history(
    source: sqlite3.Connection, target: sqlite3.Connection, table: str, columns: str, where: str
) -> None:
    """Puts the rows of two histories together, in the order of their times, which stand last."""
    ids = _projects(target)
    theirs = source.execute(f"SELECT {PROJECT_NAME}, {columns} FROM {table} {where}")
    rows: set[tuple[Any, ...]] = {(ids[row[0]], *row[1:]) for row in theirs}
    rows |= set(target.execute(f"SELECT project_id, {columns} FROM {table}"))
    in_time = sorted(rows, key=lambda row: (row[-1], row))
    target.execute(f"DELETE FROM {table}")
    marks = ", ".join("?" * (columns.count(",") + 2))
    target.executemany(f"INSERT INTO {table}(project_id, {columns}) VALUES ({marks})", in_time)


def add_prices(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Adds the user's own prices, and what was purged of them."""
    columns = [row[1] for row in source.execute("PRAGMA table_info(prices)")]
    rest = ", ".join(name for name in columns if name not in ("id", "project_id"))
    ids = _projects(target)
    for row in source.execute(f"SELECT id, {PROJECT_NAME}, {rest} FROM prices"):
        if row[1] in ids:
            target.execute(
                f"INSERT OR IGNORE INTO prices(id, project_id, {rest})"
                f" VALUES ({', '.join('?' * len(row))})",
                (row[0], ids[row[1]], *row[2:]),
            )
    purged = source.execute("SELECT id, purged_ns FROM prices_purged")
    target.executemany("INSERT OR IGNORE INTO prices_purged VALUES (?,?)", purged.fetchall())


def interrupt(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Marks what has not ended there: nobody who writes here will end it."""
    open_calls = source.execute("SELECT trace_id, span_id FROM calls WHERE end_ns IS NULL")
    target.executemany(
        f"UPDATE calls SET status = {INTERRUPTED} WHERE trace_id = ? AND span_id = ?"
        " AND end_ns IS NULL AND process IS NULL",
        open_calls.fetchall(),
    )


def _copy_content(other: Path, path: Path) -> None:
    folder = content_folder(other)
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        target = content_folder(path) / file.name
        if not target.exists() and not file.name.startswith("."):
            target.parent.mkdir(exist_ok=True, mode=0o700)
            shutil.copyfile(file, target)
            target.chmod(0o600)
