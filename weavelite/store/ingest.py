"""The statements that write: one batch, in one transaction."""

import logging
import sqlite3
from collections.abc import Callable, Iterable
from typing import TypeVar

import orjson

from weavelite.ids import uuid_bytes
from weavelite.records.words import (
    ERROR,
    INTERRUPTED,
    RUNNING,
    SUCCESS,
    UNSTORABLE,
)
from weavelite.records.writes import (
    Batch,
    CallWrite,
    FeedbackWrite,
    KeptSpan,
    ObjectWrite,
    OpWrite,
    Progress,
    TableWrite,
)
from weavelite.refs import Project, parse_project
from weavelite.store import counters, remapping, remote_parents, users
from weavelite.store.labels import set_alias
from weavelite.store.metering import meter, settle
from weavelite.store.pool import SMALL, Pool, unuse

logger = logging.getLogger("weavelite")

_CALL = (
    "INSERT INTO calls(seq, id, trace_id, span_id, parent_span, project_id, op_key, start_ns,"
    " end_ns, status, display_name, model, input_tokens, output_tokens, sum_tokens, error,"
    " thread_id, user_id, process) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_LAST = (
    "SELECT max(coalesce((SELECT max(seq) FROM calls), 0),"
    " (SELECT max(upto) FROM _marks WHERE name LIKE 'calls %'))"
)
"""A deleted call's number is not used again: tallies and the index of texts are kept by it."""
_BODY = "INSERT OR REPLACE INTO bodies(seq, inputs, output, rest, packed) VALUES (?,?,?,?,?)"
_FEEDBACK = "INSERT OR IGNORE INTO feedback VALUES (?,?,?,?,?,?,?)"
_USE = "INSERT OR IGNORE INTO pool_uses(pool_id, seq) VALUES (?,?)"
_REPLACE = (
    "UPDATE calls SET end_ns = ?, status = ?, display_name = ?, model = ?, input_tokens = ?,"
    " output_tokens = ?, sum_tokens = ?, error = ?, thread_id = ?,"
    " user_id = coalesce(?, user_id), process = ? WHERE seq = ?"
)
BAD_RECORD = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError,
              ValueError, TypeError, OverflowError, RecursionError)  # fmt: skip
"""Errors that say that the record is at fault, and not the store."""

T = TypeVar("T")
_OUTPUT = 1

IN_COLUMNS = ("display_name", "model", "input_tokens", "output_tokens", "sum_tokens", "error")
"""What of the rest of a call stands in columns, and not in its body."""
_LEFT_OUT = {*IN_COLUMNS, "tokens"}


