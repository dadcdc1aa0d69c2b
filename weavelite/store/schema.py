"""The tables of the store, and how an older store becomes a newer one.

Narrow rows list, filter and sort; the bodies rest apart, and are read on a click. The schema is
made and migrated in one transaction under a file lock, so that many processes may open a fresh
store at the same moment. A migration is a function in `MIGRATIONS`, applied by
sqlite-utils.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weavelite.errors import SchemaError
from weavelite.records.words import ERROR
from weavelite.store import (
    figures,
    fulltext,
    labels,
    ledger,
    remapping,
    remote_parents,
    seeking,
    tallies,
    users,
)
from weavelite.store.metering import USAGE, take_over, tell_late

TABLES = """
CREATE TABLE projects(
  id INTEGER PRIMARY KEY, entity TEXT NOT NULL, name TEXT NOT NULL, UNIQUE(entity, name)) STRICT;

CREATE TABLE ops(
  key INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  digest TEXT, code TEXT, version INTEGER NOT NULL, created_ns INTEGER NOT NULL) STRICT;
CREATE INDEX ops_by_name ON ops(project_id, name);

CREATE TABLE calls(
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL, trace_id BLOB NOT NULL, span_id BLOB NOT NULL,
  parent_span BLOB, project_id INTEGER NOT NULL, op_key INTEGER NOT NULL,
  start_ns INTEGER NOT NULL, end_ns INTEGER, status INTEGER NOT NULL, display_name TEXT,
  model TEXT, input_tokens INTEGER, output_tokens INTEGER, sum_tokens INTEGER, error TEXT,
  thread_id TEXT, process TEXT) STRICT;
CREATE UNIQUE INDEX calls_by_id ON calls(project_id, id);
CREATE UNIQUE INDEX calls_by_span ON calls(trace_id, span_id);
CREATE INDEX calls_by_op ON calls(op_key, id);
CREATE INDEX calls_roots ON calls(project_id, id) WHERE parent_span IS NULL;
CREATE INDEX calls_open ON calls(process) WHERE end_ns IS NULL;

CREATE TABLE bodies(
  seq INTEGER PRIMARY KEY, inputs TEXT NOT NULL, output TEXT, rest TEXT) STRICT;

CREATE TABLE objects(
  project_id INTEGER NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, version INTEGER NOT NULL,
  kind TEXT NOT NULL, class_name TEXT, val TEXT NOT NULL, created_ns INTEGER NOT NULL,
  PRIMARY KEY(project_id, name, digest)) STRICT;

CREATE TABLE aliases(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, name TEXT NOT NULL, alias TEXT NOT NULL,
  digest TEXT NOT NULL, created_ns INTEGER NOT NULL) STRICT;
CREATE INDEX aliases_by_name ON aliases(project_id, name, alias);

