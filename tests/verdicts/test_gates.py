"""Gates hold, are broken, or cannot be decided; the last is never taken for the first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdicts import made
from weavelite.errors import EvaluationError
from weavelite.verdicts import compare
from weavelite.verdicts.gates import read_gate, rule


def summary(values, **errors):
    share = {"true_count": sum(values), "true_fraction": sum(values) / len(values)}
    return {"exact": share, **({"errors": errors} if errors else {})}


def ruling(gate, before, after, *, allowed=0, said=None, **errors):
    runs = [made.run(1, summary(before)), made.run(2, summary(after, **errors), said=said)]
    comparison = compare(runs, [made.scored(before), made.scored(after)], {}, {})
    return rule(gate, comparison.runs[1], comparison, allowed_errors=allowed)


def not_worse(text="exact", **more):
    return read_gate(text, "not_worse", **more)


GOOD, BAD = [True] * 40, [True] * 20 + [False] * 20


def test_a_clearly_worse_run_breaks_the_gate():
    """When the whole interval is beyond the margin, the gate is broken."""
    assert ruling(not_worse("exact=0.02"), GOOD, BAD).outcome == "broken"


def test_a_margin_allows_for_a_loss():
    """The same loss within the margin is no reason to fail."""
    assert ruling(not_worse("exact=70%"), GOOD, BAD).outcome == "held"


def test_a_better_or_equal_run_holds():
    """What is better, or the same on every row, holds whatever the margin."""
    assert ruling(not_worse(strict=True), BAD, GOOD).outcome == "held"
    assert ruling(not_worse(strict=True), BAD, BAD).outcome == "held"


def test_an_open_question_is_said_and_strict_gates_fail_by_it():
    """A small loss in few rows is not shown to be one: it is named, and strict gates stop at it."""
    before, after = [True] * 10, [True] * 9 + [False]
    lenient = ruling(not_worse(), before, after)
    assert lenient.outcome == "held" and "not shown to be worse" in lenient.said
    assert "10 rows" in lenient.said
    assert ruling(not_worse(strict=True), before, after).outcome == "undecided"


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_wider_margin_never_breaks_more(pairs, one, other):
    """What holds within a margin holds within a wider one, and strict gates never hold more."""
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    small, wide = sorted((one, other))
    order = {"broken": 0, "undecided": 1, "held": 2}
    tight, loose = (
        ruling(not_worse(f"exact={margin!r}"), before, after).outcome for margin in (small, wide)
    )
    assert order[tight] <= order[loose]
    strict = ruling(not_worse(f"exact={small!r}", strict=True), before, after).outcome
    assert order[strict] <= order[tight]


@pytest.mark.parametrize(
    ("errors", "word"),
    [
        ({"model": 1}, "the model raised"),
        ({"scorers": {"exact": 2}}, "exact raised an error"),
        ({"infrastructure": {"model": 1}}, "the infrastructure failed"),
        ({"infrastructure": {"scorers": {"exact": 1}}}, "infrastructure that failed"),
    ],
)
@pytest.mark.parametrize("gate", [not_worse(), read_gate("exact=0.5", "fail_under")])
def test_what_is_missing_is_never_passed_over(gate, errors, word):
    """Rows or scores that are missing leave a gate undecided, unless so many are allowed."""
    found = ruling(gate, GOOD, GOOD, **errors)
    assert found.outcome == "undecided" and word in found.said
    assert ruling(gate, GOOD, GOOD, allowed=2, **errors).outcome == "held"


def test_errors_of_other_scorers_are_no_reason():
    """A gate does not depend on a scorer that it is not about."""
    assert ruling(not_worse(), GOOD, GOOD, scorers={"near": 3}).outcome == "held"


def test_errors_can_be_gated_themselves():
    """The share of rows that the model failed at is a metric like others."""
    gate = read_gate("errors=0.5", "fail_over")
    assert ruling(gate, GOOD, GOOD, model=1).outcome == "held"
    assert ruling(read_gate("errors=0", "fail_over"), GOOD, GOOD, model=1).outcome == "broken"
    apart = ruling(gate, GOOD, GOOD, infrastructure={"model": 1})
    assert apart.outcome == "undecided"


@pytest.mark.parametrize(
    ("gate", "outcome"),
    [("exact=0.5", "held"), ("exact=50%", "held"), ("exact=0.51", "broken"), ("no=1", "undecided")],
)
def test_values_are_held_against_the_summary(gate, outcome):
    """At least means at least; a metric that is not there decides nothing."""
    assert ruling(read_gate(gate, "fail_under"), GOOD, BAD).outcome == outcome


def test_a_few_rows_in_common_decide_nothing():
    """A baseline of a few of the rows is none."""
    runs = [made.run(1, summary(GOOD[:3])), made.run(2, summary(GOOD))]
    comparison = compare(runs, [made.scored(GOOD[:3]), made.scored(GOOD)], {}, {})
    found = rule(not_worse(), comparison.runs[1], comparison)
    assert found.outcome == "undecided" and "3 rows in both runs, and 37" in found.said


def test_less_can_be_better():
    """Where less is better, more is worse."""
    said = {"directions": {"exact": "lower"}}
    assert ruling(not_worse(), BAD, GOOD, said=said).outcome == "broken"
    assert ruling(not_worse(), GOOD, BAD, said=said).outcome == "held"


def test_without_a_baseline_nothing_is_decided():
    """A run alone holds no gate against a baseline, and it says why."""
    found = rule(not_worse(), made.run(1, summary(GOOD)), None, alone="nothing ran before")
    assert found.outcome == "undecided" and "nothing ran before" in found.said


def test_a_run_that_did_not_end_decides_nothing():
    """An interrupted run is not held against anything."""
    found = rule(read_gate("exact=0", "fail_under"), made.run(1, None, status="interrupted"), None)
    assert found.outcome == "undecided" and "interrupted" in found.said


def test_a_scorer_that_changed_decides_nothing():
    """Two versions of a scorer cannot be held against each other."""
    runs = [made.run(1, summary(GOOD)), made.run(2, summary(GOOD), scorers=("exact:2",))]
    comparison = compare(runs, [made.scored(GOOD)] * 2, {}, {})
    found = rule(not_worse(), comparison.runs[1], comparison)
    assert found.outcome == "undecided" and "same version" in found.said


@pytest.mark.parametrize("text", ["exact=much", "=1", "exact=-1", "exact=nan", ""])
def test_what_is_no_gate_is_said(text):
    """A gate that cannot be read is refused, with an example."""
    with pytest.raises(EvaluationError, match=r"exact=0\.02"):
        read_gate(text, "not_worse")
