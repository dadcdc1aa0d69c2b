"""Spans that rest in a store, mapped again: after an upgrade, or when events of theirs came."""

from collections.abc import Mapping, Sequence
from typing import Any

from weavelite.dialects.otlp import read_surely
from weavelite.dialects.spans import Event, Sent, Span
from weavelite.records.writes import CallWrite, KeptSpan, OpWrite


def with_events(raw: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns a raw span with more events, in the order of their times; each once."""
    known = list(raw.get("events") or ())
    known += [event for event in events if event not in known]
    return {**raw, "events": sorted(known, key=lambda event: event.get("time_ns") or 0)}


def map_again(kept: KeptSpan, events: Sequence[Mapping[str, Any]]) -> tuple[OpWrite, CallWrite]:
    """Maps a span from what is kept of it and from events that came, by the mapping of today."""
    return read_surely(sent_again(kept._replace(raw=with_events(kept.raw, events))), kept.project)


def sent_again(kept: KeptSpan) -> Sent:
    """Makes of a span that rests in a store what its sender sent."""
    raw = kept.raw
    status = raw.get("status") or {}
    span = Span(
        trace_id=kept.trace_id,
        span_id=kept.span_id,
        parent_id=kept.parent_span or b"",
        name=str(raw.get("name") or ""),
        kind=raw.get("kind") or 0,
        flags=0,
        start_ns=kept.start_ns,
        end_ns=kept.end_ns or 0,
        attributes=raw.get("attributes") or {},
        events=[
            Event(each["name"], each.get("time_ns") or 0, each["attributes"], each.get("body"))
            for each in raw.get("events") or ()
        ],
        status=status.get("code") or 0,
        message=str(status.get("message") or ""),
        links=raw.get("links") or [],
        dropped=raw.get("dropped") or {},
    )
    return Sent(raw.get("resource") or {}, str(raw.get("scope") or ""), span)
