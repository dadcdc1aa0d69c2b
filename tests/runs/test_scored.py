"""What is kept of runs that have ended is what reading them anew would say."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import weavelite
from weavelite.errors import NotFoundError
from weavelite.ids import fresh_uuid
from weavelite.records.answers import Price
from weavelite.runs.choosing import Runs
from weavelite.runs.reading import compare_calls, outline_calls
from weavelite.runs.scored import Scored
from weavelite.verdicts.cells import measures

PROJECT = "local/test"
LONG = "a long text that is kept apart from what holds it, " * 60


@weavelite.op
def exact(x, output):
    return {"right": output["said"].endswith(str(x)), "why": LONG + str(x)}


@weavelite.op(kind="llm")
def ask(x):
    usage = {"prompt_tokens": 1000 + x, "completion_tokens": 10}
    weavelite.log_call("chat", {"x": x}, "yes", kind="llm", model="mine", usage=usage)
    return LONG


@weavelite.op
def model(x):
    if x == 3:
        raise ValueError("no")
    return {"said": f"{ask(x)}{x}", "sure": x / 7, "list": [LONG, x], "deep": {"n": x, "t": LONG}}


@weavelite.op
def other(x):
    return {"said": f"{ask(x)}{x if x % 2 else 'none'}", "sure": 0.5}


@pytest.fixture
def both(client):
    """Runs an evaluation of two models with two trials and a row that is there twice."""
    rows = [{"x": n % 6} for n in range(7)]
    evaluation = weavelite.Evaluation(name="ev", dataset=rows, scorers=[exact], trials=2)
    for each in (model, other):
        asyncio.run(evaluation.evaluate(each))
    client.flush()
    add_price(client.store, 1.0)
    return [call.id for call in reversed(Runs(client.store, PROJECT).calls)]


def add_price(store, cost):
    moment = int(datetime.now(UTC).timestamp() * 1e6)
    store.add_price(
        PROJECT,
        Price(
            id=fresh_uuid(), llm_id="mine", provider_id="default", prompt_token_cost=cost,
            completion_token_cost=cost, cache_read_input_token_cost=None,
            cache_creation_input_token_cost=None, prompt_token_cost_unit="USD",
            completion_token_cost_unit="USD", effective_us=0, created_us=moment,
        ),
    )  # fmt: skip


def outlined(scored, store, ids):
    runs = [scored.run(store, PROJECT, each) for each in ids]
    return outline_calls(store, PROJECT, [run.call for run in runs], [run.cells for run in runs])


def compared(store, ids):
    runs = Runs(store, PROJECT)
    calls = [runs.choose(each) for each in ids]
    whole = [replace(call, **costs(store, call)) for call in calls]
    return compare_calls(store, PROJECT, whole)


def costs(store, call):
    found = store.call(PROJECT, call.id, costs=True)
    return {"sum_cost": found.sum_cost, "cost_partial": found.cost_partial}


def test_columns_say_what_whole_cells_say(client, both):
    """Verdicts, numbers, costs and cells are those of the comparison that the terminal prints."""
    store, scored = client.store, Scored()
    whole = compared(store, both)
    for _ in range(2):  # read, and kept
        told = outlined(scored, store, both)
        assert told.comparison == replace(whole, rows=[])
        for at, row in enumerate(whole.rows):
            assert [calls[at] for calls in told.calls] == [cell.call_id for cell in row.cells]
            assert told.rows[at].index == row.index
            assert [tokens[at] for tokens in told.tokens] == [cell.tokens for cell in row.cells]
            assert [costs[at] for costs in told.costs] == [cell.cost for cell in row.cells]
    numbers = {measure.name: measure.values for measure in told.measures}
    for at, row in enumerate(whole.rows):
        for place, cell in enumerate(row.cells):
            said = {name: values[place][at] for name, values in numbers.items()}
            assert {name: value for name, value in said.items() if value is not None} == {
                name: float(value) for name, _, value in measures(cell)
            }
    assert {"output.deep.n", "exact.right"} <= numbers.keys() and numbers["cost (mean)"][0][0] > 0


def test_the_order_of_runs_is_theirs_who_ask(client, both):
    """Another baseline is compared of what is kept, and says what it says when it is read first."""
    store, scored = client.store, Scored()
    outlined(scored, store, both)
    turned = outlined(scored, store, both[::-1])
    assert turned == outlined(Scored(), store, both[::-1])
    assert turned.comparison.runs[0].id == both[1]


def test_a_new_price_is_read(client, both):
    """Costs are those of the prices of now."""
    store, scored = client.store, Scored()
    before = outlined(scored, store, both)
    add_price(store, 2.0)
    after = outlined(scored, store, both)
    assert after != before and after == outlined(Scored(), store, both)


def test_a_cell_that_is_deleted_is_gone(client, both):
    """Whoever deletes it, another process too."""
    store, scored = client.store, Scored()
    before = outlined(scored, store, both)
    store.delete_calls(PROJECT, [before.calls[0][0]])
    after = outlined(scored, store, both)
    assert after.calls[0].count(None) == 1
    store.delete_calls(PROJECT, [both[0]])
    with pytest.raises(NotFoundError):
        scored.scores(store, PROJECT, both[0])


def test_room_is_limited(client, both):
    """What is kept is forgotten, the oldest first, when there are more cells than room for them."""
    store, scored = client.store, Scored(most_cells=14)
    for _ in range(2):
        assert outlined(scored, store, both) == outlined(Scored(), store, both)


def test_a_run_that_goes_on_is_read_again(client):
    """Cells that come are counted; those that have not ended yet have no scores."""
    seen = []
    scored = Scored()

    @weavelite.op
    def slow(x):
        client.flush()
        run = next(iter(Runs(client.store, PROJECT).calls), None)
        if run is not None:
            seen.append(scored.scores(client.store, PROJECT, run.id).rows)
        return {"said": str(x)}

    evaluation = weavelite.Evaluation(
        name="ev", dataset=[{"x": n} for n in range(30)], scorers=[exact]
    )
    asyncio.run(evaluation.evaluate(slow))
    client.flush()
    run = Runs(client.store, PROJECT).latest().id
    assert scored.scores(client.store, PROJECT, run).rows == 30
    assert all(rows < 30 for rows in seen)
