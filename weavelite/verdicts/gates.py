"""Gates: what a run has to hold so that a change may go in, and whether it does; pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from weavelite.errors import EvaluationError
from weavelite.verdicts.compared import ComparedMetric
from weavelite.verdicts.comparison import Comparison
from weavelite.verdicts.decisions import Decision
from weavelite.verdicts.metrics import ERRORS, Metric, MetricKind, metric
from weavelite.verdicts.power import LEVEL
from weavelite.verdicts.runs import EvaluationRun
from weavelite.verdicts.wording import (
    difference_text,
    figures_text,
    interval_text,
    metric_text,
    named,
    p_text,
    plural,
    power_text,
    size_text,
    value_text,
)

GateKind = Literal["fail_under", "fail_over", "not_worse"]
Outcome = Literal["held", "broken", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Is one thing that a run has to hold.

    Args:
        metric: its name, as tables show it.
        kind: at least a value, at most a value, or not worse than the baseline.
        value: that value, or by how much the metric may be worse.
        strict: of not_worse: what is not decided does not hold either.

    """

    metric: str
    kind: GateKind
    value: float = 0.0
    strict: bool = False

    @property
    def text(self) -> str:
        """Says what has to hold."""
        if self.kind == "fail_under":
            return f"{self.metric} at least {self.value:g}"
        if self.kind == "fail_over":
            return f"{self.metric} at most {self.value:g}"
        by = f" by more than {self.value:g}" if self.value else ""
        return f"{self.metric} not worse{by}" + (", for sure" if self.strict else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Is what came of a gate: it held, it is broken, or nobody can tell; and why, in a sentence."""

    gate: Gate
    outcome: Outcome
    said: str


def read_gate(text: str, kind: GateKind, *, strict: bool = False) -> Gate:
    """Reads `METRIC=VALUE`, of not_worse also `METRIC`; raises EvaluationError."""
    name, equals, number = text.rpartition("=")
    if not equals and kind == "not_worse":
        name, number = text, "0"
    try:
        value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not name.strip() or not math.isfinite(value) or (kind == "not_worse" and value < 0):
        form = "METRIC or METRIC=MARGIN" if kind == "not_worse" else "METRIC=VALUE"
        raise EvaluationError(f"{text!r} is no gate: write {form}, such as exact=0.02.")
    return Gate(metric=name.strip(), kind=kind, value=value, strict=strict)


def rule(
    gate: Gate,
    run: EvaluationRun,
    comparison: Comparison | None,
    *,
    alone: str = "there is no baseline",
    allowed_errors: int = 0,
) -> Ruling:
    """Says whether a run holds a gate.

    Args:
        gate: what has to hold.
        run: the run.
        comparison: the baseline and the run; None where there is no baseline.
        alone: why there is none.
        allowed_errors: so many rows and scores may be missing; more leave the gate undecided.

    """
    if run.status != "success":
        return _undecided(gate, f"the run did not come to its end ({run.status})")
    found = _metric(gate.metric, run, comparison)
    blocked = _errors(run, found, allowed_errors)
    if blocked:
        return _undecided(gate, blocked)
    if found is None:
        return _undecided(gate, _unknown(gate.metric, run))
    if gate.kind != "not_worse":
        return _rule_on_value(gate, found)
    if comparison is None:
        return _undecided(gate, alone)
    return _rule_on_difference(gate, comparison)


def _undecided(gate: Gate, why: str) -> Ruling:
    return Ruling(gate=gate, outcome="undecided", said=f"cannot be decided: {why}")


def _metric(name: str, run: EvaluationRun, comparison: Comparison | None) -> Metric | None:
    """Finds a metric of a run by its name, or by what tables call it."""
    if name == ERRORS:
        share = run.errors.model / run.rows if run.rows else math.nan
        return metric(ERRORS, None, "fraction", share, run.directions)
    for each in run.metrics:
        if name in (each.name, metric_text(each.name)):
            return each
    compared = None if comparison is None else _compared(name, comparison)
    if compared is None:
        return None
    told = comparison.runs[-1].directions if comparison is not None else None
    return metric(compared.name, compared.scorer, compared.kind, compared.values[-1], told)


def _compared(name: str, comparison: Comparison) -> ComparedMetric | None:
    return next(
        (each for each in comparison.metrics if name in (each.name, metric_text(each.name))), None
    )


def _unknown(name: str, run: EvaluationRun) -> str:
    known = named([metric_text(each.name) for each in run.metrics]) or "none"
    return f"the run has no metric {name!r}; it has: {known}"


class _Lost(NamedTuple):
    """Is a number of rows or scores that are missing, and why."""

    number: int
    what: str
    why: str


def _errors(run: EvaluationRun, found: Metric | None, allowed: int) -> str | None:
    """Says which errors took away some of what a metric is made of, if more than are allowed."""
    lost = [each for each in _lost(run.summary, found) if each.number]
    if sum(each.number for each in lost) <= allowed:
        return None
    return "; ".join(f"{plural(each.number, each.what)} missing, {each.why}" for each in lost)


def _lost(summary: Any, found: Metric | None) -> list[_Lost]:
    errors = _mapping(_mapping(summary).get(ERRORS))
    outside = _mapping(errors.get("infrastructure"))
    rows = [_Lost(_count(outside.get("model")), "answer", "the infrastructure failed")]
    if found is not None and found.name == ERRORS:
        return rows
    rows.append(_Lost(_count(errors.get("model")), "answer", "the model raised an error"))
    for told, why in ((errors, "raised an error"), (outside, "met infrastructure that failed")):
        for scorer, count in _mapping(told.get("scorers")).items():
            if found is None or found.scorer == scorer:
                rows.append(_Lost(_count(count), "score", f"{scorer} {why}"))
    return rows


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _rule_on_value(gate: Gate, found: Metric) -> Ruling:
    if found.value is None or math.isnan(found.value):
        return _undecided(gate, f"{gate.metric} is {value_text(found.value, found.kind)}")
    is_under = gate.kind == "fail_under"
    held = found.value >= gate.value if is_under else found.value <= gate.value
    word = "at least" if is_under else "at most"
    said = f"{value_text(found.value, found.kind)}, wanted {word} "
    return Ruling(
        gate=gate,
        outcome="held" if held else "broken",
        said=said + value_text(gate.value, found.kind),
    )


def _rule_on_difference(gate: Gate, comparison: Comparison) -> Ruling:
    """Holds a difference against the margin: broken when all of the interval is beyond it."""
    found = _compared(gate.metric, comparison)
    decision = found.decisions[-1] if found is not None else None
    if found is None or decision is None:
        return _undecided(gate, f"no row has {gate.metric} in both runs")
    if decision.why is not None:
        return _undecided(gate, decision.why)
    if found.higher_is_better is None:
        return _undecided(
            gate, f"nobody said which way of {gate.metric} is better (lower_is_better=[...])"
        )
    if decision.left_out > decision.rows:
        return _undecided(gate, _too_few(decision))
    base = comparison.labels[0]
    if decision.verdict == "unchanged":
        return Ruling(gate=gate, outcome="held", said=f"the same as {base} on every row")
    worst, best = _gains(decision, found.higher_is_better)
    figures, by = f"{_figures(decision, found.kind)} against {base}", _by(gate, found.kind)
    if decision.p is not None and decision.p < LEVEL and best < -gate.value:
        return Ruling(gate=gate, outcome="broken", said=f"worse{by}: {figures}")
    if worst > -gate.value:
        return Ruling(gate=gate, outcome="held", said=f"not worse{by}: {figures}")
    said = f"not shown to be worse{by}: {figures}{_power(decision, found.kind)}"
    return Ruling(gate=gate, outcome="undecided" if gate.strict else "held", said=said)


def _too_few(decision: Decision) -> str:
    return (
        f"{plural(decision.rows, 'row')} in both runs, and {decision.left_out:,} in one alone: "
        "compare runs of the same rows"
    )


def _gains(decision: Decision, higher_is_better: bool) -> tuple[float, float]:
    """Is the interval in the better direction; a difference that never varies is its own."""
    low, high = decision.low, decision.high
    if low is None or high is None:
        if decision.rows < 2 or decision.estimate is None:
            return -math.inf, math.inf
        low = high = decision.estimate
    return (low, high) if higher_is_better else (-high, -low)


def _figures(decision: Decision, kind: MetricKind) -> str:
    """Writes a difference with the p-value of its own: a gate was chosen beforehand."""
    if decision.low is None or decision.p is None:
        return figures_text(decision, kind)
    interval = interval_text(decision, kind)
    difference = difference_text(decision.estimate, kind)
    rows = plural(decision.rows, "row")
    return f"{difference} (95 % interval {interval}, {p_text(decision.p)}, {rows})"


def _by(gate: Gate, kind: MetricKind) -> str:
    return f" by more than {size_text(gate.value, kind)}" if gate.value else ""


def _power(decision: Decision, kind: MetricKind) -> str:
    power = power_text(decision, kind)
    return f"; {power}" if power else ""
