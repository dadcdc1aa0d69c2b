"""What the frames of the journal mean: calls as packed numbers and JSON, the rest as JSON."""

import dataclasses
from typing import Any

import orjson

from weavelite.journal.frame import ANNOUNCED, BODY, FAILED, REMOTE, Kind
from weavelite.records.writes import (
    Batch,
    CallWrite,
    FeedbackWrite,
    ObjectWrite,
    OpWrite,
    ProcessWrite,
    TableWrite,
)
from weavelite.serialize import encode_exactly, plain

Entry = OpWrite | ObjectWrite | TableWrite | FeedbackWrite

_KIND_OF = {
    OpWrite: Kind.OP,
    ObjectWrite: Kind.OBJECT,
    TableWrite: Kind.TABLE,
    FeedbackWrite: Kind.FEEDBACK,
}


def pack(entry: Entry) -> tuple[int, bytes]:
    """Writes a record as the kind and the payload of a frame."""
    return _KIND_OF[type(entry)], _json(entry)


def _json(entry: Entry) -> bytes:
    try:
        return orjson.dumps(entry, plain)
    except (TypeError, ValueError, RecursionError):  # odd values in feedback
        return encode_exactly(dataclasses.asdict(entry))


def pack_file(digest: str, content: bytes) -> tuple[int, bytes]:
    """Writes a file as the kind and the payload of a frame: its digest, then its bytes."""
    return Kind.FILE, digest.encode() + content


DIGEST_LENGTH = 43
START, END = int(Kind.START), int(Kind.END)


def add(batch: Batch, kind: int, payload: memoryview) -> None:
    """Reads a frame into a batch; kinds of later versions are passed over."""
    if kind in (END, START):  # nearly all are
        batch.calls.append(call(kind, payload))
    elif kind == Kind.OP:
        batch.ops.append(OpWrite(**orjson.loads(payload)))
    elif kind == Kind.OBJECT:
        batch.objects.append(ObjectWrite(**orjson.loads(payload)))
    elif kind == Kind.TABLE:
        batch.tables.append(TableWrite(**orjson.loads(payload)))
    elif kind == Kind.FEEDBACK:
        batch.feedback.append(FeedbackWrite(**orjson.loads(payload)))
    elif kind == Kind.FILE:
        name = bytes(payload[:DIGEST_LENGTH]).decode()
        batch.files.append((name, bytes(payload[DIGEST_LENGTH:])))
    elif kind == Kind.COUNT:
        batch.counts.update(orjson.loads(payload))
    elif kind == Kind.HEADER:
        batch.process = process(orjson.loads(payload))


def process(header: dict[str, Any]) -> ProcessWrite:
    """Reads who wrote a segment from its header."""
    return ProcessWrite(
        header["process"], header["host"], header["pid"], header["started_ns"], header["info"]
    )


def call(kind: int, payload: memoryview) -> CallWrite:
    """Reads a started or ended call."""
    (high, low, trace_high, trace_low, parent, op_key, start_ns, end_ns, flags, inputs_size,
     output_size) = BODY.unpack_from(payload)  # fmt: skip
    text = bytes(payload[BODY.size :])
    output_at = inputs_size + output_size
    rest = text[output_at:]
    span = low.to_bytes(8)
    return CallWrite(  # by position: names cost as much as all the rest
        high.to_bytes(8) + span,
        trace_high.to_bytes(8) + trace_low.to_bytes(8),
        span,
        parent.to_bytes(8) if parent else None,
        op_key,
        start_ns,
        end_ns if kind == END else None,
        bool(flags & FAILED),
        text[:inputs_size].decode(),
        text[inputs_size:output_at].decode() if output_size else None,
        orjson.loads(rest) if rest else {},
        kind == END and not flags & ANNOUNCED,
        bool(flags & REMOTE),
    )
