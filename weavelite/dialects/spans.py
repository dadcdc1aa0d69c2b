"""Spans as OTLP sends them, read from protobuf or from JSON into one plain form.

The JSON form differs from that of protobuf libraries: ids are hexadecimal, enums are numbers,
64-bit integers are texts or numbers, and what has its default may be absent (OTLP specification,
"JSON Protobuf Encoding").
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


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
        resource = _attributes(group.resource.attributes)
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
        attributes=_attributes(span.attributes),
        events=[
            Event(event.name, event.time_unix_nano, _attributes(event.attributes))
            for event in span.events
        ],
        status=span.status.code,
        message=span.status.message,
        links=[
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "attributes": _attributes(link.attributes),
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


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return value.bytes_value.hex()
        case name:
            return getattr(value, name)


def from_json(request: Any) -> Iterator[Sent]:
    """Reads a request that was JSON; raises ValueError for what is none of OTLP.

    A span whose parts are of the wrong type is given without ids, so that it alone is refused.
    """
    for group in _list(_mapping(request), "resourceSpans"):
        resource = _pairs(_mapping(group.get("resource")), "attributes")
        for scope in _list(group, "scopeSpans"):
            name = str(_mapping(scope.get("scope")).get("name") or "")
            for span in _list(scope, "spans"):
                yield Sent(resource, name, _span_of_json(span))


def _span_of_json(span: Mapping[str, Any]) -> Span:
    try:
        return _whole(span)
    except (TypeError, ValueError, OverflowError):
        return Span(b"", b"", b"", str(span.get("name")), 0, 0, 0, 0, {})


def _whole(span: Mapping[str, Any]) -> Span:
    status = _mapping(span.get("status"))
    return Span(
        trace_id=_id(span.get("traceId")),
        span_id=_id(span.get("spanId")),
        parent_id=_id(span.get("parentSpanId")),
        name=str(span.get("name") or ""),
        kind=_int(span.get("kind")),
        flags=_int(span.get("flags")),
        start_ns=_int(span.get("startTimeUnixNano")),
        end_ns=_int(span.get("endTimeUnixNano")),
        attributes=_pairs(span, "attributes"),
        events=[
            Event(
                str(event.get("name") or ""),
                _int(event.get("timeUnixNano")),
                _pairs(event, "attributes"),
            )
            for event in _list(span, "events")
        ],
        status=_int(status.get("code")),
        message=str(status.get("message") or ""),
        links=[
            {
                "trace_id": _id(link.get("traceId")).hex(),
                "span_id": _id(link.get("spanId")).hex(),
                "attributes": _pairs(link, "attributes"),
            }
            for link in _list(span, "links")
        ],
        dropped=_dropped(
            _int(span.get("droppedAttributesCount")),
            _int(span.get("droppedEventsCount")),
            _int(span.get("droppedLinksCount")),
        ),
    )


def _pairs(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {str(pair.get("key")): _plain(pair.get("value")) for pair in _list(holder, name)}


def _plain(value: Any) -> Any:
    """Reads an AnyValue; an empty one is null."""
    for kind, inner in _mapping(value).items():
        match kind:
            case "stringValue":
                return str(inner)
            case "boolValue":
                return bool(inner)
            case "intValue":
                return _int(inner)
            case "doubleValue":
                return _FLOATS.get(inner) if isinstance(inner, str) else float(inner)
            case "arrayValue":
                return [_plain(item) for item in _list(_mapping(inner), "values")]
            case "kvlistValue":
                return _pairs(_mapping(inner), "values")
            case "bytesValue":
                return base64.b64decode(inner).hex()
    return None


def _id(text: Any) -> bytes:
    try:
        return binascii.unhexlify(text or "")
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _int(value: Any) -> int:
    return int(value or 0)


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r:.80} is not an object")
    return value


def _list(holder: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = holder.get(name) or ()
    if not isinstance(found, list | tuple) or not all(isinstance(one, Mapping) for one in found):
        raise ValueError(f"{name} is not a list of objects")
    return found
