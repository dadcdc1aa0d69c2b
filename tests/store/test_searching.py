"""Searches find in a real store what they say."""

import pytest

from weavelite.query import search_query
from weavelite.records.words import NOTE, REACTION, SCORE
from weavelite.records.writes import Batch, CallWrite, FeedbackWrite, OpWrite
from weavelite.store import facets, tallies
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/searching"
HOUR = 3_600_000_000_000
NOW = 1_767_268_800_000_000_000  # 2026-01-01T12:00Z
OPS = [
    OpWrite(1, PROJECT, "answer", "agent", "d1"),
    OpWrite(2, PROJECT, "openai.chat", "llm", "d2"),
    OpWrite(3, PROJECT, "search[web]", "tool", "d3"),
    OpWrite(4, PROJECT, "answer", "agent", "d4"),
]


def call(
    number, op, hours_ago, seconds, *, under=None, failed=False, inputs="{}", output="1", **rest
):
    start = NOW - int(hours_ago * HOUR)
    return CallWrite(
        id=number.to_bytes(16), trace_id=(under or number).to_bytes(16),
        span_id=number.to_bytes(8), parent_span=under and under.to_bytes(8), op_key=op,
        start_ns=start, end_ns=None if seconds is None else start + int(seconds * 1e9),
        failed=failed, inputs=inputs, output=output, rest=rest, fresh=True,
    )  # fmt: skip


CALLS = [
    call(1, 1, 5, 4, inputs='{"question": "how far is it?", "n": 5}', output='"far away"',
         thread_id="T-1", attributes={"env": "prod", "my key": 1}),
    call(2, 2, 4.9, 2, under=1, model="gpt-4o", input_tokens=900, output_tokens=200),
    call(3, 3, 4.8, 0.03, under=1, failed=True, error="RateLimitError: slow down"),
    call(4, 4, 3, 0.2, inputs='{"question": "how near?", "n": "5"}', output='{"yes": true}',
         attributes={"env": "dev"}),
    call(5, 2, 2, None, model="gpt-4o-mini"),
    call(6, 2, 0.5, 9, model="claude", input_tokens=2_000_000, output='"near a \\"needle\\""'),
]  # fmt: skip
FEEDBACK = [
    (1, SCORE + "exact", {"output": True}), (4, SCORE + "exact", {"output": False}),
    (1, SCORE + "judge", {"output": {"correct": 0.9, "why": "fine"}}),
    (4, SCORE + "judge", {"output": {"correct": 0.2, "why": "poor"}}),
    (2, REACTION, {"emoji": "👍"}), (2, REACTION, {"emoji": "🐛"}), (6, NOTE, {"note": "Too long"}),
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "weavelite.db")
    store.ingest(Batch(ops=list(OPS), calls=list(CALLS)))
    for number, (of, kind, payload) in enumerate(FEEDBACK):
        store.add_feedback(
            FeedbackWrite(id=f"f{number}", project=PROJECT, call_id=of.to_bytes(16).hex(),
                          type=kind, payload=payload, creator=None, created_ns=NOW + number)
        )  # fmt: skip
    yield store
    store.close()


def search(text, **options):
    return search_query(PROJECT, text, now_ns=NOW, **options)


