"""What was spent is what each call cost, summed up by model, each token once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery

from .test_overview import GPT, PROJECT, START, stored, write


def test_tokens_are_priced_by_model_and_bar():
    """Known prices add up, what has none is marked, and nothing is counted twice."""
    usage = {"model": GPT, "input_tokens": 1_000_000, "output_tokens": 0}
    calls = [
        write(1, START, usage=usage),
        write(2, START + 3600, usage=usage),
        write(3, START, usage={**usage, "model": "nobody-knows-it"}),
    ]
    with stored(calls) as store:
        found = store.spend(PROJECT, START, START + 3600)
        each = store.call(PROJECT, uuid_of_bytes(calls[0].id), costs=True).sum_cost
    by_model = {spent.model: spent for spent in found.models}
    assert by_model[GPT].cost == pytest.approx(2 * each)
    assert (by_model[GPT].tokens, by_model[GPT].requests) == (2_000_000, 2)
    assert (by_model["nobody-knows-it"].partial, by_model[GPT].partial) == (True, False)
    assert sum(bar.tokens for bar in found.bars) == 3_000_000


def test_requests_that_are_dearer_when_large_are_priced_one_by_one():
    """Two requests below a step of the price do not become one above it."""
    model = "gemini-2.5-pro"  # dearer above 200,000 tokens of input
    sizes = (150_000, 150_000, 250_000)
    calls = [
        write(n, START, usage={"model": model, "input_tokens": size, "output_tokens": 10})
        for n, size in enumerate(sizes, start=1)
    ]
    with stored(calls) as store:
        found = store.spend(PROJECT, START, START + 1)
        each = [store.call(PROJECT, uuid_of_bytes(call.id), costs=True).sum_cost for call in calls]
    assert each[2] > 1.7 * each[0]
    assert found.models[0].cost == pytest.approx(sum(each))


MODELS = (GPT, "gpt-4o", "nobody-knows-it")
TRACES = st.lists(
    st.tuples(
        st.integers(0, 3 * 86_400),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(MODELS), st.integers(1, 9_000)), max_size=3),
    ),
    max_size=8,
)


@settings(max_examples=25)
@given(TRACES, st.booleans())
def test_what_a_query_finds_spent_what_its_calls_cost(traces, roots):
    """Of traces it is the cost of all in them, of calls their own."""
    calls, number = [], 0
    for second, failed, reports in traces:
        number += 1
        root = write(number, START + second, failed=failed)
        calls.append(root)
        for model, tokens in reports:
            number += 1
            usage = {"model": model, "input_tokens": tokens, "output_tokens": 5}
            calls.append(
                write(number, START + second, parent=root.id, op=2, failed=failed, usage=usage)
            )
    with stored(calls) as store:
        query = CallQuery(project=PROJECT, trace_roots_only=roots, statuses=["error"], limit=1)
        found = store.spend_of(query)
        wanted = CallQuery(project=PROJECT, trace_roots_only=roots, statuses=["error"])
        each = [c for c in store.details(wanted, costs=True) if roots or c.parent_span_id]
    assert sum(spent.cost for spent in found.models) == pytest.approx(
        sum(c.sum_cost or 0 for c in each)
    )
    assert sum(spent.tokens for spent in found.models) == sum(c.sum_tokens or 0 for c in each)
    unknown = {spent.model for spent in found.models if spent.partial}
    assert unknown <= {"nobody-knows-it"}
