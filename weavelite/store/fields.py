"""Fields of queries as SQL, over calls `c` with ops `o`, and over feedback `f`; pure."""

from typing import Any

import orjson

from weavelite.errors import QueryError
from weavelite.ids import uuid_bytes, uuid_of_bytes
from weavelite.query import Field
from weavelite.records.words import NOTE, REACTION, STATUSES
from weavelite.refs import is_ref, parse_ref
from weavelite.store.expressions import DEAR, Column, Sql

_TOKENS = (
    "CASE WHEN coalesce(c.sum_tokens, c.input_tokens, c.output_tokens) IS NOT NULL THEN"
    " coalesce(c.sum_tokens, coalesce(c.input_tokens, 0) + coalesce(c.output_tokens, 0)) END"
)
_STATUS = f"CASE c.status {' '.join(f'WHEN {n} THEN {s!r}' for n, s in enumerate(STATUSES))} END"
_PARENT = "SELECT p.id FROM calls p WHERE p.trace_id = c.trace_id AND p.span_id = c.parent_span"
_COLUMNS = {
    "id": ("uuid(c.id)", "text"),
    "trace_id": ("lower(hex(c.trace_id))", "text"),
    "parent_id": (f"uuid(({_PARENT}))", "text"),
    "op_name": ("o.name", "text"),
    "op_version": ("(o.name || ':' || o.digest)", "text"),
    "display_name": ("c.display_name", "text"),
    "trace_name": ("coalesce(c.display_name, o.name)", "text"),
    "kind": ("o.kind", "text"),
    "status": (f"({_STATUS})", "text"),
    "started_at": ("(c.start_ns / 1000 / 1e6)", "real"),
    "ended_at": ("(c.end_ns / 1000 / 1e6)", "real"),
    "latency": ("((c.end_ns - c.start_ns) / 1e9)", "real"),
    "latency_ms": ("((c.end_ns - c.start_ns) / 1e6)", "real"),
    "model": ("c.model", "text"),
    "input_tokens": ("c.input_tokens", "real"),
    "output_tokens": ("c.output_tokens", "real"),
    "tokens": (f"({_TOKENS})", "real"),
    "error": ("c.error", "text"),
    "thread_id": ("c.thread_id", "text"),
    "user_id": ("c.user_id", "text"),
    "wb_user_id": ("NULL", None),
    "wb_run_id": ("NULL", None),
}
FEEDBACK_TEXTS = {"reactions": (REACTION, "$.emoji"), "notes": (NOTE, "$.note")}
_BODIES = {"inputs": ("inputs", 1), "output": ("output", 2), "rest": ("rest", 4)}


def _id(text: str) -> bytes | None:
    try:
        return uuid_bytes(text)
    except QueryError:
        return None


def _trace_id(text: str) -> bytes | None:
    """Reads a trace id as it is shown: another spelling of it is another text."""
    found = _id(text)
    return found if found is not None and found.hex() == text else None


def _own_id(text: str) -> bytes | None:
    """Reads a call's id as it is shown."""
    found = _id(text)
    return found if found is not None and uuid_of_bytes(found) == text else None


def _call_id(text: str) -> bytes | None:
    return _id(parse_ref(text).name if is_ref(text) else text)


def _status(text: str) -> int | None:
    return STATUSES.index(text) if text in STATUSES else None


_STORED = {
    "id": ("c.id", _own_id),
    "trace_id": ("c.trace_id", _trace_id),
    "status": ("c.status", _status),
}


def of_calls(field: Field) -> Column:
    """Writes a field of a call: a column, or what a body or feedback holds at a path."""
    if field.root in _COLUMNS:
        text, kind = _COLUMNS[field.root]
        return Column(Sql(text, kind=kind), *_STORED.get(field.root, ()))
    if field.root == "feedback":
        return Column(_feedback(field))
    if field.root in FEEDBACK_TEXTS:
        return Column(_feedback_texts(*FEEDBACK_TEXTS[field.root]))
    name, bit = _BODIES[field.root]
    return Column(
        Sql(
            f"(SELECT json_at(b.{name}, b.packed & {bit}, ?) FROM bodies b WHERE b.seq = c.seq)",
            (path_text(field.path),),
            DEAR,
        )
    )


def _feedback(field: Field) -> Sql:
    """Writes a field of the newest feedback of a type that has it."""
    found = "f.creator" if field.path == ("creator",) else "json_at(f.payload, 0, ?)"
    path = () if field.path == ("creator",) else (path_text(field.path[1:]),)
    any_type = field.type == "*"
    of_type = "" if any_type else " AND f.type = ?"
    return Sql(
        f"(SELECT {found} FROM feedback f WHERE f.project_id = c.project_id AND f.call_id = c.id"
        f"{of_type} AND {found} IS NOT NULL ORDER BY f.created_ns DESC, f.id DESC LIMIT 1)",
        (*path, *(() if any_type else (field.type,)), *path),
        DEAR,
    )


def _feedback_texts(type: str, path: str) -> Sql:
    """Writes all texts that feedback of a type has at a path, a line each."""
    return Sql(
        "(SELECT group_concat(json_extract(f.payload, ?), char(10)) FROM feedback f"
        " WHERE f.project_id = c.project_id AND f.call_id = c.id AND f.type = ?)",
        (path, type),
        DEAR,
        "text",
    )


def path_text(path: tuple[str | None, ...]) -> str:
    """Writes a path as `json_at` reads it."""
    return orjson.dumps(path).decode()


_OF_FEEDBACK: dict[str, Any] = {
    "id": ("f.id", "text"),
    "call_id": ("uuid(f.call_id)", "text", "f.call_id", _call_id),
    "type": ("f.type", "text"),
    "creator": ("f.creator", "text"),
    "created_at": ("(f.created_ns / 1000 / 1e6)", "real"),
}


def of_feedback(field: Field) -> Column:
    """Writes a field of feedback."""
    if field.root == "payload":
        return Column(Sql("json_at(f.payload, 0, ?)", (path_text(field.path),), DEAR))
    text, kind, *stored = _OF_FEEDBACK[field.root]
    return Column(Sql(text, kind=kind), *stored)
