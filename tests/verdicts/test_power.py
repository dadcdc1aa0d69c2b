"""What could have been seen is what simulations see."""

import random
import statistics

import pytest
from statsmodels.stats.power import TTestPower

from weavelite.verdicts.paired import paired_fractions, paired_numbers
from weavelite.verdicts.power import detectable, rows_needed, trials_needed, variance


@pytest.mark.parametrize("rows", [10, 50, 300])
def test_the_detectable_difference_is_that_of_statsmodels(rows):
    """Of numbers, it is what statsmodels says a paired t-test finds with a power of 80 %."""
    effect = TTestPower().solve_power(nobs=rows, alpha=0.05, power=0.8)
    assert detectable(2.0, rows) == pytest.approx(2 * effect, rel=0.03)


@pytest.mark.parametrize("effect", [0.2, 0.5])
def test_the_rows_needed_are_those_of_statsmodels(effect):
    """So are the rows that a difference takes."""
    rows = TTestPower().solve_power(effect_size=effect, alpha=0.05, power=0.8)
    assert rows_needed(1.0, effect) == pytest.approx(rows, rel=0.05)


def test_four_of_five_comparisons_see_the_detectable_difference():
    """Simulated yes and no, apart by the detectable difference, are told apart 4 times in 5."""
    pick = random.Random(5)
    rows, moving = 100, 0.3

    def differences(apart):
        up = (moving + apart) / 2
        return [
            pick.choices([1.0, -1.0, 0.0], [up, moving - up, 1 - moving])[0] for _ in range(rows)
        ]

    smallest = detectable(
        statistics.mean(paired_fractions(differences(0)).spread for _ in range(50)), rows
    )
    seen = sum(paired_fractions(differences(smallest)).p < 0.05 for _ in range(400)) / 400
    assert 0.7 < seen < 0.92


def test_the_trials_needed_find_the_difference():
    """With as many trials as were asked for, four of five comparisons find the difference."""
    pick = random.Random(6)
    rows, between, within, apart = 60, 0.1, 1.0, 0.3
    trials = trials_needed(between**2, within, rows, apart)

    def difference():
        return pick.gauss(apart, between) + pick.gauss(0, (within / trials) ** 0.5)

    seen = sum(paired_numbers([difference() for _ in range(rows)]).p < 0.05 for _ in range(300))
    assert 0.72 < seen / 300 < 0.95 and trials > 1


def test_no_trials_replace_rows():
    """Where rows themselves differ too much, no number of trials is enough."""
    assert trials_needed(4.0, 1.0, 20, 0.1) is None
    assert rows_needed(1.0, 0.0) is None and detectable(1.0, 1) is None


def test_variance_is_that_of_the_library():
    """The variance is the sample's."""
    assert variance([1.0, 2.0, 4.0]) == pytest.approx(statistics.variance([1, 2, 4]))
    assert variance([1.0]) == 0.0