def found(store, text, **options):
    page = store.calls(search(text, limit=50, **options))
    return {int(call.id.replace("-", ""), 16) for call in page.calls}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", {1, 2, 3, 4, 5, 6}),
        ("op:answer", {1, 4}),
        ("op:answer:d4", {4}),
        ("-op:answer:d4", {1, 2, 3, 5, 6}),
        ("op:open*,answer", {1, 2, 4, 5, 6}),
        ("-op:answer", {2, 3, 5, 6}),
        ("op:search[*", {3}),
        ("op:se?rch*", set()),
        ("name:*chat", {2, 5, 6}),
        ("status:error", {3}),
        ("status:error,running", {3, 5}),
        ("-status:success", {3, 5}),
        ("status:error -status:error", set()),
        ("status:running op:openai.chat", {5}),
        ("kind:llm", {2, 5, 6}),
        ("-kind:llm,tool", {1, 4}),
        ("model:gpt-4o", {2}),
        ("model:gpt-4o*", {2, 5}),
        ("-model:gpt-4o*", {1, 3, 4, 6}),
        ('model:"gpt-4o*"', set()),
        ("latency:>2s", {1, 6}),
        ("latency:>=2", {1, 2, 6}),
        ("latency:<100ms", {3}),
        ("latency:0.1..2s", {2, 4}),
        ("-latency:>2s", {2, 3, 4, 5}),
        ("latency:..0.2,9s..", {3, 4, 6}),
        ("tokens:>1k", {1, 2, 6}),
        ("tokens:>=2M", {6}),
        ("input_tokens:900", {2}),
        ("started:-1h", {6}),
        ("started:-4.95h..-1h", {2, 3, 4, 5}),
        ("started:2026-01-01", {1, 2, 3, 4, 5, 6}),
        ("started:<2026-01-01", set()),
        ("started:2026-01-01T09:00Z", {4}),
        ("started:>2026-01-01T09:00Z", {5, 6}),
        ("started:2026-01-01T07:00Z..2026-01-01T09:00Z", {1, 2, 3}),
        ("ended:-1h", {6}),
        ("-ended:-1h", {1, 2, 3, 4, 5}),
        ("error:ratelimit", {3}),
        ("has:error", {3}),
        ("-has:error op:answer", {1, 4}),
        ("has:reaction", {2}),
        ("reaction:👍", {2}),
        ("reaction:🐛", {2}),
        ("reaction:👎", set()),
        ("note:too", {6}),
        ("thread:T-1", {1}),
        ("thread:T*", {1}),
        ("-has:thread", {2, 3, 4, 5, 6}),
        (f"id:{4:032x},{5:032x}", {4, 5}),
        (f"trace:{1:032x}", {1, 2, 3}),
        (f"parent:{1:032x}", {2, 3}),
        ("id:*4", {4}),
        ("scores.exact:true", {1}),
        ("scores.exact:0", {4}),
        ("scores.exact:<0.5", {4}),
        ("scores.judge.correct:<0.5", {4}),
        ("scores.judge.why:fine,poor", {1, 4}),
        ("has:scores.judge", {1, 4}),
        ('inputs.question:"how far is it?"', {1}),
        ("inputs.question:how*", {1, 4}),
        ("inputs.n:5", {1, 4}),
        ('inputs.n:"5"', {4}),
        ("inputs.n:>4", {1}),
        ("output.yes:true", {4}),
        ("output:near*", {6}),
        ("attributes.env:prod,dev", {1, 4}),
        ("-attributes.env:dev op:answer", {1}),
        (r"attributes.my\ key:1", {1}),
        ("how", {1, 4}),
        ("how near", {4}),
        ('"how near"', {4}),
        ('"near how"', set()),
        ("HOW -near", {1}),
        ('-how -"slow down"', {2, 5, 6}),
        (r'"a \"needle\""', {6}),
        ("ratelimit op:search[web]", {3}),
    ],
)  # fmt: skip
def test_a_search_finds_what_it_says(store, text, numbers):
    """Each kind of term finds its calls; an index of texts and tallies change nothing."""
    assert found(store, text) == numbers
    assert store.stats(search(text)).count == store.count(search(text)) == len(numbers)
    store.write(lambda connection: tallies.advance(connection, keep=0))
    assert store.stats(search(text)).count == len(numbers)


def test_roots_alone(store):
    """Calls inside a trace are left out where traces are wanted."""
    assert found(store, "", roots_only=True) == {1, 4, 5, 6}


def test_pages_follow_a_window(store):
    """Pages of a time follow each other to the end, without a gap or a call twice."""
    seen, before = [], None
    while True:
        page = store.calls(search("started:-5h..-1h", limit=2, before=before))
        seen += [int(call.id.replace("-", ""), 16) for call in page.calls]
        if (before := page.next) is None:
            break
    assert seen == [5, 4, 3, 2, 1]


def facets_of(store, text, **options):
    keys = ("op", "status", "kind", "model", "scores")
    queries = {key: search(text, without=key, **options) for key in keys}
    return {facet.key: facet for facet in store.facets(queries)}


def counts(facet):
    return {value.value: value.count for value in facet.values}


@pytest.mark.parametrize("is_tallied", [False, True])
def test_facets_count_what_a_click_would_find(store, is_tallied):
    """The count of a value is the length of the list that its term makes, without its key's own."""
    if is_tallied:
        store.write(lambda connection: tallies.advance(connection, keep=0))
    for text in ("", "op:answer", "kind:llm status:success", "latency:>1s", "how", "-op:answer"):
        shown = facets_of(store, text)
        for key in ("op", "status", "kind", "model"):
            for value in shown[key].values:
                wanted = search(f'{text} {key}:"{value.value}"')
                if f"{key}:" not in text:
                    assert store.count(wanted) == value.count, (text, key, value)
    shown = facets_of(store, "op:answer status:error")
    assert counts(shown["op"]) == {"search[web]": 1}
    assert counts(shown["status"]) == {"success": 2}
    assert counts(facets_of(store, "")["status"]) == {"success": 4, "error": 1, "running": 1}


def test_scores_tell_their_range_or_their_values(store):
    """Of numbers a facet tells least and most, of judgements how many of each."""
    shown = facets_of(store, "")
    assert counts(shown["scores.exact"]) == {"true": 1, "false": 1}
    assert (shown["scores.judge.correct"].low, shown["scores.judge.correct"].high) == (0.2, 0.9)
    assert counts(shown["scores.judge.why"]) == {"fine": 1, "poor": 1}
    assert "scores.exact" not in facets_of(store, "kind:llm")


def test_counts_of_the_newest_say_so(store):
    """Where not all calls were looked at, the answer tells among how many of the newest."""
    text = "latency:>0"
    read = {"model": search(text), "op": search(text)}
    of = store._in_project(facets.facets, PROJECT, read, 2)
    assert [facet.among for facet in of] == [2, 2]
    assert counts(of[1]) == {"openai.chat": 1, "answer": 1}
    assert facets_of(store, text)["model"].among is None
