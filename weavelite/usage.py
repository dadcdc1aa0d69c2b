"""What a provider reports about tokens, as disjoint buckets; pure.

Providers disagree on what includes what: for OpenAI the prompt includes what came from the cache
and the completion includes the reasoning, for Anthropic and Bedrock the cache is beside the input,
for Gemini the thoughts are beside the answer. Every report is first read into the same fields, by a
table of where each dialect has them, and then divided, so that buckets add up to the total.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Paths = Mapping[str, tuple[str, ...]]
Places = dict[str, Any]
"""Keys of a report to the field they tell and its rank, or to the places inside of them."""

MOST = 1 << 40
"""More tokens than one call can have; counts above it are not believed, so that sums fit."""


class Tokens(NamedTuple):
    """Counts the tokens of a call in disjoint buckets; `other` are those of an unknown kind."""

    input: int = 0
    input_audio: int = 0
    input_image: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    output_audio: int = 0
    output_image: int = 0
    reasoning: int = 0
    other: int = 0

    @property
    def input_tokens(self) -> int:
        """Are all tokens that went in, from a cache or not."""
        return sum(self[:OUTPUT_FROM])

    @property
    def output_tokens(self) -> int:
        """Are all tokens that came out, reasoning among them."""
        return sum(self[OUTPUT_FROM:OTHER])

    @property
    def total(self) -> int:
        """Are all tokens."""
        return sum(self)


BUCKETS = Tokens._fields
OUTPUT_FROM, OTHER = BUCKETS.index("output"), BUCKETS.index("other")

WITHIN, BESIDE = "within", "beside"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Says where a provider's report has each field, and whether its input includes the cache.

    Of the paths of a field the first that is there counts.
    """

    known_by: tuple[str, ...]
    paths: Paths
    cache: str = WITHIN
    reasoning: str = WITHIN
    modalities: Mapping[str, tuple[str, ...]] | None = None
    places: Places = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, paths in self.paths.items():
            for rank, path in enumerate(paths):
                self.places[path] = (name, rank)
                inner = self.places
                for part in path.split(".")[:-1]:
                    inner = inner.setdefault(part, {})
                inner[path.rpartition(".")[2]] = (name, rank)


GEMINI = Dialect(
    known_by=("promptTokenCount", "prompt_token_count", "candidatesTokenCount",
              "candidates_token_count", "totalTokenCount", "total_token_count"),
    paths={
        "input": ("promptTokenCount", "prompt_token_count"),
        "output": ("candidatesTokenCount", "candidates_token_count", "responseTokenCount"),
        "total": ("totalTokenCount", "total_token_count"),
        "cache_read": ("cachedContentTokenCount", "cached_content_token_count"),
        "reasoning": ("thoughtsTokenCount", "thoughts_token_count"),
        "tools": ("toolUsePromptTokenCount", "tool_use_prompt_token_count"),
    },
    reasoning=BESIDE,
    modalities={
        "input": ("promptTokensDetails", "prompt_tokens_details"),
        "cached": ("cacheTokensDetails", "cache_tokens_details"),
        "output": ("candidatesTokensDetails", "candidates_tokens_details"),
    },
)  # fmt: skip

VERCEL = Dialect(
    known_by=("cachedInputTokens", "reasoningTokens", "inputTokenDetails", "outputTokenDetails",
              "promptTokens", "completionTokens"),
    paths={
        "input": ("inputTokens", "promptTokens"),
        "output": ("outputTokens", "completionTokens"),
        "total": ("totalTokens",),
        "cache_read": ("inputTokenDetails.cacheReadTokens", "cachedInputTokens"),
        "cache_write": ("inputTokenDetails.cacheWriteTokens",),
        "reasoning": ("outputTokenDetails.reasoningTokens", "reasoningTokens"),
    },
)  # fmt: skip

BEDROCK = Dialect(
    known_by=("inputTokens", "outputTokens"),
    paths={
        "input": ("inputTokens",),
        "output": ("outputTokens",),
        "total": ("totalTokens",),
        "cache_read": ("cacheReadInputTokens", "cacheReadInputTokenCount"),
        "cache_write": ("cacheWriteInputTokens", "cacheWriteInputTokenCount"),
    },
    cache=BESIDE,
)

