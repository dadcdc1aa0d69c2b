"""Spans of this process as calls: mapped like those that come over the wire, kept like calls."""

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from weavelite.dialects.otlp import read_surely
from weavelite.dialects.spans import Event, Sent, Span
from weavelite.journal.frame import ANNOUNCED, BODY, FAILED, REMOTE, Kind
from weavelite.privacy import Privacy
from weavelite.records.writes import Batch, CallWrite
from weavelite.serialize import encode_json
from weavelite.serialize.embedded import EMBEDDED_FROM, lift
from weavelite.serialize.tags import Sink
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.manual import named_op

_KINDS = ("INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
"""In the order of OTLP's numbers, which begin with 1."""


def write(client: Client, span: ReadableSpan, call: Call, kind: Kind = Kind.END) -> None:
    """Appends a span to the journal, as the call that was made for it when it began."""
    op, mapped = read_surely(_sent(span, call), str(client.project))
    [mapped] = _allowed(client, mapped)
    state = named_op(client, op.name, op.kind)
    if not client.awake:
        client.wake()
    client.write_call(state.key, int(kind), _payload(client, mapped, call, state.key))


def _sent(span: ReadableSpan, call: Call) -> Sent:
    """Makes of a span of the SDK what its exporter would send, in the place of its call."""
    parent = call.parent
    made = Span(
        trace_id=call.trace_high.to_bytes(8) + call.trace_low.to_bytes(8),
        span_id=call.low.to_bytes(8),
        parent_id=parent.low.to_bytes(8) if parent is not None else b"",
        name=span.name,
        kind=_KINDS.index(span.kind.name) + 1,
        flags=0,
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        attributes=_plain(span.attributes),
        events=[
            Event(event.name, event.timestamp, _plain(event.attributes)) for event in span.events
        ],
        status=span.status.status_code.value,
        message=span.status.description or "",
        links=[
            {
                "trace_id": f"{link.context.trace_id:032x}",
                "span_id": f"{link.context.span_id:016x}",
                "attributes": _plain(link.attributes),
            }
            for link in span.links
        ],
    )
    scope = span.instrumentation_scope
    return Sent(_plain(span.resource.attributes), scope.name if scope is not None else "", made)


def _plain(attributes: Any) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in (attributes or {}).items()
    }


def _allowed(client: Client, call: CallWrite) -> list[CallWrite]:
    batch = Batch(calls=[call])
    Privacy(client.redact, client.metadata_only).batch(batch)
    return batch.calls


def _payload(client: Client, mapped: CallWrite, call: Call, op_key: int) -> bytes:
    inputs, output = (
        lift(text.encode(), Sink(client.keep)) if len(text) >= EMBEDDED_FROM else text.encode()
        for text in (mapped.inputs, mapped.output or "")
    )
    # Announced: it is looked up as what may be there already, for it may come by OTLP as well.
    flags = (FAILED if mapped.failed else 0) | ANNOUNCED | (REMOTE if call.parent else 0)
    numbers = BODY.pack(
        call.high, call.low, call.trace_high, call.trace_low, call.parent_low, op_key,
        mapped.start_ns, mapped.end_ns or call.end_ns, flags, len(inputs), len(output),
    )  # fmt: skip
    return b"".join((numbers, inputs, output, encode_json(_rest(mapped, call))))


def _rest(mapped: CallWrite, call: Call) -> dict[str, Any]:
    rest = dict(mapped.rest)
    if "tokens" in rest:
        rest["tokens"] = list(rest["tokens"])
    if call._attributes:
        rest["attributes"] = {**call._attributes, **rest.get("attributes", {})}
    if call.thread_id is not None:
        rest.setdefault("thread_id", call.thread_id)
        rest["turn_id"] = call.turn_id
    return rest
