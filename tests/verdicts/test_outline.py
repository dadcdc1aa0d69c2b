"""The page's form of a comparison, and its spreadsheet, say what the comparison says."""

import csv
import io
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.verdicts.made import cell, compared, run
from weavelite.verdicts import compare
from weavelite.verdicts.cells import measures
from weavelite.verdicts.columns import run_cells
from weavelite.verdicts.outline import outline
from weavelite.verdicts.spreadsheet import comparison_csv

SCORES = st.dictionaries(
    st.sampled_from(["exact", "near", "deep"]),
    st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=3)
    | st.dictionaries(st.sampled_from("xy"), st.booleans() | st.floats(), max_size=2),
    max_size=3,
)  # fmt: skip
ROWS = st.lists(st.tuples(st.sampled_from("abcd"), SCORES, st.none() | st.just("boom")), max_size=6)


def outlined(base, other):
    return outline([run(1), run(2)], [run_cells(base), run_cells(other)], {})


def cells(rows):
    return [cell(name, scores, error=error) for name, scores, error in rows]


@given(ROWS, ROWS)
def test_an_outline_keeps_all_numbers_and_no_answers(base, other):
    """Each finite number of each cell stands at its run and row; what is said of it is the same."""
    comparison = compared(cells(base), cells(other))
    told = outlined(cells(base), cells(other))
    assert repr(told.comparison) == repr(replace(comparison, rows=[]))  # NaN is not NaN
    assert len(told.rows) == len(comparison.rows)
    by_name = {measure.name: measure for measure in told.measures}
    for at, row in enumerate(comparison.rows):
        assert (told.rows[at].digest, told.rows[at].group) == (row.digest, row.group)
        for place, found in enumerate(row.cells):
            assert told.calls[place][at] == (found and found.call_id)
            assert told.failed[place][at] == bool(found and found.error is not None)
            said = {name: value for name, _, value in measures(found)} if found else {}
            for name, measure in by_name.items():
                value = said.get(name)
                is_number = value is not None and abs(value) < float("inf")
                assert measure.values[place][at] == (float(value) if is_number else None)


def test_what_is_yes_or_no_everywhere_is_a_fraction():
    """One number among the answers makes a metric a number."""
    told = outlined([cell("a", {"s": True, "t": True})], [cell("a", {"s": 0, "t": 0.5})])
    assert {measure.name: measure.kind for measure in told.measures if measure.scorer} == {
        "s": "number", "t": "number",
    }  # fmt: skip
    told = outlined([cell("a", {"s": True})], [cell("a", {"s": False})])
    (measure,) = (measure for measure in told.measures if measure.name == "s")
    assert (measure.kind, measure.values) == ("fraction", [[1.0], [0.0]])


EXAMPLES = st.dictionaries(
    st.sampled_from("abcd"),
    st.dictionaries(st.sampled_from(["q", "trial", "row"]), st.text(), min_size=1) | st.text(),
)


@given(ROWS, ROWS, EXAMPLES)
def test_a_spreadsheet_is_read_back_whole(base, other, examples):
    """Each row is a line with its texts uncut, whatever line ends and quotes they hold."""
    runs = [run(1), run(2)]
    comparison = compare(runs, [cells(base), cells(other)], examples, {})
    lines = list(csv.DictReader(io.StringIO(comparison_csv(comparison), newline="")))
    assert [line["digest"] for line in lines] == [row.digest for row in comparison.rows]
    for line, row in zip(lines, comparison.rows, strict=True):
        example = row.example if isinstance(row.example, dict) else {"": row.example}
        for name, value in example.items():
            said = line[f"row.{name}"]
            assert said == value if isinstance(value, str) else json.loads(said) == value
        for label, found in zip(comparison.labels, row.cells, strict=True):
            if found is not None:
                assert line[f"{label}: call"] == found.call_id
                assert line[f"{label}: error"] == (found.error or "")
