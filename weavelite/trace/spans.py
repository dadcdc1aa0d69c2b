"""Calls as OpenTelemetry spans: the same ids, GenAI attributes, and all that weavelite knows.

Content goes along where the user allows it: for other collectors in the names of the conventions,
and word for word for another weavelite, in which the calls then are the same.
"""

from typing import Any

import orjson
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from weavelite.dialects.messages import Message, answered, asked
from weavelite.dialects.reading import loads
from weavelite.ids import uuid_of_bytes
from weavelite.records.writes import (
    CallWrite,
    OpWrite,
)
from weavelite.redaction import name_of_error
from weavelite.store.metering import provider_of, reports_of
from weavelite.version import __version__

_OPERATIONS = {
    "llm": "chat",
    "tool": "execute_tool",
    "agent": "invoke_agent",
    "embedding": "embeddings",
    "retriever": "retrieval",
}
_KINDS = {"llm", "tool", "agent", "embedding", "retriever", "reranker", "chain", "guardrail"}
"""Are kinds that OpenInference has, too."""
_NAMED = {"tool": "gen_ai.tool.name", "agent": "gen_ai.agent.name"}
_SCOPE = InstrumentationScope("weavelite", __version__)
_FIGURES = ("sum_tokens", "thread_id", "turn_id")
_REST = ("summary", "attributes", "exception", "display_name", "provider", *_FIGURES)
_BUCKETS = {
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_write": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
    "input_audio": "gen_ai.usage.details.input_audio_tokens",
    "output_audio": "gen_ai.usage.details.output_audio_tokens",
}
"""Are the buckets of tokens that the conventions tell apart, beside input and output."""


class Resources:
    """Makes the resource of each project, from what the environment says of this program.

    Made where the program begins: the SDK looks around in threads, which cannot begin at its end.
    """

    def __init__(self) -> None:
        self._base = Resource.create()
        self._known: dict[str, Resource] = {}

    def of(self, project: str) -> Resource:
        """Returns the resource of a project, named after it unless OTEL_SERVICE_NAME is set."""
        known = self._known.get(project)
        if known is None:
            name = str(self._base.attributes.get("service.name", "unknown_service"))
            own = {"service.name": project} if name.startswith("unknown_service") else {}
            known = self._known[project] = self._base.merge(Resource(own))
        return known


def readable_span(
    call: CallWrite, op: OpWrite, resource: Resource, *, content: bool
) -> ReadableSpan:
    """Makes the span of an ended call; without content it says what ran, when, and how much."""
    trace_id = int.from_bytes(call.trace_id)
    parent = None
    if call.parent_span is not None:
        parent = _context(trace_id, int.from_bytes(call.parent_span))
    error = call.rest.get("error")
    if error is not None and not content:
        error = name_of_error(str(error))
    shown = call.rest.get("display_name") if content else None
    return ReadableSpan(
        name=str(shown or op.name),
        context=_context(trace_id, int.from_bytes(call.span_id)),
        parent=parent,
        resource=resource,
        attributes={**_attributes(call, op), **(_content(call, op) if content else {})},
        kind=SpanKind.CLIENT if op.kind in ("llm", "embedding") else SpanKind.INTERNAL,
        instrumentation_scope=_SCOPE,
        status=Status(StatusCode.ERROR, error) if call.failed else Status(StatusCode.OK),
        start_time=call.start_ns,
        end_time=call.end_ns,
    )


def _context(trace_id: int, span_id: int) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))


