"""Runs are compared row by row, and say which way each moved."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdicts.made import cell, compared, decision, run, scored
from weavelite.verdicts import GROUPS, compare, flat_numbers, metrics_of


def test_metrics_have_units_and_directions():
    """Fractions, means, latency and tokens are named, with their unit and which way is better."""
    summary = {
        "model_latency": {"mean": 0.25},
        "exact": {"true_count": 1, "true_fraction": 0.5},
        "close": {"off": {"mean": 2.0}, "near": {"true_count": 2, "true_fraction": 1.0}},
        "output": {"mean": 3.0},
        "model_tokens": {"mean": 12.0, "total": 24},
        "errors": {"model": 1, "scorers": {}},
    }
    found = {m.name: (m.kind, m.value, m.higher_is_better) for m in metrics_of(summary)}
    assert found == {
        "exact": ("fraction", 0.5, True),
        "close.off": ("number", 2.0, True),
        "close.near": ("fraction", 1.0, True),
        "output": ("number", 3.0, None),
        "model_latency (mean)": ("seconds", 0.25, False),
        "model_tokens (mean)": ("tokens", 12.0, False),
    }
    assert metrics_of(None) == metrics_of("x") == []


def test_rows_are_grouped_by_how_they_moved():
    """A row is improved, regressed, mixed, unchanged, or not comparable."""
    base = [cell("a", {"s": False}), cell("b", {"s": True, "t": 1}), cell("c", {"s": 1}),
            cell("d", {"s": True}), cell("e", {"s": True})]  # fmt: skip
    other = [cell("a", {"s": True}), cell("b", {"s": False, "t": 2}), cell("c", {"s": 1.0}),
             cell("d", {"s": False}), cell("e", error="boom")]  # fmt: skip
    runs = [run(1, {"s": {"mean": 0.5}}), run(2, {"s": {"mean": 0.75}})]
    examples = {"a": {"q": 1}}
    order = {name: index for index, name in enumerate("edcba")}
    comparison = compare(runs, [base, other], examples, order)
    assert [(row.digest, row.group) for row in comparison.rows] == [
        ("e", "not_comparable"), ("d", "regressed"), ("c", "unchanged"), ("b", "mixed"),
        ("a", "improved"),
    ]  # fmt: skip
    assert comparison.groups == dict.fromkeys(GROUPS, 1)
    assert comparison.rows[-1].example == {"q": 1}
    assert comparison.metrics[0].differences == [0.0, 0.25]
    assert comparison.same_dataset and comparison.same_scorers


def test_equal_rows_stay_apart():
    """A row that is twice in the dataset has two cells in each run."""
    cells = [cell("a", {"s": 1}), cell("a", {"s": 2}), cell("a", {"s": 3}, trial=1)]
    comparison = compare([run(1, {})], [cells], {}, {"a": 0})
    assert [row.cells[0].scores["s"] for row in comparison.rows] == [1, 2, 3]


def test_a_row_that_one_run_lacks_is_not_comparable():
    """A row that only one of the runs has is shown, and not compared."""
    comparison = compare(
        [run(1, {}), run(2, {}, dataset="e:1")], [[cell("a")], [cell("b")]], {}, {}
    )
    assert [row.group for row in comparison.rows] == ["not_comparable"] * 2
    assert not comparison.same_dataset


def test_a_run_is_the_same_as_itself():
    """A run compared with itself is unchanged on everything, and on every row."""
    cells = [cell(f"r{i}", {"exact": i % 3 == 0, "far": i / 7}) for i in range(30)]
    comparison = compared(cells, cells)
    verdicts = {metric.decisions[1].verdict for metric in comparison.metrics}
    assert verdicts == {"unchanged"} and comparison.groups["unchanged"] == 30
    assert not comparison.fails() and comparison.is_fair


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_turned_around_runs_turn_the_verdict_around(pairs):
    """Swapped, better is worse, differences are negated, and rows that improved regressed."""
    one, other = (scored([pair[side] for pair in pairs]) for side in (0, 1))
    there, back = compared(one, other), compared(other, one)
    forth, again = decision(there), decision(back)
    turned = {"better": "worse", "worse": "better"}
    assert turned.get(forth.verdict, forth.verdict) == again.verdict
    assert (forth.estimate, forth.low, forth.p) == (-again.estimate, -again.high, again.p)
    assert there.groups["improved"] == back.groups["regressed"] == forth.improved


def test_which_way_is_better_is_what_the_run_says():
    """A metric of which less is better gets better when it falls; a neutral one is different."""
    base = [cell(f"r{i}", {"s": {"words": 10.0 + i % 3, "tone": 1.0}}) for i in range(20)]
    other = [cell(f"r{i}", {"s": {"words": 8.0, "tone": 2.0 + i % 2}}) for i in range(20)]
    assert decision(compared(base, other), "s.words").verdict == "worse"
    said = {"directions": {"s": "lower", "s.tone": "neutral"}}
    comparison = compared(base, other, said=said)
    assert decision(comparison, "s.words").verdict == "better"
    assert decision(comparison, "s.tone").verdict == "different"
    assert comparison.groups["improved"] == 20 and not comparison.fails()


def test_the_newest_word_on_directions_holds():
    """A run that tells nothing of directions is read as the one it is compared with."""
    cells = [cell("a", {"s": 2.0})], [cell("a", {"s": 1.0})]
    told = run(2, said={"directions": {"s": "lower"}})
    (metric,) = (m for m in compare([run(1), told], cells, {}, {}).metrics if m.name == "s")
    assert metric.higher_is_better is False


def test_rows_move_as_their_scores_are_told_to():
    """A row moves by what scorers gave it, in the told direction, though no summary has it."""
    told = {"directions": {"f1.misses": "lower"}}
    runs = [run(1, {"f1": {"macro": 0.5}}), run(2, {"f1": {"macro": 0.6}}, said=told)]
    cells = [cell("a", {"f1": {"misses": 3}})], [cell("a", {"f1": {"misses": 1}})]
    assert compare(runs, cells, {}, {}).groups["improved"] == 1


def test_trials_count_as_one_row():
    """Ten trials of a row are no ten rows, and runs may have different numbers of them."""
    base = [cell("a", {"exact": False}, trial=t) for t in range(10)]
    other = [cell("a", {"exact": True}, trial=t) for t in range(4)]
    found = decision(compared(base, other, trials=10))
    assert (found.rows, found.estimate, found.verdict) == (1, 1.0, "undecided")
    comparison = compared(base, other)
    assert comparison.groups["improved"] == 1 and len(comparison.rows) == 10


def test_trials_that_would_settle_it_are_named():
    """Where rows waver from trial to trial, the comparison says how many trials would do."""
    base = [cell(f"r{i}", {"s": float((i + t) % 2)}, trial=t) for i in range(40) for t in range(3)]
    other = [
        cell(f"r{i}", {"s": float((i * 7 + t * 3) % 5) / 5 + 0.2}, trial=t)
        for i in range(40)
        for t in range(3)
    ]
    found = decision(compared(base, other, trials=3), "s")
    assert found.verdict != "undecided" or found.trials_needed is not None


def test_infrastructure_is_nobodys_fault():
    """Rows that a limit took away are counted apart: no score, and no error of the model."""
    lost = {"infrastructure": {"model": "RateLimitError", "scorers": {}}}
    judged = {"infrastructure": {"scorers": {"exact": "Timeout"}}}
    base = scored([True] * 8)
    other = [*scored([True] * 6), cell("r6", errors=lost), cell("r7", {}, errors=judged)]
    comparison = compared(base, other)
    texts = [remark.text for remark in comparison.remarks]
    assert "1 row of run 2 without an answer: infrastructure, no score" in texts
    assert not any("model errors" in text for text in texts)
    assert decision(comparison).rows == 6 and comparison.groups["not_comparable"] == 1
    assert not any(metric.name == "errors" for metric in comparison.metrics)


def test_errors_of_the_model_are_compared():
    """The share of rows that failed is a metric of which less is better."""
    base = scored([True] * 40)
    other = [*scored([True] * 25), *(cell(f"r{i}", error="boom") for i in range(25, 40))]
    comparison = compared(base, other)
    assert decision(comparison, "errors").verdict == "worse"
    assert not comparison.is_fair and decision(comparison).left_out == 15


def test_a_comparison_says_what_is_not_fair():
    """Rows of one run only, changed scorers and unfinished runs are said before anything else."""
    runs = [run(1), run(2, dataset="d:2", scorers=["exact:2"], status="interrupted")]
    cells = scored([True, False, True]), scored([True, True, True, False])[1:]
    comparison = compare(runs, cells, {}, {})
    said = " / ".join(remark.text for remark in comparison.remarks)
    assert "compared on the 2 rows in both, 1 only in run 1, 1 only in run 2" in said
    assert "not the same version of exact" in said and "was interrupted: 3 of 3 cells" in said
    assert not comparison.is_fair and not comparison.same_dataset and not comparison.same_scorers
    assert decision(comparison).verdict is None and "same version" in decision(comparison).why


def test_the_same_rows_in_another_version_are_fair():
    """A new version of a dataset with the rows of the old one is compared as it was."""
    cells = scored([True, False])
    comparison = compare([run(1), run(2, dataset="d:2")], [cells, cells], {}, {})
    assert comparison.is_fair and "same 2 rows" in comparison.remarks[0].text


def test_rows_that_were_logged_are_of_no_dataset():
    """Of runs without datasets the same rows are the same rows, and no version is spoken of."""
    runs = [replace(run(number), dataset_ref=None) for number in (1, 2)]
    comparison = compare(runs, [scored([True, False]), scored([True, True])], {}, {})
    assert comparison.is_fair
    assert comparison.remarks[0].text == "the same 2 rows"


def test_summaries_that_no_row_has_get_no_verdict():
    """A figure that a scorer's own `summarize` made is shown with its difference, and says why."""
    cells = [cell(f"r{i}", {"f1": {"hit": True}}) for i in range(5)]
    runs = [run(1, {"f1": {"macro": 0.5}}), run(2, {"f1": {"macro": 0.75}})]
    found = decision(compare(runs, [cells, cells], {}, {}), "f1.macro")
    assert found.verdict is None and found.estimate == 0.25
    assert "summary is the scorer's own" in found.said


