"""Spans as OTLP sends them, read from protobuf or from JSON into one plain form.

The JSON form differs from that of protobuf libraries: ids are hexadecimal, enums are numbers,
64-bit integers are texts or numbers, and what has its default may be absent (OTLP specification,
"JSON Protobuf Encoding").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from weavelite.dialects.anyvalues import attributes, id_of, int_of, list_of, mapping_of, pairs


@dataclass(slots=True)
class Event:
    """Is something that happened in a span."""

    name: str
    time_ns: int
    attributes: dict[str, Any]
    body: Any = None
    """Is what a log record says, where the event came as one."""


@dataclass(slots=True)
class Span:
    """Is a span; times are nanoseconds, 0 where there is none."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    name: str
    kind: int
    flags: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    events: list[Event] = field(default_factory=list)
    status: int = 0
    message: str = ""
    links: list[dict[str, Any]] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    """Counts what the sender left out, by name, because its limits were reached."""


class Sent(NamedTuple):
    """Is a span with what it was sent under."""

    resource: dict[str, Any]
    scope: str
    span: Span


def from_protobuf(request: Any) -> Iterator[Sent]:
    """Reads an ExportTraceServiceRequest."""
    for group in request.resource_spans:
        resource = attributes(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Sent(resource, scope.scope.name, _span(span))


def _span(span: Any) -> Span:
    return Span(
        trace_id=bytes(span.trace_id),
        span_id=bytes(span.span_id),
        parent_id=bytes(span.parent_span_id),
        name=span.name,
        kind=span.kind,
        flags=span.flags,
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
        attributes=attributes(span.attributes),
        events=[
            Event(event.name, event.time_unix_nano, attributes(event.attributes))
            for event in span.events
        ],
        status=span.status.code,
        message=span.status.message,
        links=[
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "attributes": attributes(link.attributes),
            }
            for link in span.links
        ],
        dropped=_dropped(
            span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count
        ),
    )


def _dropped(attributes: int, events: int, links: int) -> dict[str, int]:
    counts = {"attributes": attributes, "events": events, "links": links}
    return {name: count for name, count in counts.items() if count}


def from_json(request: Any) -> Iterator[Sent]:
    """Reads a request that was JSON; raises ValueError for what is none of OTLP.

    A span whose parts are of the wrong type is given without ids, so that it alone is refused.
    """
    for group in list_of(mapping_of(request), "resourceSpans"):
        resource = pairs(mapping_of(group.get("resource")), "attributes")
        for scope in list_of(group, "scopeSpans"):
            name = str(mapping_of(scope.get("scope")).get("name") or "")
            for span in list_of(scope, "spans"):
                yield Sent(resource, name, _span_of_json(span))


def _span_of_json(span: Mapping[str, Any]) -> Span:
    try:
        return _whole(span)
    except (TypeError, ValueError, OverflowError):
        return Span(b"", b"", b"", str(span.get("name")), 0, 0, 0, 0, {})


def _whole(span: Mapping[str, Any]) -> Span:
    status = mapping_of(span.get("status"))
    return Span(
        trace_id=id_of(span.get("traceId")),
        span_id=id_of(span.get("spanId")),
        parent_id=id_of(span.get("parentSpanId")),
        name=str(span.get("name") or ""),
        kind=int_of(span.get("kind")),
        flags=int_of(span.get("flags")),
        start_ns=int_of(span.get("startTimeUnixNano")),
        end_ns=int_of(span.get("endTimeUnixNano")),
        attributes=pairs(span, "attributes"),
        events=[
            Event(
                str(event.get("name") or ""),
                int_of(event.get("timeUnixNano")),
                pairs(event, "attributes"),
            )
            for event in list_of(span, "events")
        ],
        status=int_of(status.get("code")),
        message=str(status.get("message") or ""),
        links=[
            {
                "trace_id": id_of(link.get("traceId")).hex(),
                "span_id": id_of(link.get("spanId")).hex(),
                "attributes": pairs(link, "attributes"),
            }
            for link in list_of(span, "links")
        ],
        dropped=_dropped(
            int_of(span.get("droppedAttributesCount")),
            int_of(span.get("droppedEventsCount")),
            int_of(span.get("droppedLinksCount")),
        ),
    )
