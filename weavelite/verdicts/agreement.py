"""How well two judges agree, such as a model and people, and whether that can be known yet; pure.

Pairs are `(human, judge)`. Kappa and alpha say how much better than chance the agreement is: 1 is
always, 0 what chance gives. Landis and Koch call 0.6 and more substantial.
"""

import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Label = Any
Pair = tuple[Label, Label]
Interval = tuple[float, float]
Level = Literal["nominal", "ordinal", "interval"]
Weights = Literal["linear", "quadratic"] | None
Standing = Literal["trusted", "not_trusted", "undecided", "no_contrast"]

SUBSTANTIAL = 0.6
"""Is the kappa from which a judge counts as one that can be used in the place of people."""

_Z95 = 1.959963984540054
_DRAWS, _FEWEST_DRAWS, _CELLS_DRAWN = 4000, 500, 400_000
_MOST_LABELS = 1000
"""Beyond so many, the answer is not more labels."""


def wilson_interval(successes: int, total: int, z: float = _Z95) -> Interval:
    """Is Wilson's interval for a share, by default at 95 %."""
    if not total:
        return 0.0, 1.0
    share, square = successes / total, z * z / total
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt((share * (1 - share) + square / 4) / total)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == total else middle + half
    return max(0.0, low), min(1.0, high)


def cohen_kappa(
    pairs: Sequence[Pair], weights: Weights = None, order: Sequence[Label] | None = None
) -> float | None:
    """Is Cohen's kappa of pairs; None where both always say the same one thing.

    Args:
        pairs: what each said.
        weights: how much worse a disagreement further apart is; `None` takes all for the same.
        order: the labels from low to high, for weights; by default sorted.

    """
    labels = _labels(pairs, order)
    counts = Counter(pairs)
    table = [[float(counts[row, column]) for column in labels] for row in labels]
    return _kappa(table, _distances(len(labels), weights))


def _labels(pairs: Sequence[Pair], order: Sequence[Label] | None) -> list[Label]:
    met = {label for pair in pairs for label in pair}
    known = list(order or ())
    return known + sorted(met - set(known), key=lambda label: (type(label).__name__, label))


def _distances(size: int, weights: Weights) -> list[list[float]]:
    power = {None: 0, "linear": 1, "quadratic": 2}[weights]
    return [
        [float(abs(row - column) ** power) if row != column else 0.0 for column in range(size)]
        for row in range(size)
    ]


def _kappa(table: Sequence[Sequence[float]], distances: Sequence[Sequence[float]]) -> float | None:
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    total = sum(rows)
    size = range(len(rows))
    by_chance = sum(rows[i] * columns[j] * distances[i][j] for i in size for j in size)
    if not total or not by_chance:
        return None
    seen = sum(table[i][j] * distances[i][j] for i in size for j in size)
    return float(1 - seen * total / by_chance)