OPENAI = Dialect(
    known_by=("prompt_tokens", "completion_tokens", "input_tokens_details", "input_token_details",
              "output_token_details", "prompt_eval_count"),
    paths={
        "input": ("prompt_tokens", "input_tokens", "prompt_eval_count", "input"),
        "output": ("completion_tokens", "output_tokens", "eval_count", "output"),
        "total": ("total_tokens", "total"),
        "cache_read": (
            "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens",
            "input_token_details.cache_read", "input_token_details.cached_tokens",
            "prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens",
            "input_cached_tokens",
        ),
        "cache_write": (
            "prompt_tokens_details.cache_write_tokens",
            "prompt_tokens_details.cache_creation_tokens",
            "input_tokens_details.cache_write_tokens", "input_token_details.cache_creation",
            "cache_creation_input_tokens",
        ),
        "cache_write_5m": ("input_token_details.ephemeral_5m_input_tokens",),
        "cache_write_1h": ("input_token_details.ephemeral_1h_input_tokens",),
        "input_audio": (
            "prompt_tokens_details.audio_tokens", "input_tokens_details.audio_tokens",
            "input_token_details.audio_tokens", "input_token_details.audio",
        ),
        "cached_audio": (
            "prompt_tokens_details.cached_tokens_details.audio_tokens",
            "input_token_details.cached_tokens_details.audio_tokens",
        ),
        "input_image": (
            "prompt_tokens_details.image_tokens", "input_tokens_details.image_tokens",
            "input_token_details.image_tokens",
        ),
        "output_audio": (
            "completion_tokens_details.audio_tokens", "output_tokens_details.audio_tokens",
            "output_token_details.audio_tokens", "output_token_details.audio",
        ),
        "output_image": ("output_tokens_details.image_tokens",
                         "completion_tokens_details.image_tokens"),
        "reasoning": (
            "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens",
            "output_token_details.reasoning", "reasoning_tokens",
            "output_reasoning_tokens",
        ),
    },
)  # fmt: skip
"""OpenAI's two APIs, all who copy them, LangChain's usage_metadata, LiteLLM, and Ollama."""

ANTHROPIC = Dialect(
    known_by=("input_tokens", "output_tokens", "cache_read_input_tokens"),
    paths={
        "input": ("input_tokens",),
        "output": ("output_tokens",),
        "total": ("total_tokens",),
        "cache_read": ("cache_read_input_tokens",),
        "cache_write": ("cache_creation_input_tokens",),
        "cache_write_5m": ("cache_creation.ephemeral_5m_input_tokens",),
        "cache_write_1h": ("cache_creation.ephemeral_1h_input_tokens",),
        "reasoning": ("output_tokens_details.thinking_tokens",
                      "output_tokens_details.reasoning_tokens"),
    },
    cache=BESIDE,
)  # fmt: skip

DIALECTS = (GEMINI, VERCEL, BEDROCK, OPENAI, ANTHROPIC)
"""The first that a report is known by reads it; what none knows is read as OpenAI's."""

SPANS = Dialect(
    known_by=(),
    paths={
        "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
                  "llm.token_count.prompt", "ai.usage.inputTokens", "ai.usage.promptTokens",
                  "ai.usage.tokens", "llm.usage.prompt_tokens", "gen_ai.response.prompt_tokens"),
        "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
                   "llm.token_count.completion", "ai.usage.outputTokens",
                   "ai.usage.completionTokens", "llm.usage.completion_tokens",
                   "gen_ai.response.completion_tokens"),
        "total": ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total",
                  "ai.usage.totalTokens"),
        "cache_read": (
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.details.cache_read_tokens", "llm.token_count.prompt_details.cache_read",
            "ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens",
            "gen_ai.usage.cached_tokens", "gen_ai.usage.details.cached_tokens",
        ),
        "cache_write": (
            "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.details.cache_write_tokens",
            "llm.token_count.prompt_details.cache_write",
            "ai.usage.inputTokenDetails.cacheWriteTokens",
        ),
        "input_audio": ("llm.token_count.prompt_details.audio",
                        "gen_ai.usage.details.input_audio_tokens"),
        "output_audio": ("llm.token_count.completion_details.audio",
                         "gen_ai.usage.details.output_audio_tokens"),
        "reasoning": (
            "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
            "gen_ai.usage.details.reasoning_tokens", "llm.usage.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
            "ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens",
        ),
    },
)  # fmt: skip
"""Attributes of spans, whose names hold dots: GenAI conventions, OpenInference, and others."""

WRAPPERS = ("usage", "usage_metadata", "usageMetadata", "token_usage", "tokens")


