"""Keeps a model call from being recorded twice: by the framework, and by the client it uses."""

from collections.abc import Callable
from contextvars import ContextVar

from weavelite import instrument

# A framework's model run that is open here; tells whether it still awaits its provider's answer.
# Nobody resets it (LangChain ends runs in contexts of their own), so it must know its own end.
awaiting_provider: ContextVar[Callable[[], bool] | None] = ContextVar(
    "weavelite_awaiting_provider", default=None
)


def recorded_above() -> bool:
    """Tells whether a provider call made here is already recorded by the framework around it."""
    if instrument.is_suppressed():
        return True
    awaiting = awaiting_provider.get()
    return awaiting is not None and awaiting()
