"""The OpenAI Agents SDK: its traces, agents, tools, handoffs and model calls become calls.

The SDK tells of them by its own interface for processors; what it tells OpenAI of them is not
touched. The processor puts nothing on weavelite's context: the parent is worked out when a call
starts, from the SDK's innermost span.
"""

import sys
from collections.abc import Callable
from typing import Any

from weavelite import instrument
from weavelite_integrations._agents_processor import PROCESSOR, resolve_parent

TRACING = "agents.tracing"


def patch() -> None:
    """Has the SDK tell weavelite of its spans, too; may be called any number of times."""
    tracing = sys.modules.get(TRACING)
    if not hasattr(tracing, "add_trace_processor"):
        return  # a package of the user's own that is named agents
    instrument.add_parent_resolver(resolve_parent)
    multi = _multi()
    if multi is None or PROCESSOR in multi._processors:
        return
    multi.set_processors([*multi._processors, PROCESSOR])
    instrument.wrap(type(multi), "set_processors", _keeping)


def unpatch() -> None:
    """Takes weavelite out again."""
    multi = _multi()
    if multi is not None:
        instrument.unwrap(type(multi), "set_processors")
        multi.set_processors([one for one in multi._processors if one is not PROCESSOR])


def _multi() -> Any:
    tracing = sys.modules.get(TRACING)
    provider = tracing.get_trace_provider() if tracing is not None else None
    return getattr(provider, "_multi_processor", None)


def _keeping(original: Callable[..., None]) -> Callable[..., None]:
    """Keeps weavelite where a program replaces the processors: it means the upload to OpenAI."""

    def set_processors(self: Any, processors: Any) -> None:
        listed = list(processors)
        original(self, listed if PROCESSOR in listed else [*listed, PROCESSOR])

    return set_processors
