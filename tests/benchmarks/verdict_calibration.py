"""Prints how often the intervals of verdicts hold the truth, and how often tests cry wolf.

    python -m tests.benchmarks.verdict_calibration [COMPARISONS]

Of each kind of score and number of rows, thousands of comparisons are simulated whose true
difference is known. `covers` is the share of 95 % intervals that hold it; `alarms` the share of
verdicts where there is no difference (at most 5 %). Student's interval alone and two bootstraps,
which most tools use, stand beside ours.
"""

import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass

from weavelite.verdicts.paired import paired_fractions, paired_numbers

ROWS = (10, 30, 100, 300)
Draw = Callable[[random.Random], float]


@dataclass(frozen=True)
class Score:
    """Is a kind of score: the difference of one row, its true mean, and whether it is yes or no."""

    name: str
    draw: Draw
    truth: float
    trials: int = 0  # of yes and no; 0 for numbers


def shares(base: float, other: float, alike: float, trials: int) -> Draw:
    """Draws rows of different ease; `alike` is how much that settles the answers."""
    spread = (1 - alike) / alike

    def draw(pick: random.Random) -> float:
        rank = pick.random()
        hits = 0
        for sign, mean in ((1, other), (-1, base)):
            # One rank for both runs: a row that is easy for one is easy for the other.
            ease = _ease(rank, mean, spread)
            hits += sign * sum(pick.random() < ease for _ in range(trials))
        return hits / trials

    return draw


def _ease(rank: float, mean: float, spread: float) -> float:
    """Is the ease of a row of some rank: all or nothing in part, the mean in part."""
    part = 1 / (1 + spread)
    return part * (rank < mean) + (1 - part) * mean


def repeated(pick: random.Random) -> float:
    """Is a number over three trials of a row."""
    row = pick.gauss(0, 0.5)
    return row + math.fsum(pick.gauss(0, 1) for _ in range(3)) / 3


SCORES = [
    Score("yes/no, even", shares(0.5, 0.5, 0.3, 1), 0, 1),
    Score("yes/no, even, differs", shares(0.5, 0.65, 0.3, 1), 0.15, 1),
    Score("yes/no, rare", shares(0.05, 0.05, 0.3, 1), 0, 1),
    Score("yes/no, common, differs", shares(0.92, 0.97, 0.3, 1), 0.05, 1),
    Score("yes/no, 3 trials", shares(0.5, 0.5, 0.3, 3), 0, 3),
    Score("yes/no, 3 trials, rare", shares(0.05, 0.05, 0.3, 3), 0, 3),
    Score("yes/no, 3 trials, differs", shares(0.5, 0.65, 0.3, 3), 0.15, 3),
    Score("numbers, normal", lambda pick: pick.gauss(0, 1), 0),
    Score("numbers, 3 trials", repeated, 0),
    Score("numbers, heavy tails (t3)", lambda pick: _student(pick, 3), 0),
    Score(
        "latencies, log-normal",
        lambda pick: pick.lognormvariate(0, 1) - pick.lognormvariate(0, 1),
        0,
    ),
    Score("numbers, 80 % ties", lambda pick: pick.gauss(0, 1) * (pick.random() < 0.2), 0),
    Score("grades 1 to 5, ties", lambda pick: float(pick.choice((-1, -1, 0, 0, 0, 0, 0, 1, 1))), 0),
    Score("skewed, exponential", lambda pick: pick.expovariate(1) - 1, 0),
    Score("skewed, 80 % zeros", lambda pick: pick.expovariate(1) * (pick.random() < 0.2), 0.2),
    Score("skewed, log-normal", lambda pick: pick.lognormvariate(0, 1) - math.exp(0.5), 0),
]


def _student(pick: random.Random, degrees: int) -> float:
    square = math.fsum(pick.gauss(0, 1) ** 2 for _ in range(degrees))
    return pick.gauss(0, 1) / math.sqrt(square / degrees)


@dataclass(frozen=True)
class Calibration:
    """Is the share of intervals that hold the truth, and of verdicts."""

    covers: float
    decides: float


def calibrate(score: Score, rows: int, comparisons: int, seed: int = 1) -> Calibration:
    """Simulates comparisons; a verdict needs both the test and the interval, as in decisions."""
    pick = random.Random(f"{seed} {score.name} {rows}")
    covered = decided = 0
    for _ in range(comparisons):
        differences = [score.draw(pick) for _ in range(rows)]
        if score.trials:
            found = paired_fractions(differences, score.trials)
        else:
            found = paired_numbers(differences)
        assert found is not None
        covered += found.low - 1e-9 <= score.truth <= found.high + 1e-9
        decided += found.p < 0.05 and not found.low <= 0 <= found.high
    return Calibration(covered / comparisons, decided / comparisons)


def others(score: Score, rows: int, comparisons: int) -> tuple[float, float, float]:
    """Is the coverage of Student's interval, of the percentile bootstrap and of bootstrap-t."""
    import numpy as np
    from scipy import stats

    pick, rng = random.Random(2), np.random.default_rng(2)
    reach = stats.t.ppf(0.975, rows - 1) / math.sqrt(rows)
    held = [0, 0, 0]
    for _ in range(comparisons):
        values = np.array([score.draw(pick) for _ in range(rows)])
        mean, spread = values.mean(), values.std(ddof=1)
        drawn = values[rng.integers(0, rows, (499, rows))]
        means, spreads = drawn.mean(1), drawn.std(1, ddof=1)
        known = spreads > 1e-12
        pivots = (means[known] - mean) / spreads[known] if known.any() else np.zeros(1)
        low, high = np.quantile(pivots, [0.025, 0.975])
        intervals = (
            (mean - reach * spread, mean + reach * spread),
            tuple(np.quantile(means, [0.025, 0.975])),
            (mean - high * spread, mean - low * spread),
        )
        for place, (lower, upper) in enumerate(intervals):
            held[place] += lower - 1e-9 <= score.truth <= upper + 1e-9
    return tuple(count / comparisons for count in held)


def main(comparisons: int) -> None:
    """Prints the tables."""
    print(f"{comparisons:,} comparisons each; covers / decides, in %; where the truth is 0, a")
    print("verdict is a false alarm\n")
    print(f"{'score':28}" + "".join(f"{f'{rows} rows':>16}" for rows in ROWS))
    for score in SCORES:
        cells = [calibrate(score, rows, comparisons) for rows in ROWS]
        print(
            f"{score.name:28}"
            + "".join(f"{100 * c.covers:>9.1f} /{100 * c.decides:>5.1f}" for c in cells)
        )
    fewer = max(100, comparisons // 10)
    print(f"\ncoverage of other intervals ({fewer:,} each): Student / percentiles / bootstrap-t\n")
    for score in SCORES:
        cells = [others(score, rows, fewer) for rows in ROWS[:3]]
        print(
            f"{score.name:28}"
            + "".join(f"{' /'.join(f'{100 * each:>6.1f}' for each in c):>26}" for c in cells)
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
