"""The one sentence that a comparison comes down to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weavelite.verdicts.decisions import Decision, Verdict
from weavelite.verdicts.metrics import COST_MEAN, ERRORS, LATENCY_MEAN, TOKENS_MEAN, MetricKind
from weavelite.verdicts.wording import capital, figures_text, metric_text, named, plural, power_text


@dataclass(frozen=True, slots=True)
class Said:
    """Is what was decided on a metric, with what it takes to say it."""

    name: str
    kind: MetricKind
    decision: Decision

    @property
    def figures(self) -> str:
        """Is the metric with its difference, interval and p-value."""
        return f"{metric_text(self.name)}: {figures_text(self.decision, self.kind)}"


def headline(decided: Sequence[Said], label: str, base: str) -> str:
    """Says whether a run is better than the baseline, on what, and how sure that is.

    Args:
        decided: the metrics that scorers gave, the one that matters most first.
        label: what the run is called.
        base: what the baseline is called.

    """
    by_verdict = {
        verdict: [said for said in decided if said.decision.verdict == verdict]
        for verdict in ("better", "worse", "undecided", "unchanged")
    }
    better, worse = by_verdict["better"], by_verdict["worse"]
    undecided, unchanged = by_verdict["undecided"], by_verdict["unchanged"]
    if better or worse:
        parts = [
            f"{verdict} on {'; '.join(said.figures for said in found)}"
            for verdict, found in (("better", better), ("worse", worse))
            if found
        ]
        first = parts[0].replace(" on ", f" than {base} on ", 1)
        sentence = "; ".join([f"{label} is {first}", *parts[1:]])
        rest = f"; not decided on {_names(undecided)}" if undecided else ""
        rest += f"; the same on {_names(unchanged)}" if unchanged else ""
        return sentence + rest + _corrected([*better, *worse])
    if undecided:
        return _open(undecided, label, base)
    if unchanged:
        rows = plural(unchanged[0].decision.rows, "row")
        return f"{label} and {base} score the same on every row: {_names(unchanged)}, {rows}"
    return f"Nothing can be decided between {label} and {base}: {_reasons(decided)}"


_ASIDES = {
    LATENCY_MEAN: ("faster", "slower"),
    COST_MEAN: ("cheaper", "more expensive"),
    TOKENS_MEAN: ("shorter in tokens", "longer in tokens"),
    ERRORS: ("less prone to errors", "more prone to errors"),
}


def gist(
    decided: Sequence[Said], others: Mapping[str, Verdict | None], label: str, base: str
) -> str:
    """Says the same as the headline without figures, and what a run takes beside its scores.

    Args:
        decided: the metrics that scorers gave.
        others: the verdicts on what no scorer gives, by the name of the metric.
        label: what the run is called.
        base: what the baseline is called.

    """
    by_verdict = {
        verdict: [said for said in decided if said.decision.verdict == verdict]
        for verdict in ("better", "worse", "undecided", "unchanged")
    }
    parts = [
        f"{verdict} on {_names(by_verdict[verdict])}"
        for verdict in ("better", "worse")
        if by_verdict[verdict]
    ]
    aside = [
        _ASIDES[name][verdict == "worse"]
        for name, verdict in others.items()
        if name in _ASIDES and verdict in ("better", "worse")
    ]
    also = f", and {label} is {' and '.join(aside)}" if aside else ""
    if parts:
        said = "; ".join([parts[0].replace(" on ", f" than {base} on ", 1), *parts[1:]])
        said += f"; {' and '.join(aside)}" if aside else ""
        return f"{label} is {said}"
    if by_verdict["undecided"]:
        return f"Not decided between {label} and {base} on {_names(by_verdict['undecided'])}{also}"
    if by_verdict["unchanged"]:
        return f"{label} and {base} score the same on every row{also}"
    return f"Nothing can be decided between {label} and {base}{also}"


def _open(undecided: Sequence[Said], label: str, base: str) -> str:
    main = undecided[0]
    others = f"; nor on {_names(undecided[1:])}" if undecided[1:] else ""
    power = power_text(main.decision, main.kind)
    said = f"{main.figures}{others}{_corrected([main])}"
    return f"Not decided: {label} against {base} on {said}. {capital(power)}"


def _corrected(said: Sequence[Said]) -> str:
    tested = said[0].decision.tested
    return f"; p-values are corrected for {tested} tests" if tested > 1 else ""


def _names(said: Sequence[Said]) -> str:
    return named([metric_text(each.name) for each in said])


def _reasons(decided: Sequence[Said]) -> str:
    reasons = dict.fromkeys(
        f"{metric_text(said.name)}: {said.decision.why}" for said in decided if said.decision.why
    )
    return "; ".join(reasons) or "no scorer gave both runs a number"
