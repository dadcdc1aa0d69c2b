"""What the rows of one run say of it by themselves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdicts.made import cell, scored
from weavelite.verdicts.agreement import wilson_interval
from weavelite.verdicts.alone import run_scores
from weavelite.verdicts.columns import run_cells


def mean(cells, name="exact"):
    return next(
        found for found in run_scores("r", run_cells(cells), {}).means if found.name == name
    )


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_yes_and_no_have_the_interval_of_a_fraction(values):
    """The mean is the share of yes, and its interval lies around it and within 0 and 1."""
    found = mean(scored(values))
    assert (found.kind, found.rows) == ("fraction", len(values))
    assert found.value == pytest.approx(sum(values) / len(values))
    assert (found.low, found.high) == wilson_interval(sum(values), len(values))
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_numbers_have_an_interval_from_two_rows_on(values):
    """The interval of numbers lies around their mean; one row has none."""
    found = mean(scored(values))
    assert found.value == pytest.approx(math.fsum(values) / len(values), abs=1e-6)
    if len(values) == 1:
        assert (found.low, found.high) == (None, None)
    elif found.low is not None:
        assert found.low <= found.value + 1e-6 and found.value - 1e-6 <= found.high


def test_trials_of_a_row_are_one_unit():
    """Ten trials that agree tell no more of other rows than one."""
    trials = [cell("a", {"exact": True}, trial=n) for n in range(10)]
    trials += [cell("b", {"exact": False}, trial=n) for n in range(10)]
    found = mean(trials)
    assert (found.value, found.rows) == (0.5, 2)


def test_failures_are_counted_by_whose_they_are():
    """Errors of model, scorers and infrastructure are no scores, and are told apart."""
    outside = {"model": None, "scorers": {}, "infrastructure": {"model": "429", "scorers": {}}}
    judge = {"model": None, "scorers": {"exact": "no answer"}}
    cells = [
        cell("a", {"exact": True}), cell("b", error="boom"), cell("c", errors=outside),
        cell("d", errors=judge),
    ]  # fmt: skip
    found = run_scores("r", run_cells(cells), {})
    counted = (found.rows, found.failed, found.infrastructure, found.scorer_errors)
    assert counted == (4, 1, 1, 1)
    assert mean(cells).rows == 1
