"""Spans to records; the raw span rests beside what is made of it."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from weavelite.dialects import about, aliases
from weavelite.dialects.bodies import MODELS, inputs_of, output_of
from weavelite.dialects.events import told
from weavelite.dialects.reading import collect, loads
from weavelite.dialects.spans import Event, Sent, Span
from weavelite.dialects.tools import answering_model
from weavelite.errors import InvalidNameError
from weavelite.ids import id_of_span, short_key, uuid_bytes
from weavelite.records.writes import (
    Batch,
    CallWrite,
    OpWrite,
)
from weavelite.refs import DEFAULT_ENTITY, parse_project
from weavelite.serialize import encode_json

logger = logging.getLogger("weavelite")

VERSION = 1
"""Is the version of this mapping: calls that an older one made can be mapped again."""

_NOT_IN_PROJECTS = re.compile(r"[^a-z0-9._-]+")
NAMELESS = f"{DEFAULT_ENTITY}/otlp"
"""Is the project of services without a name."""
OWN = "weavelite.call_id"
"""Is an attribute of spans that were calls of weavelite: these tell everything themselves."""


@dataclass(slots=True)
class Mapped:
    """Is what a request holds: a batch, and how many spans were refused, and why."""

    batch: Batch = field(default_factory=Batch)
    rejected: int = 0
    reason: str = ""


def read_spans(sent: Iterable[Sent], project: str | None = None) -> Mapped:
    """Maps spans; those without valid ids or times are refused.

    The project is the given one, else the attribute `weavelite.project` of the span or the
    resource, else `service.name`, else that of the others of its trace, else "otlp".
    """
    mapped, seen = Mapped(), set()
    for one, named in _with_projects(sent, project):
        problem = _problem(one.span)
        if problem is not None:
            mapped.rejected += 1
            mapped.reason = problem
            continue
        if one.span.attributes.get("logfire.span_type") == "pending_span":
            continue  # stands for a span that will come itself
        op, call = read_surely(one, named)
        mapped.batch.calls.append(call)
        if op.key not in seen:
            seen.add(op.key)
            mapped.batch.ops.append(op)
    return mapped


def _problem(span: Span) -> str | None:
    if len(span.trace_id) != 16 or not any(span.trace_id):
        return "a trace id is 16 bytes, not all zero"
    if len(span.parent_id) not in (0, 8):
        return "a parent's span id is 8 bytes"
    if len(span.span_id) != 8 or not any(span.span_id):
        return "a span id is 8 bytes, not all zero"
    if span.end_ns and span.end_ns < span.start_ns:
        return f"span {span.name!r} ends before it starts"
    if not 0 <= span.start_ns < 1 << 63 or not 0 <= span.end_ns < 1 << 63:
        return f"span {span.name!r} is out of time"
    return None


def _with_projects(sent: Iterable[Sent], project: str | None) -> Iterator[tuple[Sent, str]]:
    if project is not None:
        yield from ((one, project) for one in sent)
        return
    named = [(one, project_of(one)) for one in sent]
    of_traces = {one.span.trace_id: found for one, found in named if found is not None}
    for one, found in named:
        yield one, found or of_traces.get(one.span.trace_id) or NAMELESS


def read_surely(sent: Sent, project: str) -> tuple[OpWrite, CallWrite]:
    """Maps a span; one that has what no mapping expects is kept raw, and can be mapped later."""
    try:
        return read_span(sent, project)
    except Exception:  # attributes may hold anything, and a request must not fail by one of them
        logger.warning("weavelite keeps a span that it cannot read as it came.", exc_info=True)
        span = replace(sent.span, attributes={}, events=[])
        op, call = read_span(sent._replace(span=span), project)
        return op, call._replace(rest={**call.rest, "otel": raw_span(sent)})


def read_span(sent: Sent, project: str) -> tuple[OpWrite, CallWrite]:
    """Maps one span, whose ids and times are valid."""
    span, attributes = sent.span, sent.span.attributes
    known = collect(told(attributes, span.events))
    kind = aliases.kind_of(known)
    op = _op(span.name, kind, attributes, project)
    op.created_ns = span.start_ns
    call = CallWrite(
        id=_own_id(attributes.get(OWN)) or id_of_span(span.trace_id, span.span_id, span.start_ns),
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span=span.parent_id if _has_parent(span) else None,
        op_key=op.key,
        start_ns=span.start_ns,
        end_ns=span.end_ns or None,
        failed=about.failed(span, known),
        inputs=encode_json(inputs_of(known, kind)).decode(),
        output=_json(output_of(known, kind)),
        rest=_rest(sent, known, kind),
        fresh=False,
        remote=_has_parent(span),  # it may come later, or be sent elsewhere, or be left out
    )
    return op, call


def _has_parent(span: Span) -> bool:
    return any(span.parent_id) and span.parent_id != span.span_id


def _op(name: str, kind: str, attributes: dict[str, Any], project: str) -> OpWrite:
    name = str(attributes.get("weavelite.op") or name or "span")
    digest = attributes.get("weavelite.op_digest")
    key = short_key("\0".join((project, name, kind, str(digest or ""))))
    return OpWrite(key, project, name, kind, digest)


def _own_id(text: Any) -> bytes | None:
    try:
        return uuid_bytes(text) if isinstance(text, str) else None
    except ValueError:
        return None


def project_of(sent: Sent) -> str | None:
    """Says to which project a span belongs; None of a service that has no name."""
    for source in (sent.span.attributes, sent.resource):
        if isinstance(named := aliases.first(source, aliases.PROJECT), str):
            return _valid(named)
    service = str(sent.resource.get("service.name") or "")
    return None if not service or service.startswith("unknown_service") else _valid(service)


def _valid(text: str) -> str:
    try:
        return str(parse_project(text))
    except InvalidNameError:
        kept = _NOT_IN_PROJECTS.sub("-", text.lower()).strip("-._")[:64]
        return f"{DEFAULT_ENTITY}/{kept}" if kept else NAMELESS


def _rest(sent: Sent, known: dict[str, Any], kind: str) -> dict[str, Any]:
    span = sent.span
    rest = _own_rest(span.attributes)
    tokens = about.tokens(known)
    if kind in MODELS or tokens is not None:  # of an agent, it is named by the calls below
        rest["model"] = aliases.text_of(known, aliases.MODEL) or answering_model(known)
    if tokens is not None:
        rest["input_tokens"], rest["output_tokens"] = tokens.input_tokens, tokens.output_tokens
        if "usage" not in rest.get("summary", ()):  # else this has the provider's words
            rest["tokens"] = tokens
    if "thread_id" not in rest:
        rest["thread_id"] = about.thread_of(known)
    if about.failed(span, known):
        said = about.error_of(span, known, span.events)
        rest["error"] = said["error"]
        rest.setdefault("exception", said["exception"])
    if OWN not in span.attributes:
        rest["provider"] = aliases.provider_of(known)
        rest["attributes"] = about.attributes_of(span, known) or None
        rest["display_name"] = about.shown_name(span.name, kind, known)
        rest["otel"] = raw_span(sent)
    return {key: value for key, value in rest.items() if value is not None}


_OWN_REST = {
    "summary": dict, "attributes": dict, "exception": str, "display_name": str, "provider": str,
    "sum_tokens": int, "thread_id": str, "turn_id": str,
}  # fmt: skip


def _own_rest(attributes: dict[str, Any]) -> dict[str, Any]:
    """Takes what weavelite tells of its own calls, though anybody may have written anything."""
    own = loads(attributes.get("weavelite.rest"))
    if not isinstance(own, dict):
        return {}
    return {name: own[name] for name, kind in _OWN_REST.items() if isinstance(own.get(name), kind)}


def raw_span(sent: Sent) -> dict[str, Any]:
    """Writes a span as it rests beside what is made of it; `sent_again` reads it."""
    span = sent.span
    raw = {
        "name": span.name,
        "kind": span.kind,
        "scope": sent.scope,
        "attributes": span.attributes,
        "resource": sent.resource,
        "events": [raw_event(event) for event in span.events],
        "status": {"code": span.status, "message": span.message},
        "mapping": VERSION,
    }
    if span.links:
        raw["links"] = span.links
    if span.dropped:
        raw["dropped"] = span.dropped
    return raw


def raw_event(event: Event) -> dict[str, Any]:
    """Writes an event as it rests in a raw span."""
    raw = {"name": event.name, "time_ns": event.time_ns, "attributes": event.attributes}
    return raw if event.body is None else {**raw, "body": event.body}


def _json(value: Any) -> str | None:
    return None if value is None else encode_json(value).decode()
