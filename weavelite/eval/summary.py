"""Sums up the cells of a run."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from pydantic import field_validator

from weavelite.eval.cell import CellResult
from weavelite.eval.failures import Failure
from weavelite.objects import Object
from weavelite.tables import Table


class EvaluationResults(Object):
    """Is what the cells of a run gave, one a row: `output`, `scores`, `model_latency`, `errors`."""

    rows: Table

    @field_validator("rows", mode="before")
    @classmethod
    def _table(cls, rows: Any) -> Table:
        return rows if isinstance(rows, Table) else Table(rows)

    @classmethod
    def of(cls, results: Iterable[CellResult]) -> Self:
        """Writes cells as rows."""
        return cls(rows=Table(result.record() for result in results))

    def cells(self) -> list[CellResult]:
        """Reads the rows as cells."""
        return [_cell(index, row) for index, row in enumerate(self.rows)]


def _cell(index: int, row: Mapping[str, Any]) -> CellResult:
    errors = row.get("errors") or {}
    outside = errors.get("infrastructure") or {}
    cell = CellResult(
        index,
        0,
        output=row.get("output"),
        scores=dict(row.get("scores") or {}),
        latency=row.get("model_latency"),
    )
    for told, is_outside in ((errors, False), (outside, True)):
        if told.get("model"):
            cell.model_failure = Failure(told["model"], is_infrastructure=is_outside)
        for name, text in (told.get("scorers") or {}).items():
            cell.scorer_failures[name] = Failure(text, is_infrastructure=is_outside)
    return cell


def summed_up(results: Sequence[CellResult], scorers: Mapping[str, Any]) -> dict[str, Any]:
    """Sums up cells; a scorer that has a `summarize` of its own is asked for its entry."""
    summary: dict[str, Any] = {}
    output = auto_summarize([result.output for result in results])
    if output is not None:
        summary["output"] = output
    for name, scorer in scorers.items():
        summarize = getattr(scorer, "summarize", auto_summarize)
        summary[name] = summarize([result.score(name) for result in results])
    latencies = [result.latency for result in results if result.latency is not None]
    if latencies:
        summary["model_latency"] = {"mean": sum(latencies) / len(latencies)}
    tokens = [result.tokens for result in results if result.tokens]
    if tokens:
        summary["model_tokens"] = {"mean": sum(tokens) / len(tokens), "total": sum(tokens)}
    errors = _errors(results)
    return {**summary, "errors": errors} if errors else summary


def _errors(results: Sequence[CellResult]) -> dict[str, Any]:
    """Counts errors of the model, of scorers, and those of the infrastructure apart."""
    found: dict[bool, dict[str, Any]] = {
        outside: {"model": 0, "scorers": {}} for outside in (False, True)
    }
    for result in results:
        if result.model_failure is not None:
            found[result.model_failure.is_infrastructure]["model"] += 1
        for name, failure in result.scorer_failures.items():
            counts = found[failure.is_infrastructure]["scorers"]
            counts[name] = counts.get(name, 0) + 1
    own, outside = found[False], found[True]
    if outside["model"] or outside["scorers"]:
        return {**own, "infrastructure": outside}
    return own if own["model"] or own["scorers"] else {}


def auto_summarize(values: Sequence[Any]) -> dict[str, Any] | None:
    """Sums up scores of one kind as Weave does.

    Numbers give `{"mean"}`, bools `{"true_count", "true_fraction"}`, dictionaries the same for each
    key. A bool among numbers is 0 or 1. None is left out; so are texts. Returns None when nothing
    is left. NaN is a number: a mean over it is NaN, so that a score which could not be worked out
    is not passed over.
    """
    present = [value for value in values if value is not None]
    if not present:
        return None
    if all(isinstance(value, bool) for value in present):
        true = sum(present)
        return {"true_count": true, "true_fraction": true / len(present)}
    numbers = [_number(value) for value in present if isinstance(value, int | float)]
    if len(numbers) == len(present):
        return {"mean": sum(numbers) / len(numbers)}
    if all(isinstance(value, dict) for value in present):
        keys = dict.fromkeys(key for value in present for key in value)
        summed = {key: auto_summarize([value.get(key) for value in present]) for key in keys}
        return {key: value for key, value in summed.items() if value is not None} or None
    return None


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
