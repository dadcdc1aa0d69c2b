"""A tracer provider of weavelite's own, to hand to any instrumentor."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from weavelite.otel.processor import SpanProcessor, call_of
from weavelite.trace.context import innermost, innermost_is

_SAMPLED = trace.TraceFlags(trace.TraceFlags.SAMPLED)
_MOST = 100_000
"""Attributes of a span: conventions that number those of messages need more than the SDK's 128."""


def tracer_provider(*, attach: bool = False, **options: Any) -> "Provider":
    """Makes a provider whose spans are calls: `Instrumentor().instrument(tracer_provider=...)`.

    The global provider stays what it is. Spans nest among each other and with ops; other
    providers' spans do not nest in them.

    Args:
        attach: puts current spans on OpenTelemetry's context too: then other providers' spans
            become children of these, and `get_current_span()` finds them.
        **options: for the SDK's TracerProvider, such as `resource` or `sampler`.

    """
    return Provider(attach, options)


class Provider(trace.TracerProvider):
    """Makes tracers whose spans become calls."""

    def __init__(self, attach: bool, options: dict[str, Any]) -> None:
        limits = SpanLimits(max_span_attributes=_MOST, max_attributes=_MOST)
        self._attach = attach
        self._sdk = TracerProvider(
            **{"sampler": ALWAYS_ON, "span_limits": limits, "shutdown_on_exit": False, **options}
        )
        self._sdk.add_span_processor(SpanProcessor())

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        """Makes a tracer for a library."""
        return _Tracer(self._sdk.get_tracer(*args, **kwargs), self._attach)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sdk, name)


class _Tracer(trace.Tracer):
    """Begins spans under the innermost call or span here, and makes current ones the innermost."""

    def __init__(self, tracer: trace.Tracer, attach: bool) -> None:
        self._tracer, self._attach = tracer, attach

    def start_span(
        self, name: str, context: Context | None = None, *args: Any, **kwargs: Any
    ) -> trace.Span:
        return self._tracer.start_span(name, _under_innermost(context), *args, **kwargs)

    @contextmanager
    def _current(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: Any = None,
        links: Any = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[trace.Span]:
        span = self.start_span(
            name, context, kind, attributes, links, start_time, record_exception,
            set_status_on_exception,
        )  # fmt: skip
        with ExitStack() as around:
            call = call_of(span)
            if call is not None:
                around.enter_context(innermost_is(call))
            if self._attach:
                around.enter_context(
                    trace.use_span(span, False, record_exception=False,
                                   set_status_on_exception=False)
                )  # fmt: skip
            try:
                yield span
            except Exception as error:
                _note(span, error, record_exception, set_status_on_exception)
                raise
            finally:
                if end_on_exit:
                    span.end()

    start_as_current_span = _current  # type: ignore[assignment]


def _note(span: trace.Span, error: Exception, record: bool, fail: bool) -> None:
    if not span.is_recording():
        return
    if record:
        span.record_exception(error)
    if fail:
        failed = trace.StatusCode.ERROR
        span.set_status(trace.Status(failed, f"{type(error).__name__}: {error}"))


def _under_innermost(context: Context | None) -> Context | None:
    """Puts the innermost call into a context, unless the context names a span of its own."""
    told = trace.get_current_span(context).get_span_context()
    if context is not None and told != trace.get_current_span().get_span_context():
        return context
    call = innermost()
    if call is None or call.is_dropped:
        return context
    span_context = trace.SpanContext(
        call.trace_high << 64 | call.trace_low, call.low, is_remote=False, trace_flags=_SAMPLED
    )
    above = context if context is not None else get_current()
    return trace.set_span_in_context(trace.NonRecordingSpan(span_context), above)
