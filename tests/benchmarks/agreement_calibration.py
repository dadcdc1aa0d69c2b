"""Prints how often intervals of kappa hold the truth, and how often a judge is trusted wrongly.

    python -m tests.benchmarks.agreement_calibration [SAMPLES]

Labels of people and a judge are drawn from tables whose kappa is known. `covers` is the share of
95 % intervals that hold it, `width` how wide they are; beside ours stand the standard error (by
statsmodels) and the bootstrap of rows. `trusts` is the share of samples after which the judge is
trusted: where its kappa is below 0.6, at most 2.5 % should be.
"""

import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from statsmodels.stats.inter_rater import cohens_kappa

from weavelite.verdicts.agreement import SUBSTANTIAL, Interval, cohen_kappa, kappa_interval

LABELS = (10, 30, 100)
Pairs = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Table:
    """Is how often people (rows) and a judge (columns) say what, in percent."""

    name: str
    percents: tuple[tuple[float, ...], ...]
    weights: Any = None

    @property
    def cells(self) -> list[tuple[int, int]]:
        size = range(len(self.percents))
        return [(row, column) for row in size for column in size]

    @property
    def shares(self) -> list[float]:
        return [self.percents[row][column] for row, column in self.cells]

    @property
    def order(self) -> list[int]:
        return list(range(len(self.percents)))

    def kappa(self) -> float:
        counts = zip(self.cells, self.shares, strict=True)
        pairs = [cell for cell, share in counts for _ in range(round(10 * share))]
        return cohen_kappa(pairs, self.weights, self.order) or 0.0


def graded(right: float) -> tuple[tuple[float, ...], ...]:
    """Makes a table of grades 1 to 5, which are missed by one or two."""
    rows = []
    for grade in range(5):
        near = [0.0] * 5
        near[grade] += right
        for step, share in ((1, 0.35), (-1, 0.35), (2, 0.15), (-2, 0.15)):
            near[min(4, max(0, grade + step))] += (1 - right) * share
        rows.append(tuple(20 * share for share in near))
    return tuple(rows)


TABLES = [
    Table("yes/no, no skill", ((35, 15), (35, 15))),
    Table("yes/no, kappa 0.5", ((37.5, 12.5), (12.5, 37.5))),
    Table("yes/no, kappa 0.8", ((45, 5), (5, 45))),
    Table("yes/no, one in ten is no", ((7, 3), (3, 87))),
    Table("yes/no, nearly always right", ((49, 1), (1, 49))),
    Table("grades 1 to 5, weighted", graded(0.5), "quadratic"),
]


def ours(pairs: Pairs, table: Table, seed: int) -> Interval:
    return kappa_interval(pairs, table.weights, table.order, seed=seed, draws=500)


def by_standard_error(pairs: Pairs, table: Table, seed: int) -> Interval:
    counts = Counter(pairs)
    matrix = numpy.array([[counts[row, column] for column in table.order] for row in table.order])
    found = cohens_kappa(matrix, wt=table.weights)
    low, high = float(found.kappa_low), float(found.kappa_upp)
    return (low, high) if low == low else (0.0, 0.0)  # it has none where nothing varies


def by_bootstrap(pairs: Pairs, table: Table, seed: int) -> Interval:
    pick = random.Random(seed)
    drawn = sorted(
        cohen_kappa(pick.choices(pairs, k=len(pairs)), table.weights, table.order) or 0.0
        for _ in range(300)
    )
    return drawn[7], drawn[-8]


WAYS: dict[str, Callable[[Pairs, Table, int], Interval]] = {
    "ours": ours,
    "standard error": by_standard_error,
    "bootstrap": by_bootstrap,
}


def line(table: Table, labels: int, way: str, samples: int) -> str:
    """Draws samples, and says how a way does."""
    truth, pick = table.kappa(), random.Random(labels)
    covered, width, trusted = 0, 0.0, 0
    for seed in range(samples):
        low, high = WAYS[way](pick.choices(table.cells, table.shares, k=labels), table, seed)
        covered += low <= truth <= high
        width += high - low
        trusted += low >= SUBSTANTIAL
    return (
        f"{table.name:28} {truth:5.2f} {labels:6} {way:>15} {covered / samples:8.1%} "
        f"{width / samples:6.2f} {trusted / samples:7.1%}"
    )


def main(samples: int = 500) -> None:
    """Prints the table."""
    warnings.simplefilter("ignore")  # statsmodels divides by nothing where nothing varies
    print(f"{samples} samples a line")
    print(f"{'labels by':28} {'kappa':>5} {'labels':>6} {'interval':>15}   covers  width  trusts")
    for table in TABLES:
        for labels in LABELS:
            for way in WAYS:
                print(line(table, labels, way, samples), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
