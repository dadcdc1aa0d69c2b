"""OpenTelemetry inside the program: spans that become calls, and trace context in and out.

`tracer_provider()` and `SpanProcessor` need `pip install "weavelite[otel]"`; the rest does not, and
nothing here is imported by `import weavelite`. The global provider is never set or changed.
"""

from typing import TYPE_CHECKING, Any

from weavelite.otel.web import AsgiMiddleware, WsgiMiddleware, headers, traceparent

if TYPE_CHECKING:
    from weavelite.otel.processor import SpanProcessor
    from weavelite.otel.provider import tracer_provider

__all__ = [
    "AsgiMiddleware",
    "SpanProcessor",
    "WsgiMiddleware",
    "headers",
    "traceparent",
    "tracer_provider",
]

_NEEDING_THE_SDK = {"SpanProcessor": "processor", "tracer_provider": "provider"}


def __getattr__(name: str) -> Any:
    if name not in _NEEDING_THE_SDK:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from weavelite.errors import MissingExtraError

    try:
        module = import_module(f"{__name__}.{_NEEDING_THE_SDK[name]}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise MissingExtraError(f"weavelite.otel.{name}", "otel") from None
    return getattr(module, name)
