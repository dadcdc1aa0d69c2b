"""Reports of tokens, in any dialect, become disjoint buckets that add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.usage import BUCKETS, MOST, Tokens, tokens_of, tokens_of_span

REPORTS = {
    "openai chat": (
        {"prompt_tokens": 2006, "completion_tokens": 300, "total_tokens": 2306,
         "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
         "completion_tokens_details": {"reasoning_tokens": 192, "audio_tokens": 0,
                                       "accepted_prediction_tokens": 0}},
        Tokens(input=86, cache_read=1920, output=108, reasoning=192),
    ),
    "openai responses": (
        {"input_tokens": 328, "input_tokens_details": {"cached_tokens": 128}, "output_tokens": 52,
         "output_tokens_details": {"reasoning_tokens": 12}, "total_tokens": 380},
        Tokens(input=200, cache_read=128, output=40, reasoning=12),
    ),
    "openai audio": (
        {"prompt_tokens": 100, "completion_tokens": 60, "total_tokens": 160,
         "prompt_tokens_details": {"audio_tokens": 70, "cached_tokens": 0},
         "completion_tokens_details": {"audio_tokens": 50}},
        Tokens(input=30, input_audio=70, output=10, output_audio=50),
    ),
    "openai embeddings": ({"prompt_tokens": 8, "total_tokens": 8}, Tokens(input=8)),
    "grok: reasoning beside the completion": (
        {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135,
         "prompt_tokens_details": {"cached_tokens": 6},
         "completion_tokens_details": {"reasoning_tokens": 94}},
        Tokens(input=26, cache_read=6, output=9, reasoning=94),
    ),
    "deepseek": (
        {"prompt_tokens": 50, "completion_tokens": 5, "total_tokens": 55,
         "prompt_cache_hit_tokens": 40, "prompt_cache_miss_tokens": 10},
        Tokens(input=10, cache_read=40, output=5),
    ),
    "anthropic: the cache is beside the input": (
        {"input_tokens": 4, "cache_creation_input_tokens": 1370, "cache_read_input_tokens": 200,
         "output_tokens": 394, "service_tier": "standard",
         "cache_creation": {"ephemeral_5m_input_tokens": 370, "ephemeral_1h_input_tokens": 1000}},
        Tokens(input=4, cache_read=200, cache_write=370, cache_write_1h=1000, output=394),
    ),
    "anthropic's names with a total that includes the cache (MLflow)": (
        {"input_tokens": 100, "output_tokens": 5, "total_tokens": 105,
         "cache_read_input_tokens": 60},
        Tokens(input=40, cache_read=60, output=5),
    ),
    "gemini: thoughts are beside the answer": (
        {"promptTokenCount": 1000, "cachedContentTokenCount": 400, "candidatesTokenCount": 20,
         "thoughtsTokenCount": 30, "toolUsePromptTokenCount": 7, "totalTokenCount": 1057,
         "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 900},
                                 {"modality": "AUDIO", "tokenCount": 100}]},
        Tokens(input=507, input_audio=100, cache_read=400, output=20, reasoning=30),
    ),
    "gemini's SDK for Python": (
        {"prompt_token_count": 10, "candidates_token_count": 2, "total_token_count": 12,
         "cached_content_token_count": None},
        Tokens(input=10, output=2),
    ),
    "bedrock": (
        {"inputTokens": 4, "outputTokens": 394, "totalTokens": 1768, "cacheReadInputTokens": 0,
         "cacheWriteInputTokens": 1370},
        Tokens(input=4, cache_write=1370, output=394),
    ),
    "langchain": (
        {"input_tokens": 350, "output_tokens": 240, "total_tokens": 590,
         "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
         "output_token_details": {"audio": 10, "reasoning": 200}},
        Tokens(input=40, input_audio=10, cache_read=100, cache_write=200, output=30,
               output_audio=10, reasoning=200),
    ),
    "vercel": (
        {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120, "cachedInputTokens": 80,
         "reasoningTokens": 5},
        Tokens(input=20, cache_read=80, output=15, reasoning=5),
    ),
    "ollama": ({"prompt_eval_count": 26, "eval_count": 298}, Tokens(input=26, output=298)),
    "cohere": (
        {"billed_units": {"input_tokens": 5}, "tokens": {"input_tokens": 71, "output_tokens": 8}},
        Tokens(input=71, output=8),
    ),
    "weave's summary": (
        {"requests": 1, "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        Tokens(input=3, output=4),
    ),
    "a total alone": ({"total_tokens": 9}, Tokens(other=9)),
    "nothing about tokens": ({"requests": 1}, None),
    "not a report": ("12 tokens", None),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_each_provider_is_read_by_its_own_rules(name):
    """What includes what is known for each provider, and nothing is counted twice."""
    report, expected = REPORTS[name]
    assert tokens_of(report) == expected


SPANS = {
    "GenAI conventions": (
        {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.cache_read.input_tokens": 60,
         "gen_ai.usage.cache_creation.input_tokens": 10, "gen_ai.usage.output_tokens": 50,
         "gen_ai.usage.reasoning.output_tokens": 20},
        Tokens(input=30, cache_read=60, cache_write=10, output=30, reasoning=20),
    ),
    "OpenInference": (
        {"llm.token_count.prompt": 100, "llm.token_count.prompt_details.cache_read": 60,
         "llm.token_count.prompt_details.audio": 5, "llm.token_count.completion": 50,
         "llm.token_count.completion_details.reasoning": 20, "llm.token_count.total": 150},
        Tokens(input=35, input_audio=5, cache_read=60, output=30, reasoning=20),
    ),
    "OpenLLMetry": (
        {"gen_ai.usage.prompt_tokens": 10, "gen_ai.usage.completion_tokens": 4,
         "llm.usage.total_tokens": 14, "gen_ai.usage.cache_read_input_tokens": 8},
        Tokens(input=2, cache_read=8, output=4),
    ),
    "an older instrumentation of Anthropic": (
        {"gen_ai.usage.input_tokens": 4, "gen_ai.usage.cache_read_input_tokens": 900,
         "gen_ai.usage.output_tokens": 2},
        Tokens(input=4, cache_read=900, output=2),
    ),
    "Vercel": (
        {"ai.usage.inputTokens": 9, "ai.usage.outputTokens": 8, "ai.usage.cachedInputTokens": 7,
         "ai.usage.reasoningTokens": 6},
        Tokens(input=2, cache_read=7, output=2, reasoning=6),
    ),
    "no tokens": ({"gen_ai.request.model": "m"}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", SPANS)
def test_each_convention_of_spans_is_read(name):
    """Attributes of spans become the same buckets."""
    attributes, expected = SPANS[name]
    assert tokens_of_span(attributes) == expected


NAMES = sorted(
    {key for report, _ in REPORTS.values() if isinstance(report, dict) for key in report}
    | {"cached_tokens", "audio_tokens", "reasoning_tokens", "audio", "cache_read", "usage"}
    | {key for attributes, _ in SPANS.values() for key in attributes}
)
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.integers(0, 50) | st.just(10**400) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=8),
)  # fmt: skip


@given(HOSTILE)
def test_anything_may_be_reported(report):
    """No report raises, and every bucket is a whole number that a sum can hold."""
    tokens = tokens_of(report)
    spanned = tokens_of_span(report) if isinstance(report, dict) else None
    for found in (tokens, spanned):
        for count in found or ():
            assert type(count) is int and 0 <= count <= 4 * MOST


COUNT = st.integers(0, 10_000)


@given(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)
def test_buckets_sum_to_the_total_where_parts_lie_within(
    prompt, completion, cached, written, audio, reasoning, spoken
):
    """For those who include the cache, buckets add up to prompt and completion, whatever parts."""
    report = {
        "prompt_tokens": prompt, "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {
            "cached_tokens": cached, "cache_write_tokens": written, "audio_tokens": audio},
        "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": spoken},
    }  # fmt: skip
    tokens = tokens_of(report)
    assert (tokens.input_tokens, tokens.output_tokens) == (prompt, completion)
    assert tokens.total == prompt + completion


@given(COUNT, COUNT, COUNT, COUNT)
def test_buckets_sum_to_the_total_where_parts_lie_beside(fresh, read, written, output):
    """For those who leave the cache out, buckets add up to input, cache and output."""
    total = fresh + read + written + output
    anthropic = {"input_tokens": fresh, "cache_read_input_tokens": read,
                 "cache_creation_input_tokens": written, "output_tokens": output}  # fmt: skip
    bedrock = {"inputTokens": fresh, "cacheReadInputTokens": read, "totalTokens": total,
               "cacheWriteInputTokens": written, "outputTokens": output}  # fmt: skip
    expected = Tokens(input=fresh, cache_read=read, cache_write=written, output=output)
    assert tokens_of(anthropic) == tokens_of(bedrock) == expected
    assert expected.total == total


@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_thoughts_and_tools_of_gemini_are_beside(prompt, tools, answer, thoughts, cached):
    """For Gemini, buckets add up to prompt, tools, answer and thoughts."""
    total = prompt + tools + answer + thoughts
    tokens = tokens_of(
        {"promptTokenCount": prompt, "toolUsePromptTokenCount": tools, "totalTokenCount": total,
         "candidatesTokenCount": answer, "thoughtsTokenCount": thoughts,
         "cachedContentTokenCount": min(cached, prompt)}
    )  # fmt: skip
    assert tokens.total == total
    assert tokens.reasoning == thoughts


def test_the_buckets_have_names():
    """Buckets are named once, and input and output are what they are made of."""
    tokens = Tokens(*range(1, len(BUCKETS) + 1))
    assert tokens.input_tokens + tokens.output_tokens + tokens.other == tokens.total


def test_anthropic_s_details_of_the_output_do_not_make_it_openai_s():
    """With details of its output, too, Anthropic's cached tokens stand beside its input."""
    report = {
        "input_tokens": 100, "cache_read_input_tokens": 32, "cache_creation_input_tokens": 5,
        "output_tokens": 17, "output_tokens_details": {"thinking_tokens": 5},
    }  # fmt: skip
    tokens = tokens_of(report)
    assert (tokens.input_tokens, tokens.output_tokens) == (137, 17)
    assert (tokens.cache_read, tokens.cache_write, tokens.reasoning) == (32, 5, 5)