def kappa_interval(
    pairs: Sequence[Pair],
    weights: Weights = None,
    order: Sequence[Label] | None = None,
    *,
    seed: int = 0,
    draws: int | None = None,
) -> Interval:
    """Is a 95 % interval for kappa.

    Tables are drawn from what the pairs leave open (Dirichlet, with a prior worth one pair), so
    that a few pairs which all agree do not pass for certainty, as they do in a bootstrap and with
    the standard error.
    """
    every, met = _labels(pairs, order), {label for pair in pairs for label in pair}
    labels = [label for label in every if label in met]
    size = len(labels)
    if size < 2:
        return -1.0, 1.0
    counts = Counter(pairs)
    draws = draws or max(_FEWEST_DRAWS, min(_DRAWS, _CELLS_DRAWN // size**2))
    shapes = [counts[row, column] + 1 / size**2 for row in labels for column in labels]
    apart, places = _distances(len(every), weights), [every.index(label) for label in labels]
    distances = [[apart[row][column] for column in places] for row in places]
    generator = random.Random(seed)
    drawn = []
    for _ in range(draws):
        cells = [generator.gammavariate(shape, 1.0) for shape in shapes]
        table = [cells[start : start + size] for start in range(0, size * size, size)]
        kappa = _kappa(table, distances)
        drawn.append(0.0 if kappa is None else kappa)
    found = cohen_kappa(pairs, weights, order)  # which the prior may leave outside on a fine scale
    low, high = _middle(drawn)
    return (low, high) if found is None else (min(low, found), max(high, found))


def _middle(drawn: list[float]) -> Interval:
    drawn.sort()
    return drawn[int(0.025 * len(drawn))], drawn[math.ceil(0.975 * len(drawn)) - 1]


def krippendorff_alpha(
    units: Sequence[Sequence[Any]],
    level: Level = "nominal",
    order: Sequence[Label] | None = None,
) -> float | None:
    """Is Krippendorff's alpha of any number of judges; None where nothing varies.

    Args:
        units: what each judge said of one thing; None where one said nothing.
        level: what differences mean: nominal (other), ordinal (ranks apart), interval (how far).
        order: the labels from low to high, for ordinal; by default sorted.

    """
    said = [[value for value in unit if value is not None] for unit in units]
    said = [unit for unit in said if len(unit) > 1]
    pairs: defaultdict[tuple[Any, Any], float] = defaultdict(float)
    for unit in said:
        for one, other in itertools.permutations(unit, 2):
            pairs[one, other] += 1 / (len(unit) - 1)
    totals: defaultdict[Any, float] = defaultdict(float)
    for (one, _), count in pairs.items():
        totals[one] += count
    labels = _labels(list(pairs), order)
    total = sum(totals.values())
    far = _difference(level, labels, totals)
    expected = sum(
        totals[one] * totals[other] * far(i, j)
        for (i, one), (j, other) in itertools.product(enumerate(labels), repeat=2)
        if one in totals and other in totals
    )
    if not expected:
        return None
    place = {label: index for index, label in enumerate(labels)}
    seen = sum(count * far(place[one], place[other]) for (one, other), count in pairs.items())
    return 1 - (total - 1) * seen / expected


def _difference(
    level: Level, labels: Sequence[Any], totals: Mapping[Any, float]
) -> Callable[[int, int], float]:
    if level == "nominal":
        return lambda i, j: float(i != j)
    if level == "interval":
        return lambda i, j: (float(labels[i]) - float(labels[j])) ** 2
    counts = [totals.get(label, 0.0) for label in labels]
    up_to = list(itertools.accumulate(counts, initial=0.0))

    def ordinal(i: int, j: int) -> float:
        low, high = min(i, j), max(i, j)
        between = up_to[high + 1] - up_to[low] - (counts[low] + counts[high]) / 2
        return 0.0 if i == j else between**2

    return ordinal


def sign_test(more: int, less: int) -> float:
    """Is the chance of counts as uneven as these, or more, when both are as likely (exact)."""
    total, least = more + less, min(more, less)
    tail = sum(math.comb(total, k) for k in range(least + 1))
    return float(min(1, 2 * tail / 2**total))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Is how well a judge agrees with people, and what that is worth.

    `kappa` is weighted (quadratic) where labels are ordered and more than two. `higher` and `lower`
    count the rows in which the judge says more, or less, than people; of labels without an order
    both are None.
    """

    labels: int
    agreed: int
    interval: Interval
    kappa: float | None
    kappa_interval: Interval | None
    alpha: float | None
    level: Level
    order: list[Any]
    confusion: list[tuple[Any, Any, int]]
    higher: int | None
    lower: int | None
    standing: Standing
    labels_needed: int | None
    wanted: float

    @property
    def share(self) -> float:
        """Is the part of the rows on which judge and people agree."""
        return self.agreed / self.labels if self.labels else 0.0

    @property
    def direction_p(self) -> float | None:
        """Is how likely it is that the judge errs so much to one side by chance."""
        if self.higher is None or self.lower is None:
            return None
        return sign_test(self.higher, self.lower)

    @property
    def verdict(self) -> str:
        """Says it in a sentence or two."""
        return " ".join([f"{self._figures()}: {self._standing()}", *self._directions()])

    def _figures(self) -> str:
        low, high = self.interval
        text = (
            f"Agrees with people on {self.agreed} of {self.labels} "
            f"({self.share:.0%}, 95 % interval {low * 100:.0f} to {high:.0%})".replace("%", " %")
        ).replace("95  %", "95 %")
        if self.kappa is None or self.kappa_interval is None:
            return text
        low, high = self.kappa_interval
        name = "weighted kappa" if self.level != "nominal" and len(self.order) > 2 else "kappa"
        return f"{text}, {name} {self.kappa:.2f} ({low:.2f} to {high:.2f})"

    def _standing(self) -> str:
        count = f"{self.labels} label{'s' if self.labels != 1 else ''}"
        match self.standing:
            case "trusted":
                return f"it can be trusted, and {count} suffice to say so."
            case "not_trusted":
                return (
                    f"it cannot be trusted, and {count} suffice to say so: "
                    f"its kappa is below {self.wanted:g}. Mend its criteria, or take another model."
                )
            case "no_contrast":
                return (
                    "people gave all rows one label, so nothing tells whether it notices the "
                    "others: add rows that people judge differently."
                )
        return f"{count} do not suffice to trust it; {self._more()}"

    def _more(self) -> str:
        if self.labels_needed is None:
            if self.kappa is not None and self.kappa < self.wanted:
                return (
                    f"so far its kappa is below {self.wanted:g}: look at the rows they differ on."
                )
            return f"its kappa is too near to {self.wanted:g} for any number that is worth it."
        return f"about {self.labels_needed} would, if it goes on like this."

    def _directions(self) -> list[str]:
        if self.agreed == self.labels:
            return []
        p = self.direction_p
        if p is None or self.higher is None or self.lower is None:
            human, judge, count = max(
                (entry for entry in self.confusion if entry[0] != entry[1]), key=lambda e: e[2]
            )
            return [f"Most often it says {judge!r} where people say {human!r} ({count})."]
        if self.higher == self.lower:
            return [f"It errs to both sides alike ({self.higher} higher, {self.lower} lower)."]
        side = "more lenient" if self.higher > self.lower else "stricter"
        chance = "more than chance gives" if p < 0.05 else "which may be chance"
        if self.order == [False, True]:
            rows = f"it passes {self.higher} that they fail, and fails {self.lower} that they pass"
        else:
            rows = f"it is above them on {self.higher}, and below on {self.lower}"
        said = [f"It is {side} than people: {rows} ({chance}, p = {p:.2g})."]
        warning = "So compare its averages with each other, not with those of people."
        return [*said, warning] if p < 0.05 else said


def agreement(
    pairs: Sequence[Pair],
    *,
    order: Sequence[Label] | None = None,
    level: Level = "nominal",
    wanted: float = SUBSTANTIAL,
    seed: int = 0,
) -> Agreement:
    """Compares a judge with people.

    Args:
        pairs: `(human, judge)` of each row that has both.
        order: all labels that there can be, from low to high where `level` is not nominal.
        level: what differences mean.
        wanted: the kappa from which the judge is good enough.
        seed: makes the intervals repeatable.

    """
    labels = _labels(pairs, order)
    is_ordered = level != "nominal"
    weights: Weights = "quadratic" if is_ordered and len(labels) > 2 else None
    kappa = cohen_kappa(pairs, weights, labels)
    contrast = len({human for human, _ in pairs}) > 1
    bounds = kappa_interval(pairs, weights, labels, seed=seed) if kappa is not None else None
    agreed = sum(human == judge for human, judge in pairs)
    counts = Counter(pairs)
    place = {label: index for index, label in enumerate(labels)}
    standing = _stands(bounds, wanted) if contrast else "no_contrast"
    return Agreement(
        labels=len(pairs),
        agreed=agreed,
        interval=wilson_interval(agreed, len(pairs)),
        kappa=kappa if contrast else None,
        kappa_interval=bounds if contrast else None,
        alpha=krippendorff_alpha(pairs, level, labels),
        level=level,
        order=labels,
        confusion=[(h, j, counts[h, j]) for h in labels for j in labels if counts[h, j]],
        higher=sum(place[j] > place[h] for h, j in pairs) if is_ordered else None,
        lower=sum(place[j] < place[h] for h, j in pairs) if is_ordered else None,
        standing=standing,
        labels_needed=_needed(len(pairs), kappa, bounds, wanted),
        wanted=wanted,
    )


def _stands(bounds: Interval | None, wanted: float) -> Standing:
    if bounds is None:
        return "undecided"
    return (
        "trusted" if bounds[0] >= wanted else "not_trusted" if bounds[1] < wanted else "undecided"
    )


def _needed(count: int, kappa: float | None, bounds: Interval | None, wanted: float) -> int | None:
    """Guesses how many labels decide: intervals shrink with the root of their number."""
    if kappa is None or bounds is None or kappa <= wanted:
        return None
    needed = math.ceil(count * ((kappa - bounds[0]) / (kappa - wanted)) ** 2 / 10) * 10
    return needed if needed <= _MOST_LABELS else None