def test_numbers_that_are_none_are_left_out():
    """A NaN is no score: its row is not paired, and the comparison says so."""
    nan = {"_type": "float", "value": "nan", "~": 1}
    comparison = compared(scored([1.0, 2.0, 3.0]), scored([1.0, nan, 3.5]))
    assert decision(comparison).rows == 2
    assert any("is no number" in remark.text for remark in comparison.remarks)


def one_of_ten(others_moved):
    """Compares ten metrics: six rows of the first moved, and one of the others or none."""
    names = [f"s{k}" for k in range(10)]
    base = [cell(f"r{i}", dict.fromkeys(names, i % 2 == 0)) for i in range(30)]
    moved = {i: {"s0"} for i in (1, 3, 5, 7, 9, 11)} | {29: set(names[1:]) if others_moved else ()}
    other = [
        cell(f"r{i}", {name: i % 2 == 0 or name in moved.get(i, ()) for name in names})
        for i in range(30)
    ]
    return decision(compared(base, other), "s0")


def test_many_metrics_are_corrected():
    """What would be sure of one metric is not sure of one in ten."""
    found = one_of_ten(others_moved=True)
    assert found.p == 0.015625 and found.p_corrected == pytest.approx(0.15625)
    assert (found.verdict, found.tested) == ("undecided", 10)


