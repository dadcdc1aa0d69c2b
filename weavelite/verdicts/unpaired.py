"""Why a metric cannot be compared row by row."""

import math
from collections.abc import Sequence

from weavelite.verdicts.metrics import COST_PART, COST_TOTAL, TOKENS_MEAN
from weavelite.verdicts.series import Series

_CLOSE = 1e-6


def reason(
    name: str, values: Sequence[float | None], series: Sequence[Series | None]
) -> str | None:
    """Says why the values of two runs are not the means of rows that could be paired."""
    if any(value is None for value in values):
        return "only one of the runs has it"
    if name == COST_PART:
        return "some tokens have no known price"
    if name == COST_TOTAL:
        return "what each row cost is not known"
    if any(found is None for found in series):
        return "its summary is the scorer's own, and rows have no such number"
    for value, found in zip(values, series, strict=True):
        if found is None or value is None:
            continue
        mean = found.mean if found.reported is None else found.reported
        if not _same(value, mean):
            if name == TOKENS_MEAN:
                return "the tokens of scorers are counted with those of the rows"
            return "its summary is the scorer's own, not the mean of the rows"
    return None


def _same(value: float, mean: float | None) -> bool:
    if mean is None:
        return False
    if math.isnan(value) or math.isnan(mean):
        return math.isnan(value) and math.isnan(mean)
    return math.isclose(value, mean, rel_tol=_CLOSE, abs_tol=_CLOSE)
