"""Log records as OTLP sends them: of those that are events of a span, the events.

Current conventions tell the content of a call in events that come as logs, before their span or
after it. Other log records are not weavelite's to keep.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from weavelite.dialects.anyvalues import (
    attributes,
    id_of,
    int_of,
    list_of,
    mapping_of,
    pairs,
    plain_of,
    value_of,
)
from weavelite.dialects.events import CONTENT
from weavelite.dialects.otlp import raw_event
from weavelite.dialects.spans import Event
from weavelite.records.writes import EventWrite
from weavelite.serialize import encode_json


class SentEvent(NamedTuple):
    """Is an event with the span that it belongs to."""

    trace_id: bytes
    span_id: bytes
    event: Event


def events_of(sent: Iterable[SentEvent]) -> Iterator[EventWrite]:
    """Makes what is kept of events until their spans are there, and after."""
    for trace_id, span_id, event in sent:
        yield EventWrite(trace_id, span_id, encode_json(raw_event(event)).decode())


def from_protobuf(request: Any) -> Iterator[SentEvent]:
    """Reads the events in an ExportLogsServiceRequest."""
    for group in request.resource_logs:
        for scope in group.scope_logs:
            for record in scope.log_records:
                if len(record.trace_id) != 16 or len(record.span_id) != 8:
                    continue
                told = attributes(record.attributes)
                name = record.event_name or told.get("event.name")
                if name in CONTENT:
                    at = record.time_unix_nano or record.observed_time_unix_nano
                    event = Event(str(name), at, told, value_of(record.body))
                    yield SentEvent(bytes(record.trace_id), bytes(record.span_id), event)


def from_json(request: Any) -> Iterator[SentEvent]:
    """Reads the events in a request that was JSON; raises ValueError for what is none of OTLP."""
    for group in list_of(mapping_of(request), "resourceLogs"):
        for scope in list_of(group, "scopeLogs"):
            for record in list_of(scope, "logRecords"):
                try:
                    sent = _event(record)
                except (TypeError, ValueError, OverflowError):
                    continue
                if sent is not None:
                    yield sent


def _event(record: Mapping[str, Any]) -> SentEvent | None:
    trace_id, span_id = id_of(record.get("traceId")), id_of(record.get("spanId"))
    told = pairs(record, "attributes")
    name = record.get("eventName") or told.get("event.name")
    if len(trace_id) != 16 or len(span_id) != 8 or name not in CONTENT:
        return None
    at = int_of(record.get("timeUnixNano")) or int_of(record.get("observedTimeUnixNano"))
    return SentEvent(trace_id, span_id, Event(str(name), at, told, plain_of(record.get("body"))))
