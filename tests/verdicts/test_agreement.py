"""Agreement is what scikit-learn, statsmodels and krippendorff say, and its intervals hold."""

import math
import random
import warnings

import krippendorff
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from weavelite.verdicts.agreement import (
    agreement,
    cohen_kappa,
    kappa_interval,
    krippendorff_alpha,
    sign_test,
    wilson_interval,
)

GRADES = st.integers(1, 5)
PAIRS = st.lists(st.tuples(GRADES, GRADES), min_size=2, max_size=40)
YES_NO = [False, True]


def pairs_of(both, human, judge, neither):
    """Makes pairs by how often both say yes, only people, only the judge, and nobody."""
    return (
        [(True, True)] * both
        + [(True, False)] * human
        + [(False, True)] * judge
        + [(False, False)] * neither
    )


@given(PAIRS, st.sampled_from([None, "linear", "quadratic"]))
def test_kappa_is_scikit_learns(pairs, weights):
    """Kappa, plain and weighted, is scikit-learn's; where that has none, neither have we."""
    human, judge = zip(*pairs, strict=True)
    with warnings.catch_warnings(action="ignore"):
        expected = cohen_kappa_score(human, judge, labels=[1, 2, 3, 4, 5], weights=weights)
    found = cohen_kappa(pairs, weights, [1, 2, 3, 4, 5])
    if math.isnan(expected):
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-9)


@given(
    st.lists(st.lists(GRADES | st.none(), min_size=3, max_size=3), min_size=2, max_size=15),
    st.sampled_from(["nominal", "ordinal", "interval"]),
)
def test_alpha_is_krippendorffs(units, level):
    """Alpha of three judges, some of whom are silent, is that of the krippendorff package."""
    found = krippendorff_alpha(units, level)
    said = {v for unit in units if sum(x is not None for x in unit) > 1 for v in unit} - {None}
    if len(said) < 2:
        assert found is None
        return
    data = [[numpy.nan if v is None else v for v in judge] for judge in zip(*units, strict=True)]
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement=level)
    assert found == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilsons_interval_is_statsmodels(agreed, others):
    """The interval of a share is Wilson's."""
    total = agreed + others
    low, high = wilson_interval(agreed, total)
    if total:
        expected = proportion_confint(agreed, total, method="wilson")
        assert (low, high) == pytest.approx(expected, abs=1e-9)
    assert 0 <= low <= high <= 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_sign_test_is_scipys(more, less):
    """The sign test is the exact binomial test of even odds."""
    from scipy.stats import binomtest

    expected = binomtest(more, more + less).pvalue if more + less else 1
    assert sign_test(more, less) == pytest.approx(expected)


@pytest.mark.parametrize("table", [(0.4, 0.1, 0.1, 0.4), (0.68, 0.05, 0.03, 0.24)])
def test_intervals_of_kappa_cover(table):
    """Of 200 samples of 30 labels, about 95 in 100 intervals hold the true kappa."""
    cells = [(True, True), (True, False), (False, True), (False, False)]
    counts = [round(100 * share) for share in table]
    true = cohen_kappa([cell for cell, n in zip(cells, counts, strict=True) for _ in range(n)])
    generator, covered = random.Random(7), 0
    for seed in range(200):
        drawn = generator.choices(cells, table, k=30)
        low, high = kappa_interval(drawn, order=YES_NO, seed=seed, draws=300)
        covered += low <= true <= high
    assert 0.9 <= covered / 200 <= 0.99


def test_a_few_labels_that_all_agree_are_no_certainty():
    """Ten of ten leave open that the judge is worse than it has to be; thirty do not."""
    ten = agreement(pairs_of(5, 0, 0, 5), order=YES_NO, level="ordinal")
    assert ten.kappa == 1 and ten.standing == "undecided" and ten.kappa_interval[0] < 0.6
    thirty = agreement(pairs_of(18, 0, 0, 12), order=YES_NO, level="ordinal")
    assert thirty.standing == "trusted" and "30 labels suffice" in thirty.verdict