class Ingest:
    """Writes batches through one connection, and remembers what it looked up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._run = connection.execute
        self._many = connection.executemany
        self._projects: dict[str, int] = {}
        self._op_projects: dict[int, int] = {}
        self._pool = Pool(connection)
        self._users: dict[bytes, str] = {}

    def forget(self) -> None:
        """Forgets what was looked up in a transaction that was rolled back."""
        self._projects.clear()
        self._op_projects.clear()
        self._pool.forget()

    def write(self, batch: Batch, progress: Progress | None) -> bool:
        """Writes a batch inside the caller's transaction; False when the cursor has moved."""
        if progress is not None and not self._advance(progress):
            return False
        self._pool.begin()
        if batch.process is not None:
            process = batch.process
            self._run(
                "INSERT OR IGNORE INTO processes VALUES (?,?,?,?,?)",
                (process.id, process.host, process.pid, process.started_ns,
                 orjson.dumps(process.info).decode()),
            )  # fmt: skip
        self._many("INSERT OR IGNORE INTO files VALUES (?,?)", batch.files)
        self._each(self._op, batch.ops)
        self._each(self._table, batch.tables)
        self._each(self._object, batch.objects)
        self._calls(batch.calls, progress.process if progress else None)
        self._feedback(batch.feedback)
        remapping.add_events(self._connection, batch.events)
        counters.add(self._connection, batch.counts)
        if progress is not None and progress.finished and progress.process:
            self._run(
                "UPDATE calls SET status = ? WHERE process = ? AND end_ns IS NULL",
                (INTERRUPTED, progress.process),
            )
        return True

    def _each(self, write: Callable[[T], None], records: Iterable[T]) -> None:
        """Writes records one by one; one that cannot be stored is set aside."""
        for record in records:
            self._run("SAVEPOINT record")
            try:
                write(record)
            except BAD_RECORD as error:
                self._run("ROLLBACK TO record")
                self.forget()
                counters.add(self._connection, {UNSTORABLE: 1})
                logger.warning("A record of the journal cannot be stored: %s.", error)
            finally:
                self._run("RELEASE record")

    def _together(self, write: Callable[[], object]) -> bool:
        """Writes records at once; where one cannot be stored none is, and False is returned."""
        self._run("SAVEPOINT together")
        try:
            write()
        except BAD_RECORD:
            self._run("ROLLBACK TO together")
            self.forget()
            return False
        finally:
            self._run("RELEASE together")
        return True

    def _advance(self, progress: Progress) -> bool:
        self._run("INSERT OR IGNORE INTO segments VALUES (?, 0, 0)", (progress.segment,))
        moved = self._run(
            "UPDATE segments SET position = ?, finished = ?"
            " WHERE name = ? AND position = ? AND finished = 0",
            (progress.end, progress.finished, progress.segment, progress.start),
        )
        return moved.rowcount == 1

    def project_id(self, text: str) -> int:
        """Finds or makes the number of a project."""
        known = self._projects.get(text)
        if known is None:
            project: Project = parse_project(text)
            self._run(
                "INSERT OR IGNORE INTO projects(entity, name) VALUES (?,?)",
                (project.entity, project.name),
            )
            row = self._run(
                "SELECT id FROM projects WHERE entity = ? AND name = ?",
                (project.entity, project.name),
            ).fetchone()
            known = self._projects[text] = int(row[0])
        return known

    def _op(self, op: OpWrite) -> None:
        project_id = self.project_id(op.project)
        self._run(
            "INSERT OR IGNORE INTO ops(key, project_id, name, kind, digest, code, version,"
            " created_ns) VALUES (?,?,?,?,?,?,"
            " (SELECT count(*) FROM ops WHERE project_id = ? AND name = ?), ?)",
            (op.key, project_id, op.name, op.kind, op.digest, op.code, project_id, op.name,
             op.created_ns),
        )  # fmt: skip
        self._op_projects[op.key] = project_id

    def _project_of_op(self, key: int) -> int:
        known = self._op_projects.get(key)
        if known is None:
            row = self._run("SELECT project_id FROM ops WHERE key = ?", (key,)).fetchone()
            if row is None:  # its definition was in a damaged piece of the journal
                self._op(OpWrite(key, "local/recovered", "unknown op", "op"))
                return self._op_projects[key]
            known = self._op_projects[key] = int(row[0])
        return known

    def _table(self, table: TableWrite) -> None:
        end = table.start + len(table.rows)
        size = end if table.size is None else table.size
        known = self._run(
            "SELECT 1 FROM tables JOIN table_rows ON table_digest = digest"
            " WHERE digest = ? AND position = ?",
            (table.digest, max(table.start, end - 1)),
        ).fetchone()
        if known is not None:  # parts may come in any order: there may be several segments
            return
        self._many("INSERT OR IGNORE INTO rows VALUES (?,?)", table.rows)
        self._many(
            "INSERT OR IGNORE INTO table_rows VALUES (?,?,?)",
            ((table.digest, index, row[0]) for index, row in enumerate(table.rows, table.start)),
        )
        if end == size:
            self._run("INSERT OR IGNORE INTO tables VALUES (?,?)", (table.digest, size))

    def _object(self, item: ObjectWrite) -> None:
        project_id = self.project_id(item.project)
        self._run(
            "INSERT OR IGNORE INTO objects VALUES (?,?,?,"
            " (SELECT count(*) FROM objects WHERE project_id = ? AND name = ?), ?,?,?,?)",
            (project_id, item.name, item.digest, project_id, item.name, item.kind,
             item.class_name, item.val, item.created_ns),
        )  # fmt: skip
        for alias in ("latest", *item.aliases):
            set_alias(self._connection, project_id, item.name, alias, item.digest, item.created_ns)

    def add_feedback(self, feedback: FeedbackWrite) -> None:
        """Adds feedback, once."""
        self._run(_FEEDBACK, self._feedback_row(feedback))

    def _feedback(self, items: list[FeedbackWrite]) -> None:
        if not self._together(lambda: self._many(_FEEDBACK, [*map(self._feedback_row, items)])):
            self._each(self.add_feedback, items)

    def _feedback_row(self, feedback: FeedbackWrite) -> tuple[object, ...]:
        return (
            feedback.id, self.project_id(feedback.project), uuid_bytes(feedback.call_id),
            feedback.type, orjson.dumps(feedback.payload).decode(), feedback.creator,
            feedback.created_ns,
        )  # fmt: skip

    def _calls(self, calls: list[CallWrite], process: str | None) -> None:
        if not calls:
            return
        calls = list(self._not_deleted(calls))
        last = self._run(_LAST).fetchone()[0]
        new, known = self._sorted_out(calls)
        self._users = users.settle(self._connection, calls)
        stored = self._together(lambda: self._insert(new, last, process))
        rest = known if stored else calls
        self._each(lambda call: self._upsert(call, process), rest)
        found = remote_parents.place(self._connection, calls, last)
        meter(self._connection, calls, last, found)

    def _sorted_out(self, calls: list[CallWrite]) -> tuple[list[CallWrite], list[CallWrite]]:
        """Divides calls into those that are new, and those of which there is a record already."""
        ask = "SELECT 1 FROM calls WHERE trace_id = ? AND span_id = ?"
        new: list[CallWrite] = []
        known: list[CallWrite] = []
        met: set[tuple[bytes, bytes]] = set()
        for call in calls:
            span = call.trace_id, call.span_id
            if call.fresh:
                new.append(call)
            elif span in met or self._run(ask, span).fetchone() is not None:
                known.append(call)
            else:
                met.add(span)
                new.append(call)
        return new, known

    def _insert(self, calls: list[CallWrite], last: int, process: str | None) -> None:
        """Writes calls that are new, which is nearly all of them, many at a time."""
        rows, bodies, uses = [], [], []
        for seq, call in enumerate(calls, last + 1):
            rows.append(self._row(seq, call, process))
            body, refs = self._body(seq, call)
            bodies.append(body)
            uses += [(ref, seq) for ref in refs]
        self._pool.flush()
        self._many(_CALL, rows)
        self._many(_BODY, bodies)
        self._many(_USE, uses)

    def _not_deleted(self, calls: list[CallWrite]) -> Iterable[CallWrite]:
        if self._run("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
            return calls
        deleted = "SELECT 1 FROM tombstones WHERE key = ?"
        return (
            call
            for call in calls
            if self._run(deleted, (call.trace_id + call.span_id,)).fetchone() is None
        )

    def _row(self, seq: int, call: CallWrite, process: str | None) -> tuple[object, ...]:
        get = call.rest.get
        return (
            seq, call.id, call.trace_id, call.span_id, call.parent_span,
            self._project_of_op(call.op_key), call.op_key, call.start_ns, call.end_ns,
            _status(call), get("display_name"), get("model"), get("input_tokens"),
            get("output_tokens"), get("sum_tokens"), get("error"), get("thread_id"),
            users.user_of(call.rest) or self._users.get(call.trace_id),
            process if call.end_ns is None else None,
        )  # fmt: skip

    def _upsert(self, call: CallWrite, process: str | None) -> None:
        found = self._run(
            "SELECT seq, end_ns FROM calls WHERE trace_id = ? AND span_id = ?",
            (call.trace_id, call.span_id),
        ).fetchone()
        if found is None:
            seq = self._run(_LAST).fetchone()[0] + 1
            self._run(_CALL, self._row(seq, call, process))
            self._write_body(seq, call)
        elif found[1] is None and call.end_ns is not None:  # what has ended never changes
            row = self._row(found[0], call, process)
            self._run(_REPLACE, (*row[8:], found[0]))
            unuse(self._connection, found[0])
            self._write_body(found[0], call)

    def rewrite(self, kept: KeptSpan, op: OpWrite, call: CallWrite) -> None:
        """Writes anew what was made of a span; its place, its ids and its times stay."""
        self._op(op)
        self._users = users.settle(self._connection, [call])
        row = self._row(kept.seq, call, None)
        self._run(remapping.REWRITE, (op.key, *row[9:18], kept.seq))
        unuse(self._connection, kept.seq)
        self._write_body(kept.seq, call)
        remapping.changed(self._connection, kept)

    def settle(self, calls: list[CallWrite]) -> None:
        """Counts tokens of calls that were rewritten, and of what is above them."""
        last = self._run(_LAST).fetchone()[0]
        meter(self._connection, calls, last)
        for trace_id in {call.trace_id for call in calls}:
            settle(self._connection, trace_id)

    def _write_body(self, seq: int, call: CallWrite) -> None:
        body, refs = self._body(seq, call)
        self._pool.flush()
        self._run(_BODY, body)
        self._many(_USE, [(ref, seq) for ref in refs])

    def _body(self, seq: int, call: CallWrite) -> tuple[tuple[object, ...], list[int]]:
        """Makes the row of a call's bodies, and the entries of the pool that it refers to."""
        texts = [call.inputs, call.output, _rest(call)]
        refs: list[int] = []
        flags = 0
        for bit, text in enumerate(texts):
            if text is not None and len(text) >= SMALL:
                before = len(refs)
                texts[bit] = self._pool.pack(text, refs, eager=bit == _OUTPUT)
                flags |= (len(refs) > before) << bit
        return (seq, *texts, flags), refs


def _status(call: CallWrite) -> int:
    if call.end_ns is None:
        return RUNNING
    return ERROR if call.failed else SUCCESS


def _rest(call: CallWrite) -> str | None:
    rest = {key: value for key, value in call.rest.items() if key not in _LEFT_OUT}
    return orjson.dumps(rest).decode() if rest else None
