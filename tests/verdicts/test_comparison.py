"""Runs are compared row by row, and say which way each moved."""

from hypothesis import given
from hypothesis import strategies as st

from weavelite.records.answers import (
    CallDetail,
)
from weavelite.verdicts import GROUPS, compare, evaluation_run, flat_numbers, metrics_of

PROJECT = "weave:///local/test"


def call(number, inputs, output, **more):
    fields = {
        "id": str(number), "trace_id": "t", "span_id": "s", "parent_span_id": None,
        "op_name": "Evaluation.evaluate", "op_digest": None, "display_name": f"run {number}",
        "kind": "op", "status": "success", "start_us": 1, "end_us": 2, "model": None,
        "input_tokens": None, "output_tokens": None, "sum_tokens": 5, "error": None,
        "thread_id": None, "parent_id": None, "project": "local/test", "exception": None,
        "attributes": {}, "summary": {}, "otel": None, "feedback": [],
    }  # fmt: skip
    return CallDetail(inputs=inputs, output=output, **{**fields, **more})


def run(number, summary, dataset="d"):
    stored = {
        "dataset": f"{PROJECT}/object/{dataset}:1",
        "scorers": [f"{PROJECT}/op/exact:1"],
    }
    inputs = {"self": f"{PROJECT}/object/ev:1", "model": f"{PROJECT}/object/m:{number}"}
    return evaluation_run(call(number, inputs, summary), stored, done=3, total=3)


def cell(row, scores=None, *, error=None, trial=0):
    inputs = {"example": f"{PROJECT}/object/d:1/attr/rows/id/{row}", "trial": trial}
    output = {"output": "o", "scores": scores or {}, "model_latency": 0.5}
    if error is not None:
        output["errors"] = {"model": error, "scorers": {}}
    return call(row, inputs, output)


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
    comparison = compare([run(1, {}), run(2, {}, dataset="e")], [[cell("a")], [cell("b")]], {}, {})
    assert [row.group for row in comparison.rows] == ["not_comparable"] * 2
    assert not comparison.same_dataset


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
