"""The metrics of a run: numbers of its summary, their units, and which way is better."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MetricKind = Literal["fraction", "number", "seconds", "tokens", "dollars"]
Directions = Mapping[str, Any]
"""Says of metrics, by name or dotted prefix, what is better: higher, lower or neutral."""

LATENCY, TOKENS, ERRORS, OUTPUT = "model_latency", "model_tokens", "errors", "output"
LATENCY_MEAN, TOKENS_MEAN = f"{LATENCY} (mean)", f"{TOKENS} (mean)"
COST_TOTAL, COST_PART, COST_MEAN = "cost (total)", "cost (known part)", "cost (mean)"
KINDS: dict[str, MetricKind] = {
    LATENCY_MEAN: "seconds", TOKENS_MEAN: "tokens", COST_MEAN: "dollars", ERRORS: "fraction",
}  # fmt: skip
"""Are the metrics that no scorer gives: of each, less is better."""
_LARGEST = 1 << 1000


@dataclass(slots=True, kw_only=True)
class Metric:
    """Is one number of a summary, with its unit and which way is better (None: not known)."""

    name: str
    scorer: str | None
    kind: MetricKind
    value: float | None
    higher_is_better: bool | None


def metrics_of(summary: Any, directions: Directions | None = None) -> list[Metric]:
    """Lists the numbers of a summary: of scorers, then of the output, then latency and tokens."""
    if not isinstance(summary, Mapping):
        return []
    found: list[Metric] = []
    for name, value in summary.items():
        if name in (LATENCY, TOKENS):
            mean = value.get("mean") if isinstance(value, Mapping) else None
            found.append(metric(f"{name} (mean)", None, KINDS[f"{name} (mean)"], mean, directions))
        elif name != ERRORS:
            found += _leaves(name, name, value, directions)
    return sorted(found, key=rank)


def metric(
    name: str,
    scorer: str | None,
    kind: MetricKind,
    value: Any,
    directions: Directions | None = None,
) -> Metric:
    """Makes a metric; its direction is what the run says, else what goes without saying."""
    return Metric(
        name=name,
        scorer=scorer,
        kind=kind,
        value=float(value) if isinstance(value, int | float) else None,
        higher_is_better=is_higher_better(name, scorer, directions or {}),
    )


def is_higher_better(name: str, scorer: str | None, directions: Directions) -> bool | None:
    """Says which way of a metric is better: as told of it or of what it is in, else as usual."""
    known: bool | None = scorer is not None
    if scorer == OUTPUT:
        known = None
    path = name.partition(" (")[0]
    while path:
        if (said := directions.get(path)) in ("higher", "lower", "neutral"):
            return None if said == "neutral" else said == "higher"
        path = path.rpartition(".")[0]
    return known


def rank(metric: Metric) -> int:
    """Says where a metric stands in a list: scores, output, errors, then what it took."""
    if metric.kind in ("seconds", "tokens", "dollars"):
        return 3
    if metric.scorer is None:
        return 2
    return int(metric.scorer == OUTPUT)


def _leaves(scorer: str, name: str, value: Any, directions: Directions | None) -> list[Metric]:
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        return []
    if isinstance(value, Mapping):
        if "true_fraction" in value:
            return [metric(name, scorer, "fraction", value["true_fraction"], directions)]
        if set(value) == {"mean"}:
            return [metric(name, scorer, "number", _number(value["mean"]), directions)]
        if (number := _number(value)) is None:
            return [
                leaf
                for key, item in value.items()
                for leaf in _leaves(scorer, f"{name}.{key}", item, directions)
            ]
        value = number
    return [metric(name, scorer, "number", value, directions)]


def numbers(scores: Any, prefix: str = "") -> list[tuple[str, bool | float]]:
    """Names the numbers and bools inside scores: `{"s": {"a": True}}` gives `("s.a", True)`."""
    found: list[tuple[str, bool | float]] = []
    _find(scores, prefix, found)
    return found


def _find(scores: Any, prefix: str, found: list[tuple[str, bool | float]]) -> None:
    kind = type(scores)
    if kind is str or scores is None:  # most of what is no number
        return
    if (number := _number(scores)) is not None:
        found.append((prefix, number))
    elif kind is dict or isinstance(scores, Mapping):
        for name, value in scores.items():
            _find(value, f"{prefix}.{name}" if prefix else str(name), found)


def flat_numbers(scores: Any, prefix: str = "") -> dict[str, float]:
    """Is `numbers` as a dictionary in which yes is 1."""
    return {name: float(value) for name, value in numbers(scores, prefix)}


def _number(value: Any) -> bool | float | None:
    """Reads a number, NaN in its tagged form too; None for all else."""
    kind = type(value)
    if kind is bool or kind is float:
        return value  # type: ignore[no-any-return]
    if isinstance(value, int | float):
        return float(value) if abs(value) < _LARGEST else math.inf
    if kind is not list and isinstance(value, Mapping) and value.get("_type") == "float":
        return math.nan if value.get("value") == "nan" else math.inf
    return None
