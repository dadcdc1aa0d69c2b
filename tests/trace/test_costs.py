"""Users say what tokens cost, and read what calls cost, as in Weave."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

import weavelite
from weavelite import instrument
from weavelite.errors import QueryError

USAGE = {
    "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
    "prompt_tokens_details": {"cached_tokens": 400},
}  # fmt: skip


def ask(model: str, usage: dict = USAGE) -> None:
    call = instrument.start("ask", {}, kind="llm", model=model)
    instrument.end(call, "said", usage=usage)


@weavelite.op
def agent(model: str) -> str:
    with instrument.active(weavelite.get_current_call()):
        ask(model)
        ask(model)
    return "done"


def test_costs_are_in_the_summary_as_in_weave(client):
    """With include_costs a call has, by model, tokens and totals of it and all below it."""
    agent("gpt-4o-mini")
    root, leaf, _ = client.get_calls(include_costs=True)
    (told,) = leaf.summary["weave"]["costs"].values()
    assert (told["prompt_tokens"], told["completion_tokens"], told["requests"]) == (1000, 100, 1)
    assert told["prompt_tokens_total_cost"] == pytest.approx(600 * 0.15e-6 + 400 * 0.075e-6)
    assert told["completion_tokens_total_cost"] == pytest.approx(100 * 0.6e-6)
    whole = root.summary["weave"]["costs"]["gpt-4o-mini"]
    assert whole["total_cost"] == pytest.approx(2 * told["total_cost"])
    assert whole["requests"] == 2
    assert client.get_call(leaf.id, include_costs=True).summary == leaf.summary
    assert "weave" not in client.get_call(leaf.id).summary


def test_the_users_costs_are_added_listed_and_purged(client):
    """A cost that was added prices calls, also earlier ones, until it is purged."""
    ask("mine")

    def total():
        (call,) = client.get_calls(include_costs=True)
        return call.summary["weave"]["costs"]["mine"]["total_cost"]

    assert total() is None, "an unknown price is not a price of nothing"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    added = client.add_cost("mine", 0.5, 1.0, effective_date=yesterday)
    assert added.ids[0][1] == "mine"
    assert total() == 1000 * 0.5 + 100 * 1.0
    client.add_cost("mine", 0.5, 1.0, effective_date=yesterday, cache_read_input_token_cost=0.0)
    assert total() == 600 * 0.5 + 100 * 1.0
    known = client.query_costs(llm_ids=["mine"])
    assert [(c.prompt_token_cost, c.completion_token_cost) for c in known] == [(0.5, 1.0)] * 2
    assert abs(known[0].effective_date - yesterday) < timedelta(milliseconds=1)
    assert client.query_costs(known[0].id) == known[:1]
    client.purge_costs(known[1].id)
    assert total() == 600
    client.purge_costs([known[0].id])
    assert (total(), client.query_costs()) == (None, [])


@pytest.mark.parametrize("cost", [-1, float("nan"), float("inf")])
def test_a_cost_is_a_price(client, cost):
    """What cannot be the price of a token is refused."""
    with pytest.raises(QueryError, match="US dollars"):
        client.add_cost("m", cost, 0)


def test_other_currencies_are_refused(client):
    """Costs are in US dollars, and what is not says so."""
    with pytest.raises(QueryError, match="USD"):
        client.add_cost("m", 1, 1, prompt_token_cost_unit="EUR")


def test_anthropics_cache_counts_as_input(client):
    """A call's own counts are all that went in, the cache too, however the provider says it."""
    usage = {"input_tokens": 4, "cache_read_input_tokens": 90, "output_tokens": 6}
    ask("claude-sonnet-4-5", usage)
    (call,) = client.get_calls()
    assert (call.input_tokens, call.output_tokens) == (94, 6)
    assert call.summary["usage"]["claude-sonnet-4-5"].items() >= usage.items()


def test_programs_do_not_load_the_table_of_prices():
    """Tracing and reading calls import no prices; nor does `import weavelite`."""
    code = (
        "import sys, tempfile, weavelite\n"
        "weavelite.init('p', store=tempfile.mkdtemp() + '/w.db')\n"
        "from weavelite import instrument\n"
        "instrument.end(instrument.start('a', {}, model='gpt-4o'), 1,"
        " usage={'prompt_tokens': 5})\n"
        "assert len(weavelite.get_client().get_calls()) == 1\n"
        "weavelite.finish()\n"
        "assert not {'genai_prices', 'tiktoken'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": ""})
