"""The store on a SQLite file."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from weavelite.errors import NotFoundError, StoreError
from weavelite.estimates import Estimator
from weavelite.ids import uuid_bytes
from weavelite.query import CallQuery, FeedbackQuery
from weavelite.records.answers import (
    CallDetail,
    CallHeader,
    CallPage,
    Facet,
    Feedback,
    HeldRefs,
    LabelChange,
    ListColumn,
    ObjectSummary,
    ObjectVersion,
    OpNeighbours,
    OpSummary,
    OpVersion,
    OpVersions,
    PackedTrace,
    Price,
    ProjectSummary,
    Stats,
    StoredCell,
    TablePage,
    ThreadPage,
    ThreadSummary,
    Trace,
)
from weavelite.records.figures import Overview, Scores, Spend, Users
from weavelite.records.writes import Batch, FeedbackWrite, Progress
from weavelite.store import (
    by_user,
    cells,
    columns,
    costing,
    counters,
    estimating,
    facets,
    figures,
    fulltext,
    labels,
    ledger,
    neighbours,
    objects,
    overview,
    reading,
    remapping,
    rows,
    spending,
    tallies,
    threads,
    totals,
    traces,
    users,
)
from weavelite.store.base import Remap, Remapped
from weavelite.store.content_folder import read_content
from weavelite.store.deleting import drop_calls
from weavelite.store.functions import install
from weavelite.store.ingest import Ingest
from weavelite.store.opening import BUSY_MS, connect
from weavelite.store.recent import GENERATION
from weavelite.store.schema import ensure_schema

_TURN_MS = 250
"""How long a wait for another writer is at a time, before it is asked anew how long it may be."""
_SAID_AFTER = 1.0
T = TypeVar("T")
_CHORES = (
    (tallies.waiting, tallies.advance),
    (users.are_sought, users.seek),
    (ledger.waiting, ledger.advance),
    (figures.waiting, figures.advance),
)


class SqliteStore:
    """Is a store in one file. May be used from many threads, and by many processes at once."""

    def __init__(self, path: Path, estimator: Estimator | None = None) -> None:
        self.path = path
        self._readers: deque[sqlite3.Connection] = deque()
        self._writing = threading.RLock()
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)  # the owner's only; SQLite gives its other files the same mode
            self._writer = connect(path)
            ensure_schema(self._writer, path)
            self._writer.execute("PRAGMA wal_autocheckpoint = 4000")
            self._writer.execute(f"PRAGMA busy_timeout = {_TURN_MS}")
            self._watch = connect(path)
        self.patience: float | None = None
        self.on_wait: Callable[[], object] | None = None
        self._counting = estimating.Counting(estimator)
        self._ingest = Ingest(self._writer)
        self._own_changes = 0
        self._indexes_texts = True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"The store {self.path} cannot be used: {error}. Is the folder writable, the disk "
                "not full, and the file a weavelite store? Another place: WEAVELITE_HOME or "
                "init(store=...)."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self._explained():
            self._begin()
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                self._ingest.forget()
                raise
            self._writer.execute("COMMIT")
            self._own_changes += 1

    def _begin(self) -> None:
        started, said = time.monotonic(), False
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - started
                most = BUSY_MS / 1000 if self.patience is None else self.patience
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or waited >= most:
                    if self.patience is not None:
                        self.patience = 0
                    raise
            if self.on_wait is not None and not said and waited > _SAID_AFTER:
                said = True
                self.on_wait()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._explained():
            try:
                connection = self._readers.pop()
            except IndexError:
                connection = connect(self.path)
                connection.execute("PRAGMA query_only = 1")
                install(connection)
            try:
                yield connection
            finally:
                self._readers.append(connection)

    def _read(self, function: Callable[..., T], *args: Any) -> T:
        with self._reading() as connection:
            return function(connection, *args)

    def _stream(self, read: Callable[..., Iterator[T]], project: str, *args: Any) -> Iterator[T]:
        with self._reading() as connection:
            if (found := reading.project_id(connection, project)) is not None:
                yield from read(connection, found, *args)

    # Writing

    def ingest(self, batch: Batch, progress: Progress | None = None) -> bool:
        """Writes a batch and moves the cursor in one transaction; see `Store.ingest`."""
        with self._synced(progress is not None and progress.finished), self._transaction():
            return self._ingest.write(batch, progress)

    def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Runs a function on the connection that writes, in one transaction."""
        with self._transaction() as connection:
            return function(connection)

    @contextmanager
    def _synced(self, wanted: bool) -> Iterator[None]:
        """Lets a commit reach the disk before the segment that it came from is unlinked."""
        with self._writing:
            if wanted:
                self._writer.execute("PRAGMA synchronous = FULL")
            try:
                yield
            finally:
                if wanted:
                    self._writer.execute("PRAGMA synchronous = NORMAL")

    def join_events(self, mapping: Remap, spans: Sequence[tuple[bytes, bytes]]) -> int:
        """Makes calls anew for which events wait; returns how many."""
        if not self._read(remapping.waiting, spans):
            return 0
        with self._transaction() as connection:
            return remapping.join(connection, self._ingest, mapping, spans).made

    def renew_mapped(
        self, mapping: Remap, older_than: int, after: int = 0, limit: int = 500
    ) -> Remapped:
        """Makes calls anew that an older mapping made, a piece at a time."""
        with self._transaction() as connection:
            return remapping.renew(connection, self._ingest, mapping, older_than, after, limit)

    def position(self, segment: str) -> int | None:
        """Returns how far a segment is drained, None when all of it is."""
        return self._read(reading.position, segment)

    def delete_calls(self, project: str, call_ids: Sequence[str]) -> int:
        """Deletes calls and all below them, and leaves tombstones, so that none comes back."""
        with self._transaction() as connection:
            project_id = reading.known_project(connection, project)
            doomed = reading.descendants(connection, project_id, call_ids)
            drop_calls(connection, doomed)
        return len(doomed)

    def count_below(self, project: str, call_ids: Sequence[str]) -> int:
        """Counts calls with all below them."""
        return len(self._in_project(reading.descendants, project, call_ids))

    def add_feedback(self, feedback: FeedbackWrite) -> Feedback:
        """Attaches feedback to a call."""
        with self._transaction() as connection:
            project_id = reading.known_project(connection, feedback.project)
            reading.call_row(connection, project_id, feedback.call_id)
            self._ingest.add_feedback(feedback)
        return rows.written_feedback(feedback)

    def delete_feedback(self, project: str, feedback_id: str) -> int:
        """Takes feedback back; returns how many."""
        statement = "DELETE FROM feedback WHERE id = ? AND project_id = ?"
        with self._transaction() as connection:
            key = reading.known_project(connection, project)
            return connection.execute(statement, (feedback_id, key)).rowcount

    def set_alias(self, project: str, name: str, alias: str, version: str | None) -> None:
        """Points an alias at a version, or takes it away; its history is kept."""
        found = self.object_version(project, name, version or alias)
        digest = labels.NOWHERE if version is None else found.digest
        with self._transaction() as connection:
            key = reading.known_project(connection, project)
            labels.set_alias(connection, key, name, alias, digest, time.time_ns())

    def set_tag(self, project: str, name: str, version: str, tag: str, is_set: bool = True) -> None:
        """Puts a tag on a version, or takes it off; its history is kept."""
        found = self.object_version(project, name, version)
        with self._transaction() as connection:
            key = reading.known_project(connection, project)
            labels.set_tag(connection, key, name, found.digest, tag, is_set, time.time_ns())

    def label_changes(self, project: str, name: str) -> list[LabelChange]:
        """Returns the history of an object's aliases and tags, newest first."""
        return self._in_project(labels.changes, project, name)

    def held_refs(self, project: str) -> list[HeldRefs]:
        """Returns the newest versions of objects that hold refs, newest first."""
        return self._in_project(objects.held_refs, project)

    def aliases(self, project: str) -> list[str]:
        """Lists the aliases that a project uses now, by name, without `latest`."""
        return self._in_project(labels.all_aliases, project)

    def tags(self, project: str) -> list[str]:
        """Lists the tags that a project uses now, by name."""
        return self._in_project(labels.all_tags, project)

    def add_price(self, project: str, price: Price) -> None:
        """Notes what a model's tokens cost, for a project that may be new."""
        with self._transaction() as connection:
            costing.add_price(connection, self._ingest.project_id(project), price)

    def purge_prices(self, project: str, ids: Sequence[str]) -> int:
        """Takes prices back; returns how many."""
        with self._transaction() as connection:
            return costing.purge_prices(connection, self._ingest.project_id(project), ids)

    def estimate(self) -> int:
        """Counts tokens of some calls that no provider counted; returns how many it could."""
        counted = self._read(self._counting.next_piece)
        if not counted:
            return 0
        with self._transaction() as connection:
            return estimating.keep(connection, counted)

    def index(self) -> int:
        """Counts calls for `stats` and indexes texts, a piece at a time; returns how many."""
        done = 0
        for asked, step in _CHORES:
            if self._read(asked):
                with self._transaction() as connection:
                    done += step(connection)
        if self._indexes_texts and self._read(fulltext.waiting):
            try:
                with self._transaction() as connection:
                    done += fulltext.advance(connection)
            except fulltext.NoIndexError:
                self._indexes_texts = False
        return done

    # Reading

    def prices(self, project: str) -> list[Price]:
        """Returns the prices that were given for a project, oldest first."""
        return self._in_project(costing.prices, project)

    def calls(self, query: CallQuery) -> CallPage:
        """Returns a page of headers, with previews and scores."""
        return self._in_project(reading.page, query.project, query)

    def columns(self, query: CallQuery) -> list[ListColumn]:
        """Names what the newest calls that a query finds hold."""
        return self._in_project(columns.names, query.project, query)

    def count(self, query: CallQuery) -> int:
        """Counts the calls that a query finds."""
        return self._in_project(reading.count, query.project, query)

    def details(self, query: CallQuery, *, costs: bool = False) -> Iterator[CallDetail]:
        """Yields whole calls, in the order of the query, priced or not."""
        return self._stream(reading.details, query.project, query, costs)

    def cells(
        self, project: str, run: CallHeader, *, row: str | None = None, is_brief: bool = False
    ) -> Iterator[StoredCell]:
        """Yields the cells of a run; see `Store.cells`."""
        return self._stream(cells.of_run, project, run, row, is_brief)

    def cells_by_id(self, project: str, call_ids: Sequence[str]) -> Iterator[StoredCell]:
        """Yields cells by the ids of their calls, whole and unpriced."""
        return self._stream(cells.by_id, project, call_ids)

    def trace_state(self, project: str, trace_id: str) -> str:
        """Returns a text that changes when calls of a trace come or go, or what they cost."""
        return self._in_project(cells.trace_state, project, uuid_bytes(trace_id))

    def call(self, project: str, call_id: str, *, costs: bool = False) -> CallDetail:
        """Returns a whole call, priced or not."""
        query = CallQuery(project=project, call_ids=[call_id])
        for found in self.details(query, costs=costs):
            return found
        raise NotFoundError(f"There is no call {call_id} in project {project}.")

    def trace(self, project: str, trace_id: str) -> Trace:
        """Returns the headers of a trace, by their start."""
        return self._in_project(traces.headers, project, uuid_bytes(trace_id))

    def packed_trace(self, project: str, trace_id: str) -> PackedTrace:
        """Returns the headers of a trace, by their start, as columns."""
        return self._in_project(traces.packed, project, uuid_bytes(trace_id))

    def overview(self, project: str, start: float, end: float) -> Overview:
        """Says how a project went from one moment to another, in seconds since 1970."""
        return self._in_project(overview.overview, project, overview.window(start, end))

    def spend(self, project: str, start: float, end: float) -> Spend:
        """Says what models used and cost from one moment to another."""
        return self._in_project(spending.spend, project, overview.window(start, end))

    def spend_of(self, query: CallQuery) -> Spend:
        """Says what models used and cost in what a query finds, by day and by model."""
        return self._in_project(spending.spend_of, query.project, query)

    def users(
        self, project: str, start: float, end: float, order: str = "traces", limit: int = 50
    ) -> Users:
        """Says how the traces of users went from one moment to another."""
        when = overview.window(start, end)
        return self._in_project(by_user.figures, project, when, order, limit)

    def scores(self, project: str, start: float, end: float) -> Scores:
        """Says how scores went from one moment to another."""
        return self._in_project(overview.scores, project, overview.window(start, end))

    def bounds(self, project: str) -> tuple[float, float] | None:
        """Says when the first and the last call of a project started; None when it has none."""
        return self._in_project(overview.bounds, project)

    def threads(
        self, project: str, text: str = "", before: str | None = None, limit: int = 50
    ) -> ThreadPage:
        """Returns threads, the one with the newest call first."""
        return self._in_project(threads.page, project, text, before, limit)

    def thread(self, project: str, thread_id: str) -> ThreadSummary:
        """Returns what is told of one thread."""
        return self._in_project(threads.thread, project, thread_id)

    def turns(
        self, project: str, thread_id: str, before: str | None = None, limit: int = 50
    ) -> CallPage:
        """Returns the turns of a thread, newest first."""
        return self._in_project(threads.turns, project, thread_id, before, limit)

    def stats(self, query: CallQuery) -> Stats:
        """Sums up what a query finds."""
        return self._in_project(totals.stats, query.project, query)

    def facets(self, queries: Mapping[str, CallQuery]) -> list[Facet]:
        """Counts what queries of one project find, each by its key."""
        projects = {query.project for query in queries.values()}
        return [
            facet
            for project in projects
            for facet in self._in_project(facets.facets, project, queries)
        ]

    def feedback(self, project: str, call_id: str | None = None) -> list[Feedback]:
        """Returns the feedback of a call, or of a project, oldest first."""
        return self._in_project(reading.feedback, project, call_id)

    def find_feedback(self, query: FeedbackQuery) -> list[Feedback]:
        """Returns the feedback that a query finds, oldest first."""
        return self._in_project(reading.find_feedback, query.project, query)

    def projects(self) -> list[ProjectSummary]:
        """Returns all projects, the one with the newest call first."""
        return self._read(totals.projects)

    def ops(self, project: str) -> list[OpSummary]:
        """Returns the ops of a project by name."""
        return self._in_project(objects.ops, project)

    def op_versions(self, project: str, name: str) -> OpVersions:
        """Returns the versions of an op, newest first, without code: maybe none."""
        return self._in_project(objects.op_versions, project, name)

    def op_version(self, project: str, name: str, version: str) -> OpVersion:
        """Returns one version of an op with its code."""
        return self._in_project(objects.op_version, project, name, version)

    def op_neighbours(self, project: str, name: str) -> OpNeighbours:
        """Counts callers and callees of an op in the newest traces that it is in."""
        return self._in_project(neighbours.neighbours, project, name)

    def objects(self, project: str) -> list[ObjectSummary]:
        """Returns the objects of a project by name."""
        return self._in_project(objects.objects, project)

    def object_versions(self, project: str, name: str) -> list[ObjectVersion]:
        """Returns the versions of an object, newest first, without values."""
        return self._in_project(objects.object_versions, project, name)

    def object_version(self, project: str, name: str, version: str) -> ObjectVersion:
        """Returns one version of an object."""
        return self._in_project(objects.object_version, project, name, version)

    def table_rows(self, digest: str, after: int = -1, limit: int = 100) -> TablePage:
        """Returns the rows of a table that come after an index."""
        return self._read(objects.table_rows, digest, after, limit)

    def row_digests(self, table: str) -> list[str]:
        """Returns the digests of the rows of a table, in their order."""
        return self._read(objects.row_digests, table)

    def rows(self, digests: Sequence[str]) -> dict[str, object]:
        """Returns the values of rows by their digests; what is not there is left out."""
        return self._read(objects.rows, digests)

    def file(self, digest: str) -> bytes:
        """Returns the content of a file, from the store or from the folder beside it."""
        try:
            return self._read(objects.file, digest)
        except NotFoundError:
            return read_content(self.path, digest)

    def counters(self) -> dict[str, int]:
        """Returns what was counted of trouble: records lost, damaged, refused."""
        counted = self._read(counters.counted)
        return {name: count for name, count in counted.items() if name != GENERATION}

    def revision(self) -> str:
        """Returns a text that changes when anything in the store does."""
        with self._writing, self._explained():
            foreign = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return f"{foreign}.{self._own_changes}"

    def close(self) -> None:
        """Closes all connections."""
        while self._readers:
            self._readers.pop().close()
        with self._writing:
            self._watch.close()
            self._writer.close()

    def _in_project(self, function: Callable[..., T], project: str, *args: Any) -> T:
        with self._reading() as connection:
            found = reading.project_id(connection, project)
            return function(connection, -1 if found is None else found, *args)
