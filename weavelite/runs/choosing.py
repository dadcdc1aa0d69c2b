"""Finds the runs that a user names: by id, the start of one, a name, or their place in time."""

from collections.abc import Sequence

from weavelite.errors import NotFoundError, QueryError
from weavelite.records.answers import CallDetail
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.baselines import marked
from weavelite.runs.reading import evaluate_call, evaluate_calls
from weavelite.store.base import Store

LATEST, PREVIOUS, BASELINE = "latest", "previous", "baseline"
SHORTEST = 4
MOST_RUNS = 8
ID_LENGTH = 32


class Runs:
    """Is the runs of a project, newest first, and which of them were marked as baselines.

    Args:
        store: where they rest.
        project: their project.
        evaluation: the name of the evaluation; by default runs of all.

    """

    def __init__(self, store: Store, project: str, evaluation: str | None = None) -> None:
        self._store = store
        self._project = project
        calls = evaluate_calls(store, project)
        self.calls = [call for call in calls if evaluation in (None, _name_in(call, "self"))]
        self._marked = marked(store, project)

    def choose(self, text: str) -> CallDetail:
        """Returns the run that a text means; raises NotFoundError, or QueryError for several.

        Args:
            text: `latest`, `baseline` (of the latest), `previous` (before the latest), an id, the
                start of an id, the name of a run, or the name of a model: its newest run.

        """
        if text == LATEST:
            return self.latest()
        if text == PREVIOUS:
            return self._found(self.before(self.latest()), "There is only one finished run")
        if text == BASELINE:
            return self._found(self.baseline_of(self.latest()), "There is no run to compare with")
        return self._by_id(text) or self._by_name(text) or self._nothing(text)

    def latest(self) -> CallDetail:
        """Returns the newest run."""
        return self._found(next(iter(self.calls), None), "There is no evaluation yet")

    def before(self, run: CallDetail) -> CallDetail | None:
        """Returns the newest finished run of the same evaluation that began before a run."""
        for call in self.calls:
            earlier = (call.start_us, call.id) < (run.start_us, run.id)
            if earlier and call.status == "success" and _same_evaluation(call, run):
                return call
        return None

    def baseline_of(self, run: CallDetail) -> CallDetail | None:
        """Returns what a run is measured against: the run that was marked last, else `before`."""
        by_id = {call.id: call for call in self.calls}
        for run_id in self._marked:
            call = by_id.get(run_id)
            if call is not None and _same_evaluation(call, run):
                return self.before(run) if call.id == run.id else call
        return self.before(run)

    def is_marked(self, run: CallDetail) -> bool:
        """Tells whether a run was marked as the baseline."""
        return run.id in self._marked

    def _by_id(self, text: str) -> CallDetail | None:
        start = text.lower().replace("-", "")
        if len(start) < SHORTEST or not set(start) <= set("0123456789abcdef"):
            return None
        found = [call for call in self.calls if call.id.replace("-", "").startswith(start)]
        if len(found) > 1:
            raise QueryError(
                f"{len(found)} runs have ids that start with {text}: write more of it,"
                " `weavelite eval ls` prints enough."
            )
        if found:
            return found[0]
        return evaluate_call(self._store, self._project, text) if len(start) == ID_LENGTH else None

    def _by_name(self, text: str) -> CallDetail | None:
        for name_of in (run_name, model_name):
            for call in self.calls:
                if name_of(call) == text:
                    return call
        return None

    def _nothing(self, text: str) -> CallDetail:
        names = dict.fromkeys(run_name(call) for call in self.calls[:5])
        known = f"; the newest are: {', '.join(names)}" if names else ": there is none yet"
        raise NotFoundError(f"There is no run {text!r} of an evaluation in {self._project}{known}.")

    def _found(self, call: CallDetail | None, otherwise: str) -> CallDetail:
        if call is None:
            raise NotFoundError(f"{otherwise} in {self._project}: run an evaluation first.")
        return call


def chosen_runs(runs: Runs, texts: Sequence[str]) -> list[CallDetail]:
    """Returns the runs to compare, the baseline first: by default that of the latest, and it.

    One text is compared with its baseline. Raises QueryError when a run is named twice.
    """
    found = [runs.choose(text) for text in texts] or [runs.latest()]
    if len(found) == 1:
        baseline = runs.baseline_of(found[0])
        if baseline is None:
            raise NotFoundError(
                f"There is no finished run before {run_name(found[0])} to compare it with:"
                " `weavelite eval ls` lists the runs, name two of them."
            )
        found.insert(0, baseline)
    if len({call.id for call in found}) < len(found):
        raise QueryError(f"{' and '.join(texts)} are the same run: name another.")
    if len(found) > MOST_RUNS:
        raise QueryError(f"At most {MOST_RUNS} runs can be compared: {len(found)} were asked for.")
    return found


def run_name(call: CallDetail) -> str:
    """Returns what a run is called."""
    return call.display_name or call.op_name


def model_name(call: CallDetail) -> str | None:
    """Returns the name of the model of a run."""
    return _name_in(call, "model")


def _same_evaluation(one: CallDetail, other: CallDetail) -> bool:
    """Tells whether two runs are of the same evaluation, in whichever version."""
    return _name_in(one, "self") == _name_in(other, "self")


def _name_in(call: CallDetail, key: str) -> str | None:
    value = call.inputs.get(key) if isinstance(call.inputs, dict) else None
    return parse_ref(str(value)).name if is_ref(value) else None


def short_ids(ids: Sequence[str]) -> list[str]:
    """Shortens ids as far as they can still be told apart."""
    for length in range(8, 36):
        short = [each[:length].rstrip("-") for each in ids]
        if len(set(short)) == len(ids):
            return short
    return list(ids)
