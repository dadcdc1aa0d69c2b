"""What runs of an evaluation say: metrics of a summary, and runs side by side; pure.

The server, the runner and the command line all read runs here, so that they say the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from weavelite.records.answers import (
    CallDetail,
)
from weavelite.refs import is_ref, parse_ref

EVALUATE = "Evaluation.evaluate"
CELL = "Evaluation.predict_and_score"

MetricKind = Literal["fraction", "number", "seconds", "tokens", "dollars"]
Group = Literal["improved", "regressed", "mixed", "unchanged", "not_comparable"]
GROUPS: tuple[Group, ...] = ("improved", "regressed", "mixed", "unchanged", "not_comparable")

LATENCY, TOKENS, ERRORS, OUTPUT = "model_latency", "model_tokens", "errors", "output"
_TINY = 1e-9


@dataclass(slots=True, kw_only=True)
class Metric:
    """Is one number of a summary, with its unit and which way is better (None: not known)."""

    name: str
    scorer: str | None
    kind: MetricKind
    value: float | None
    higher_is_better: bool | None


@dataclass(slots=True, kw_only=True)
class RunErrors:
    """Counts the cells without a prediction, and the scores that failed."""

    model: int
    scorer: int


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
    status: str
    start_us: int
    end_us: int | None
    rows: int
    total: int | None
    errors: RunErrors
    summary: Any
    metrics: list[Metric]


@dataclass(slots=True, kw_only=True)
class ComparedCell:
    """Is what one run gave for a row."""

    call_id: str
    trace_id: str
    output: Any
    scores: dict[str, Any]
    latency_s: float | None
    tokens: int | None
    error: str | None
    scorer_errors: dict[str, str]


@dataclass(slots=True, kw_only=True)
class ComparedRow:
    """Is a row of the dataset in one trial, and what each run gave for it, in the runs' order."""

    digest: str
    index: int | None
    trial: int
    example: Any
    group: Group
    cells: list[ComparedCell | None]


