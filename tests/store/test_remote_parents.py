"""A call whose parent ran elsewhere is a root, until its parent arrives."""

import contextlib
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

import weavelite
from tests.store.written import call_write
from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, CallWrite, OpWrite
from weavelite.store.merge import merge
from weavelite.store.metering import tell_late
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
TRACE = (1).to_bytes(16)


@weavelite.op
def inner(text):
    return text


@weavelite.op
def outer(text):
    return inner(text)


def roots(store):
    page = store.calls(CallQuery(project=PROJECT, trace_roots_only=True, limit=None))
    return sorted(call.op_name for call in page.calls)


def call(number, parent, *, remote=True, end=True, fresh=True):
    return CallWrite(
        id=number.to_bytes(16),
        trace_id=TRACE,
        span_id=number.to_bytes(8),
        parent_span=parent.to_bytes(8) if parent else None,
        op_key=number,
        start_ns=number,
        end_ns=number + 5 if end else None,
        failed=False,
        inputs="{}",
        output="1",
        rest={},
        fresh=fresh and end,
        remote=remote and parent is not None,
    )


def ingest(store, *calls):
    ops = [OpWrite(one.op_key, PROJECT, f"op{one.op_key}", "op") for one in calls]
    store.ingest(Batch(ops=ops, calls=list(calls)))


def test_a_request_from_elsewhere_is_listed(client):
    """A trace whose parent is in another system's hands is in the list of traces."""
    with weavelite.under({"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}):
        outer("a")
    assert roots(client.store) == ["outer"]
    assert client.store.stats(CallQuery(project=PROJECT, trace_roots_only=True)).count == 1


def test_a_parent_that_arrives_later_takes_its_child(client):
    """Where the other process traces into the same store, its call is the root in the end."""
    with weavelite.open_call("request", {}) as request:
        header = request.traceparent
        with weavelite.under(header):
            outer("a")
        client.flush()
        child = client.store.calls(CallQuery(project=PROJECT, op_names=["outer"])).calls[0]
    assert roots(client.store) == ["request"]
    assert client.get_call(child.id).parent_id == request.id


@settings(max_examples=40)
@given(st.permutations([1, 2, 3, 4]), st.integers(0, 3), st.sets(st.integers(1, 4)))
def test_in_any_order_only_those_without_parents_are_roots(tmp_path_factory, order, cut, missing):
    """Whatever arrives when, in batches, as start or whole: who has its parent here is below it."""
    calls = {number: call(number, number - 1 or None) for number in order if number not in missing}
    path = tmp_path_factory.mktemp("remote") / "weavelite.db"
    with contextlib.closing(SqliteStore(path)) as store:
        there = [number for number in order if number not in missing]
        for number in there[:cut]:
            ingest(store, call(number, number - 1 or None, end=False))
        if there:
            ingest(store, *(calls[number]._replace(fresh=False) for number in there[:cut]))
            ingest(store, *(calls[number] for number in there[cut:])) if there[cut:] else None
            expected = sorted(f"op{n}" for n in there if n == 1 or n - 1 in missing)
            assert roots(store) == expected
            copy = tmp_path_factory.mktemp("copy") / "weavelite.db"
            with contextlib.closing(SqliteStore(copy)) as other:
                merge(other, path)
                assert roots(other) == expected


def test_a_deleted_child_is_not_looked_for(store):
    """A child that was deleted while it waited for its parent does not come back."""
    ingest(store, call(2, 1))
    store.delete_calls(PROJECT, [uuid_of_bytes((2).to_bytes(16))])
    ingest(store, call(1, None))
    assert roots(store) == ["op1"]


def test_of_several_roots_each_has_what_is_below_it(tmp_path):
    """While parents are missing, the roots of a trace share its tokens: none counts twice."""
    trace = b"\7" * 16

    def call(number, parent=None, **rest):
        made = call_write(number, **rest)
        return made._replace(
            trace_id=trace, parent_span=parent.to_bytes(8) if parent else None, fresh=False,
            remote=parent is not None,
        )  # fmt: skip

    def sums(store):
        query = CallQuery(project="local/test", trace_roots_only=True)
        return {int(call.span_id, 16): call.sum_tokens for call in store.calls(query).calls}

    used = {"model": "m", "input_tokens": 5, "output_tokens": 1}
    with contextlib.closing(SqliteStore(tmp_path / "w.db")) as store:
        ops = [OpWrite(1, "local/test", "op", "llm", "d")]
        store.ingest(Batch(ops=ops, calls=[call(3, 2, rest=used), call(5, 4, rest=used)]))
        assert sums(store) == {3: 6, 5: 6}
        store.ingest(Batch(calls=[call(2, 1), call(4, 1), call(6, 2, rest=used)]))
        assert sums(store) == {2: 12, 4: 6}
        store.ingest(Batch(calls=[call(1, 9, rest=used)]))
        assert sums(store) == {1: 18}
        store.ingest(Batch(calls=[call(9)]))
        assert sums(store) == {9: 18}


def test_an_older_store_is_told_what_came_late(tmp_path):
    """Who was not told of a reporter below is told when the store is brought up."""
    used = {"model": "m", "input_tokens": 5, "output_tokens": 1}
    path = tmp_path / "weavelite.db"
    with contextlib.closing(SqliteStore(path)) as store:
        calls = [
            call_write(n, rest=used)._replace(
                trace_id=b"\7" * 16, parent_span=(n - 1).to_bytes(8) if n > 1 else None
            )
            for n in (1, 2, 3)
        ]
        store.ingest(Batch(ops=[OpWrite(1, PROJECT, "op", "llm", "d")], calls=calls))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        told = "SELECT span_id FROM usage_above", "SELECT seq, nested FROM usage"
        right = [connection.execute(each).fetchall() for each in told]
        connection.execute("DELETE FROM usage_above")
        connection.execute("UPDATE usage SET nested = 0")
        tell_late(connection)
        assert [connection.execute(each).fetchall() for each in told] == right
