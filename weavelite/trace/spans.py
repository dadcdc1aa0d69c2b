"""Calls as OpenTelemetry spans: the same ids, GenAI attributes, and all that weavelite knows."""

from typing import Any

import orjson
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from weavelite.ids import uuid_of_bytes
from weavelite.records.writes import (
    CallWrite,
    OpWrite,
)
from weavelite.version import __version__

_OPERATIONS = {
    "llm": "chat",
    "tool": "execute_tool",
    "agent": "invoke_agent",
    "embedding": "embeddings",
    "retriever": "retrieval",
}
_SCOPE = InstrumentationScope("weavelite", __version__)
_REST = ("summary", "attributes", "exception", "sum_tokens", "thread_id", "display_name")


def readable_span(call: CallWrite, op: OpWrite) -> ReadableSpan:
    """Makes the span of an ended call."""
    trace_id = int.from_bytes(call.trace_id)
    parent = None
    if call.parent_span is not None:
        parent = _context(trace_id, int.from_bytes(call.parent_span))
    error = call.rest.get("error")
    return ReadableSpan(
        name=str(call.rest.get("display_name") or op.name),
        context=_context(trace_id, int.from_bytes(call.span_id)),
        parent=parent,
        resource=Resource.create({"service.name": op.project}),
        attributes=_attributes(call, op),
        kind=SpanKind.INTERNAL,
        instrumentation_scope=_SCOPE,
        status=Status(StatusCode.ERROR, error) if call.failed else Status(StatusCode.OK),
        start_time=call.start_ns,
        end_time=call.end_ns,
    )


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))


def _attributes(call: CallWrite, op: OpWrite) -> dict[str, Any]:
    get = call.rest.get
    rest = {name: call.rest[name] for name in _REST if call.rest.get(name) is not None}
    known = {
        "weavelite.call_id": uuid_of_bytes(call.id),
        "weavelite.project": op.project,
        "weavelite.op": op.name,
        "weavelite.op_digest": op.digest,
        "weavelite.kind": op.kind,
        "weavelite.inputs": call.inputs,
        "weavelite.output": call.output,
        "weavelite.rest": orjson.dumps(rest).decode() if rest else None,
        "gen_ai.operation.name": _OPERATIONS.get(op.kind),
        "gen_ai.request.model": get("model"),
        "gen_ai.usage.input_tokens": get("input_tokens"),
        "gen_ai.usage.output_tokens": get("output_tokens"),
        "gen_ai.conversation.id": get("thread_id"),
    }
    return {name: value for name, value in known.items() if value is not None}
