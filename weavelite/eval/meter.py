"""What is shown of an evaluation while it runs: on a terminal, in a notebook, in a log."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from weavelite.eval.cell import CellResult
from weavelite.prices import Prices
from weavelite.usage import tokens_of

BETWEEN_LINES = 30.0
"""Seconds between lines in a log."""
_BETWEEN_LOOKS = 0.2
_MINUTE, _HOUR = 60, 3600


@dataclass(slots=True)
class Meter:
    """Counts the cells of a run that are done, and what they took."""

    title: str
    total: int
    prices: Prices = field(default_factory=Prices)
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    reused: int = 0
    model_errors: int = 0
    scorer_errors: int = 0
    outside_errors: int = 0
    tokens: int = 0
    cost: float = 0.0
    models: set[str] = field(default_factory=set)
    rescored: Counter[str] = field(default_factory=Counter)
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def add(self, result: CellResult) -> None:
        """Counts a cell."""
        self.done += 1
        if result.earlier is not None:
            self.reused += 1
            self.rescored.update(result.scores.keys() - result.reused)
        failures = [*result.scorer_failures.values()]
        self.scorer_errors += sum(not failure.is_infrastructure for failure in failures)
        if result.model_failure is not None:
            self.model_errors += not result.model_failure.is_infrastructure
            failures.append(result.model_failure)
        self.outside_errors += sum(failure.is_infrastructure for failure in failures)
        for model, usage in result.usages:
            self._spend(model, usage)

    def _spend(self, model: str | None, usage: dict[str, Any]) -> None:
        tokens = tokens_of(usage)
        if tokens is None:
            return
        self.tokens += tokens.input_tokens + tokens.output_tokens
        if model is not None:
            self.models.add(model)
            self.cost += self.prices.total(model, None, time.time_ns(), tokens) or 0.0

    @property
    def rate(self) -> float:
        """Is how many cells are run in a second."""
        seconds = self.clock() - self.started
        return (self.done - self.reused) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Is about how long the rest takes; None while nothing is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None

    def parts(self) -> list[str]:
        """Says what there is to say, shortest first things first."""
        errors = [
            f"{count} {what}"
            for count, what in (
                (self.model_errors, "model errors"),
                (self.scorer_errors, "scorer errors"),
                (self.outside_errors, "infrastructure errors"),
            )
            if count
        ]
        rate = self.rate
        shown = f"{rate:.1f}/s" if rate >= 1 else f"{rate * _MINUTE:.1f}/min" if rate else ""
        spent = [
            f"{self.reused:,} reused" if self.reused else "",
            shown,
            f"{self.tokens:,} tokens" if self.tokens else "",
            f"${self.cost:,.4f}" if self.cost else "",
            f"{duration(self.seconds_left)} left" if self.seconds_left is not None else "",
        ]
        return [*errors, *filter(None, spent)]

    def line(self) -> str:
        """Says all in one line."""
        return " · ".join([f"{self.title}: {self.done:,} of {self.total:,} cells", *self.parts()])


def duration(seconds: float) -> str:
    """Writes about how long something takes."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"


class Display(Protocol):
    """Shows a meter now and then."""

    def show(self, meter: Meter) -> None:
        """Shows how far a run is."""

    def close(self) -> None:
        """Takes away what is no longer true."""


@contextmanager
def metered(meter: Meter, display: Display | None = None) -> Iterator[Callable[[CellResult], None]]:
    """Shows a meter while the block runs; cells are counted by what it is given."""
    shown = display or _display(meter)
    looked = meter.started
    lock = threading.Lock()

    def done(result: CellResult) -> None:
        nonlocal looked
        with lock:
            meter.add(result)
            now = meter.clock()
            if now - looked < _BETWEEN_LOOKS and meter.done < meter.total:
                return
            looked = now
            shown.show(meter)

    try:
        yield done
    finally:
        shown.close()


def _display(meter: Meter) -> Display:
    if _is_notebook():
        return NotebookDisplay()
    return TerminalDisplay(meter) if _is_terminal() else LogDisplay(meter.started)


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class TerminalDisplay:
    """Is a bar that goes away at the end."""

    def __init__(self, meter: Meter) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rest]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(meter.title, total=meter.total, rest="")

    def show(self, meter: Meter) -> None:
        """Moves the bar."""
        self._bar.update(self._task, completed=meter.done, rest=" · ".join(meter.parts()))

    def close(self) -> None:
        """Takes the bar away."""
        self._bar.stop()


class NotebookDisplay:
    """Is one line below a cell of a notebook, in place of the one before."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, meter: Meter) -> None:
        """Writes the line."""
        from IPython.display import display

        said = {"text/plain": meter.line()}
        if self._handle is None:
            self._handle = display(said, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(said, raw=True)

    def close(self) -> None:
        """Leaves the last line where it is."""


class LogDisplay:
    """Is a line now and then, for runs that take long."""

    def __init__(self, started: float) -> None:
        self._next = started + BETWEEN_LINES

    def show(self, meter: Meter) -> None:
        """Writes a line, if the last is old."""
        now = meter.clock()
        if now >= self._next:
            self._next = now + BETWEEN_LINES
            print(meter.line(), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Has nothing to take away."""
