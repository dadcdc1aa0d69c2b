"""What the rows of one run say of it: means with their intervals, and how many have no answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from operator import and_

from weavelite.verdicts.agreement import wilson_interval
from weavelite.verdicts.columns import RunCells
from weavelite.verdicts.metrics import (
    ERRORS,
    KINDS,
    MetricKind,
    is_higher_better,
)
from weavelite.verdicts.paired import paired_numbers
from weavelite.verdicts.series import Series


@dataclass(slots=True, kw_only=True)
class Mean:
    """Is the mean of a metric over rows, with its 95 % interval where there is one."""

    name: str
    scorer: str | None
    kind: MetricKind
    higher_is_better: bool | None
    value: float
    low: float | None
    high: float | None
    rows: int


@dataclass(slots=True, kw_only=True)
class RunScores:
    """Is what the rows of a run say so far.

    Without an answer are `failed`, by the model's fault, and `infrastructure`, by nobody's.
    """

    id: str
    rows: int
    failed: int
    infrastructure: int
    scorer_errors: int
    tokens: int | None
    means: list[Mean]


def run_scores(run_id: str, cells: RunCells, directions: Mapping[str, str]) -> RunScores:
    """Sums up the cells of a run, all of which have ended."""
    return RunScores(
        id=run_id,
        rows=len(cells.keys),
        failed=sum(cells.failed) - sum(map(and_, cells.failed, cells.apart)),
        infrastructure=sum(cells.apart),
        scorer_errors=cells.scorer_errors,
        tokens=cells.sum_tokens,
        means=[
            mean
            for name, series in cells.fresh().items()
            if name != ERRORS and (mean := _mean(name, series, directions)) is not None
        ],
    )


def _mean(name: str, series: Series, directions: Mapping[str, str]) -> Mean | None:
    value = series.mean
    if value is None or not math.isfinite(value):
        return None
    low, high = mean_interval(series)
    return Mean(
        name=name,
        scorer=series.scorer,
        kind=KINDS.get(name) or ("fraction" if series.is_yes_or_no else "number"),
        higher_is_better=is_higher_better(name, series.scorer, directions),
        value=value,
        low=low,
        high=high,
        rows=len(series.means),
    )


def mean_interval(series: Series) -> tuple[float | None, float | None]:
    """Works out the 95 % interval of a mean: the unit is the row, whatever its trials."""
    means = list(series.means.values())
    if series.is_yes_or_no and series.trials == 1:
        return wilson_interval(round(sum(means)), len(means))
    found = paired_numbers(means)
    if found is None or not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None, None
    low, high = found.low, found.high
    return (max(0.0, low), min(1.0, high)) if series.is_yes_or_no else (low, high)
