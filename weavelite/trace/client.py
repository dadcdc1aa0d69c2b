"""A client: one project, its journal, and the store behind it."""

import contextlib
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from weavelite.errors import NotFoundError
from weavelite.ids import fresh_uuid, uuid_bytes
from weavelite.journal import entries
from weavelite.journal.segment import Journal, journal_folder
from weavelite.query import PAGE_LIMIT, CallQuery, call_query, feedback_query
from weavelite.records.writes import (
    FeedbackWrite,
)
from weavelite.redaction import Redactor
from weavelite.refs import Project, Ref
from weavelite.serialize import CODECS, encode_exactly
from weavelite.settings import METADATA, Settings
from weavelite.trace import manual, private
from weavelite.trace.call import Call
from weavelite.trace.calls import Calls
from weavelite.trace.context import CURRENT, SESSION
from weavelite.trace.costs import UserPrices
from weavelite.trace.export import make_export
from weavelite.trace.feedback import FoundFeedback
from weavelite.trace.keeping import ContentKeeper
from weavelite.trace.loading import load
from weavelite.trace.manual import DisplayName, Particulars
from weavelite.trace.options import PLAIN, Options
from weavelite.trace.publishing import Publisher, ref_codec
from weavelite.trace.remote import Parent, remote_call
from weavelite.trace.stored import Reader
from weavelite.trace.worker import Worker

if TYPE_CHECKING:
    from weavelite.journal.drain import Drain
    from weavelite.records.answers import Feedback
    from weavelite.store.base import Store

logger = logging.getLogger("weavelite")

FORK_SECONDS = 5.0
"""Is how long a fork waits at most for a drain that is at work."""

PATIENCE = 10.0
"""Is how many seconds `finish` waits at most for another process that writes to the store."""

_OUTSIDE = "outside"
"""Is the mark of the call that was innermost before one was created by hand."""


