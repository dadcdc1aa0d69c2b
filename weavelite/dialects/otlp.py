"""Spans to records; the raw span rests beside what is made of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from weavelite.dialects import aliases
from weavelite.dialects.bodies import inputs_of, loads, output_of
from weavelite.dialects.spans import Sent, Span
from weavelite.errors import InvalidNameError
from weavelite.ids import id_of_span, short_key, uuid_bytes
from weavelite.records.writes import (
    Batch,
    CallWrite,
    OpWrite,
)
from weavelite.refs import DEFAULT_ENTITY, parse_project
from weavelite.serialize import encode_json
from weavelite.usage import Tokens, tokens_of, tokens_of_span

_NOT_IN_PROJECTS = re.compile(r"[^a-z0-9._-]+")

FAILED = 2
PARENT_IS_REMOTE = 0x200
"""A bit of `Span.flags` of OTLP (trace.proto, SpanFlags)."""
ERROR_LINE = 200


@dataclass(slots=True)
class Mapped:
    """Is what a request holds: a batch, and how many spans were refused, and why."""

    batch: Batch = field(default_factory=Batch)
    rejected: int = 0
    reason: str = ""


def read_spans(sent: Iterable[Sent], project: str | None = None) -> Mapped:
    """Maps spans; those without valid ids or times are refused.

    The project is the given one, else the attribute `weavelite.project` of the span or the
    resource, else `service.name`, else "otlp".
    """
    mapped, seen = Mapped(), set()
    for resource, scope, span in sent:
        problem = _problem(span)
        if problem is not None:
            mapped.rejected += 1
            mapped.reason = problem
            continue
        op, call = _read_span(span, resource, scope, project)
        mapped.batch.calls.append(call)
        if op.key not in seen:
            seen.add(op.key)
            mapped.batch.ops.append(op)
    return mapped


def _problem(span: Span) -> str | None:
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return "a trace id is 16 bytes, not all zero"
    if len(span.span_id) != 8 or not any(span.span_id):
        return "a span id is 8 bytes, not all zero"
    if span.end_ns and span.end_ns < span.start_ns:
        return f"span {span.name!r} ends before it starts"
    if not 0 <= span.start_ns < 1 << 63 or not 0 <= span.end_ns < 1 << 63:
        return f"span {span.name!r} is out of time"
    return None


def _read_span(
    span: Span, resource: dict[str, Any], scope: str, project: str | None
) -> tuple[OpWrite, CallWrite]:
    attributes = span.attributes
    op = _op(span.name, attributes, project or _project(attributes, resource))
    op.created_ns = span.start_ns
    own = attributes.get("weavelite.call_id")
    call = CallWrite(
        id=_own_id(own) or id_of_span(span.trace_id, span.span_id, span.start_ns),
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span=span.parent_id if any(span.parent_id) else None,
        op_key=op.key,
        start_ns=span.start_ns,
        end_ns=span.end_ns or None,
        failed=span.status == FAILED,
        inputs=encode_json(inputs_of(attributes)).decode(),
        output=_json(output_of(attributes)),
        rest=_rest(span, resource, scope),
        fresh=False,
        remote=bool(span.flags & PARENT_IS_REMOTE),
    )
    return op, call


def _op(name: str, attributes: dict[str, Any], project: str) -> OpWrite:
    name = str(attributes.get("weavelite.op") or name or "span")
    kind = aliases.kind_of(attributes)
    digest = attributes.get("weavelite.op_digest")
    key = short_key("\0".join((project, name, kind, str(digest or ""))))
    return OpWrite(key, project, name, kind, digest)


def _own_id(text: Any) -> bytes | None:
    try:
        return uuid_bytes(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _project(attributes: dict[str, Any], resource: dict[str, Any]) -> str:
    for source in (attributes, resource):
        if isinstance(named := aliases.first(source, aliases.PROJECT), str):
            return _valid(named)
    return _valid(str(resource.get("service.name") or "otlp"))


def _valid(text: str) -> str:
    try:
        return str(parse_project(text))
    except InvalidNameError:
        kept = _NOT_IN_PROJECTS.sub("-", text.lower()).strip("-._")[:64]
        return f"{DEFAULT_ENTITY}/{kept or 'otlp'}"


def _rest(span: Span, resource: dict[str, Any], scope: str) -> dict[str, Any]:
    attributes = span.attributes
    own = loads(attributes.get("weavelite.rest"))
    rest: dict[str, Any] = dict(own) if isinstance(own, dict) else {}
    rest["model"] = aliases.first(attributes, aliases.MODEL)
    tokens = _tokens(attributes)
    if tokens is not None:
        rest["input_tokens"], rest["output_tokens"] = tokens.input_tokens, tokens.output_tokens
        rest["tokens"] = tokens
    rest["provider"] = aliases.provider_of(attributes)
    rest.setdefault("thread_id", aliases.first(attributes, aliases.THREAD))
    events = [
        {"name": event.name, "time_ns": event.time_ns, "attributes": event.attributes}
        for event in span.events
    ]
    if span.status == FAILED:
        rest.update(_error(span.message, events, rest))
    if "weavelite.call_id" not in attributes:
        rest["otel"] = {
            "name": span.name,
            "kind": span.kind,
            "scope": scope,
            "attributes": attributes,
            "resource": resource,
            "events": events,
            "status": {"code": span.status, "message": span.message},
        }
    return {key: value for key, value in rest.items() if value is not None}


def _error(message: str, events: list[dict[str, Any]], rest: dict[str, Any]) -> dict[str, Any]:
    raised: dict[str, Any] = next((e["attributes"] for e in events if e["name"] == "exception"), {})
    kind, text = raised.get("exception.type"), raised.get("exception.message")
    line = message or (f"{kind}: {text}" if kind else "error")
    trace = rest.get("exception") or raised.get("exception.stacktrace") or line
    return {"error": line.partition("\n")[0][:ERROR_LINE], "exception": trace}


def _tokens(attributes: dict[str, Any]) -> Tokens | None:
    report = aliases.first(attributes, aliases.USAGE_REPORTS)
    found = None if report is None else tokens_of(loads(report))
    return found if found is not None else tokens_of_span(attributes)


def _json(value: Any) -> str | None:
    return None if value is None else encode_json(value).decode()
