"""What the cells of runs say, which is read once of those that have ended."""

import threading
from typing import NamedTuple

from weavelite.records.answers import CallDetail
from weavelite.runs.reading import evaluate_call, read_columns, run_directions
from weavelite.store.base import Store
from weavelite.verdicts.alone import RunScores, run_scores
from weavelite.verdicts.columns import RunCells

MOST_RUNS = 2_000
MOST_CELLS = 80_000
"""Cells that are kept as columns: about half a kilobyte each."""


class ReadRun(NamedTuple):
    """Is the call of a run, with what it cost, and its cells as columns."""

    call: CallDetail
    cells: RunCells


class _Kept(NamedTuple):
    """Is what was read of a run, and of which state of its trace."""

    state: str
    run: ReadRun


class Scored:
    """Keeps what was read of runs that have ended: how many cells they have, and their numbers.

    Args:
        most_cells: how many are kept as columns.

    """

    def __init__(self, most_cells: int = MOST_CELLS) -> None:
        self._most_cells = most_cells
        self._lock = threading.Lock()
        self._scores: dict[str, RunScores] = {}
        self._runs: dict[str, _Kept] = {}
        self.counts: dict[str, int] = {}
        """Are the cells of runs that have ended, by the ids of the runs."""

    def scores(self, store: Store, project: str, call_id: str) -> RunScores:
        """Returns what the rows of a run say so far."""
        found = self._scores.get(evaluate_call(store, project, call_id, only_header=True).id)
        if found is None:
            call, cells = self.run(store, project, call_id)
            if cells.open:
                cells = read_columns(store, project, call, only_ended=True)
            found = run_scores(call.id, cells, run_directions(call))
            if _has_ended(call):
                with self._lock:
                    while len(self._scores) >= MOST_RUNS:
                        self._scores.pop(next(iter(self._scores)))
                    self._scores[found.id] = found
        return found

    def run(self, store: Store, project: str, call_id: str) -> ReadRun:
        """Returns a run; its cells are read when its trace is not as it was."""
        call = evaluate_call(store, project, call_id, only_header=True)
        state = store.trace_state(project, call.trace_id)
        with self._lock:
            kept = self._runs.pop(call.id, None)
            if kept is not None and kept.state == state:
                self._runs[call.id] = kept  # is the newest again
                return kept.run
        call = evaluate_call(store, project, call_id)
        found = ReadRun(call, read_columns(store, project, call))
        if _has_ended(call) and not found.cells.open:
            self._keep(_Kept(state, found))
        return found

    def _keep(self, kept: _Kept) -> None:
        with self._lock:
            room = self._most_cells - len(kept.run.cells.keys)
            while self._runs and sum(len(of.run.cells.keys) for of in self._runs.values()) > room:
                self._runs.pop(next(iter(self._runs)))
            if room >= 0:
                self._runs[kept.run.call.id] = kept

    def forget(self) -> None:
        """Forgets all: something was deleted."""
        with self._lock:
            self._scores.clear()
            self._runs.clear()
            self.counts.clear()


def _has_ended(call: CallDetail) -> bool:
    return call.status in ("success", "error")
