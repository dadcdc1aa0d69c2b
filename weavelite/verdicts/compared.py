"""The metrics of runs side by side, and the decision on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from weavelite.verdicts.decisions import Decision, Tested, Verdict, decide, paired_test
from weavelite.verdicts.fairness import Side, changed_scorers
from weavelite.verdicts.headline import Said
from weavelite.verdicts.metrics import OUTPUT, MetricKind
from weavelite.verdicts.series import Series, all_metrics
from weavelite.verdicts.unpaired import reason
from weavelite.verdicts.wording import (
    capital,
    decision_text,
    interval_text,
    metric_text,
    power_text,
)


@dataclass(slots=True, kw_only=True)
class ComparedMetric:
    """Is a metric of all runs, and its difference to the first, the baseline.

    `differences` are those of the values; `decisions` are about the rows that both runs have.
    """

    name: str
    scorer: str | None
    kind: MetricKind
    higher_is_better: bool | None
    values: list[float | None]
    differences: list[float | None]
    decisions: list[Decision | None]


class _Case(NamedTuple):
    """Is a test among those that are corrected together; `why` says that it gives no verdict."""

    metric: ComparedMetric
    place: int
    test: Tested
    why: str | None


def is_quality(metric: ComparedMetric) -> bool:
    """Tells the metrics that say how good a run is: of scorers, with a direction."""
    return (
        metric.scorer is not None
        and metric.scorer != OUTPUT
        and metric.higher_is_better is not None
    )


def main_decisions(metrics: Sequence[ComparedMetric], place: int) -> list[Said]:
    """Lists what the headline of a run speaks of."""
    return [
        Said(metric.name, metric.kind, decision)
        for metric in metrics
        if is_quality(metric) and (decision := metric.decisions[place]) is not None
    ]


def other_verdicts(metrics: Sequence[ComparedMetric], place: int) -> dict[str, Verdict | None]:
    """Lists the verdicts on what no scorer gives."""
    return {
        metric.name: decision.verdict
        for metric in metrics
        if metric.scorer is None and (decision := metric.decisions[place]) is not None
    }


def compared_metrics(
    sides: Sequence[Side], series: Sequence[Mapping[str, Series]]
) -> list[ComparedMetric]:
    """Puts the metrics of runs side by side, and decides on each."""
    by_run = all_metrics([side.run for side in sides], series)
    compared = []
    for name in dict.fromkeys(name for metrics in by_run for name in metrics):
        found = [metrics.get(name) for metrics in by_run]
        first = next(metric for metric in found if metric is not None)
        values = [metric.value if metric is not None else None for metric in found]
        compared.append(
            ComparedMetric(
                name=name,
                scorer=first.scorer,
                kind=first.kind,
                higher_is_better=first.higher_is_better,
                values=values,
                differences=[_difference(value, values[0]) for value in values],
                decisions=[None] * len(sides),
            )
        )
    _decide(compared, sides, series)
    return compared


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


def _decide(
    metrics: Sequence[ComparedMetric],
    sides: Sequence[Side],
    series: Sequence[Mapping[str, Series]],
) -> None:
    """Fills in the decisions, each corrected for how many there are of its family."""
    families: dict[str, list[_Case]] = {}
    for place, other in enumerate(sides[1:], 1):
        changed = changed_scorers(sides[0].run, other.run)
        for metric in metrics:
            base, found = series[0].get(metric.name), series[place].get(metric.name)
            why = reason(metric.name, [metric.values[0], metric.values[place]], [base, found])
            test = None
            if why is None and base is not None and found is not None:
                test = paired_test(base, found, metric.higher_is_better)
                why = "no row has it in both runs" if test is None else None
            if test is None:
                _note(metric, place, Decision(why=why, estimate=metric.differences[place]), sides)
                continue
            if metric.scorer in changed:
                why = f"{metric.scorer} is not the same version in both"
            families.setdefault(_family(metric, why), []).append(_Case(metric, place, test, why))
    for family in families.values():
        decisions = decide([case.test for case in family])
        for case, decision in zip(family, decisions, strict=True):
            if case.why is not None:
                decision = replace(decision, verdict=None, why=case.why)
            _note(case.metric, case.place, decision, sides)


def _family(metric: ComparedMetric, why: str | None) -> str:
    if why is not None:
        return "no verdict"
    return "quality" if is_quality(metric) else ("cost" if metric.scorer is None else "neutral")


def _note(metric: ComparedMetric, place: int, decision: Decision, sides: Sequence[Side]) -> None:
    said = decision_text(decision, metric.name, metric.kind, sides[place].label, sides[0].label)
    power = power_text(decision, metric.kind)
    interval = interval_text(decision, metric.kind)
    metric.decisions[place] = replace(decision, interval=interval, said=said, power=capital(power))


def footnotes(metrics: Sequence[ComparedMetric], place: int) -> list[str]:
    """Says of a run's metrics without a verdict why, and what the undecided ones would take."""
    found = []
    for metric in metrics:
        decision, name = metric.decisions[place], metric_text(metric.name)
        if decision is None:
            continue
        if decision.why is not None:
            found.append(f"{name}: no verdict, {decision.why}")
        elif decision.power:
            found.append(f"{name}: {decision.power[:1].lower()}{decision.power[1:]}")
    return found
