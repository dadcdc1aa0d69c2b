"""Tests and intervals agree with SciPy and statsmodels, and obey the laws of what they measure."""

import math
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from weavelite.verdicts.distributions import coin_mid_p, normal_quantile, t_quantile, t_tail
from weavelite.verdicts.paired import holm, paired_fractions, paired_numbers

COUNTS = st.integers(0, 60)
MOVES = st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=60)
NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=2, max_size=40)


@given(st.floats(-40, 40), st.integers(1, 5000))
@example(0.0, 1)
def test_the_tail_of_student_is_scipys(point, degrees):
    """The upper tail of Student's distribution is that of SciPy."""
    assert math.isclose(
        t_tail(point, degrees), stats.t.sf(point, degrees), rel_tol=1e-8, abs_tol=1e-14
    )


@given(st.floats(0.5, 0.99999), st.integers(1, 20_000))
def test_quantiles_are_scipys(share, degrees):
    """Quantiles of Student's and of the normal distribution are those of SciPy."""
    assert t_quantile(share, degrees) == pytest.approx(
        stats.t.ppf(share, degrees), rel=1e-6, abs=1e-9
    )
    assert normal_quantile(share) == pytest.approx(stats.norm.ppf(share), abs=1e-8)


@given(COUNTS, COUNTS)
def test_mcnemar_is_the_exact_one_without_half_of_what_was_seen(up, down):
    """McNemar's mid-p is the exact p of statsmodels and SciPy less the chance of what was seen."""
    if up + down == 0:
        return
    exact = mcnemar([[0, up], [down, 0]], exact=True).pvalue
    assert exact == pytest.approx(stats.binomtest(up, up + down).pvalue)
    seen = stats.binom.pmf(min(up, down), up + down, 0.5)
    wanted = 1.0 if up == down else exact - seen
    assert coin_mid_p(min(up, down), up + down) == pytest.approx(wanted, abs=1e-12)


def test_mcnemar_of_many_rows_neither_rounds_nor_overflows():
    """The test of twenty thousand rows is that of SciPy."""
    exact = stats.binomtest(9_800, 20_000).pvalue - stats.binom.pmf(9_800, 20_000, 0.5)
    assert coin_mid_p(9_800, 20_000) == pytest.approx(exact, rel=1e-6)


def test_the_interval_of_shares_is_agresti_and_mins():
    """The interval is Wald's with two more rows, half a one each way, and Student's quantile."""
    differences = [1.0] * 12 + [-1.0] * 4 + [0.0] * 34
    found = paired_fractions(differences)
    n, up, down = 52, 12.5, 4.5
    middle, reach = (up - down) / n, math.sqrt(up + down - (up - down) ** 2 / n) / n
    reach *= stats.t.ppf(0.975, 49)
    assert (found.low, found.high) == pytest.approx((middle - reach, middle + reach))
    assert found.estimate == 0.16


def test_numbers_without_skewness_are_compared_as_scipy_does():
    """Where differences are symmetric, the p-value and the interval are those of `ttest_rel`."""
    rng = np.random.default_rng(1)
    half = rng.normal(0.0, 1, 20)
    differences = np.concatenate([0.4 + half, 0.4 - half])
    found = paired_numbers(differences.tolist())
    oracle = stats.ttest_rel(differences, np.zeros(40))
    interval = oracle.confidence_interval()
    assert found.p == pytest.approx(oracle.pvalue, rel=0.02)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_p_values_are_near_those_of_the_permutation_test(seed):
    """On numbers of many shapes, p is near that of SciPy's permutation of signs, or above it."""
    rng = np.random.default_rng(seed)
    make = [
        lambda: rng.normal(0.3, 1, 40),
        lambda: rng.exponential(1, 30) - 0.7,
        lambda: rng.standard_t(3, 50) + 0.4,
        lambda: rng.choice([-1, 0, 1, 2], 60) * 0.25,
        lambda: rng.laplace(0.2, 1, 25),
        lambda: rng.uniform(-1, 1.4, 35),
    ][seed]
    differences = make()
    oracle = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=9999, rng=seed
    ).pvalue
    found = paired_numbers(differences.tolist()).p
    assert 0.75 * oracle - 0.005 < found < 1.6 * oracle + 0.06


def test_trials_are_clustered_by_row():
    """The error of shares over trials is that of statsmodels, clustered by row."""
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    rows, trials = 400, 3
    ease = rng.beta(2, 2, rows)
    base = rng.binomial(1, ease[:, None], (rows, trials))
    other = rng.binomial(1, np.clip(ease + 0.1, 0, 1)[:, None], (rows, trials))
    cells = (other - base).reshape(-1)
    model = sm.OLS(cells, np.ones(len(cells))).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(rows), trials)}
    )
    found = paired_fractions((other - base).mean(axis=1).tolist(), trials)
    assert found.estimate == pytest.approx(model.params[0])
    width = (found.high - found.low) / 2 / stats.t.ppf(0.975, rows - 1)
    assert width == pytest.approx(model.bse[0], rel=0.02)
    assert found.p == pytest.approx(model.pvalues[0], rel=0.3, abs=1e-4)


@settings(max_examples=25)
@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_that_of_statsmodels(p_values):
    """Corrected p-values are those of statsmodels, in the order that they came."""
    wanted = multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values) == pytest.approx(list(wanted))


@given(MOVES, NUMBERS)
def test_turning_runs_around_turns_the_answer_around(moves, numbers):
    """Negated differences give the negated interval, and the same p-value."""
    for test, values in ((paired_fractions, moves), (paired_numbers, numbers)):
        one, other = test(values), test([-value for value in values])
        assert (one.estimate, one.low, one.high) == (-other.estimate, -other.high, -other.low)
        assert (one.p, one.up, one.down) == (other.p, other.down, other.up)


@given(MOVES, NUMBERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(moves, numbers, pick):
    """Shuffled differences give the same answer, to the last bit."""
    for test, values in ((paired_fractions, moves), (paired_numbers, numbers)):
        shuffled = list(values)
        pick.shuffle(shuffled)
        assert test(values) == test(shuffled)


@given(MOVES, st.integers(1, 40))
def test_rows_that_are_the_same_make_nothing_surer(moves, more):
    """Rows that did not move leave McNemar's p as it is, and bring the interval nearer to none."""
    before, after = paired_fractions(moves), paired_fractions([*moves, *[0.0] * more])
    assert before.p == after.p
    assert abs(after.estimate) <= abs(before.estimate)


@given(NUMBERS)
def test_an_interval_holds_its_estimate(numbers):
    """The estimate is inside of its interval, and p is a probability."""
    found = paired_numbers(numbers)
    slack = 1e-9 * max(1.0, abs(found.estimate))
    assert found.low - slack <= found.estimate <= found.high + slack
    assert 0 <= found.p <= 1


def test_few_rows_are_never_sure():
    """Five rows that all moved alike are not enough, however much alike: chance does that, too."""
    assert paired_numbers([0.1] * 5).p >= 0.05
    assert paired_numbers([0.1] * 6).p < 0.05
    assert paired_numbers([0.1]).p == 1.0
    assert paired_fractions([1.0]).p >= 0.5


def test_no_rows_give_no_answer():
    """Without rows there is nothing to say."""
    assert paired_fractions([]) is None and paired_numbers([]) is None


def test_numbers_of_any_size_are_compared():
    """Neither huge nor tiny numbers overflow."""
    pick = random.Random(4)
    for scale in (1e-200, 1e200):
        found = paired_numbers([pick.gauss(1, 1) * scale for _ in range(50)])
        assert found.p < 0.001 and found.low > 0