def test_metrics_that_did_not_move_cost_the_others_nothing():
    """What is the same on every row could not have been found, and is no test."""
    found = one_of_ten(others_moved=False)
    assert (found.verdict, found.tested, found.p_corrected) == ("better", 1, found.p)


def test_the_headline_says_it_in_one_sentence():
    """The headline names the runs, the metric, the difference, its interval and its p-value."""
    base = scored([i % 2 == 0 for i in range(100)])
    other = scored([i % 2 == 0 or i % 4 == 1 for i in range(100)])
    (headline,) = compared(base, other).headlines
    assert headline == (
        "run 2 is better than run 1 on exact: +25.0 points"
        " (95 % interval +15.8 to +33.2, p < 0.001)"
    )
    (open_one,) = compared(base, scored([i % 2 == 0 or i == 1 for i in range(100)])).headlines
    assert open_one.startswith("Not decided: run 2 against run 1 on exact: +1.0 points (95 %")
    assert "With 100 rows a difference of" in open_one and "would settle one of" in open_one


def test_each_run_is_compared_with_the_baseline():
    """With three runs there are two answers, each against the first."""
    cells = [scored([False] * 20), scored([True] * 20), scored([False] * 20)]
    comparison = compare([run(1), run(2), run(3)], cells, {}, {})
    assert [decision(comparison, place=place).verdict for place in (1, 2)] == [
        "better",
        "unchanged",
    ]
    assert len(comparison.headlines) == 2 and decision(comparison, place=0) is None
    assert "| exact |" in comparison.markdown() and "run 3" in str(comparison)


def test_reused_cells_keep_their_tokens():
    """A cell that was taken over has the tokens of the one it comes from."""
    old = cell("a", {"exact": True}, attributes={"reused": {"from": "x", "tokens": 70}})
    comparison = compared([old], [cell("a", {"exact": True})])
    (row,) = comparison.rows
    assert [each.tokens for each in row.cells] == [70, 5]


SCORES = st.recursive(
    st.booleans() | st.integers(-99, 99) | st.text(max_size=3),
    lambda inner: st.dictionaries(st.text("ab", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(SCORES)
def test_numbers_are_found_at_any_depth(scores):
    """Flattening finds every number and bool, and nothing else."""

    def leaves(value):
        if isinstance(value, dict):
            return sum(leaves(item) for item in value.values())
        return isinstance(value, bool | int | float)

    flat = flat_numbers(scores, "s")
    assert len(flat) == leaves(scores)
    assert all(isinstance(value, float) for value in flat.values())
