"""Whether one run is better than another on a metric."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from weavelite.verdicts.paired import Paired, holm, paired_fractions, paired_numbers
from weavelite.verdicts.power import LEVEL, detectable, rows_needed, trials_needed
from weavelite.verdicts.series import Series

Verdict = Literal["better", "worse", "different", "undecided", "unchanged"]
MOST_TIMES = 20
"""More rows than this many times those there are, nobody will get: a larger difference is named."""


@dataclass(slots=True, kw_only=True)
class Decision:
    """Is what the rows that two runs share say of a metric.

    Args:
        verdict: whether the run is better than the baseline; `different` where no direction is
            known, `unchanged` where every row is the same; None where nothing can be said.
        why: why there is no verdict.
        rows: how many rows both runs have numbers for.
        improved: how many of them moved the better way, up where no direction is known.
        regressed: how many moved the other way.
        left_out: rows that only one of the runs has a number for.
        estimate: the mean difference over those rows.
        low: where its 95 % interval begins; None when too little is known.
        high: where that ends.
        p: of the paired test that `method` names.
        p_corrected: the same, corrected for the number of metrics that were tested.
        tested: how many those were.
        detectable: the smallest difference that so many rows find in 4 of 5 comparisons.
        wanted: the difference that `rows_needed` and `trials_needed` are about.
        rows_needed: about how many rows would find it.
        trials_needed: about how many trials of the same rows would.
        interval: the interval in words.
        said: all of that in a sentence.
        power: what could have been seen, and what it takes, in a sentence.

    """

    verdict: Verdict | None = None
    why: str | None = None
    rows: int = 0
    improved: int = 0
    regressed: int = 0
    left_out: int = 0
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_corrected: float | None = None
    tested: int = 0
    method: str | None = None
    detectable: float | None = None
    wanted: float | None = None
    rows_needed: int | None = None
    trials_needed: int | None = None
    interval: str = ""
    said: str = ""
    power: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """Is a metric of two runs under test, before it is corrected for how many there are."""

    paired: Paired
    higher_is_better: bool | None
    trials: int
    within: float
    """Is the variance of the difference of single trials, the row being the same."""
    left_out: int


def paired_test(base: Series, other: Series, higher_is_better: bool | None) -> Tested | None:
    """Tests a metric on the rows that both runs have numbers for; None when there are none."""
    before, after = base.means, other.means
    found = after.get
    pairs = [(row, then, now) for row, then in before.items() if (now := found(row)) is not None]
    shared = [row for row, _, _ in pairs]
    differences = [now - then for _, then, now in pairs]
    trials = min(base.trials, other.trials)
    if base.is_yes_or_no and other.is_yes_or_no:
        paired = paired_fractions(differences, trials)
    else:
        paired = paired_numbers(differences)
    if paired is None:
        return None
    return Tested(
        paired=paired,
        higher_is_better=higher_is_better,
        trials=trials,
        within=base.within(shared) + other.within(shared),
        left_out=len(before) + len(after) - 2 * len(shared),
    )


def decide(tests: Sequence[Tested]) -> list[Decision]:
    """Decides on metrics that are tested together, corrected for how many they are."""
    moved = [test for test in tests if test.paired.up or test.paired.down]
    # What did not move could not have been found whatever its level, so it costs the others none.
    corrected = dict(zip(map(id, moved), holm([test.paired.p for test in moved]), strict=True))
    decisions = [_decision(test, corrected.get(id(test), 1.0), len(moved)) for test in tests]
    open_ones = sum(decision.verdict == "undecided" for decision in decisions)
    level = LEVEL / max(1, open_ones)  # the next step of Holm's method
    return [
        _with_power(decision, test, level) for decision, test in zip(decisions, tests, strict=True)
    ]


def _decision(test: Tested, corrected: float, tested: int) -> Decision:
    paired, higher = test.paired, test.higher_is_better
    improved, regressed = paired.up, paired.down
    if higher is False:
        improved, regressed = regressed, improved
    return Decision(
        verdict=_verdict(paired, higher, corrected),
        rows=paired.rows,
        improved=improved,
        regressed=regressed,
        left_out=test.left_out,
        estimate=paired.estimate,
        low=_bound(paired.low, paired),
        high=_bound(paired.high, paired),
        p=paired.p,
        p_corrected=corrected,
        tested=tested,
        method=paired.method,
    )


def _verdict(paired: Paired, higher_is_better: bool | None, p: float) -> Verdict:
    if paired.up == paired.down == 0:
        return "unchanged"
    if p >= LEVEL or paired.low <= 0 <= paired.high:
        return "undecided"
    if higher_is_better is None:
        return "different"
    return "better" if (paired.estimate > 0) == higher_is_better else "worse"


def _with_power(decision: Decision, test: Tested, level: float) -> Decision:
    """Adds what so many rows could have shown, and what a difference of this size would take."""
    paired = test.paired
    smallest = detectable(paired.spread, paired.rows, level)
    if smallest is None or decision.verdict == "unchanged":
        return decision
    wanted = abs(paired.estimate)
    needed = rows_needed(paired.spread, wanted, level)
    if needed is None or needed > MOST_TIMES * paired.rows:
        wanted = min(smallest, paired.limit) / 2
        needed = rows_needed(paired.spread, wanted, level)
    between = max(0.0, paired.spread**2 - test.within / test.trials)
    return replace(
        decision,
        detectable=smallest if smallest < paired.limit else None,
        wanted=wanted,
        rows_needed=needed,
        trials_needed=trials_needed(between, test.within, paired.rows, wanted, level),
    )


def _bound(value: float, paired: Paired) -> float | None:
    """Is a bound of the interval; numbers that never moved have none."""
    return value if math.isfinite(value) and paired.spread > 0 else None
