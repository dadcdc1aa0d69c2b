"""Scores are summed up by their kind."""

from hypothesis import given
from hypothesis import strategies as st

from weavelite.eval.summary import auto_summarize

NUMBERS = st.floats(-1e6, 1e6)


@given(st.lists(st.none() | st.booleans()))
def test_bools_are_counted(values):
    """The fraction is of the rows that have a score."""
    present = [value for value in values if value is not None]
    summed = auto_summarize(values)
    if not present:
        assert summed is None
    else:
        assert summed == {
            "true_count": sum(present),
            "true_fraction": sum(present) / len(present),
        }


@given(st.lists(NUMBERS, min_size=1))
def test_numbers_have_a_mean(values):
    """The mean lies between the smallest and the largest."""
    mean = auto_summarize(values)["mean"]
    assert min(values) - 1e-6 <= mean <= max(values) + 1e-6


@given(st.lists(st.fixed_dictionaries({"a": st.booleans(), "b": NUMBERS}), min_size=1))
def test_dictionaries_are_summed_up_by_key(values):
    """Each key is summed up as if it were alone."""
    assert auto_summarize(values) == {
        "a": auto_summarize([value["a"] for value in values]),
        "b": auto_summarize([value["b"] for value in values]),
    }


def test_texts_have_no_summary():
    """Texts, and values of different kinds, are left out."""
    assert auto_summarize(["a", "b"]) is None
    assert auto_summarize([1, "a", True]) is None


def test_numbers_beyond_floats_cost_no_summary():
    """A score that no float holds is an infinite one."""
    assert auto_summarize([10**400])["mean"] == float("inf")
    assert auto_summarize([-(10**400)])["mean"] == float("-inf")


def test_a_bool_among_numbers_is_one_of_them():
    """A scorer that says False or 0.8 has a mean, as one that says 0.0 or 0.8 has."""
    assert auto_summarize([False, 0.8]) == auto_summarize([0.0, 0.8])
