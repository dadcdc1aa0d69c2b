"""Figures over a stretch of time are those of the calls that started in it, each in its bar."""

import contextlib
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.ids import uuid_of_bytes
from weavelite.records.writes import Batch, CallWrite, FeedbackWrite, OpWrite
from weavelite.store import tallies
from weavelite.store.overview import MOST_BARS, share_of, window
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "answer", "llm", "d1"), OpWrite(2, PROJECT, "search", "tool", "d2")]
START = 1_760_000_000
GPT = "gpt-4o-mini"


def write(number, second, *, op=1, parent=None, failed=False, usage=None, latency_ms=1):
    start_ns = second * 10**9
    id = (second * 1000).to_bytes(6) + number.to_bytes(10)
    trace = parent or id
    return CallWrite(
        id=id,
        trace_id=trace,
        span_id=id[8:],
        parent_span=parent[8:] if parent else None,
        op_key=op,
        start_ns=start_ns,
        end_ns=start_ns + latency_ms * 1_000_000,
        failed=failed,
        inputs="{}",
        output=None,
        rest=usage or {},
        fresh=False,
    )


@contextlib.contextmanager
def stored(calls, feedback=(), *, indexed=False):
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(SqliteStore(Path(folder) / "weavelite.db")) as store,
    ):
        store.ingest(Batch(ops=list(OPS), calls=list(calls), feedback=list(feedback)))
        if indexed:
            store.write(lambda connection: tallies.advance(connection, keep=0))
        yield store


SECONDS = st.sampled_from([60, 3600, 86_400, 30 * 86_400]).flatmap(
    lambda span: st.lists(
        st.tuples(st.integers(0, span), st.booleans(), st.sampled_from([1, 2])), max_size=40
    )
)


@settings(max_examples=40)
@given(SECONDS, st.booleans())
def test_bars_and_ops_add_up_to_what_is_there(moments, indexed):
    """Counted from tallies or one by one, each call is in one bar and in one op."""
    calls = [
        write(number, START + second, op=op, failed=failed)
        for number, (second, failed, op) in enumerate(moments, start=1)
    ]
    with stored(calls, indexed=indexed) as store:
        start, end = store.bounds(PROJECT) or (START, START)
        found = store.overview(PROJECT, start, end)
    assert found.calls == found.traces == len(calls)
    assert found.errors == sum(failed for _, failed, _ in moments)
    width = found.width_us // 1_000_000
    at = Counter((START + second) // width * width for second, _, _ in moments)
    assert {bar.start_us // 1_000_000: bar.calls for bar in found.bars if bar.calls} == at
    by_op = Counter({1: "answer", 2: "search"}[op] for _, _, op in moments)
    assert {op.name: op.calls for op in found.ops} == by_op


@given(st.integers(0, 2**33), st.integers(0, 2**31))
def test_bars_cover_a_stretch(start, span):
    """The first bar begins no later than the stretch, the last ends after it; they are few."""
    when = window(start, start + span)
    bars = when.bars()
    assert 1 <= len(bars) <= MOST_BARS
    assert bars[0] <= start < bars[0] + when.width
    assert bars[-1] <= start + span < when.end or span < 60


def test_what_is_outside_is_not_counted():
    """Calls before and after the stretch are left out, rounded to its bars."""
    calls = [write(n, START + n * 3600) for n in range(10)]
    with stored(calls) as store:
        found = store.overview(PROJECT, START + 3 * 3600, START + 5 * 3600)
    assert found.traces == 3


def test_latencies_are_those_of_traces():
    """What runs inside a trace has no say in its latency."""
    root = write(1, START, latency_ms=100)
    inner = write(2, START, parent=root.id, op=2, latency_ms=5)
    with stored([root, inner]) as store:
        found = store.overview(PROJECT, START, START + 1)
    assert (found.p50_us, found.traces, found.calls) == (100_000, 1, 2)


RAN = st.lists(
    st.tuples(
        st.integers(0, 7200),
        st.sampled_from([1, 2]),
        st.none() | st.sampled_from([GPT, "gpt-4o"]),
        st.integers(0, 5000),
        st.booleans(),
    ),
    max_size=30,
)


@settings(max_examples=40)
@given(RAN)
def test_ops_and_models_took_what_their_calls_took(ran):
    """Latencies of an op and of a model are those of its calls in the stretch; so are errors."""
    calls = [
        write(number, START + second, op=op, latency_ms=took, failed=failed,
              usage={"model": model} if model else None)
        for number, (second, op, model, took, failed) in enumerate(ran, start=1)
    ]  # fmt: skip
    with stored(calls) as store:
        found = store.overview(PROJECT, START, START + 3600)
    took, errors = defaultdict(list), Counter()
    for second, op, model, each, failed in ran:
        if found.start_us <= (START + second) * 1_000_000 < found.end_us:
            for of in filter(None, (("", "answer", "search")[op], model)):
                took[of].append(each * 1000)
                errors[of] += failed
    told = {op.name: op for op in found.ops} | {each.model: each for each in found.models}
    assert told.keys() == took.keys()
    for of, each in told.items():
        ordered = sorted(took[of])
        assert (each.p50_us, each.p95_us) == (share_of(ordered, 0.5), share_of(ordered, 0.95))
        assert each.errors == errors[of]


def test_scores_are_averaged_by_scorer():
    """Yes is 1 and no is 0; texts are no numbers."""
    call = write(1, START)
    values = [("exact", True), ("exact", False), ("length", 4), ("label", "good")]
    feedback = [
        FeedbackWrite(
            id=f"f{number}", project=PROJECT, call_id=uuid_of_bytes(call.id),
            type=f"wandb.runnable.{scorer}", payload={"output": value}, creator=None,
            created_ns=START * 10**9,
        )
        for number, (scorer, value) in enumerate(values)
    ]  # fmt: skip
    with stored([call], feedback) as store:
        found = store.scores(PROJECT, START, START + 1)
    assert {each.scorer: (each.mean, each.count) for each in found.scorers} == {
        "exact": (0.5, 2),
        "length": (4.0, 1),
    }