class Client(UserPrices):
    """Records into one project, and reads from it.

    Made by `weavelite.init`. What is written goes to the journal at once; what is read is drained
    first, so that what was written can be read.
    """

    def __init__(
        self,
        project: Project,
        store_path: Path,
        settings: Settings,
        export: str | None = None,
        write: Callable[[int, bytes], int] = os.write,
        options: Options | None = None,
        redact: Redactor | None = None,
    ) -> None:
        self.project = project
        self.store_path = store_path
        self.settings = settings
        self.capture_max = settings.capture_max
        self.journal = Journal(store_path, write, most=settings.journal_max)
        self.keep = ContentKeeper(self.journal, store_path).keep
        self.redact = redact
        self.metadata_only = settings.capture == METADATA
        self.publisher = Publisher(project, self.journal, self.keep, not self.metadata_only)
        self.open_calls: dict[int, Call] = {}
        self.plain_ops: dict[tuple[str, str], Any] = {}
        self.awake = False
        self.options = None if options == PLAIN else options
        self.parent = remote_call(settings.traceparent or "")  # of the roots of this process
        self.export = export
        self._export = make_export(
            export, self.journal, settings.journal_max, content=settings.export_content
        )
        self._worker: Worker | None = None
        self._drain: Drain | None = None
        self._lock = threading.RLock()
        self._draining = threading.RLock()  # one drain at a time: two would redo each other's work
        self._inherited: list[Any] = []
        _around_forks(self)

    def is_for(self, project: Project, store: Path, export: str | None, capture: str) -> bool:
        """Tells whether this client is what `init` was asked for."""
        asked = (project, store, export, capture)
        return (self.project, self.store_path, self.export, self.settings.capture) == asked

    @property
    def folder(self) -> Path:
        """Is where the journal lies."""
        return journal_folder(self.store_path)

    # Writing: the hot path

    def write_call(self, op_key: int, kind: int, payload: bytes) -> None:
        """Appends a call, after the definition of its op where the segment lacks it."""
        segment = self.journal.segment
        if segment is None or op_key not in segment.defined:
            self.publisher.write_definition(op_key)
        segment = self.journal.append(kind, payload)
        if segment is not None and op_key not in segment.defined:  # begun for this record
            self.publisher.write_definition(op_key)

    def wake(self) -> None:
        """Starts the thread that drains; in a forked child, anew."""
        with self._lock:
            if not self.awake:
                self.awake = True
                self._worker = Worker(self)
                if self._export is not None:
                    self._export.start()

    def create_call(
        self,
        op: Any,
        inputs: Mapping[str, Any],
        parent: Parent = None,
        attributes: Mapping[str, Any] | None = None,
        display_name: DisplayName | None = None,
        *,
        use_stack: bool = True,
        started_at: datetime | None = None,
    ) -> Call:
        """Starts a call by hand; with `use_stack` it is the innermost one until `finish_call`."""
        particulars = Particulars(
            parent=parent, use_stack=use_stack, attributes=attributes, display_name=display_name,
            started_at=started_at,
        )  # fmt: skip
        call = manual.start(op, inputs, particulars)
        if use_stack:
            call.memo[_OUTSIDE] = CURRENT.get()
            CURRENT.set(call)
        return call

    def finish_call(
        self,
        call: Call,
        output: Any = None,
        exception: BaseException | str | None = None,
        *,
        ended_at: datetime | None = None,
    ) -> None:
        """Ends a call that `create_call` started."""
        if CURRENT.get() is call:
            CURRENT.set(call.memo.get(_OUTSIDE))
        manual.end(call, output, exception=exception, ended_at=ended_at)

    def fail_call(self, call: Call, exception: BaseException) -> None:
        """Ends a call that `create_call` started with what was raised."""
        self.finish_call(call, exception=exception)

    # Reading

    @property
    def store(self) -> "Store":
        """Is the store, with all that was written so far; raises StoreError."""
        with self._draining:
            drain = self._open_drain()
            drain.run()
            return drain.store

    def drain_piece(self, piece: int) -> int:
        """Drains up to `piece` bytes of each segment, for the thread; returns how many."""
        with self._draining:
            return self._open_drain().step(piece)

    def backlog(self) -> int:
        """Returns how many bytes wait in the journal."""
        with self._draining:
            return self._open_drain().backlog()

    def _open_drain(self) -> "Drain":
        if self._drain is None:
            from weavelite.journal.drain import Drain  # not needed for tracing alone
            from weavelite.store.sqlite import SqliteStore

            self._drain = Drain(SqliteStore(self.store_path), self.store_path)
        return self._drain

    def get_calls(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        offset: int | None = None,
        sort_by: Sequence[Mapping[str, str]] | None = None,
        query: Mapping[str, Any] | None = None,
        include_costs: bool = False,
        include_feedback: bool = False,
        columns: Sequence[str] | None = None,
        expand_columns: Sequence[str] | None = None,
        return_expanded_column_values: bool = True,
        scored_by: str | Sequence[str] | None = None,
        page_size: int = PAGE_LIMIT,
    ) -> Calls:
        """Finds calls of the project, oldest first unless sorted otherwise.

        Fields are `id`, `op_name`, `started_at`, `latency_ms` and other columns, and paths:
        `inputs.question`, `output.0.text`, `attributes.env`, `summary.usage`,
        `feedback.[wandb.runnable.my_scorer].payload.output`.

        Args:
            filter: any of op_names (names, or refs of versions), call_ids, trace_ids, parent_ids,
                thread_ids, turn_ids, input_refs, output_refs (lists), trace_roots_only (bool),
                statuses (running, success, error, interrupted), text.
            limit: at most so many.
            offset: leaves out the first.
            sort_by: a list of `{"field": ..., "direction": "asc" | "desc"}`; calls that lack a
                field come last.
            query: `{"$expr": {...}}` of $and, $or, $not, $eq, $ne, $gt, $gte, $lt, $lte, $in,
                $contains, $convert, $getField and $literal. What is missing matches nothing, not
                even the $not of something.
            include_costs: adds `summary["weave"]["costs"]`: tokens and costs by model, of each call
                and all below it.
            include_feedback: adds `summary["weave"]["feedback"]`.
            columns: reads only these fields, which is quicker.
            expand_columns: paths whose refs become the objects that they point to; `query` and
                `sort_by` can go on in these.
            return_expanded_column_values: False leaves the refs in the calls as they are.
            scored_by: a scorer's name or ref, or several, all of which have scored the call.
            page_size: how many are read at a time.

        """
        reader = Reader(
            self, costs=include_costs, feedback=include_feedback,
            expand=expand_columns or () if return_expanded_column_values else (),
        )  # fmt: skip
        made = call_query(
            str(self.project), filter, query=query, sort_by=sort_by, limit=limit,
            offset=offset or 0, columns=columns, expand_columns=expand_columns,
            scored_by=scored_by, page_size=page_size,
        )  # fmt: skip

        def read(wanted: CallQuery) -> Iterator[Call]:
            wanted = reader.widened(wanted)
            for record in self.store.details(wanted, costs=include_costs):
                yield reader.call(record, wanted.columns)

        return Calls(made, read, lambda: self.store)

    def get_call(
        self,
        call_id: str,
        include_costs: bool = False,
        include_feedback: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Call:
        """Reads one call, or some columns of it; raises NotFoundError."""
        found = self.get_calls(
            {"call_ids": [call_id]}, include_costs=include_costs,
            include_feedback=include_feedback, columns=columns,
        )  # fmt: skip
        for call in found:
            return call
        raise NotFoundError(f"There is no call {call_id} in project {self.project}.")

    def get_feedback(
        self,
        query: Mapping[str, Any] | str | None = None,
        *,
        reaction: str | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> FoundFeedback:
        """Finds feedback of the project, oldest first.

        Args:
            query: the id of feedback, or `{"$expr": {...}}` on id, feedback_type, weave_ref,
                creator, created_at and payload.
            reaction: only this emoji.
            offset: leaves out the first.
            limit: at most so many.

        """
        wanted = feedback_query(
            str(self.project), query, reaction=reaction, offset=offset, limit=limit
        )
        return FoundFeedback(self, wanted)

    def content(self, digest: str) -> bytes:
        """Reads content by its digest; raises NotFoundError."""
        with self._draining:
            try:
                return self._open_drain().store.file(digest)
            except NotFoundError:  # it may be on its way
                return self.store.file(digest)

    def feedback(self, call_id: str | None = None) -> "list[Feedback]":
        """Reads the feedback of a call, or of the whole project."""
        return self.store.feedback(str(self.project), call_id)

    def get(self, ref: Ref | str) -> Any:
        """Reads what a ref points to; raises NotFoundError."""
        return load(self, ref)

    # Changing

    def publish(self, value: Any, name: str | None = None, aliases: Sequence[str] = ()) -> Ref:
        """Publishes a value as the newest version of a name."""
        return self.publisher.publish(value, name, list(aliases))

    def add_feedback(
        self, call_id: str, type: str, payload: dict[str, Any], creator: str | None = None
    ) -> str:
        """Attaches feedback to a call; returns its id."""
        uuid_bytes(call_id)  # says so here, if it is not one
        kept = private.feedback_without_content(payload) if self.metadata_only else payload
        write = FeedbackWrite(
            fresh_uuid(), str(self.project), call_id, type, self._redacted(kept), creator,
            time.time_ns(),
        )  # fmt: skip
        self.journal.append(*entries.pack(write))
        return write.id

    def _redacted(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.redact is None or _is_clean(payload, self.redact):
            return payload
        text = encode_exactly(payload)
        kept = self.redact(text)
        return payload if kept == text else private.as_payload(orjson.loads(kept))

    def delete_feedback(self, feedback_id: str) -> int:
        """Takes feedback back; returns how many."""
        return self.store.delete_feedback(str(self.project), feedback_id)

    def delete_calls(self, call_ids: Sequence[str]) -> int:
        """Deletes calls and all below them, for good; returns how many."""
        return self.store.delete_calls(str(self.project), call_ids)

    def delete_call(self, call: Call) -> int:
        """Deletes a call and all below it, for good; returns how many."""
        return self.delete_calls([call.id])

    # Links and the end

    def url(self, path: str) -> str:
        """Writes the address of a page of the viewer."""
        return f"http://127.0.0.1:{self.settings.port}/{self.project}/{path}"

    def call_url(self, call_id: str) -> str:
        """Writes the address of a call in the viewer."""
        return self.url(f"r/call/{call_id}")

    def flush(self) -> None:
        """Waits until all that was written rests in the store; raises StoreError when it cannot."""
        _ = self.store

    def finish(self, timeout: float = PATIENCE) -> None:
        """Drains, ends the thread, and lets go of the journal; calls still open are left open.

        While another process writes to the store, it waits for at most `timeout` seconds. Then the
        journal keeps what is not in the store yet, and whoever drains next brings it there.
        """
        with self._lock:
            worker, self._worker, self.awake = self._worker, None, False
            if worker is not None:
                worker.leave()
                self._wait_at_most(0)
                worker.stop()
            if self._export is not None:
                self._export.close()
            self.journal.seal()
            try:
                with self._draining:
                    self._open_drain()
                self._wait_at_most(timeout)
                self.flush()
            except Exception as error:  # the program is not to end by it
                logger.warning("weavelite keeps the calls in %s for now: %s", self.folder, error)
            self.close()

    def _wait_at_most(self, seconds: float) -> None:
        """Limits how long the drain waits for others; says so when it does."""
        drain = self._drain
        if drain is not None:
            drain.store.patience = seconds
            drain.store.on_wait = lambda: logger.warning(
                "weavelite waits for another process that writes to %s, for at most %g s.",
                self.store_path, seconds,
            )  # fmt: skip

    def close(self) -> None:
        """Closes the connections to the store."""
        with self._draining:
            drain, self._drain = self._drain, None
            if drain is not None:
                drain.close()
                drain.store.close()

    def _after_fork(self) -> None:
        with contextlib.suppress(RuntimeError):  # it was not had in time
            self._draining.release()

    def _in_child(self) -> None:
        """Leaves the parent's thread, store and open calls to the parent."""
        self._inherited += [self._drain, self._worker]  # not to be closed here
        self._drain = self._worker = None
        if self._export is not None:
            self._export = self._export.in_child()
        self._lock, self._draining = threading.RLock(), threading.RLock()
        self.open_calls = {}
        self.awake = False


def _around_forks(client: Client) -> None:
    """Forks between two pieces of the drain: a child has what threads held, and waits for ever.

    Such are the locks of modules that are being imported, as the store is at first, and SQLite's.
    """
    alive = weakref.ref(client)

    def act(on: Callable[[Client], Any]) -> Callable[[], None]:
        def hook() -> None:
            found = alive()
            if found is not None:
                on(found)

        return hook

    os.register_at_fork(
        before=act(lambda client: client._draining.acquire(timeout=FORK_SECONDS)),
        after_in_parent=act(Client._after_fork),
        after_in_child=act(Client._in_child),
    )


def _current_publisher() -> Publisher | None:
    return SESSION.tracing.publisher if SESSION.tracing is not None else None


CODECS.insert(0, ref_codec(_current_publisher))


def _is_clean(payload: dict[str, Any], redact: Redactor) -> bool:
    """Tells whether nothing has to be taken out of a payload; quickly, of plain values."""
    try:
        text = orjson.dumps(payload)
    except (TypeError, ValueError, RecursionError):
        return False
    return redact(text) == text