@dataclass(slots=True, kw_only=True)
class ComparedMetric:
    """Is a metric of all runs, and its difference to the first, the baseline."""

    name: str
    scorer: str | None
    kind: MetricKind
    higher_is_better: bool | None
    values: list[float | None]
    differences: list[float | None]


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Is runs side by side; the first is the baseline."""

    runs: list[EvaluationRun]
    same_dataset: bool
    same_scorers: bool
    metrics: list[ComparedMetric]
    rows: list[ComparedRow]
    groups: dict[str, int] = field(default_factory=dict)


def metrics_of(summary: Any) -> list[Metric]:
    """Lists the numbers of a summary: of scorers, then of the output, then latency and tokens."""
    if not isinstance(summary, Mapping):
        return []
    found: list[Metric] = []
    for name, value in summary.items():
        if name == LATENCY:
            found.append(_metric(f"{name} (mean)", None, "seconds", value.get("mean"), False))
        elif name == TOKENS:
            found.append(_metric(f"{name} (mean)", None, "tokens", value.get("mean"), False))
        elif name != ERRORS:
            found += _leaves(name, name, value)
    return sorted(found, key=_rank)


def _rank(metric: Metric) -> int:
    if metric.kind in ("seconds", "tokens", "dollars"):
        return 2
    return int(metric.scorer == OUTPUT)


def _metric(
    name: str, scorer: str | None, kind: MetricKind, value: Any, higher: bool | None
) -> Metric:
    number = float(value) if isinstance(value, int | float) else None
    return Metric(name=name, scorer=scorer, kind=kind, value=number, higher_is_better=higher)


def _leaves(scorer: str, name: str, value: Any) -> list[Metric]:
    if isinstance(value, bool) or not isinstance(value, int | float | Mapping):
        return []
    higher = None if scorer == OUTPUT else True
    if isinstance(value, Mapping):
        if "true_fraction" in value:
            return [_metric(name, scorer, "fraction", value["true_fraction"], higher)]
        if set(value) == {"mean"}:
            return [_metric(name, scorer, "number", value["mean"], higher)]
        return [
            leaf for key, item in value.items() for leaf in _leaves(scorer, f"{name}.{key}", item)
        ]
    return [_metric(name, scorer, "number", value, higher)]


def evaluation_run(
    call: CallDetail, evaluation: Any, *, done: int, total: int | None
) -> EvaluationRun:
    """Makes a run of its call, the stored value of its evaluation, and how many cells are done."""
    inputs = call.inputs if isinstance(call.inputs, Mapping) else {}
    stored = evaluation if isinstance(evaluation, Mapping) else {}
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
        status=call.status,
        start_us=call.start_us,
        end_us=call.end_us,
        rows=done,
        total=total,
        errors=_errors(summary),
        summary=summary,
        metrics=metrics_of(summary) + _cost(call),
    )


def _cost(call: CallDetail) -> list[Metric]:
    """Makes a metric of what a run cost, model and scorers, where that is known."""
    if call.sum_cost is None:
        return []
    name = "cost (known part)" if call.cost_partial else "cost (total)"
    return [_metric(name, None, "dollars", call.sum_cost, False)]


def _ref(value: Any) -> str | None:
    return value if is_ref(value) else None


def _name(value: Any) -> str | None:
    return parse_ref(value).name if is_ref(value) else None


def _errors(summary: Any) -> RunErrors:
    errors = summary.get(ERRORS) if isinstance(summary, Mapping) else None
    if not isinstance(errors, Mapping):
        return RunErrors(model=0, scorer=0)
    return RunErrors(
        model=int(errors.get("model") or 0), scorer=sum((errors.get("scorers") or {}).values())
    )


def compare(
    runs: Sequence[EvaluationRun],
    cells: Sequence[Sequence[CallDetail]],
    examples: Mapping[str, Any],
    order: Mapping[str, int],
) -> Comparison:
    """Puts runs side by side.

    Args:
        runs: the baseline first.
        cells: the cells of each run.
        examples: rows of datasets by digest.
        order: the index of rows in the baseline's dataset, by digest.

    """
    by_run = [_by_row(found) for found in cells]
    keys = sorted(
        {key for found in by_run for key in found},
        key=lambda key: (order.get(key[0], len(order)), key),
    )
    rows = [_row(key, [found.get(key) for found in by_run], examples, order) for key in keys]
    groups: dict[str, int] = {group: sum(row.group == group for row in rows) for group in GROUPS}
    return Comparison(
        runs=list(runs),
        same_dataset=len({run.dataset_ref for run in runs}) == 1,
        same_scorers=len({tuple(run.scorers) for run in runs}) == 1,
        metrics=_compared_metrics(runs),
        rows=rows,
        groups=groups,
    )


def _compared_metrics(runs: Sequence[EvaluationRun]) -> list[ComparedMetric]:
    by_name = [{metric.name: metric for metric in run.metrics} for run in runs]
    names = dict.fromkeys(name for metrics in by_name for name in metrics)
    compared = []
    for name in names:
        first = next(metrics[name] for metrics in by_name if name in metrics)
        values = [metrics[name].value if name in metrics else None for metrics in by_name]
        compared.append(
            ComparedMetric(
                name=name,
                scorer=first.scorer,
                kind=first.kind,
                higher_is_better=first.higher_is_better,
                values=values,
                differences=[_difference(value, values[0]) for value in values],
            )
        )
    return compared


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


RowKey = tuple[str, int, int]
"""Digest of the row, trial, and how many equal rows come before it."""


def _by_row(cells: Sequence[CallDetail]) -> dict[RowKey, ComparedCell]:
    found: dict[RowKey, ComparedCell] = {}
    for cell in cells:
        inputs = cell.inputs if isinstance(cell.inputs, Mapping) else {}
        row, trial = row_digest(cell) or str(inputs.get("example")), int(inputs.get("trial") or 0)
        twin = 0
        while (row, trial, twin) in found:
            twin += 1
        found[(row, trial, twin)] = _cell(cell)
    return found


def row_digest(cell: CallDetail) -> str | None:
    """Returns the digest of the row that a cell is about."""
    example = str(cell.inputs.get("example")) if isinstance(cell.inputs, Mapping) else ""
    return parse_ref(example).extra[-1] if is_ref(example) else None


def _cell(cell: CallDetail) -> ComparedCell:
    output = cell.output if isinstance(cell.output, Mapping) else {}
    errors = output.get("errors") or {}
    error = errors.get("model") or cell.error
    if error is None and cell.status in ("running", "interrupted"):
        error = cell.status
    return ComparedCell(
        call_id=cell.id,
        trace_id=cell.trace_id,
        output=output.get("output"),
        scores=dict(output.get("scores") or {}),
        latency_s=output.get("model_latency"),
        tokens=cell.sum_tokens,
        error=error,
        scorer_errors=dict(errors.get("scorers") or {}),
    )


def _row(
    key: RowKey,
    cells: list[ComparedCell | None],
    examples: Mapping[str, Any],
    order: Mapping[str, int],
) -> ComparedRow:
    return ComparedRow(
        digest=key[0],
        index=order.get(key[0]),
        trial=key[1],
        example=examples.get(key[0]),
        group=_group(cells),
        cells=cells,
    )


def _group(cells: Sequence[ComparedCell | None]) -> Group:
    """Says which way a row moved from the baseline to any other run; more is better."""
    first, others = cells[0], cells[1:]
    if first is None or first.error or any(cell is None or cell.error for cell in others):
        return "not_comparable"
    base = flat_numbers(first.scores)
    moves = set()
    for cell in others:
        numbers = flat_numbers(cell.scores) if cell is not None else {}
        for name in base.keys() & numbers.keys():
            change = numbers[name] - base[name]
            if abs(change) > _TINY:
                moves.add(change > 0)
    if not moves:
        return "unchanged"
    return "mixed" if len(moves) == 2 else ("improved" if True in moves else "regressed")


def flat_numbers(scores: Any, prefix: str = "") -> dict[str, float]:
    """Names the numbers and bools inside scores: `{"s": {"a": True}}` gives `{"s.a": 1.0}`."""
    if isinstance(scores, bool | int | float):
        return {prefix: float(scores)}
    if not isinstance(scores, Mapping):
        return {}
    found: dict[str, float] = {}
    for name, value in scores.items():
        found.update(flat_numbers(value, f"{prefix}.{name}" if prefix else str(name)))
    return found
