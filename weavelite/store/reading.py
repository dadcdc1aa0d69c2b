"""The statements that read calls and feedback; each takes a connection and the project's number."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.ids import uuid_bytes, uuid_of_bytes
from weavelite.query import CallQuery, FeedbackQuery
from weavelite.records.answers import (
    CallDetail,
    CallPage,
    Feedback,
    ListedCall,
)
from weavelite.refs import parse_project
from weavelite.store import columns, costing, fulltext, narrowing, rows, sql
from weavelite.store.preview import LIMIT, PARSED
from weavelite.store.unpack import Unpacker

_VARIABLES = 900  # SQLite allows more; a statement with many is slow to prepare

_PREVIEWS = (
    f", CASE WHEN length(b.inputs) > {PARSED} THEN substr(b.inputs, 1, {4 * LIMIT})"
    " ELSE b.inputs END, length(b.inputs),"
    f" CASE WHEN length(b.output) > {PARSED} THEN substr(b.output, 1, {4 * LIMIT})"
    " ELSE b.output END, length(b.output), b.packed"
)
_BODIES = "JOIN bodies b ON b.seq = c.seq"
_PARENT = "LEFT JOIN calls p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span"
_READ = {"p.id": "parent_id", "b.inputs": "inputs", "b.output": "output", "b.rest": "rest",
         "b.packed": ""}  # fmt: skip
_SUMMED = {"tokens", "input_tokens", "output_tokens", "rest"}
_OF_FEEDBACK = "id, call_id, type, payload, creator, created_ns"
_FEEDBACK = f"SELECT {_OF_FEEDBACK} FROM feedback WHERE "


def project_id(connection: sqlite3.Connection, text: str) -> int | None:
    """Finds the number of a project."""
    project = parse_project(text)
    row = connection.execute(
        "SELECT id FROM projects WHERE entity = ? AND name = ?", (project.entity, project.name)
    ).fetchone()
    return None if row is None else int(row[0])


def known_project(connection: sqlite3.Connection, text: str) -> int:
    """Returns the key of a project; raises NotFoundError when there is none."""
    found = project_id(connection, text)
    if found is None:
        raise NotFoundError(f"There is no project {parse_project(text)} in this store.")
    return found


def position(connection: sqlite3.Connection, segment: str) -> int | None:
    """Tells how far a segment is drained, None when all of it is."""
    row = connection.execute(
        "SELECT position, finished FROM segments WHERE name = ?", (segment,)
    ).fetchone()
    if row is None:
        return 0
    return None if row[1] else int(row[0])


def page(connection: sqlite3.Connection, project: int, query: CallQuery) -> CallPage:
    """Returns a page of headers, with previews, reactions, scores, and the columns asked for."""
    read = Unpacker(connection, brief=True)
    pieces = _pieces(connection, project, query, _PREVIEWS, _BODIES)
    found = [row for piece in pieces for row in piece]
    calls = [rows.listed(row, read) for row in found]
    if fields := query.fields():
        values = columns.values(connection, [row[0] for row in found], fields)
        for row, call in zip(found, calls, strict=True):
            call.values = [columns.shown(value) for value in values[row[0]]]
    _with_feedback(connection, project, calls)
    costing.some_calls(connection, project, calls)
    full = query.limit is not None and 0 < query.limit <= len(calls)
    return CallPage(calls=calls, next=calls[-1].id if full and query.by_start else None)


def _with_feedback(connection: sqlite3.Connection, project: int, calls: list[ListedCall]) -> None:
    by_id = {call.id: call for call in calls}
    for item in feedback_of(connection, project, list(by_id)):
        rows.add_feedback(by_id[item.call_id], [item])


def details(
    connection: sqlite3.Connection, project: int, query: CallQuery, costs: bool = False
) -> Iterator[CallDetail]:
    """Yields calls, whole or what columns are asked for, in the order of the query.

    Prices them if that is asked for.
    """
    text = _project_text(connection, project)
    fields = query.fields()
    wanted = {field.root for field in fields} if fields is not None else {*_READ.values(), *_SUMMED}
    with_feedback = fields is None or wanted & {"feedback", "reactions", "notes"}
    for found in _pieces(connection, project, query, *_columns(wanted)):
        by_call: dict[str, list[Feedback]] = {}
        if with_feedback:
            ids = [uuid_of_bytes(row[1]) for row in found]
            for item in feedback_of(connection, project, ids):
                by_call.setdefault(item.call_id, []).append(item)
        read = Unpacker(connection)
        made = [
            rows.detail(row, text, by_call.get(uuid_of_bytes(row[1]), []), read) for row in found
        ]
        if costs or wanted & _SUMMED:
            costing.some_calls(connection, project, made, priced=costs)
        yield from made


def _columns(wanted: set[str]) -> tuple[str, str]:
    """Writes what is read beside the header, and from which tables: of bodies as little as can."""
    bodies = bool(wanted & {"inputs", "output", "rest"})
    wanted = {*wanted, ""} if bodies else wanted
    read = [column if name in wanted else "NULL" for column, name in _READ.items()]
    parent = _PARENT if "parent_id" in wanted else ""
    return ", " + ", ".join(read), f"{_BODIES if bodies else ''} {parent}"


def _pieces(
    connection: sqlite3.Connection, project: int, query: CallQuery, extra: str, join: str
) -> Iterator[list[tuple[Any, ...]]]:
    """Yields rows by the page, without the calls that come while they are read.

    In the order of start a page is a statement of its own, so that no snapshot of the store is held
    while the reader takes time. In other orders, and of few, numbers are sorted first, and not
    whole rows.
    """
    until = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    text = narrowing.narrowed(connection, project, query)
    is_few = text is not None and fulltext.is_few(text)
    if is_few or not query.by_start:
        statement, values = sql.select(query, project, text, columns="c.seq", until=until)
        cursor = connection.execute(statement, values)
        read = iter(cursor.fetchall()) if is_few else cursor
        while seqs := [row[0] for row in islice(read, min(query.page_size, _VARIABLES))]:
            yield _by_seq(connection, seqs, extra, join)
        return
    left, counted = query.limit, narrowing.counted(connection, project, query)
    rare = counted is not None and counted.is_rare
    op = _only_op(connection, project, query) if counted is not None and counted.is_dense else None
    while left is None or left > 0:
        size = query.page_size if left is None else min(left, query.page_size)
        page = replace(query, limit=size)
        statement, values = sql.select(
            page, project, text, extra=extra, join=join, until=until, whole=rare, op=op
        )
        found = connection.execute(statement, values).fetchall()
        if found:
            yield found
        if len(found) < size:
            return
        left = None if left is None else left - size
        query = replace(query, before=uuid_of_bytes(found[-1][1]), offset=0)


def _only_op(connection: sqlite3.Connection, project: int, query: CallQuery) -> int | None:
    """Finds the one op whose calls a query wants, None where there are more or none."""
    ops = sql.ops_wanted(query, project)
    among = " AND ".join(f"key IN ({keys})" for keys, _ in ops)
    values = [value for _, found in ops for value in found]
    keys = connection.execute(f"SELECT key FROM ops WHERE {among} LIMIT 2", values).fetchall()
    return int(keys[0][0]) if len(keys) == 1 else None


def _by_seq(
    connection: sqlite3.Connection, seqs: list[int], extra: str, join: str
) -> list[tuple[Any, ...]]:
    statement = (
        f"SELECT {sql.COLUMNS}{extra} FROM calls c JOIN ops o ON o.key = c.op_key {join}"
        f" WHERE c.seq IN ({', '.join('?' * len(seqs))})"
    )
    found = {row[0]: row for row in connection.execute(statement, seqs)}
    return [found[seq] for seq in seqs if seq in found]


def count(connection: sqlite3.Connection, project: int, query: CallQuery) -> int:
    """Counts the calls that a query finds."""
    text = narrowing.narrowed(connection, project, query)
    return int(connection.execute(*sql.count(query, project, text)).fetchone()[0])


def _project_text(connection: sqlite3.Connection, project: int) -> str:
    row = connection.execute("SELECT entity, name FROM projects WHERE id = ?", (project,))
    return "/".join(row.fetchone())


def call_row(connection: sqlite3.Connection, project: int, call_id: str) -> tuple[Any, ...]:
    """Finds seq, id, trace id and span id of a call; raises NotFoundError."""
    row = connection.execute(
        "SELECT seq, id, trace_id, span_id FROM calls WHERE project_id = ? AND id = ?",
        (project, uuid_bytes(call_id)),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no call {call_id} in this project.")
    return tuple(row)


def descendants(
    connection: sqlite3.Connection, project: int, call_ids: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Finds calls and all below them, as seq, id, trace id and span id."""
    found: dict[int, tuple[Any, ...]] = {}
    level = [call_row(connection, project, call_id) for call_id in call_ids]
    while level:
        found.update((row[0], row) for row in level)
        below = [
            child
            for row in level
            for child in connection.execute(
                "SELECT seq, id, trace_id, span_id FROM calls"
                " WHERE trace_id = ? AND parent_span = ?",
                (row[2], row[3]),
            )
        ]
        level = [row for row in below if row[0] not in found]
    return list(found.values())


