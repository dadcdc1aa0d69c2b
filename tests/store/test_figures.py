"""Latencies and tokens in order find the calls that a plain scan finds."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.query import CallQuery, search_query
from weavelite.records.writes import Batch
from weavelite.store import figures, seeking
from weavelite.store.opening import connect
from weavelite.store.schema import ensure_schema
from weavelite.store.sqlite import SqliteStore

from .test_tallies import OPS, PROJECT, START, calls, fill, histories, lived, write

TREE = "coalesce(sum_tokens, coalesce(input_tokens, 0) + coalesce(output_tokens, 0))"
PLAIN = {
    figures.LATENCY: "(end_ns - start_ns) / 1000",
    figures.TOKENS: f"iif(coalesce(sum_tokens, input_tokens, output_tokens) IS NULL, NULL, {TREE})",
    figures.INPUT: "input_tokens",
    figures.OUTPUT: "output_tokens",
}
ends = st.integers(-1, 1100) | st.integers(0, 10**10) | st.just(float("inf"))


def scanned(connection, figure, low, high):
    found = connection.execute("SELECT seq, " + PLAIN[figure] + " FROM calls")
    return {seq for seq, value in found if value is not None and low <= value <= high}


@settings(max_examples=100)
@given(st.lists(calls, min_size=12, max_size=12), histories, ends, ends)
def test_figures_agree_with_the_calls(known, history, low, high):
    """Whatever became of calls, before and after they were sorted, their figures are right."""
    with lived(known, history, figures.advance) as store, store._reading() as connection:
        for figure in PLAIN:
            found = figures.between(connection, figure, low, high, 100)
            assert sorted(found) == sorted(scanned(connection, figure, low, high))
        known = {row[0] for row in connection.execute("SELECT seq FROM calls")}
        assert {row[0] for row in connection.execute("SELECT seq FROM _figures")} <= known


def test_many_are_not_named(store):
    """Of more calls than are asked for none is named, and of as many all are."""
    fill(store, 1000)
    with store._reading() as connection:
        assert figures.between(connection, figures.LATENCY, 1, 500, 499) is None
        assert len(figures.between(connection, figures.LATENCY, 1, 500, 500)) == 500


def test_a_figure_beyond_all_measure_is_kept(store):
    """What is larger than a whole number of SQLite is found as more than any other."""
    written = [write(1, latency=5, tokens=5), write(2, latency=5, tokens=3)]
    store.ingest(Batch(ops=list(OPS), calls=written))
    store.write(lambda connection: figures.advance(connection, keep=0))
    huge = "UPDATE calls SET input_tokens = ?, output_tokens = ?, sum_tokens = NULL WHERE seq = 1"
    store.write(lambda connection: connection.execute(huge, [(1 << 63) - 1] * 2))
    with store._reading() as connection:
        assert figures.between(connection, figures.TOKENS, 1 << 61, float("inf"), 9) == [1]
        assert figures.between(connection, figures.TOKENS, 0, 100, 9) == [2]


def test_an_older_store_is_sorted_too(store_path):
    """Calls that were there before are found at once, and after they were sorted by and by."""
    with contextlib.closing(connect(store_path)) as connection:
        ensure_schema(connection, store_path, to=11)
        connection.execute("INSERT INTO projects(entity, name) VALUES ('local', 'test')")
        connection.execute("INSERT INTO ops VALUES (1, 1, 'answer', 'op', 'd1', NULL, 0, 0)")
        connection.executemany(
            "INSERT INTO calls(seq, id, trace_id, span_id, project_id, op_key, start_ns, end_ns,"
            " status) VALUES (?1, ?2, ?2, ?3, 1, 1, ?4 + ?1, ?4 + ?1 + ?1 * 1000, 1)",
            ((n, n.to_bytes(16), n.to_bytes(8), START) for n in range(1, 14_001)),
        )
    query = search_query(PROJECT, "latency:>13.99ms", now_ns=START, roots_only=True)
    with contextlib.closing(SqliteStore(store_path)) as store:
        pieces = 0
        while True:
            assert store.count(query) == 10
            if not store.index():
                break
            pieces += 1
        assert pieces > 3
        with store._reading() as connection:
            assert len(figures.between(connection, figures.LATENCY, 13_991, 20_000, 50)) == 10


@pytest.mark.parametrize("text", ["latency:>2h", "tokens:<0", "error:nothing", "has:error",
                                  "model:nobody*", "user:*x", "has:thread"])  # fmt: skip
@pytest.mark.parametrize("roots", [True, False])
def test_what_is_rare_is_named(store, text, roots):
    """No search for what no call has reads the calls."""
    fill(store, 5000)
    while store.index():
        pass
    query: CallQuery = search_query(PROJECT, text, now_ns=START, roots_only=roots)
    with store._reading() as connection:
        assert seeking.CHOSEN in [text for text, _ in seeking.few(connection, 1, query)]
    assert store.count(query) == 0
