"""A span processor that makes calls of spans, whoever's provider they come from."""

import threading
import time
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk import trace as sdk

from weavelite.ids import new_id
from weavelite.instrument import add_parent_resolver, is_suppressed, records_provider
from weavelite.journal.frame import Kind
from weavelite.otel.calls import write
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.context import AROUND, innermost, tracing_client

_DEEPEST = 1000
_REQUESTS = frozenset(
    {"chat", "text_completion", "generate_content", "embeddings", "LLM", "EMBEDDING"}
)


class OpenSpans:
    """Holds the calls of spans that run now, by trace id and span id."""

    def __init__(self) -> None:
        self._calls: dict[tuple[int, int], Call] = {}
        self._lock = threading.Lock()

    def add(self, span: trace.SpanContext, call: Call) -> None:
        """Notes a span that begins."""
        self._calls[span.trace_id, span.span_id] = call

    def pop(self, span: trace.SpanContext) -> Call | None:
        """Forgets a span that ends."""
        return self._calls.pop((span.trace_id, span.span_id), None)

    def get(self, span: trace.SpanContext) -> Call | None:
        """Returns the call of a span; None of one that does not run, or is not ours to keep."""
        return self._calls.get((span.trace_id, span.span_id))

    def innermost(self, call: Call | None) -> Call | None:
        """Says what is innermost: a call, or the span that is current in OpenTelemetry's context.

        Each began inside what was innermost then. So a current span that is not above the call
        has begun inside of it.
        """
        current = trace.get_current_span().get_span_context()
        return self.inner(call, current) if current.is_valid else call

    def inner(self, call: Call | None, span: trace.SpanContext) -> Call | None:
        """Returns the inner one of a call and of a span; of two traces that do not meet, the call.

        A span that nobody told weavelite of is above calls that have no other parent.
        """
        known = self.get(span)
        if known is None:
            return call if call is not None else _stranger(span)
        above = call
        for _ in range(_DEEPEST):
            if above is None or above is known:
                break
            above = above.parent
        return call if above is known else known


OPEN = OpenSpans()


def _stranger(span: trace.SpanContext) -> Call:
    call = Call()
    call.is_remote = True
    call.trace_high, call.trace_low = divmod(span.trace_id, 1 << 64)
    call.low = span.span_id
    return call


class SpanProcessor(sdk.SpanProcessor):
    """Records spans as calls, in the journal like all others; never raises into the program.

    Add it to a provider of your own: `provider.add_span_processor(SpanProcessor())`. Spans inside
    of an op are below its call, and ops inside of a span below the span; the spans themselves, and
    what other processors make of them, stay as they are.
    """

    def __init__(self) -> None:
        add_parent_resolver(OPEN.innermost)

    def on_start(self, span: sdk.Span, parent_context: otel_context.Context | None = None) -> None:
        """Finds the place of a span."""
        recording.guarded(lambda: self._begin(span), "a span could not be recorded")

    def _begin(self, span: sdk.Span) -> None:
        client, told = tracing_client(), span.get_span_context()
        if client is None or told is None or is_suppressed():
            return
        parent = _parent_of(span)
        if parent is None or not parent.is_dropped:
            call = _call_of(client, span, told, parent)
            OPEN.add(told, call)
            call.write_start = lambda: write(client, span, call, Kind.START)
            client.open_calls[call.low] = call
            if not client.awake:
                client.wake()
            if _asks_a_model(span):  # the SDK of the provider beneath is not to tell it again
                records_provider(span.is_recording)

    def on_end(self, span: sdk.ReadableSpan) -> None:
        """Writes a span."""
        told = span.get_span_context()
        call = OPEN.pop(told) if told is not None else None
        if call is not None and call.client is not None:
            client = call.client
            client.open_calls.pop(call.low, None)
            call.end_ns = span.end_time or time.time_ns()
            recording.guarded(lambda: write(client, span, call), "a span could not be recorded")

    def shutdown(self) -> None:
        """Has nothing to end: what has ended is written."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Has nothing to wait for."""
        return True


def _asks_a_model(span: sdk.Span) -> bool:
    told = span.attributes or {}
    return (
        told.get("gen_ai.operation.name") in _REQUESTS
        or told.get("openinference.span.kind") in _REQUESTS
    )


def _parent_of(span: sdk.Span) -> Call | None:
    """Finds what a span is below: the span that it names, or the call that runs inside of that."""
    call = innermost()
    named = span.parent
    if named is None:
        return call
    if call is not None and (call.low, call.trace_low) == (named.span_id, named.trace_id % 2**64):
        return call
    return OPEN.inner(call, named)


def _call_of(client: Client, span: sdk.Span, told: trace.SpanContext, parent: Call | None) -> Call:
    call = Call()
    call.client, call.is_remote = client, True  # those below are roots until it has ended
    call.trace_high, call.trace_low = divmod(told.trace_id, 1 << 64)
    call.low = told.span_id
    if parent is None:
        parent = client.parent
    if parent is not None:
        call.parent, call.parent_low = parent, parent.low
        call.trace_high, call.trace_low = parent.trace_high, parent.trace_low
        call.thread_id, call.turn_id = parent.thread_id, parent.turn_id
    call.start_ns = time.time_ns()  # the span may say that it began when it likes
    call.high, _ = new_id(span.start_time or 0, 0)
    around = AROUND.get()
    if around is not None:
        call._attributes = around.attributes
        if around.thread is not None:
            around.thread.take(call, parent)
    return call


def call_of(span: Any) -> Call | None:
    """Returns the call of a span that runs, if it is recorded."""
    return OPEN.get(span.get_span_context())
