"""Tests and intervals for what two runs gave on the same rows.

The unit is the row: what its trials gave is averaged before, so that ten trials of one row do not
pass for ten rows. The methods were chosen by simulation, see tests/benchmarks/verdict_calibration.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import gt, lt, mul

from weavelite.verdicts.distributions import coin_mid_p, t_quantile, t_tail

CONFIDENCE = 0.95
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class Paired:
    """Is a mean difference with its interval and its p-value.

    `spread` is the standard deviation of the differences of rows, as power is reckoned from it.
    """

    rows: int
    up: int
    down: int
    estimate: float
    low: float
    high: float
    p: float
    spread: float
    method: str
    limit: float = math.inf
    """Is the largest difference that there can be."""


def paired_fractions(differences: Sequence[float], trials: int = 1) -> Paired | None:
    """Compares yes and no on the same rows; None without rows.

    The test is McNemar's with mid-p. The interval is that of Agresti and Min, which takes two more
    rows as seen, half a one each way. With trials, the differences are those of rows' shares: the
    test is Student's on them, and what was taken as seen counts for less.
    """
    rows = len(differences)
    if rows == 0:
        return None
    up, down = _signs(differences)
    total, squares = math.fsum(differences), math.fsum(map(mul, differences, differences))
    middle = total / (rows + 2)
    spread = math.sqrt((squares + 1 / trials) / (rows + 2))
    error = math.sqrt(max(0.0, spread * spread - middle * middle) / (rows + 2))
    reach = t_quantile((1 + CONFIDENCE) / 2, max(1, rows - 1)) * error
    single = trials == 1 and all(d in (-1, 0, 1) for d in differences)
    return Paired(
        rows=rows,
        up=up,
        down=down,
        estimate=total / rows,
        low=max(-1.0, min(total / rows, middle - reach)),
        high=min(1.0, max(total / rows, middle + reach)),
        p=coin_mid_p(min(up, down), up + down)
        if single
        else _p_of_mean(up + down, _moments(differences)),
        spread=spread,
        method="McNemar's test (mid-p)" if single else "paired t-test of the rows' shares",
        limit=1.0,
    )


def paired_numbers(differences: Sequence[float]) -> Paired | None:
    """Compares numbers on the same rows; None without rows.

    The interval is the union of Student's and of the one that Hall's transformation corrects for
    skewness: the first holds its level where differences are symmetric, the second where they are
    skewed. The p-value is the larger of the two.
    """
    rows = len(differences)
    if rows == 0:
        return None
    up, down = _signs(differences)
    mean = math.fsum(differences) / rows
    moments = _moments(differences)
    low, high = _interval(moments)
    return Paired(
        rows=rows,
        up=up,
        down=down,
        estimate=mean,
        low=low,
        high=high,
        p=_p_of_mean(up + down, moments),
        spread=moments.deviation,
        method="paired t-test, corrected for skewness",
    )


@dataclass(frozen=True, slots=True)
class _Moments:
    rows: int
    mean: float
    deviation: float
    skewness: float


def _moments(values: Sequence[float]) -> _Moments:
    rows = len(values)
    mean = math.fsum(values) / rows
    scale = max(map(abs, values))
    apart = [(value - mean) / scale for value in values] if scale else []
    squares = list(map(mul, apart, apart))
    square = math.fsum(squares)
    if rows < 2 or square <= rows * _EQUAL * _EQUAL:
        return _Moments(rows, mean, 0.0, 0.0)
    deviation = math.sqrt(square / (rows - 1))
    skewness = math.fsum(map(mul, squares, apart)) / rows / deviation**3
    return _Moments(rows, mean, deviation * scale, skewness)


def _interval(moments: _Moments) -> tuple[float, float]:
    rows, mean, deviation = moments.rows, moments.mean, moments.deviation
    if rows < 2:
        return -math.inf, math.inf
    reach = t_quantile((1 + CONFIDENCE) / 2, rows - 1) / math.sqrt(rows)
    low = max(reach, _untransformed(reach, moments))
    high = min(-reach, _untransformed(-reach, moments))
    return mean - low * deviation, mean - high * deviation


def _untransformed(value: float, moments: _Moments) -> float:
    skewness = moments.skewness
    shifted = value - skewness / (6 * moments.rows)
    if abs(skewness) < 1e-6:
        return shifted
    return 3 / skewness * (math.cbrt(1 + skewness * shifted) - 1)


def _p_of_mean(moved: int, moments: _Moments) -> float:
    """Tests a mean against zero; never surer than the signs of so few rows can be."""
    if moved == 0 or moments.rows < 2:
        return 1.0
    floor = math.ldexp(2.0, -moved)
    if moments.deviation == 0:
        return min(1.0, floor)
    ratio, skewness = moments.mean / moments.deviation, moments.skewness
    corrected = (
        ratio
        + skewness * ratio**2 / 3
        + skewness**2 * ratio**3 / 27
        + skewness / (6 * moments.rows)
    )
    root, degrees = math.sqrt(moments.rows), moments.rows - 1
    plain = t_tail(abs(ratio) * root, degrees)
    # Where the correction turns the sign around, nothing is known of the direction.
    skewed = t_tail(math.copysign(corrected, corrected * ratio) * root, degrees)
    return min(1.0, max(2 * plain, 2 * skewed, floor))


def _signs(differences: Sequence[float]) -> tuple[int, int]:
    return sum(map(gt, differences, repeat(0))), sum(map(lt, differences, repeat(0)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrects p-values for their number, by Holm's method."""
    count = len(p_values)
    corrected = [1.0] * count
    highest = 0.0
    for rank, index in enumerate(sorted(range(count), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (count - rank) * p_values[index]))
        corrected[index] = highest
    return corrected