def tokens_of(report: Any) -> Tokens | None:
    """Divides what a provider reports into buckets; None when it tells of no tokens."""
    if not isinstance(report, dict):
        return None
    for dialect in DIALECTS:
        for name in dialect.known_by:
            if name in report:
                return _divide(_fields(report, dialect), dialect)
    for name in WRAPPERS:
        if isinstance(inner := report.get(name), dict):
            return None if any(key in inner for key in WRAPPERS) else tokens_of(inner)
    return _divide(_fields(report, OPENAI), OPENAI)


def tokens_of_span(attributes: dict[str, Any]) -> Tokens | None:
    """Divides what the attributes of a span tell into buckets; None when they tell of no tokens."""
    return _divide(_fields(attributes, SPANS), SPANS)


def _fields(report: dict[str, Any], dialect: Dialect) -> dict[str, int]:
    found: dict[str, tuple[int, int]] = {}
    _collect(report, dialect.places, found)
    counts = {name: count for name, (_, count) in found.items()}
    for side, names in (dialect.modalities or {}).items():
        for kind, count in _by_modality(report, names):
            name = f"{side}_{kind}"
            counts[name] = min(counts.get(name, 0) + count, MOST)
    return counts


def _collect(report: dict[str, Any], places: Places, found: dict[str, tuple[int, int]]) -> None:
    for key, value in report.items():
        place = places.get(key)
        if place is None:
            continue
        if isinstance(place, tuple):
            name, rank = place
            count = _count(value)
            if count is not None and (name not in found or rank < found[name][0]):
                found[name] = rank, count
        elif isinstance(value, dict):
            _collect(value, place, found)


def _count(value: Any) -> int | None:
    """Takes whole numbers, also as floats; not flags, texts, or what no call can have."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return None
    return int(value) if value == int(value) else None


def _by_modality(report: dict[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Reads Gemini's lists of `{"modality": "AUDIO", "tokenCount": 5}`."""
    listed = next((report[name] for name in names if isinstance(report.get(name), list)), ())
    for item in listed:
        if not isinstance(item, dict):
            continue
        kind = str(item.get("modality")).rpartition(".")[2].lower()
        count = _count(item.get("tokenCount", item.get("token_count")))
        if kind in ("audio", "image") and count:
            yield kind, count


def _divide(found: dict[str, int], dialect: Dialect) -> Tokens | None:
    if not found:
        return None
    get = found.get
    total, tools = get("total"), get("tools", 0)
    went_in, came_out = get("input", 0), get("output", 0)
    read, reasoning = get("cache_read", 0), get("reasoning", 0)
    hour = get("cache_write_1h", 0)
    write = max(get("cache_write", 0) - hour, get("cache_write_5m", 0))
    cached = read + write + hour
    if cached and _is_within(dialect.cache, went_in, cached, came_out, total):
        read, write, hour = _fit(went_in, read, write, hour)
        cached = read + write + hour
        went_in -= cached
    if reasoning and _reasons_within(
        dialect.reasoning, came_out, reasoning, went_in + cached, total
    ):
        reasoning = min(reasoning, came_out)
        came_out -= reasoning
    audio = max(0, get("input_audio", 0) - get("cached_audio", 0))
    image = max(0, get("input_image", 0) - get("cached_image", 0))
    if audio or image:
        audio, image = _fit(went_in, audio, image)
    said, shown = get("output_audio", 0), get("output_image", 0)
    if said or shown:
        said, shown = _fit(came_out, said, shown)
    known = went_in + tools + cached + came_out + reasoning
    return Tokens(
        went_in - audio - image + tools, audio, image, read, write, hour,
        came_out - said - shown, said, shown, reasoning,
        max(0, (total or 0) - known),
    )  # fmt: skip


def _is_within(default: str, went_in: int, cached: int, came_out: int, total: int | None) -> bool:
    """Tells whether the input includes the cache: the total decides, where it can."""
    if default == WITHIN and total is not None and total == went_in + came_out:
        return True
    return cached <= went_in and (default == WITHIN or total == went_in + came_out)


def _reasons_within(
    default: str, came_out: int, reasoning: int, went_in: int, total: int | None
) -> bool:
    """Tells whether the output includes the reasoning; some who copy OpenAI put it beside."""
    if default == BESIDE:
        return False
    return not (total is not None and reasoning and total >= went_in + came_out + reasoning)


def _fit(room: int, *parts: int) -> tuple[int, ...]:
    """Cuts parts that are too large for their whole, the last ones first."""
    fitted = []
    for part in parts:
        fitted.append(min(part, room))
        room -= fitted[-1]
    return tuple(fitted)
