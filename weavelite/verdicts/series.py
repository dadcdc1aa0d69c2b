"""The numbers of a run by metric and row, over its trials."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from weavelite.verdicts.cells import CellKey, ComparedCell, RowKey, measures
from weavelite.verdicts.metrics import (
    COST_MEAN,
    COST_PART,
    COST_TOTAL,
    ERRORS,
    KINDS,
    Directions,
    Metric,
    MetricKind,
    metric,
    rank,
)
from weavelite.verdicts.power import variance
from weavelite.verdicts.runs import EvaluationRun


@dataclass(slots=True)
class Series:
    """Is what one run gave for one metric, by row; `odd` counts what is not finite."""

    scorer: str | None
    rows: dict[RowKey, list[float]] = field(default_factory=dict)
    is_yes_or_no: bool = True
    odd: int = 0

    def add(self, row: RowKey, value: bool | float) -> None:
        """Takes in the number of one cell."""
        if value is not True and value is not False:
            self.is_yes_or_no = False
            if not math.isfinite(value):
                self.odd += 1
                return
        self.rows.setdefault(row, []).append(float(value))

    @property
    def mean(self) -> float | None:
        """Is the mean over all cells, as a summary has it."""
        values = [value for found in self.rows.values() for value in found]
        if self.odd:
            return math.nan
        return math.fsum(values) / len(values) if values else None

    @property
    def trials(self) -> int:
        """Is the largest number of trials that a row has."""
        return max(map(len, self.rows.values()), default=1)

    def means(self) -> dict[RowKey, float]:
        """Averages the trials of each row."""
        return {
            row: found[0] if len(found) == 1 else math.fsum(found) / len(found)
            for row, found in self.rows.items()
        }

    def within(self, rows: Iterable[RowKey]) -> float:
        """Is the variance of one trial, the row being the same; 0 when that cannot be known."""
        known = [variance(self.rows[row]) for row in rows if len(self.rows[row]) > 1]
        return math.fsum(known) / len(known) if known else 0.0


def series_of(cells: Mapping[CellKey, ComparedCell]) -> dict[str, Series]:
    """Sorts the numbers of a run's cells by metric."""
    found: dict[str, Series] = {}
    for (row, _, twin), cell in cells.items():
        for name, scorer, value in measures(cell):
            series = found.get(name)
            if series is None:
                series = found[name] = Series(scorer)
            series.add((row, twin), value)
    return found


def all_metrics(
    runs: Sequence[EvaluationRun], series: Sequence[Mapping[str, Series]]
) -> list[dict[str, Metric]]:
    """Lists the metrics of each run by name; directions are those that any of the runs tells.

    Beside those of the summaries there are the share of rows that failed, where any did, and what a
    row costs, in place of sums, where that is known of all runs.
    """
    directions = {name: way for run in runs for name, way in run.directions.items()}
    beside = [
        name for name, is_wanted in (
            (ERRORS, any(map(_has_errors, series))),
            (COST_MEAN, all(map(_is_cost_known, runs, series))),
        ) if is_wanted
    ]  # fmt: skip
    return [
        _metrics(run, found, directions, beside) for run, found in zip(runs, series, strict=True)
    ]


def _has_errors(series: Mapping[str, Series]) -> bool:
    return ERRORS in series and bool(series[ERRORS].mean)


def _is_cost_known(run: EvaluationRun, series: Mapping[str, Series]) -> bool:
    return COST_MEAN in series and all(metric.name != COST_PART for metric in run.metrics)


def _metrics(
    run: EvaluationRun,
    series: Mapping[str, Series],
    directions: Directions,
    beside: Sequence[str],
) -> dict[str, Metric]:
    sums = (COST_TOTAL, COST_PART) if COST_MEAN in beside else ()
    metrics = [metric for metric in run.metrics if metric.name not in sums]
    if not isinstance(run.summary, Mapping):  # it runs, or was interrupted
        metrics = [
            metric(name, found.scorer, _kind(name, found), found.mean)
            for name, found in series.items()
            if name not in (ERRORS, COST_MEAN)
        ] + metrics
    metrics += [
        metric(name, None, KINDS[name], series[name].mean) for name in beside if name in series
    ]
    return {
        each.name: metric(each.name, each.scorer, each.kind, each.value, directions)
        for each in sorted(metrics, key=rank)
    }


def _kind(name: str, series: Series) -> MetricKind:
    return KINDS.get(name) or ("fraction" if series.is_yes_or_no else "number")
