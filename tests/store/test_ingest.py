"""A record that cannot be stored delays no other."""

import contextlib
from dataclasses import replace
from functools import reduce

import pytest

import weavelite
from tests.store.written import call_write
from weavelite.ids import fresh_uuid
from weavelite.query import CallQuery
from weavelite.records.words import UNSTORABLE
from weavelite.records.writes import Batch, FeedbackWrite, OpWrite, TableWrite
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "op", "op", "d")]
LONG = "x" * 600


def nested(depth, leaf="x"):
    return reduce(lambda value, _: {"a": value}, range(depth), leaf)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    "bad",
    [
        {"inputs": "{not JSON " + LONG},
        {"inputs": "[" * 2000 + "]" * 2000},
        {"rest": {"attributes": nested(600)}},
        {"rest": {"attributes": {"a": 2**70}}},
        {"rest": {"model": ["of no use"]}},
    ],
)
def test_what_cannot_be_stored_is_counted_and_the_rest_is_kept(tmp_path, bad, fresh):
    """Of a batch with a bad record all others are stored, with what they share."""
    shared = f'{{"text":"{LONG}"}}'
    with contextlib.closing(SqliteStore(tmp_path / "w.db")) as store:
        calls = [call_write(number, inputs=shared) for number in range(1, 6)]
        calls.insert(3, call_write(9, fresh=fresh, **bad))
        assert store.ingest(Batch(ops=OPS, calls=calls))
        found = list(store.details(CallQuery(project=PROJECT)))
        assert [item.inputs for item in found] == [{"text": LONG}] * 5
        assert store.counters() == {UNSTORABLE: 1}


@pytest.mark.parametrize("bad", [{"call_id": "no id"}, {"payload": {1, 2}}])
def test_of_feedback_only_what_is_bad_is_set_aside(tmp_path, bad):
    """Of feedback that comes together all is stored, but for what cannot be."""
    calls = [fresh_uuid() for _ in range(5)]
    items = [FeedbackWrite(fresh_uuid(), PROJECT, call, "note", {}, None, 1) for call in calls]
    with contextlib.closing(SqliteStore(tmp_path / "w.db")) as store:
        assert store.ingest(Batch(feedback=[*items[:3], replace(items[3], **bad), *items[4:]]))
        assert [item.call_id for item in store.feedback(PROJECT)] == [*calls[:3], calls[4]]
        assert store.counters() == {UNSTORABLE: 1}


def test_attributes_of_any_depth_hold_up_no_drain(tmp_path):
    """Whatever a program nests, its calls can be read, all but those that no JSON can say."""
    client = weavelite.init("test", store=tmp_path / "w.db")

    @weavelite.op
    def work(value):
        return value

    for depth in (100, 252, 253, 254, 300, 900):
        with weavelite.attributes({"deep": nested(depth, "\x7f:" + LONG)}):
            work(nested(depth, "\x7f:" + LONG))
        work(depth)
    assert len(client.get_calls()) >= 9
    assert client.get_calls()[-1].output == 900


def test_parts_of_a_table_come_in_any_order(tmp_path):
    """A table whose last rows come first is whole once all have come, and twice is once."""
    rows = [(f"digest-{n}", f'{{"n": {n}}}') for n in range(7)]
    parts = [TableWrite("t", rows[start : start + 3], start, 7) for start in (6, 0, 3, 0)]
    with contextlib.closing(SqliteStore(tmp_path / "w.db")) as store:
        for part in parts:
            store.ingest(Batch(tables=[part]))
        page = store.table_rows("t")
    assert [row.value["n"] for row in page.rows] == list(range(7))
    assert page.total == 7
