"""A table says the same wherever its rows rest."""

import json
import math
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.tables import PAGE, Page, RowsInFile, RowsInMemory, RowsInStore, Table, only_plain
from weavelite.tables.changes import row_changes
from weavelite.tables.rows import rows_of

NAMES = st.text(max_size=5)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ROWS = st.lists(
    st.dictionaries(NAMES.filter(lambda name: name != "~"), PLAIN, max_size=3), max_size=12
)


def in_store(rows):
    """Holds rows as a store does, and notes which pages were read."""
    written = list(RowsInMemory(rows).written(only_plain))
    reads = []

    def read(start, count):
        reads.append(start)
        return Page([(row.digest, json.loads(row.text)) for row in written[start : start + count]])

    return RowsInStore(len(written), read, lambda digest: b""), reads


@given(ROWS)
def test_every_place_gives_the_same_rows(rows):
    """Rows, digests and what is stored do not depend on where the rows rest."""
    filed = rows_of((dict(row) for row in rows), above=0)
    tables = [Table(rows), Table(filed), Table(in_store(rows)[0])]
    for table in tables:
        assert len(table) == len(rows)
        assert list(table) == rows
        assert [table[index] for index in range(len(rows))] == rows
        assert list(table.written(only_plain)) == list(tables[0].written(only_plain))
        assert table.digest(only_plain) == tables[0].digest(only_plain)
        assert table == tables[0]


def test_long_plain_rows_go_to_a_file_and_others_stay():
    """What JSON gives back is filed; a row with more keeps the table in memory, with all rows."""
    assert isinstance(rows_of(({"n": n} for n in range(5)), above=3), RowsInFile)
    assert isinstance(rows_of(({"n": n} for n in range(3)), above=3), RowsInMemory)
    assert isinstance(rows_of([{"n": n} for n in range(5)], above=3), RowsInMemory)
    odd = rows_of(({"n": {n} if n == 4 else n} for n in range(6)), above=3)
    assert isinstance(odd, RowsInMemory)
    assert [row["n"] for row in odd] == [0, 1, 2, 3, {4}, 5]


def test_rows_of_a_store_are_read_page_by_page():
    """One row reads one page, its neighbours none, and all rows each page once."""
    rows, reads = in_store([{"n": n} for n in range(2 * PAGE + 1)])
    table = Table(rows)
    assert table[PAGE + 5] == {"n": PAGE + 5}
    assert table[PAGE] == {"n": PAGE}
    assert reads == [PAGE]
    assert sum(row["n"] for row in table) == sum(range(2 * PAGE + 1))
    assert reads == [PAGE, 0, PAGE, 2 * PAGE]


@pytest.mark.parametrize("make", [Table, lambda rows: Table(iter(rows))])
def test_rows_are_given_out_as_copies(make):
    """Who changes a row changes his own."""
    table = make([{"x": [1]}])
    table[0]["x"].append(2)
    next(iter(table))["x"].append(3)
    assert table[-1] == {"x": [1]}
    with pytest.raises(IndexError, match="the table has 1"):
        table[1]


def test_nan_is_kept_in_a_file():
    """A row with NaN is filed and comes back with it."""
    rows = rows_of(({"x": math.nan} for _ in range(3)), above=1)
    assert isinstance(rows, RowsInFile)
    assert math.isnan(rows[2]["x"])


def test_many_rows_are_not_held():
    """A hundred thousand rows that come one by one take a tenth of the memory of a list of them."""
    tracemalloc.start()
    try:
        table = Table({"question": f"what is {n}? " * 10, "n": n} for n in range(100_000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table) == 100_000
    assert held < 10 * 1024 * 1024  # a list of them takes 60 MB


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_changes_tell_of_each_row_once(before, after):
    """Each row of both tables is the same, changed, added or removed, and of one kind only."""
    found = row_changes(before, after)
    old = sorted([*found.removed, *(pair[0] for pair in found.changed)])
    new = sorted([*found.added, *(pair[1] for pair in found.changed)])
    assert len(set(old)) + found.same == len(before) and len(set(new)) + found.same == len(after)
    kept = sorted(row for at, row in enumerate(before) if at not in old)
    assert kept == sorted(row for at, row in enumerate(after) if at not in new)
    assert not {before[at] for at in old} & {after[at] for at in new}


def test_a_row_that_changed_in_its_place_is_one():
    """A row that was written anew is changed, also below one that was deleted."""
    found = row_changes(["a", "b", "c", "d"], ["b", "x", "d", "e"])
    assert (found.removed, found.changed, found.added) == ([0], [(2, 1)], [3])
