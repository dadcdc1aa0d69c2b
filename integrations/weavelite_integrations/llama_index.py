"""LlamaIndex: its engines, retrievers, agents, workflows, tools and model calls become calls.

LlamaIndex tells of them by its own instrumentation, at the root dispatcher; the handlers that a
program has there stay. Nothing is put on weavelite's context: the parent is worked out when a call
starts, from LlamaIndex's innermost span.
"""

import importlib
from typing import Any

from weavelite import instrument
from weavelite_integrations._llama_index_handler import EventHandler, SpanHandler, resolve_parent

DISPATCHERS = "llama_index.core.instrumentation"
SPANS, EVENTS = SpanHandler(), EventHandler()


def patch() -> None:
    """Has LlamaIndex tell weavelite of its spans, too; may be called any number of times."""
    instrument.add_parent_resolver(resolve_parent)
    root = _root()
    if SPANS not in root.span_handlers:
        root.span_handlers = [*root.span_handlers, SPANS]
        root.event_handlers = [*root.event_handlers, EVENTS]


def unpatch() -> None:
    """Takes weavelite out again."""
    root = _root()
    root.span_handlers = [one for one in root.span_handlers if one is not SPANS]
    root.event_handlers = [one for one in root.event_handlers if one is not EVENTS]


def _root() -> Any:
    return importlib.import_module(DISPATCHERS).get_dispatcher()
