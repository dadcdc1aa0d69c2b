"""Cuts some traces out of a store, with all that they refer to, into a store of their own."""

import glob
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from weavelite.errors import NotFoundError, StoreError
from weavelite.ids import uuid_bytes
from weavelite.records.writes import Batch, ObjectWrite, OpWrite, TableWrite
from weavelite.store.care import DIGEST
from weavelite.store.content_folder import read_content
from weavelite.store.merge import (
    PROJECT_NAME,
    add_feedback,
    add_labels,
    add_prices,
    call_batches,
    interrupt,
    table_of,
)
from weavelite.store.opening import connect
from weavelite.store.sqlite import SqliteStore

_REF = re.compile(r"weave:///([^/\"\\]+/[^/\"\\]+)/(object|op|table)/([^/:\"\\]+)(?::([^/\"\\]+))?")
_CHOSEN = "SELECT trace_id FROM temp.chosen"
_OF_CHOSEN = f"WHERE call_id IN (SELECT id FROM calls WHERE trace_id IN ({_CHOSEN}))"


@dataclass(slots=True)
class Slice:
    """Counts what a slice holds."""

    traces: int = 0
    calls: int = 0
    objects: int = 0


def cut(source: Path, trace_ids: Sequence[str], target: Path) -> Slice:
    """Writes a new store of some traces, whole: a single file, with what they refer to and no more.

    Raises StoreError when the target is there already, and NotFoundError when there are no traces.
    """
    if target.exists():
        raise StoreError(f"{target} is there already: name a new file.")
    unborn = target.with_name(f".{target.name}.unfinished")
    try:
        done = _cut(source, trace_ids, unborn)
        unborn.rename(target)
    finally:
        for left in unborn.parent.glob(f"{glob.escape(unborn.name)}*"):
            left.unlink()
    return done


def _cut(source: Path, trace_ids: Sequence[str], target: Path) -> Slice:
    with closing(connect(source)) as connection, closing(SqliteStore(target)) as slice:
        connection.execute("CREATE TEMP TABLE chosen(trace_id BLOB PRIMARY KEY) WITHOUT ROWID")
        ids = [(uuid_bytes(text),) for text in dict.fromkeys(trace_ids)]
        connection.executemany("INSERT INTO temp.chosen VALUES (?)", ids)
        connection.execute("BEGIN")  # as of one moment
        done = _Cutter(connection, source, slice).cut()
    if not done.calls:
        raise NotFoundError("There are no such traces in the store.")
    done.traces = len(ids)
    return done


class _Cutter:
    """Copies calls, then what their texts name, then what that names."""

    def __init__(self, source: sqlite3.Connection, path: Path, slice: SqliteStore) -> None:
        self._source = source
        self._path = path
        self._slice = slice
        self._named: set[tuple[str, ...]] = set()
        self._todo: list[tuple[str, ...]] = []
        self._digests: set[str] = set()

    def cut(self) -> Slice:
        done = Slice()
        self._ops(f"key IN (SELECT op_key FROM calls WHERE trace_id IN ({_CHOSEN}))", ())
        for batch in call_batches(self._source, f"WHERE c.trace_id IN ({_CHOSEN})"):
            for call in batch.calls:
                self._look([call.inputs, call.output, orjson.dumps(call.rest).decode()])
            self._slice.ingest(batch)
            done.calls += len(batch.calls)
        self._write(add_feedback, _OF_CHOSEN)
        self._look(row[0] for row in self._feedback())
        done.objects = self._objects()
        self._files()
        self._keep_numbers()
        for step in (add_prices, interrupt):
            self._slice.write(partial(step, self._source))
        self._write(
            add_labels, f"WHERE digest IN (SELECT value FROM json_each({self._versions()}))"
        )
        return done

    def _write(self, step: object, where: str) -> None:
        self._slice.write(lambda target: step(self._source, target, where))  # type: ignore[operator]

    def _feedback(self) -> list[tuple[str]]:
        return self._source.execute(f"SELECT payload FROM feedback {_OF_CHOSEN}").fetchall()

    def _look(self, texts: Iterable[str | None]) -> None:
        """Notes what texts name."""
        for text in texts:
            if text is None:
                continue
            self._digests.update(DIGEST.findall(text))
            for found in _REF.findall(text):
                if found not in self._named:
                    self._named.add(found)
                    self._todo.append(found)

    def _objects(self) -> int:
        copied = 0
        while self._todo:
            project, kind, name, version = self._todo.pop()
            if kind == "table":
                self._table(name)
            elif kind == "op":
                self._ops(
                    f"{PROJECT_NAME} = ? AND name = ? AND digest = ?", (project, name, version)
                )
            else:
                copied += self._object(project, name, version)
        return copied

    def _object(self, project: str, name: str, version: str) -> int:
        rows = self._source.execute(
            f"SELECT {PROJECT_NAME}, name, digest, kind, class_name, val, created_ns FROM objects"
            f" WHERE {PROJECT_NAME} = ? AND name = ? AND digest = ?",
            (project, name, version),
        ).fetchall()
        self._slice.ingest(Batch(objects=[ObjectWrite(*row) for row in rows]))
        self._look(row[5] for row in rows)
        return len(rows)

    def _table(self, digest: str) -> None:
        rows = table_of(self._source, digest)
        if rows:
            self._slice.ingest(Batch(tables=[TableWrite(digest, rows)]))
            self._look(value for _, value in rows)

    def _ops(self, where: str, values: tuple[str, ...]) -> None:
        rows = self._source.execute(
            f"SELECT key, {PROJECT_NAME}, name, kind, digest, code, created_ns FROM ops"
            f" WHERE {where} ORDER BY created_ns, version",
            values,
        ).fetchall()
        self._slice.ingest(Batch(ops=[OpWrite(*row) for row in rows]))
        self._look(row[5] for row in rows)

    def _files(self) -> None:
        """Copies content into the slice itself, large content too: it is one file to send."""
        for digest in sorted(self._digests):
            row = self._source.execute(
                "SELECT content FROM files WHERE digest = ?", (digest,)
            ).fetchone()
            try:
                data = row[0] if row else read_content(self._path, digest)
            except NotFoundError:  # it only looks like the digest of a file
                continue
            self._run_many("INSERT OR IGNORE INTO files VALUES (?,?)", [(digest, data)])

    def _keep_numbers(self) -> None:
        """Gives versions the numbers that they have in the whole store."""
        for table in ("ops", "objects"):
            numbers = self._source.execute(
                f"SELECT version, {PROJECT_NAME}, name, digest FROM {table}"
                " WHERE digest IS NOT NULL"
            )
            self._run_many(
                f"UPDATE {table} SET version = ? WHERE {PROJECT_NAME} = ? AND name = ?"
                " AND digest = ?",
                numbers.fetchall(),
            )

    def _run_many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        self._slice.write(lambda target: target.executemany(statement, rows))

    def _versions(self) -> str:
        """Lists the digests of the objects of the slice, as a JSON text in SQL."""
        rows = self._slice.write(
            lambda target: target.execute("SELECT DISTINCT digest FROM objects").fetchall()
        )
        return f"'{orjson.dumps([digest for (digest,) in rows]).decode()}'"
