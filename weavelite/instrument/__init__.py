"""The public interface for integrations: record a call, wrap a method, read a stream along.

Nothing here raises into the user's program.
"""

from weavelite.instrument.calls import (
    CONTEXT,
    active,
    add_parent_resolver,
    annotate,
    end,
    ensure_started,
    is_on,
    is_recorded_above,
    is_suppressed,
    quiet,
    records_provider,
    start,
    suppress,
)
from weavelite.instrument.methods import Method, trace
from weavelite.instrument.streams import (
    Pieces,
    Reading,
    Result,
    Sum,
    read_along,
    read_items,
)
from weavelite.trace.call import Call
from weavelite.trace.context import current
from weavelite.trace.patching import unwrap, wrap

__all__ = [
    "CONTEXT",
    "Call",
    "Method",
    "Pieces",
    "Reading",
    "Result",
    "Sum",
    "active",
    "add_parent_resolver",
    "annotate",
    "current",
    "end",
    "ensure_started",
    "is_on",
    "is_recorded_above",
    "is_suppressed",
    "quiet",
    "read_along",
    "read_items",
    "records_provider",
    "start",
    "suppress",
    "trace",
    "unwrap",
    "wrap",
]
