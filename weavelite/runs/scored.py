"""What the rows of single runs say, which is read once of those that have ended."""

from weavelite.records.answers import CallDetail
from weavelite.runs.reading import evaluate_call, read_cells, run_directions
from weavelite.store.base import Store
from weavelite.verdicts.alone import RunScores, run_scores

MOST = 2000


class Scored:
    """Keeps what was read of runs that have ended: how many cells they have, and their scores."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._scores: dict[str, RunScores] = {}
        self.counts: dict[str, int] = {}
        """Are the cells of runs that have ended, by the ids of the runs."""

    def scores(self, store: Store, project: str, call_id: str) -> RunScores:
        """Returns what the rows of a run say so far."""
        call = evaluate_call(store, project, call_id)
        found = self._scores.get(call.id)
        if found is None:
            cells = read_cells(store, project, call)
            found = run_scores(call.id, cells, run_directions(call))
            if _has_ended(call):
                self._keep(found)
        return found

    def _keep(self, found: RunScores) -> None:
        while len(self._scores) >= self._most:
            self._scores.pop(next(iter(self._scores)))
        self._scores[found.id] = found

    def forget(self) -> None:
        """Forgets all: something was deleted."""
        self._scores.clear()
        self.counts.clear()


def _has_ended(call: CallDetail) -> bool:
    return call.status in ("success", "error")