def _attributes(call: CallWrite, op: OpWrite) -> dict[str, Any]:
    get = call.rest.get
    error = get("error")
    known = {
        "weavelite.call_id": uuid_of_bytes(call.id),
        "weavelite.project": op.project,
        "weavelite.op": op.name,
        "weavelite.op_digest": op.digest,
        "weavelite.kind": op.kind,
        "weavelite.rest": _figures(call.rest),
        "openinference.span.kind": op.kind.upper() if op.kind in _KINDS else None,
        "gen_ai.operation.name": _OPERATIONS.get(op.kind),
        _NAMED.get(op.kind, ""): op.name.rpartition(".")[2] if op.kind in _NAMED else None,
        "gen_ai.request.model": get("model"),
        "gen_ai.provider.name": provider_of(call.rest),
        "gen_ai.usage.input_tokens": get("input_tokens"),
        "gen_ai.usage.output_tokens": get("output_tokens"),
        "gen_ai.conversation.id": get("thread_id"),
        "error.type": name_of_error(str(error)) if error is not None else None,
        **_buckets(call.rest),
    }
    return {name: value for name, value in known.items() if value is not None}


def _figures(rest: dict[str, Any]) -> str | None:
    """Writes what is known beside the content: of a summary, only what providers report."""
    told = {name: rest[name] for name in _FIGURES if rest.get(name) is not None}
    if (provider := provider_of(rest)) is not None:
        told["provider"] = provider
    summary = rest.get("summary")
    if isinstance(summary, dict) and "usage" in summary:
        told["summary"] = {"usage": summary["usage"]}
    return orjson.dumps(told).decode() if told else None


def _buckets(rest: dict[str, Any]) -> dict[str, int]:
    counts = [tokens._asdict() for *_, tokens in reports_of(rest)]
    sums = {name: sum(each[bucket] for each in counts) for bucket, name in _BUCKETS.items()}
    return {name: count for name, count in sums.items() if count}


def _content(call: CallWrite, op: OpWrite) -> dict[str, Any]:
    rest = {name: call.rest[name] for name in _REST if call.rest.get(name) is not None}
    known: dict[str, Any] = {
        "weavelite.inputs": call.inputs,
        "weavelite.output": call.output,
        "weavelite.rest": orjson.dumps(rest).decode() if rest else None,
    }
    if op.kind in ("llm", "agent"):
        known["gen_ai.input.messages"] = _parts(asked(loads(call.inputs)))
        known["gen_ai.output.messages"] = _parts(_answer(call.output))
    elif op.kind == "tool":
        known["gen_ai.tool.call.arguments"] = call.inputs
        known["gen_ai.tool.call.result"] = call.output
    if known.get("gen_ai.input.messages") is None:
        known["input.value"], known["output.value"] = call.inputs, call.output
        known["input.mime_type"] = known["output.mime_type"] = "application/json"
    return {name: value for name, value in known.items() if value is not None}


def _answer(output: str | None) -> list[Message] | None:
    value = loads(output)
    return [{"role": "assistant", "content": value}] if isinstance(value, str) else answered(value)


def _parts(messages: list[Message] | None) -> str | None:
    """Writes messages as the GenAI conventions have them."""
    if not messages:
        return None
    return orjson.dumps([_message(message) for message in messages]).decode()


def _message(message: Message) -> dict[str, Any]:
    parts: list[Any] = []
    content = message.get("content")
    if message["role"] == "tool":
        answer = {"type": "tool_call_response", "response": content}
        parts.append({**answer, "id": message.get("tool_call_id")})
    else:
        if message.get("reasoning_content"):
            parts.append({"type": "reasoning", "content": message["reasoning_content"]})
        for each in content if isinstance(content, list) else [content] if content else []:
            is_text = isinstance(each, str) or (isinstance(each, dict) and "text" in each)
            text = each if isinstance(each, str) else each.get("text") if is_text else None
            parts.append({"type": "text", "content": text} if is_text else each)
        for call in message.get("tool_calls", ()):
            function = call["function"]
            parts.append(
                {"type": "tool_call", "id": call["id"], "name": function["name"],
                 "arguments": loads(function["arguments"])}
            )  # fmt: skip
    made = {"role": message["role"], "parts": parts}
    reason = message.get("finish_reason")
    return {**made, "finish_reason": reason} if reason else made
