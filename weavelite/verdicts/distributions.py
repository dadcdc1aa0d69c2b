"""Tails and quantiles of the distributions that the tests need; exact, and without SciPy."""

import math
from functools import lru_cache
from statistics import NormalDist

_NORMAL = NormalDist()
_MANY = 400
_TINY = 1e-300


def normal_quantile(share: float) -> float:
    """Returns the point below which a share of the standard normal distribution lies."""
    return _NORMAL.inv_cdf(share)


def t_tail(point: float, degrees: int) -> float:
    """Returns how much of Student's distribution lies above a point."""
    if math.isinf(point):
        return 0.0 if point > 0 else 1.0
    square = point * point
    whole = degrees + square
    tail = 0.5 * _incomplete_beta(degrees / 2, 0.5, degrees / whole, square / whole)
    return tail if point >= 0 else 1 - tail


@lru_cache(maxsize=1024)
def t_quantile(share: float, degrees: int) -> float:
    """Returns the point below which a share (0.5 or more) of Student's distribution lies."""
    low, high = 0.0, 2.0
    while t_tail(high, degrees) > 1 - share:
        low, high = high, high * 2
    for _ in range(100):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_tail(middle, degrees) > 1 - share else (low, middle)
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Is the regularised incomplete beta function of x; `rest` is 1 - x, without its rounding."""
    if x <= 0 or rest <= 0:
        return float(rest <= 0)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log(rest)
    )  # fmt: skip
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(a, b, x) / a
    return 1 - front * _continued_fraction(b, a, rest) / b


def _continued_fraction(a: float, b: float, x: float) -> float:
    """Works out the fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MANY):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def coin_mid_p(fewer: int, tosses: int) -> float:
    """Returns the two-sided mid-p of one side of a fair coin coming up so seldom.

    The sums are of whole numbers, so that nothing is rounded before the end.
    """
    term = 1
    below = 0
    for i in range(fewer):
        below += term
        term = term * (tosses - i) // (i + 1)
    return min(1.0, (2 * below + term) / (1 << tosses))