CREATE TABLE tables(digest TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE table_rows(
  table_digest TEXT NOT NULL, position INTEGER NOT NULL, row_digest TEXT NOT NULL,
  PRIMARY KEY(table_digest, position)) STRICT, WITHOUT ROWID;
CREATE TABLE rows(digest TEXT PRIMARY KEY, val TEXT NOT NULL) STRICT;

CREATE TABLE files(digest TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;

CREATE TABLE feedback(
  id TEXT PRIMARY KEY, project_id INTEGER NOT NULL, call_id BLOB NOT NULL, type TEXT NOT NULL,
  payload TEXT NOT NULL, creator TEXT, created_ns INTEGER NOT NULL) STRICT;
CREATE INDEX feedback_by_call ON feedback(project_id, call_id);

CREATE TABLE tombstones(key BLOB PRIMARY KEY, deleted_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE segments(
  name TEXT PRIMARY KEY, position INTEGER NOT NULL, finished INTEGER NOT NULL) STRICT;

CREATE TABLE processes(
  id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started_ns INTEGER NOT NULL,
  info TEXT NOT NULL) STRICT;
"""


def _each(db: Any, script: str) -> None:
    """Runs statements one by one: `executescript` would end the transaction."""
    for statement in script.split(";"):
        if statement.strip():
            db.execute(statement)


def _create(db: Any) -> None:
    _each(db, TABLES)


POOL = """
ALTER TABLE bodies ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE pool(
  id INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, kind INTEGER NOT NULL,
  value TEXT NOT NULL) STRICT;
CREATE INDEX pool_by_digest ON pool(id >> 16, digest);
CREATE TABLE pool_links(
  child INTEGER NOT NULL, parent INTEGER NOT NULL,
  PRIMARY KEY(child, parent)) STRICT, WITHOUT ROWID;
CREATE TABLE pool_uses(
  pool_id INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY(pool_id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
"""


def _pool(db: Any) -> None:
    _each(db, POOL)


def _usage(db: Any) -> None:
    _each(db, USAGE)
    take_over(db)


def _views(db: Any) -> None:
    from weavelite.store import views  # what it imports is for readers

    views.create(db)


FILTERS = """
CREATE INDEX calls_failed ON calls(project_id, status, id) WHERE status <> 1;
CREATE INDEX calls_of_thread ON calls(project_id, thread_id, id) WHERE thread_id IS NOT NULL;
"""


def _tallies(db: Any) -> None:
    _each(db, FILTERS)
    tallies.create(db)


def _texts(db: Any) -> None:
    fulltext.create(db)


def _remote_parents(db: Any) -> None:
    db.execute(remote_parents.TABLE)


WINDOWS = """
CREATE INDEX calls_by_start ON calls(project_id, start_ns / 1000 / 1e6);
CREATE INDEX calls_of_model ON calls(project_id, model, id) WHERE model IS NOT NULL;
"""
"""The first has the expression of the field `started_at`; starts come in order, so it costs little.

An index of latencies for their order was measured to cost 35 bytes a call, in no order, which would
slow each write for a sort that is rare; one of tokens could not be used, since calls without come
last.
"""


def _windows(db: Any) -> None:
    _each(db, WINDOWS)


def _tags(db: Any) -> None:
    _each(db, labels.TABLE)


def _span_events(db: Any) -> None:
    db.execute(remapping.TABLE)


FAILED_MODELS = (
    "CREATE INDEX calls_failed_of_model ON calls(project_id, model, id)"
    f" WHERE status = {ERROR} AND model IS NOT NULL"
)


def _users(db: Any) -> None:
    db.execute(FAILED_MODELS)
    users.create(db)
    ledger.create(db)


def _figures(db: Any) -> None:
    figures.create(db)
    _each(db, seeking.INDEXES)


def _late_roots(db: Any) -> None:
    tell_late(db.conn)


MIGRATIONS = [
    _create, _pool, _usage, _views, _tallies, _texts, _remote_parents, _windows, _tags,
    _span_events, _users, _figures, _late_roots,
]  # fmt: skip
"""Applied in this order; never changed once released, only added to."""
VERSION = len(MIGRATIONS)


def ensure_schema(connection: sqlite3.Connection, path: Path, to: int = VERSION) -> None:
    """Brings the store at `path` to a version; raises SchemaError when it is of a newer one."""
    if _version(connection) == to:
        return
    with _only_one(path):
        version = _version(connection)
        if version > to:
            raise SchemaError(
                f"The store {path} was written by a newer weavelite (schema {version}, this one "
                f"knows {to}): upgrade with pip install --upgrade weavelite."
            )
        connection.execute("PRAGMA journal_mode = WAL")
        if version < to:
            _migrate(connection, to)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, to: int) -> None:
    from sqlite_utils import Database, Migrations  # 0.2 s to import, and needed once a store

    migrations = Migrations("weavelite")
    for migration in MIGRATIONS[:to]:
        migrations(name=migration.__name__.strip("_"))(migration)
    db = Database(connection)
    with db.atomic():
        migrations.apply(db)
        db.execute(f"PRAGMA user_version = {to}")


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with open(path.with_name(path.name + ".lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
