"""Sums over many calls are those that reading each call gives."""

import contextlib
import sqlite3
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, CallWrite, OpWrite, Progress
from weavelite.store import reading, tallies, totals
from weavelite.store.opening import connect
from weavelite.store.salvage import salvage
from weavelite.store.schema import ensure_schema
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "answer", "llm", "d1"), OpWrite(2, PROJECT, "search", "tool", "d2")]
START = 1_760_000_000_000_000_000
QUERIES = [
    CallQuery(project=PROJECT),
    CallQuery(project=PROJECT, trace_roots_only=True),
    CallQuery(project=PROJECT, op_names=["answer"]),
    CallQuery(project=PROJECT, op_names=["answer", "search"], statuses=["error", "interrupted"]),
    CallQuery(project=PROJECT, statuses=["success"], trace_roots_only=True),
    CallQuery(project=PROJECT, op_names=["nothing"]),
]


def write(number, *, op=1, parent=None, start=START, latency=None, failed=False, tokens=None):
    usage = {} if tokens is None else {"model": "m", "input_tokens": tokens, "output_tokens": 1}
    return CallWrite(
        id=number.to_bytes(16),
        trace_id=(parent or number).to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span=parent.to_bytes(8) if parent else None,
        op_key=op,
        start_ns=start,
        end_ns=None if latency is None else start + latency,
        failed=failed,
        inputs="{}",
        output=None,
        rest=usage,
        fresh=False,
    )


def rounded(microseconds):
    """Rounds as SQLite does: halves differ from Python's."""
    if microseconds is None:
        return None
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        row = connection.execute(f"SELECT {tallies.rounded('?')}", (microseconds * 1000,))
        return row.fetchone()[0] // 1000


@given(st.integers(0, 10**17))
def test_rounding_is_within_five_percent(latency):
    """A rounded latency is within 5 % of it, and rounding again changes nothing."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        once, twice = connection.execute(
            f"SELECT a, {tallies.rounded('a')} FROM (SELECT {tallies.rounded('?')} AS a)",
            (latency,),
        ).fetchone()
    assert abs(once - latency) <= latency * 0.05
    assert twice == once


def assert_agree(store):
    """Sums of tallies are sums of calls, for each query."""
    with store._reading() as connection:
        project = reading.project_id(connection, PROJECT)
        for query in QUERIES:
            exact = totals.stats(connection, project, query, few=10**9)
            told = totals.stats(connection, project, query, few=0)
            assert (told.count, told.errors, told.tokens) == (
                exact.count, exact.errors, exact.tokens)  # fmt: skip
            assert told.p50_us == rounded(exact.p50_us)
            assert told.p95_us == rounded(exact.p95_us)
            assert sum(bucket.count for bucket in told.histogram) == exact.count
            assert sum(bucket.errors for bucket in told.histogram) == exact.errors
            assert len(told.histogram) <= totals.BUCKETS
            if exact.count:
                unit = max(10_000_000, (exact.last_us - exact.first_us) // totals.BUCKETS)
                assert exact.first_us - unit <= told.first_us <= exact.first_us
                assert exact.last_us <= told.last_us <= exact.last_us + unit


seconds = st.integers(0, 40) | st.integers(0, 10_000_000)
calls = st.fixed_dictionaries(
    {
        "op": st.sampled_from([1, 2]),
        "parent": st.none() | st.integers(1, 12),
        "start": seconds.map(lambda value: START + value * tallies.SECOND),
    }
)
ends = st.fixed_dictionaries(
    {
        "latency": st.none() | st.integers(0, 10**13).map(lambda value: value // 1000 * 1000),
        "failed": st.booleans(),
        "tokens": st.none() | st.integers(0, 1000),
    }
)
steps = st.one_of(
    st.tuples(st.just("write"), st.lists(st.tuples(st.integers(1, 12), ends), min_size=1)),
    st.tuples(st.just("delete"), st.integers(1, 12)),
    st.tuples(st.just("die"), st.none()),
    st.tuples(st.just("tally"), st.integers(0, 3)),
)


histories = st.lists(steps, max_size=12)


@contextlib.contextmanager
def lived(known, history, advance):
    """Opens a store in which a history has happened; `advance` is what a server does meanwhile."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(SqliteStore(Path(folder) / "weavelite.db")) as store,
    ):
        segment = 0
        store.ingest(Batch(ops=list(OPS)))
        for what, value in history:
            if what == "delete":
                call_id = uuid_of_bytes(value.to_bytes(16))
                with contextlib.suppress(LookupError):
                    store.delete_calls(PROJECT, [call_id])
            elif what == "tally":
                store.write(lambda connection, keep=value: advance(connection, keep=keep))
            else:
                segment += 1
                batch = Batch(ops=list(OPS))
                for number, end in value or ():
                    call = known[number - 1]
                    parent = call["parent"] if call["parent"] != number else None
                    batch.calls.append(write(number, **{**call, "parent": parent}, **end))
                dead = what == "die"
                store.ingest(batch, Progress(f"s{segment}", 0, 1, "process", dead))
        yield store


