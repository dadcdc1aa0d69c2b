"""Pydantic AI: its own OpenTelemetry instrumentation, with a provider of weavelite's own.

Agents that the program has given instrumentation settings keep theirs, and so does the program's
own `Agent.instrument_all`: whoever calls it last decides.
"""

import importlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from weavelite import instrument
from weavelite.otel import tracer_provider

OWNERS = (
    ("pydantic_ai.agent", "Agent"),
    ("pydantic_ai.embeddings", "Embedder"),
    ("pydantic_ai.images", "ImageGenerator"),
)
DEFAULT = "_instrument_default"
SETTINGS = "pydantic_ai.models.instrumented"
STREAMS = "pydantic_ai.models._continuation"
_BEFORE: dict[Any, Any] = {}


def patch() -> None:
    """Traces all agents that have no settings of their own; may be called any number of times."""
    settings = importlib.import_module(SETTINGS).InstrumentationSettings
    for owner in _owners():
        if owner not in _BEFORE and getattr(owner, DEFAULT) is False:
            _BEFORE[owner] = False
            owner.instrument_all(settings(tracer_provider=tracer_provider()))
    instrument.wrap(*_opening(), _recorded)


def unpatch() -> None:
    """Gives agents the settings back that they had."""
    while _BEFORE:
        owner, before = _BEFORE.popitem()
        owner.instrument_all(before)
    instrument.unwrap(*_opening())


def _recorded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Keeps the SDK beneath a stream from telling of it: the span is in another task than that."""

    @asynccontextmanager
    async def opening(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            with instrument.suppress():
                opened = await stack.enter_async_context(original(*args, **kwargs))
            yield opened

    return opening


def _opening() -> tuple[Any, str]:
    return getattr(sys.modules.get(STREAMS), "_ContinuationStreamedResponse", None), "_open_segment"


def _owners() -> Iterator[Any]:
    for module, name in OWNERS:
        owner = getattr(sys.modules.get(module), name, None)
        if hasattr(owner, "instrument_all") and hasattr(owner, DEFAULT):
            yield owner
