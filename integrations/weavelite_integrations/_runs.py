"""Runs of frameworks that keep a stack of their own, nested with weavelite's calls both ways."""

from typing import Protocol

from weavelite import instrument


class Opened(Protocol):
    """Is an open run: its call, and what was innermost on weavelite's side when it began."""

    call: instrument.Call
    opened_under: instrument.Call | None


def innermost(run: Opened | None, current: instrument.Call | None) -> instrument.Call | None:
    """Gives the inner one of a framework's innermost run and weavelite's innermost call."""
    if run is None or (current is not None and current is not run.opened_under):
        return current  # no run here, or the call was opened inside the run
    return run.call
