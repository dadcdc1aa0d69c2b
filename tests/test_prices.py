"""Tokens cost what the price in force says; what has no price has no cost."""

from datetime import UTC, datetime

import pytest
from genai_prices import Usage, data_snapshot
from hypothesis import assume, given
from hypothesis import strategies as st

from weavelite.prices import Prices, table_rates
from weavelite.records.answers import Price
from weavelite.usage import BUCKETS, Tokens

SNAPSHOT = data_snapshot.get_snapshot()
LISTED = [(provider, model) for provider in SNAPSHOT.providers for model in provider.models]


def ns(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1_000_000_000


def own(model: str, prompt: float, completion: float, since: int = 0, **more: object) -> Price:
    known = {
        "id": "p", "provider_id": "default", "cache_read_input_token_cost": None,
        "cache_creation_input_token_cost": None, "prompt_token_cost_unit": "USD",
        "completion_token_cost_unit": "USD", "created_us": 0,
    }  # fmt: skip
    return Price(
        llm_id=model, prompt_token_cost=prompt, completion_token_cost=completion,
        effective_us=since // 1000, **{**known, **more},
    )  # fmt: skip


COUNT = st.integers(0, 300_000)


@given(
    st.integers(0, len(LISTED) - 1),
    st.builds(Tokens, *[COUNT] * (len(BUCKETS) - 1)),
    st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)
def test_costs_are_those_of_the_table(index, tokens, at):
    """For each model of the table, disjoint buckets cost what its own arithmetic says."""
    provider, model = LISTED[index]
    at = at.replace(microsecond=0)
    found = provider.find_model(model.id, all_providers=SNAPSHOT.providers)
    assume(found is model)  # some ids are templates
    cost = Prices().cost(model.id, provider.id, int(at.timestamp()) * 10**9, tokens)
    assume(cost is not None)
    said = found.calc_price(
        Usage(
            input_tokens=tokens.input_tokens, output_tokens=tokens.output_tokens,
            cache_read_tokens=tokens.cache_read, cache_audio_read_tokens=0,
            cache_image_read_tokens=0, cache_write_1h_tokens=tokens.cache_write_1h,
            cache_write_tokens=tokens.cache_write + tokens.cache_write_1h,
            input_audio_tokens=tokens.input_audio, input_image_tokens=tokens.input_image,
            output_audio_tokens=tokens.output_audio, output_image_tokens=tokens.output_image,
            output_reasoning_tokens=tokens.reasoning,
        ),
        provider,
        genai_request_timestamp=at,
    )  # fmt: skip
    assert cost.total == pytest.approx(float(said.total_price), rel=1e-9)
    assert cost.total == pytest.approx(sum(cost.parts.values()))
    total = Prices().total(model.id, provider.id, int(at.timestamp()) * 10**9, tokens)
    assert total == pytest.approx(cost.total)


def test_a_call_costs_what_the_price_was_when_it_ran():
    """A dated price holds from its date on, and the earlier one before."""
    dated = [
        (model, listed)
        for _, model in LISTED
        if isinstance(model.prices, list)
        for listed in model.prices
        if getattr(listed.constraint, "start_date", None)
    ]
    assert dated, "the table has prices that changed"
    before = table_rates("o3", "openai", ns(2025, 6, 1))
    after = table_rates("o3", "openai", ns(2025, 7, 1))
    assert (before.per_token("input"), after.per_token("input")) == (10e-6, 2e-6)


def test_an_unknown_model_has_no_cost():
    """What no table knows costs None: not nothing."""
    prices = Prices()
    tokens = Tokens(input=10, output=10)
    for model, provider in [
        ("my-own-7b", None), ("", None), (None, None), ("gpt-4o-mini", "localhost"),
        ("gpt-4o-mini", "127.0.0.1"), ("qwen2.5-0.5b-instruct", "ollama"),
    ]:  # fmt: skip
        assert prices.cost(model, provider, ns(2025), tokens) is None


def test_tokens_of_an_unknown_kind_have_no_cost():
    """A total that is not divided into buckets cannot be priced."""
    assert Prices().cost("gpt-4o-mini", "openai", ns(2025), Tokens(other=5)) is None


@pytest.mark.parametrize(
    ("model", "provider", "served_by"),
    [
        ("gpt-4o-mini", "openai", "openai"), ("gpt-4o-mini-2024-07-18", None, "openai"),
        ("claude-sonnet-4-5", None, "anthropic"), ("openai/gpt-4o-mini", None, "openai"),
        ("models/gemini-2.0-flash", "google_genai", "google"), ("grok-3", "api.x.ai", "x-ai"),
        ("deepseek-chat", "api.deepseek.com", "deepseek"),
    ],
)  # fmt: skip
def test_models_are_found_by_how_programs_name_them(model, provider, served_by):
    """A provider is known by its name or its host, and a model by its name alone."""
    assert table_rates(model, provider, ns(2025, 9)).provider == served_by


def test_the_users_price_wins():
    """A price that the user gave wins over the table from its date on."""
    prices = Prices([own("gpt-4o-mini", 1.0, 2.0, since=ns(2025, 6))])
    tokens = Tokens(input=3, reasoning=4)
    assert prices.cost("gpt-4o-mini", "openai", ns(2025, 7), tokens).total == 11
    assert prices.cost("gpt-4o-mini", "openai", ns(2025, 5), tokens).total < 1


def test_the_users_price_holds_for_an_unknown_model_at_all_times():
    """Where nothing else is known, the first price holds for the time before it, too."""
    prices = Prices([own("m", 1.0, 1.0, since=ns(2025)), own("m", 5.0, 5.0, since=ns(2026))])
    cost = [prices.cost("m", None, ns(year), Tokens(input=1)).total for year in (2024, 2025, 2026)]
    assert cost == [1, 1, 5]


def test_a_mended_price_takes_the_place_of_the_one_before():
    """Of two prices for the same date the one given later holds."""
    wrong, right = own("m", 9.0, 9.0, since=ns(2025)), own("m", 1.0, 1.0, since=ns(2025))
    right.created_us = 5
    assert Prices([right, wrong]).cost("m", None, ns(2026), Tokens(output=1)).total == 1


def test_a_price_can_be_of_one_provider():
    """A price with a provider says nothing about the same model elsewhere."""
    prices = Prices([own("m", 1.0, 1.0, provider_id="here")])
    assert prices.cost("m", "here", 0, Tokens(input=1)).total == 1
    assert prices.cost("m", "there", 0, Tokens(input=1)) is None


def test_cached_tokens_cost_their_own_price_or_the_prompts():
    """A price of the cache that was not given is that of the prompt; nothing is nothing."""
    tokens = Tokens(cache_read=10, cache_write=10)
    assert Prices([own("m", 1.0, 0.0)]).cost("m", None, 0, tokens).total == 20
    free = own("m", 1.0, 0.0, cache_read_input_token_cost=0.0)
    assert Prices([free]).cost("m", None, 0, tokens).total == 10


@given(st.text(), st.none() | st.text(), st.integers(-(1 << 62), 1 << 62))
def test_any_name_and_time_can_be_asked_for(model, provider, at):
    """No name of a model or a provider, and no time, raises."""
    Prices().rates(model, provider, at)
