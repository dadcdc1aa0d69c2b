"""Tokens and costs are rolled up a tree, each counted once, in whatever order its calls come."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.ids import id_of_span
from weavelite.query import CallQuery
from weavelite.records.answers import Price
from weavelite.records.writes import Batch, CallWrite, OpWrite
from weavelite.store.costing import deepest
from weavelite.store.sqlite import SqliteStore

OP = OpWrite(1, "local/p", "op", "op")
TRACES = itertools.count(1)
START = 1_760_000_000_000_000_000


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = SqliteStore(tmp_path_factory.mktemp("metering") / "weavelite.db")
    made.ingest(Batch(ops=[OP]))
    yield made
    made.close()


def span(number: int) -> bytes:
    return (number + 1).to_bytes(8)


def call(trace_id, number, parent=None, tokens=None, model="m", start=START, **rest) -> CallWrite:
    known = dict(rest)
    if tokens is not None:
        known |= {"model": model, "summary": {"usage": {model: tokens}}}
    return CallWrite(
        id_of_span(trace_id, span(number), start), trace_id, span(number),
        None if parent is None else span(parent), 1, start, start + 1, False, "{}", "1", known,
        False,
    )  # fmt: skip


def report(count: int) -> dict:
    return {"prompt_tokens": count, "completion_tokens": 0, "total_tokens": count}


@st.composite
def trees(draw):
    """Parents by node, the first node being the root, and the tokens that some nodes report."""
    size = draw(st.integers(1, 12))
    parents = [None] + [draw(st.integers(0, node - 1)) for node in range(1, size)]
    tokens = [draw(st.none() | st.integers(1, 1000)) for _ in range(size)]
    return parents, tokens


def expected(parents, tokens, node) -> int:
    """What the deepest reporters at or below a node report."""
    below = sum(expected(parents, tokens, c) for c, p in enumerate(parents) if p == node)
    return below or tokens[node] or 0


@given(trees())
def test_a_roll_up_is_the_sum_of_the_deepest_reporters(tree):
    """For each node of any tree the reporters that count are those with no reporter below."""
    parents, tokens = tree
    links = dict(enumerate(parents))
    found = deepest(links, [node for node, count in enumerate(tokens) if count])
    for node in links:
        assert sum(tokens[n] for n in found.get(node, [])) == expected(parents, tokens, node)


@given(
    st.dictionaries(st.integers(0, 5), st.none() | st.integers(0, 8)), st.sets(st.integers(0, 8))
)
def test_damaged_links_end(links, reporters):
    """Links in a ring, and links to nowhere, are gone through once."""
    found = deepest(links, reporters)
    assert all(len(set(nodes)) == len(nodes) for nodes in found.values())


@settings(max_examples=60)
@given(trees(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_calls_may_come_in_any_order(store, tree, shuffle, piece):
    """Children first or last, in one batch or many: tree, list and totals say the same."""
    parents, tokens = tree
    trace_id = next(TRACES).to_bytes(16)
    calls = [
        call(trace_id, node, parent, None if tokens[node] is None else report(tokens[node]))
        for node, parent in enumerate(parents)
    ]
    shuffle.shuffle(calls)
    for start in range(0, len(calls), piece):
        store.ingest(Batch(calls=calls[start : start + piece]))
    wanted = {span(n).hex(): expected(parents, tokens, n) or None for n in range(len(parents))}
    tree_says = {c.span_id: c.sum_tokens for c in store.trace("local/p", trace_id.hex()).calls}
    assert tree_says == wanted
    every = CallQuery(project="local/p", trace_ids=[trace_id.hex()])
    assert {c.span_id: c.sum_tokens for c in store.calls(every).calls} == wanted
    roots = CallQuery(project="local/p", trace_ids=[trace_id.hex()], trace_roots_only=True)
    assert [c.sum_tokens for c in store.calls(roots).calls] == [wanted[span(0).hex()]]
    assert store.stats(roots).tokens == (wanted[span(0).hex()] or 0)


def test_what_is_deleted_no_longer_counts(store):
    """When the reporter below is deleted, the one above counts again."""
    trace_id = next(TRACES).to_bytes(16)
    below = call(trace_id, 1, 0, report(7))
    store.ingest(Batch(calls=[call(trace_id, 0, None, report(5)), below]))
    query = CallQuery(project="local/p", trace_ids=[trace_id.hex()], trace_roots_only=True)
    (root,) = store.calls(query).calls
    assert root.sum_tokens == 7
    child = CallQuery(project="local/p", trace_ids=[trace_id.hex()])
    doomed = [c.id for c in store.calls(child).calls if c.parent_span_id]
    store.delete_calls("local/p", doomed)
    (root,) = store.calls(query).calls
    assert root.sum_tokens == 5


def test_costs_are_added_up_and_say_what_they_lack(store):
    """A parent costs what its reporters do; where some have no price, the sum says so."""
    trace_id = next(TRACES).to_bytes(16)
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}
    calls = [
        call(trace_id, 0),
        call(trace_id, 1, 0, usage, "gpt-4o-mini"),
        call(trace_id, 2, 0, usage, "nobodys-model"),
        call(trace_id, 3, 2),
    ]
    store.ingest(Batch(calls=calls))
    by_span = {c.span_id: c for c in store.trace("local/p", trace_id.hex()).calls}
    root, known, unknown, empty = (by_span[span(n).hex()] for n in range(4))
    assert (root.sum_cost, root.cost_partial) == (pytest.approx(0.75), True)
    assert (known.sum_cost, known.cost_partial) == (pytest.approx(0.75), False)
    assert (unknown.sum_cost, unknown.cost_partial, unknown.sum_tokens) == (None, False, 2_000_000)
    assert (empty.sum_cost, empty.sum_tokens) == (None, None)


def price(id: str, model: str, prompt: float, since: int = 0, created: int = 0) -> Price:
    return Price(
        id=id, llm_id=model, provider_id="default", prompt_token_cost=prompt,
        completion_token_cost=prompt, cache_read_input_token_cost=None,
        cache_creation_input_token_cost=None, prompt_token_cost_unit="USD",
        completion_token_cost_unit="USD", effective_us=since, created_us=created,
    )  # fmt: skip


def test_a_mended_price_reprices_history(store):
    """Costs are worked out when read: a price that is added, mended or purged changes the past."""
    trace_id = next(TRACES).to_bytes(16)
    written = call(trace_id, 0, None, report(10), "mended")
    store.ingest(Batch(calls=[written]))

    def cost():
        return store.trace("local/p", trace_id.hex()).calls[0].sum_cost

    assert cost() is None
    store.add_price("local/p", price("a", "mended", 1.0, created=1))
    assert cost() == 10
    store.add_price("local/p", price("b", "mended", 2.0, created=2))
    assert cost() == 20
    assert store.purge_prices("local/p", ["b", "unknown"]) == 1
    assert cost() == 10
    assert [p.id for p in store.prices("local/p")] == ["a"]
    assert store.purge_prices("local/p", ["b"]) == 0


def test_a_call_shows_its_buckets_and_a_parent_its_models(store):
    """A whole call has tokens and costs by bucket, a parent those of all models below."""
    trace_id = next(TRACES).to_bytes(16)
    usage = {
        "prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 60},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }  # fmt: skip
    calls = [
        call(trace_id, 0),
        call(trace_id, 1, 0, usage, "gpt-4o-mini"),
        call(trace_id, 2, 0, usage, "gpt-4o-mini"),
        call(trace_id, 3, 0, report(5), "other"),
    ]
    store.ingest(Batch(calls=calls))
    query = CallQuery(project="local/p", trace_ids=[trace_id.hex()], sort=[("started_at", "asc")])
    root, leaf, *_ = sorted(store.details(query, costs=True), key=lambda c: c.span_id)
    (used,) = leaf.usage
    assert used.tokens == {"input": 40, "cache_read": 60, "output": 30, "reasoning": 20}
    assert used.costs.keys() == used.tokens.keys()
    assert leaf.summary["usage"]["gpt-4o-mini"] == usage, "the provider's words are kept"
    assert {(u.model, u.requests, sum(u.tokens.values())) for u in root.usage} == {
        ("gpt-4o-mini", 2, 300), ("other", 1, 5)
    }  # fmt: skip
    plain = min(store.details(query), key=lambda c: c.span_id)
    assert plain.sum_tokens == 305 and plain.sum_cost is None, "prices were not asked for"


@given(
    st.recursive(
        st.none() | st.integers(-(1 << 63), (1 << 63) - 1) | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["m", "usage", "prompt_tokens", "total_tokens", "estimated", ""]),
                inner,
            )
        ),
    )
)
@settings(max_examples=60)
def test_any_summary_can_be_stored(store, usage):
    """Whatever a program notes as usage, its call is kept, and can be read."""
    trace_id = next(TRACES).to_bytes(16)
    written = call(trace_id, 0, model="m")._replace(rest={"summary": {"usage": usage}})
    store.ingest(Batch(calls=[written]))
    assert len(store.trace("local/p", trace_id.hex()).calls) == 1


def test_random_traces_of_many_batches_agree(store):
    """A trace of hundreds of calls in small batches says the same as its tree."""
    chance = random.Random(5)
    trace_id = next(TRACES).to_bytes(16)
    parents = [None] + [chance.randrange(max(0, node - 9), node) for node in range(1, 300)]
    tokens = [chance.choice([None, None, 3]) for _ in parents]
    calls = [
        call(trace_id, n, p, None if tokens[n] is None else report(tokens[n]))
        for n, p in enumerate(parents)
    ]
    chance.shuffle(calls)
    for start in range(0, len(calls), 7):
        store.ingest(Batch(calls=calls[start : start + 7]))
    query = CallQuery(project="local/p", trace_ids=[trace_id.hex()], trace_roots_only=True)
    (root,) = store.calls(query).calls
    assert root.sum_tokens == expected(parents, tokens, 0)
