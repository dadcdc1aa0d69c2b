"""The numbers of a run by metric and row, over its trials."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from weavelite.verdicts.cells import RowKey
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
from weavelite.verdicts.runs import EvaluationRun, directions_of


@dataclass
class Series:
    """Is what one run gave for one metric: a row and a number of each cell that has one.

    It is filled first, and read after that. `all_rows` are the rows of all cells of the run, and
    `places` says which of the cells have a number. `reported` is the mean that a summary has where
    that is over other cells too: those that failed took time and tokens as well.
    """

    scorer: str | None
    all_rows: Sequence[RowKey]
    places: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    reported: float | None = None

    @cached_property
    def cells(self) -> Sequence[RowKey]:
        """Is the row of each number."""
        if len(self.places) == len(self.all_rows):
            return self.all_rows
        return list(map(self.all_rows.__getitem__, self.places))

    @cached_property
    def is_yes_or_no(self) -> bool:
        """Tells whether all of it is true or false."""
        return set(map(type, self.values)) <= {bool}

    @cached_property
    def odd(self) -> int:
        """Counts what is no finite number."""
        return len(self.values) - sum(map(math.isfinite, self.values))

    @cached_property
    def mean(self) -> float | None:
        """Is the mean over all cells, as a summary has it."""
        return math.fsum(self.values) / len(self.values) if self.values else None

    @cached_property
    def rows(self) -> dict[RowKey, list[float]]:
        """Is the numbers of each row."""
        found: dict[RowKey, list[float]] = {}
        for row, value in zip(self.cells, self.values, strict=True):
            if math.isfinite(value):
                found.setdefault(row, []).append(value)
        return found

    @cached_property
    def means(self) -> dict[RowKey, float]:
        """Is the average of each row's trials."""
        single = dict(zip(self.cells, self.values, strict=True))
        if len(single) == len(self.cells) and not self.odd:
            return single
        return {row: math.fsum(found) / len(found) for row, found in self.rows.items()}

    @cached_property
    def trials(self) -> int:
        """Is the largest number of trials that a row has."""
        if len(self.means) == len(self.cells):
            return 1
        return max(map(len, self.rows.values()), default=1)

    def within(self, rows: Iterable[RowKey]) -> float:
        """Is the variance of one trial, the row being the same; 0 when that cannot be known."""
        if self.trials == 1:
            return 0.0
        known = [variance(self.rows[row]) for row in rows if len(self.rows[row]) > 1]
        return math.fsum(known) / len(known) if known else 0.0


def all_metrics(
    runs: Sequence[EvaluationRun], series: Sequence[Mapping[str, Series]]
) -> list[dict[str, Metric]]:
    """Lists the metrics of each run by name; directions are those that any of the runs tells.

    Beside those of the summaries there are the share of rows that failed, where any did, and what a
    row costs, in place of sums, where that is known of all runs.
    """
    directions = directions_of(runs)
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