def feedback(connection: sqlite3.Connection, project: int, call_id: str | None) -> list[Feedback]:
    """Returns the feedback of a call, or of a project, oldest first."""
    if call_id is not None:
        return feedback_of(connection, project, [call_id])
    found = connection.execute(f"{_FEEDBACK} project_id = ? ORDER BY id", (project,))
    return [rows.feedback(row) for row in found]


def find_feedback(
    connection: sqlite3.Connection, project: int, query: FeedbackQuery
) -> list[Feedback]:
    """Returns the feedback that a query finds, oldest first."""
    statement, values = sql.feedback(query, project, _OF_FEEDBACK)
    return [rows.feedback(row) for row in connection.execute(statement, values)]


def feedback_of(
    connection: sqlite3.Connection, project: int, call_ids: Sequence[str]
) -> list[Feedback]:
    """Returns the feedback of some calls, oldest first."""
    found: list[Feedback] = []
    for start in range(0, len(call_ids), _VARIABLES):
        ids = [uuid_bytes(text) for text in call_ids[start : start + _VARIABLES]]
        marks = ", ".join("?" * len(ids))
        statement = f"{_FEEDBACK} project_id = ? AND call_id IN ({marks}) ORDER BY id"
        found += [rows.feedback(row) for row in connection.execute(statement, (project, *ids))]
    return found