def test_the_verdict_is_a_sentence():
    """The verdict has the counts, both intervals, how many labels it takes, and the direction."""
    found = agreement(pairs_of(17, 0, 3, 10), order=YES_NO, level="ordinal")
    assert found.verdict == (
        "Agrees with people on 27 of 30 (90 %, 95 % interval 74 to 97 %), kappa 0.79 "
        "(0.50 to 0.94): 30 labels do not suffice to trust it; about 70 would, if it goes on like "
        "this. It is more lenient than people: it passes 3 that they fail, and fails 0 that they "
        "pass (which may be chance, p = 0.25)."
    )
    assert found.confusion == [(False, False, 10), (False, True, 3), (True, True, 17)]


def test_a_judge_that_guesses_is_not_trusted():
    """Agreement by chance is said to be that, however many labels agree."""
    found = agreement(pairs_of(40, 10, 8, 2), order=YES_NO, level="ordinal")
    assert found.share == 0.7 and found.standing == "not_trusted" and found.labels_needed is None
    assert "cannot be trusted" in found.verdict


def test_labels_without_contrast_say_nothing():
    """Where people gave one label to all, no kappa is told, and rows with others are asked for."""
    found = agreement(pairs_of(20, 0, 0, 0), order=YES_NO, level="ordinal")
    assert found.standing == "no_contrast" and found.kappa is None
    assert "add rows that people judge differently" in found.verdict
    one_sided = agreement(pairs_of(10, 10, 0, 0), order=YES_NO, level="ordinal")
    assert one_sided.standing == "no_contrast" and "stricter than people" in one_sided.verdict


def test_grades_are_weighted():
    """A grade next to people's counts for more than one far off."""
    near = [(grade, min(5, grade + 1)) for grade in (1, 2, 3, 4, 5)] * 6
    far = [(grade, 6 - grade) for grade in (1, 2, 3, 4, 5)] * 6
    order = [1, 2, 3, 4, 5]
    close = agreement(near, order=order, level="interval")
    assert close.share == 0.2 and close.kappa > 0.7 and "weighted kappa" in close.verdict
    assert (close.higher, close.lower) == (24, 0) and "more than chance gives" in close.verdict
    assert agreement(far, order=order, level="interval").kappa < 0


def test_grades_that_nobody_gave_change_nothing():
    """The interval is that of the labels that were given, at their distances, on any scale."""
    pairs = [(10, 10), (10, 50), (50, 50), (90, 90), (90, 50)] * 6
    met = kappa_interval(pairs, "linear", [10, 50, 90])
    assert kappa_interval(pairs, "linear", list(range(0, 101, 10))) == pytest.approx(met)
    order = list(range(101))
    near = [(grade, grade + 1) for grade in range(0, 90, 3)]
    low, high = kappa_interval(near, "quadratic", order)
    assert low < cohen_kappa(near, "quadratic", order) <= high


def test_categories_have_no_direction():
    """Of labels without an order, the commonest confusion is named."""
    pairs = [("a", "a")] * 5 + [("b", "b")] * 5 + [("b", "c")] * 4 + [("a", "b")]
    found = agreement(pairs, order=["a", "b", "c"])
    assert found.direction_p is None
    assert "Most often it says 'c' where people say 'b' (4)." in found.verdict


@given(PAIRS)
@settings(max_examples=10)
def test_a_verdict_is_found_for_any_labels(pairs):
    """Any labels have a verdict, the same each time, and intervals around what they are of."""
    found = agreement(pairs, order=[1, 2, 3, 4, 5], level="interval")
    assert found.verdict == agreement(pairs, order=[1, 2, 3, 4, 5], level="interval").verdict
    low, high = found.interval
    assert low <= found.share <= high
    assert sum(count for _, _, count in found.confusion) == found.labels == len(pairs)
