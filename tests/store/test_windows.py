"""Calls of some time, and those of a model, are found by an index, whatever else there is."""

import contextlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.written import call_write
from weavelite.query import CallQuery, call_query
from weavelite.records.writes import Batch, OpWrite
from weavelite.store import sql
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "op", "op", "d")]
COUNT = 60


def start_of(number):
    """The second in which a call starts: several do at once, and ids are in another order."""
    return number * 7 % 20


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    store = SqliteStore(tmp_path_factory.mktemp("windows") / "weavelite.db")
    calls = [
        call_write(
            number, start_ns=start_of(number) * 10**9, rest={"model": "rare"} if number == 9 else {}
        )
        for number in range(1, COUNT + 1)
    ]
    store.ingest(Batch(ops=OPS, calls=calls))
    yield store
    store.close()


def within(first, last, **asked):
    bounds = [
        {"$gte": [{"$getField": "started_at"}, {"$literal": first}]},
        {"$lt": [{"$getField": "started_at"}, {"$literal": last}]},
    ]
    return call_query(PROJECT, query={"$expr": {"$and": bounds}}, **asked)


def numbers(found):
    return [int(call.id.replace("-", ""), 16) for call in found]


SECONDS = st.integers(-1, 22)


@settings(max_examples=60)
@given(SECONDS, SECONDS, st.sampled_from(["asc", "desc"]), st.integers(1, 25))
def test_a_window_is_read_in_the_order_of_start(filled, first, last, direction, page):
    """Those that start in it come once, by their start and their id, however they are paged."""
    query = within(
        first, last, page_size=page, sort_by=[{"field": "started_at", "direction": direction}]
    )
    expected = sorted(
        (number for number in range(1, COUNT + 1) if first <= start_of(number) < last),
        key=lambda number: (start_of(number), number),
        reverse=direction == "desc",
    )
    assert numbers(filled.details(query)) == expected
    assert filled.count(query) == len(expected)


def test_pages_go_on_after_a_call_that_is_gone(store):
    """Where the last call of a page was deleted meanwhile, the next page has those after it."""
    ids = [(second * 1000 << 80) + (7 << 76) + second for second in range(1, 6)]
    calls = [
        call_write(at, id=id.to_bytes(16), start_ns=at * 10**9) for at, id in enumerate(ids, 1)
    ]
    store.ingest(Batch(ops=OPS, calls=calls))
    reading = store.details(within(0, 9, page_size=2))
    first = [next(reading), next(reading)]
    store.delete_calls(PROJECT, [first[-1].id])
    assert len([*first, *reading]) == 5


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (within(3, 5), "calls_by_start"),
        (within(3, 5, limit=5), "calls_by_start"),
        (call_query(PROJECT, query={"$expr": {"$eq": [{"$getField": "model"},
                                                      {"$literal": "rare"}]}}), "calls_of_model"),
        (CallQuery(project=PROJECT), "calls_by_id"),
    ],
)  # fmt: skip
def test_what_is_rare_is_found_by_an_index(filled, query, index):
    """No query of a window or of a model walks through all calls, or sorts them."""
    statement, values = sql.select(query, 1, None, columns="c.seq")
    with contextlib.closing(sqlite3.connect(filled.path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert index in plan[0]
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan
