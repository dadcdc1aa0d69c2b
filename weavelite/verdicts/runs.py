"""Runs of evaluations as their calls tell of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.records.answers import CallDetail
from weavelite.refs import is_ref, parse_ref
from weavelite.verdicts.metrics import (
    COST_PART,
    COST_TOTAL,
    ERRORS,
    Directions,
    Metric,
    metric,
    metrics_of,
)


@dataclass(slots=True, kw_only=True)
class RunErrors:
    """Counts the cells without a prediction, the scores that failed, and what was nobody's fault.

    `infrastructure` are cells and scores that a limit, a connection or a time limit took away.
    """

    model: int
    scorer: int
    infrastructure: int = 0


@dataclass(slots=True, kw_only=True)
class EvaluationRun:
    """Is one run of an evaluation; `rows` are cells that are done, of `total`."""

    id: str
    trace_id: str
    name: str
    evaluation: str
    evaluation_ref: str | None
    model: str
    model_ref: str | None
    dataset: str | None
    dataset_ref: str | None
    scorers: list[str]
    scorer_refs: list[str] = field(default_factory=list)
    trials: int = 1
    status: str
    start_us: int
    end_us: int | None
    rows: int
    total: int | None
    errors: RunErrors
    summary: Any
    metrics: list[Metric]
    directions: dict[str, str] = field(default_factory=dict)
    git: dict[str, Any] | None = None
    packages: dict[str, str] = field(default_factory=dict)
    is_baseline: bool = False


def evaluation_run(
    call: CallDetail, evaluation: Any, *, done: int, total: int | None
) -> EvaluationRun:
    """Makes a run of its call, the stored value of its evaluation, and how many cells are done."""
    inputs = call.inputs if isinstance(call.inputs, Mapping) else {}
    stored = evaluation if isinstance(evaluation, Mapping) else {}
    said = _mapping(call.attributes.get("run"))
    directions = {str(name): str(way) for name, way in _mapping(said.get("directions")).items()}
    summary = call.output
    return EvaluationRun(
        id=call.id,
        trace_id=call.trace_id,
        name=call.display_name or call.op_name,
        evaluation=_name(inputs.get("self")) or "evaluation",
        evaluation_ref=_ref(inputs.get("self")),
        model=_name(inputs.get("model")) or "model",
        model_ref=_ref(inputs.get("model")),
        dataset=_name(stored.get("dataset")),
        dataset_ref=_ref(stored.get("dataset")),
        scorers=[_name(ref) or str(ref) for ref in stored.get("scorers") or []],
        scorer_refs=[str(ref) for ref in stored.get("scorers") or []],
        trials=int(stored.get("trials") or 1),
        status=call.status,
        start_us=call.start_us,
        end_us=call.end_us,
        rows=done,
        total=total,
        errors=_errors(summary),
        summary=summary,
        metrics=metrics_of(summary, directions) + _cost(call, directions),
        directions=directions,
        git=dict(_mapping(said.get("git"))) or None,
        packages={str(name): str(at) for name, at in _mapping(said.get("packages")).items()},
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _cost(call: CallDetail, directions: Directions) -> list[Metric]:
    """Makes a metric of what a run cost, model and scorers, where that is known."""
    if call.sum_cost is None:
        return []
    name = COST_PART if call.cost_partial else COST_TOTAL
    return [metric(name, None, "dollars", call.sum_cost, directions)]


def _ref(value: Any) -> str | None:
    return value if is_ref(value) else None


def _name(value: Any) -> str | None:
    return parse_ref(value).name if is_ref(value) else None


def _errors(summary: Any) -> RunErrors:
    errors = _mapping(_mapping(summary).get(ERRORS))
    apart = _mapping(errors.get("infrastructure"))
    return RunErrors(
        model=_count(errors.get("model")),
        scorer=sum(map(_count, _mapping(errors.get("scorers")).values())),
        infrastructure=_count(apart.get("model"))
        + sum(map(_count, _mapping(apart.get("scorers")).values())),
    )


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def directions_of(runs: Sequence[EvaluationRun]) -> dict[str, str]:
    """Puts together what runs tell of directions; the last has the last word."""
    return {name: way for run in runs for name, way in run.directions.items()}


def run_labels(runs: Sequence[EvaluationRun]) -> list[str]:
    """Names runs so that they can be told apart: by chosen names, else models, else a number."""
    names = [run.name for run in runs]
    models = [run.model for run in runs]
    wished = (models, names) if any(map(_is_generated, names)) else (names, models)
    for labels in wished:
        if len(set(labels)) == len(labels):
            return labels
    return [f"{name} {number}" for number, name in enumerate(wished[0], 1)]


def _is_generated(name: str) -> bool:
    """Tells the names that nobody chose: `eval-2026-11-22-quick-stoat`."""
    parts = name.split("-")
    return len(parts) == 6 and parts[0] == "eval" and all(map(str.isdigit, parts[1:4]))
