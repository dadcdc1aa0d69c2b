"""A pairwise judge is asked in both orders, and its liking for a place is counted."""

import json

import pytest

from weavelite.scorers import PairwiseJudge


@pytest.fixture
def judge(endpoint):
    return PairwiseJudge(
        model=f"pairs-{endpoint.base_url}",
        criteria="It is clearer.",
        base_url=endpoint.base_url,
        inputs=["question"],
    )


def says(endpoint, decide):
    """Lets the endpoint decide by the two texts that it is shown, in their order."""

    def answer(asked):
        shown = asked["messages"][-1]["content"]
        first = shown.split("<first-")[1].split("\n")[1]
        second = shown.split("<second-")[1].split("\n")[1]
        return json.dumps({"explanation": f"{first}?", "winner": decide(first, second)})

    endpoint.answer = answer


def by_length(first, second):
    return "tie" if len(first) == len(second) else "first" if len(first) > len(second) else "second"


@pytest.mark.parametrize(
    ("output", "baseline", "winner", "preference"),
    [("longer", "short", "output", 1), ("a", "longer", "baseline", 0), ("ab", "cd", "tie", 0.5)],
)
def test_who_wins_in_both_orders_wins(endpoint, judge, run, output, baseline, winner, preference):
    """A judge that goes by the outputs says the same in both orders."""
    says(endpoint, by_length)
    score = run(judge.score(output=output, baseline=baseline, question="?"))
    assert (score["winner"], score["preference"], score["consistent"]) == (winner, preference, True)
    assert score["position"] is None and len(score["explanations"]) == 2


@pytest.mark.parametrize("place", ["first", "second"])
def test_a_place_wins_nothing(endpoint, judge, run, place):
    """A judge that goes by the place gives a tie, and its liking is counted."""
    says(endpoint, lambda first, second: place)
    score = run(judge.score(output="a", baseline="b", question="?"))
    assert (score["winner"], score["consistent"], score["position"]) == ("tie", False, place)
    summary = judge.summarize([score, score, None])
    assert summary["ties"] == 2 and summary["position_bias"][place] == 2
    assert summary["consistent"] == {"true_count": 0, "true_fraction": 0.0}


def test_half_a_win_is_a_tie(endpoint, judge, run):
    """Who wins in one order and ties in the other does not win; no place is liked."""
    says(endpoint, lambda first, second: "first" if first == "a" else "tie")
    score = run(judge.score(output="a", baseline="b", question="?"))
    assert (score["winner"], score["consistent"], score["position"]) == ("tie", False, None)


def test_the_summary_counts(endpoint, judge, run):
    """Wins, losses and ties are counted, and the mean preference is between 0 and 1."""
    says(endpoint, by_length)
    rows = [
        run(judge.score(output=output, baseline="bb", question="?"))
        for output in ("aaa", "a", "aa")
    ]
    summary = judge.summarize(rows)
    assert (summary["wins"], summary["losses"], summary["ties"]) == (1, 1, 1)
    assert summary["preference"] == {"mean": 0.5}
    assert judge.summarize([None]) is None