@settings(max_examples=100)
@given(st.lists(calls, min_size=12, max_size=12), histories)
def test_tallies_agree_with_the_calls(known, history):
    """Starts, ends, tokens, deletions and deaths of processes, whenever tallied, are told right."""
    with lived(known, history, tallies.advance) as store:
        assert_agree(store)


def fill(store, count):
    for start in range(1, count + 1, 1000):
        batch = Batch(ops=list(OPS))
        batch.calls += [
            write(number, op=1 + number % 2, latency=number * 1000, failed=number % 7 == 0,
                  start=START + number * tallies.SECOND)
            for number in range(start, start + 1000)
        ]  # fmt: skip
        store.ingest(batch)


def test_many_calls_are_tallied_in_pieces(store):
    """What waits is counted until few are left, and sums and counts are right at each piece."""
    fill(store, 8000)
    assert_agree(store)
    while store.index():
        assert_agree(store)
    with store._reading() as connection:
        assert tallies.upto(connection) >= 8000 - 2 * tallies.PENDING
    assert {op.name: op.calls for op in store.ops(PROJECT)} == {"answer": 4000, "search": 4000}
    assert store.op_version(PROJECT, "answer", "latest").calls == 4000
    assert store.projects()[0].traces == 8000


def test_an_older_store_is_tallied_too(store_path):
    """Calls that were there before the tallies are counted by and by."""
    with contextlib.closing(connect(store_path)) as connection:
        ensure_schema(connection, store_path, to=4)
        connection.execute("INSERT INTO projects(entity, name) VALUES ('local', 'test')")
        connection.execute("INSERT INTO ops VALUES (1, 1, 'answer', 'op', 'd1', NULL, 0, 0)")
        connection.executemany(
            "INSERT INTO calls(seq, id, trace_id, span_id, project_id, op_key, start_ns, end_ns,"
            " status) VALUES (?1, ?2, ?2, ?3, 1, 1, ?1, ?1 + 1000, 1)",
            ((n, n.to_bytes(16), n.to_bytes(8)) for n in range(1, 6001)),
        )
    with contextlib.closing(SqliteStore(store_path)) as store:
        assert store.stats(QUERIES[0]).count == 6000
        while store.index():
            pass
        assert_agree(store)


def test_a_salvaged_store_is_tallied_anew(store_path):
    """Tallies are made of the calls that could be read, not copied."""
    with contextlib.closing(SqliteStore(store_path)) as store:
        fill(store, 6000)
        while store.index():
            pass
    with contextlib.closing(connect(store_path)) as connection:
        connection.execute("DELETE FROM _tallies")
    salvage(store_path)
    with contextlib.closing(SqliteStore(store_path)) as store:
        assert_agree(store)
        while store.index():
            pass
        assert_agree(store)
