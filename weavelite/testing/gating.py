"""Holds runs in the store against their baselines."""

from collections.abc import Sequence
from dataclasses import dataclass

from weavelite.runs.choosing import Runs
from weavelite.runs.reading import compare_calls, read_run
from weavelite.store.base import Store
from weavelite.testing.baselines import Baseline, baseline_for
from weavelite.verdicts import Comparison, EvaluationRun
from weavelite.verdicts.gates import Gate, Ruling, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Says what runs have to hold, and against what; see `baseline_for`."""

    gates: Sequence[Gate] = ()
    baseline: str | None = None
    main: str | None = None
    allowed_errors: int = 0


@dataclass(slots=True, kw_only=True)
class Judged:
    """Is a run, its baseline if there is one, and what came of the gates."""

    run: EvaluationRun
    baseline: Baseline
    comparison: Comparison | None
    rulings: list[Ruling]

    @property
    def passes(self) -> bool:
        """Tells whether every gate held."""
        return all(ruling.outcome == "held" for ruling in self.rulings)


def judge_run(store: Store, project: str, run_id: str, terms: Terms) -> Judged:
    """Compares a run with its baseline, and says which gates it holds; raises NotFoundError."""
    call = store.call(project, run_id, costs=True)
    run = read_run(store, project, call)
    baseline = baseline_for(Runs(store, project, run.evaluation), call, terms.baseline, terms.main)
    comparison = None
    if baseline.run is not None:
        comparison = compare_calls(store, project, [baseline.run, call])
        run = comparison.runs[-1]
    rulings = [
        rule(gate, run, comparison, alone=baseline.said, allowed_errors=terms.allowed_errors)
        for gate in terms.gates
    ]
    return Judged(run=run, baseline=baseline, comparison=comparison, rulings=rulings)
