"""Rows of the store to records; pure."""

from collections.abc import Callable
from typing import Any

import orjson

from weavelite.ids import uuid_of_bytes
from weavelite.records.answers import (
    CallDetail,
    CallHeader,
    Feedback,
    ListedCall,
)
from weavelite.records.words import (
    REACTION,
    SCORE,
    STATUSES,
)
from weavelite.records.writes import FeedbackWrite
from weavelite.store.preview import one_line, preview

Reader = Callable[[str, int], Any]
"""Reads a JSON body, and whether it is packed."""
HEADER_WIDTH = 18


def microseconds(ns: int | None) -> int | None:
    """Rounds nanoseconds down; None stays None."""
    return None if ns is None else ns // 1000


def header_fields(row: tuple[Any, ...]) -> dict[str, Any]:
    """Names the columns of `sql.COLUMNS`."""
    (_, id, trace_id, span_id, parent, name, digest, display, kind, status, start, end, model,
     input_tokens, output_tokens, sum_tokens, error, thread) = row[:HEADER_WIDTH]  # fmt: skip
    return {
        "id": uuid_of_bytes(id),
        "trace_id": trace_id.hex(),
        "span_id": span_id.hex(),
        "parent_span_id": parent.hex() if parent is not None else None,
        "op_name": name,
        "op_digest": digest,
        "display_name": display,
        "kind": kind,
        "status": STATUSES[status],
        "start_us": start // 1000,
        "end_us": microseconds(end),
        "model": model,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "sum_tokens": sum_tokens,
        "error": error,
        "thread_id": thread,
    }


def header(row: tuple[Any, ...]) -> CallHeader:
    """Makes a header of a header's columns."""
    return CallHeader(**header_fields(row))


def listed(row: tuple[Any, ...], read: Reader) -> ListedCall:
    """Makes a listed call of a header's columns, inputs, their length, output, its length, packed.

    Of a body that is longer than its text here, the text is the start.
    """
    inputs, inputs_size, output, output_size, packed = row[HEADER_WIDTH:]

    def line(text: str | None, size: int, bit: int) -> str:
        if not text:
            return ""
        return one_line(text) if size > len(text) else preview(read(text, packed & bit))

    return ListedCall(
        **header_fields(row),
        input_preview=line(inputs, inputs_size, 1),
        output_preview=line(output, output_size, 2),
    )


def detail(
    row: tuple[Any, ...], project: str, feedback: list[Feedback], read: Reader
) -> CallDetail:
    """Makes a call of a header's columns, parent id, inputs, output, rest and packed.

    What is None was not read.
    """
    parent_id, inputs, output, rest_text, packed = row[HEADER_WIDTH:]
    rest = read(rest_text, packed & 4) if rest_text else {}
    made = CallDetail(
        **header_fields(row),
        parent_id=uuid_of_bytes(parent_id) if parent_id else None,
        project=project,
        inputs=read(inputs, packed & 1) if inputs else None,
        output=read(output, packed & 2) if output else None,
        exception=rest.get("exception"),
        attributes=rest.get("attributes") or {},
        summary=rest.get("summary") or {},
        turn_id=rest.get("turn_id"),
        otel=rest.get("otel"),
        feedback=feedback,
    )
    add_feedback(made, feedback)
    return made


def feedback(row: tuple[Any, ...]) -> Feedback:
    """Makes feedback of id, call id, type, payload, creator and time."""
    id, call_id, type_, payload, creator, created_ns = row
    return Feedback(
        id=id,
        call_id=uuid_of_bytes(call_id),
        type=type_,
        payload=orjson.loads(payload),
        creator=creator,
        created_us=created_ns // 1000,
    )


def written_feedback(feedback: FeedbackWrite) -> Feedback:
    """Makes feedback of what was written."""
    return Feedback(
        id=feedback.id,
        call_id=feedback.call_id,
        type=feedback.type,
        payload=feedback.payload,
        creator=feedback.creator,
        created_us=feedback.created_ns // 1000,
    )


def add_feedback(call: ListedCall | CallDetail, items: list[Feedback]) -> None:
    """Puts what a list shows of feedback on a header: reactions, and scores flattened."""
    for item in items:
        if item.type == REACTION:
            call.reactions.append(str(item.payload.get("emoji", "")))
        elif item.type.startswith(SCORE):
            name = item.type.removeprefix(SCORE)
            call.scores.update(flat_score(name, item.payload.get("output")))


def flat_score(name: str, value: Any) -> dict[str, int | float | bool | str]:
    """Names the leaves of a score: `{"a": 1}` of scorer `s` is `{"s.a": 1}`."""
    if isinstance(value, dict):
        flat: dict[str, int | float | bool | str] = {}
        for key, item in value.items():
            flat.update(flat_score(f"{name}.{key}", item))
        return flat
    return {name: value} if isinstance(value, bool | int | float | str) else {}
