"""Flips of a row are found between runs, and blamed on whoever made them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from weavelite.verdicts.cells import ComparedCell
from weavelite.verdicts.history import RowInRun, causes, causes_text, flips, output_digest


def run(output, scores, *, version="1", error=None, trial=0, number=0):
    cell = ComparedCell(
        call_id="c", trace_id="t", output=output, scores=scores, latency_s=None, tokens=None,
        error=error, scorer_errors={},
    )  # fmt: skip
    return RowInRun(
        run_id=str(number), name=f"run {number}", model="m", start_us=number,
        scorers={"exact": f"exact:{version}", "near": "near:1"}, cells={trial: cell},
    )  # fmt: skip


def test_another_output_is_the_model():
    """A score that changes with the output is the model's."""
    (flip,) = flips([run("a", {"exact": True}), run("b", {"exact": False})])
    assert (flip.metric, flip.before, flip.after, flip.cause) == ("exact", True, False, "model")


def test_another_score_of_the_same_output_is_the_judge():
    """A score that changes without the output is the judge's, unless the scorer was changed."""
    (flip,) = flips([run("a", {"exact": True}), run("a", {"exact": False})])
    assert flip.cause == "judge"
    (flip,) = flips([run("a", {"exact": True}), run("a", {"exact": False}, version="2")])
    assert flip.cause == "scorer"


def test_each_number_of_a_score_flips_by_itself():
    """What is inside of a score is compared by its name, and new numbers are no flips."""
    before, after = {"near": {"a": 1.0, "b": 2}}, {"near": {"a": 1.0, "b": 3, "c": 4}}
    assert [flip.metric for flip in flips([run("x", before), run("x", after)])] == ["near.b"]


def test_errors_are_passed_over():
    """A run without an answer is no flip; the next is held against the last that answered."""
    runs = [
        run("a", {"exact": True}), run(None, {}, error="no network"), run("a", {"exact": True}),
        run("b", {"exact": False}),
    ]  # fmt: skip
    (flip,) = flips(runs)
    assert flip.place == 3


def test_trials_are_compared_with_the_same_trial():
    """Another trial is another question."""
    assert not flips([run("a", {"exact": True}), run("b", {"exact": False}, trial=1)])


ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=12)


@given(ROWS)
def test_every_flip_has_one_cause(answers):
    """There are as many flips as changes of the score, and each is somebody's."""
    runs = [run(output, {"exact": score}, number=i) for i, (output, score) in enumerate(answers)]
    found = flips(runs)
    scores = [score for _, score in answers]
    assert len(found) == sum(a != b for a, b in pairwise(scores))
    assert sum(causes(found).values()) == len(found)
    assert str(len(found)) in causes_text(found) or not found


@given(ROWS)
def test_a_judge_that_depends_on_the_output_alone_is_never_blamed(answers):
    """When equal outputs get equal scores, every flip is the model's."""
    runs = [run(output, {"exact": output == "a"}) for output, _ in answers]
    assert all(flip.cause == "model" for flip in flips(runs))


def test_outputs_are_told_apart():
    """Equal outputs have equal names, whatever the order of their keys."""
    assert output_digest({"a": 1, "b": 2}) == output_digest({"b": 2, "a": 1})
    assert output_digest("1") != output_digest(1)
