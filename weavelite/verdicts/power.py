"""What a comparison could have seen, and what it takes to see more."""

import math
from collections.abc import Sequence

from weavelite.verdicts.distributions import normal_quantile, t_quantile

LEVEL = 0.05
POWER = 0.8


def detectable(spread: float, rows: int, level: float = LEVEL) -> float | None:
    """Returns the smallest mean difference that so many rows find in 4 of 5 comparisons."""
    if rows < 2 or spread <= 0:
        return None
    return (t_quantile(1 - level / 2, rows - 1) + normal_quantile(POWER)) * spread / math.sqrt(rows)


def rows_needed(spread: float, difference: float, level: float = LEVEL) -> int | None:
    """Returns how many rows find a mean difference in 4 of 5 comparisons."""
    if difference == 0 or spread <= 0:
        return None
    ratio = spread / abs(difference)
    rows = 2 + ((normal_quantile(1 - level / 2) + normal_quantile(POWER)) * ratio) ** 2
    for _ in range(8):
        if rows > 1e9:
            return None
        reach = t_quantile(1 - level / 2, math.ceil(rows) - 1) + normal_quantile(POWER)
        rows = max(2.0, (reach * ratio) ** 2)
    return math.ceil(rows)


def trials_needed(
    between: float, within: float, rows: int, difference: float, level: float = LEVEL
) -> int | None:
    """Returns how many trials of the same rows find a mean difference; None when none would.

    Args:
        between: the variance of the rows' differences that repetition does not take away.
        within: the variance of the difference of single trials, the row being the same.
        rows: how many there are.
        difference: what is to be found.
        level: the chance of a false alarm.

    """
    if rows < 2 or within <= 0 or difference == 0:
        return None
    reach = t_quantile(1 - level / 2, rows - 1) + normal_quantile(POWER)
    room = (difference / reach) ** 2 * rows - between
    return math.ceil(within / room) if room > 0 else None


def variance(values: Sequence[float]) -> float:
    """Returns the variance of a sample; 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
