"""What tokens cost: the user's own prices, else a dated table; pure.

The table is that of `genai-prices`, as installed: nothing is fetched. It takes a third of a second
to import, so that is done when the first price is asked for. A model without a price has no cost;
that is not the same as a cost of nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any

from weavelite.usage import BUCKETS, Tokens

if TYPE_CHECKING:
    from weavelite.records.answers import Price

ANY_PROVIDER = "default"
MILLION, THOUSAND = 1_000_000, 1000

KEYS: dict[str, tuple[str, ...]] = {
    "input": ("input_mtok",),
    "input_audio": ("input_audio_mtok", "input_mtok"),
    "input_image": ("input_image_mtok", "input_mtok"),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write": ("cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_mtok",),
    "output_audio": ("output_audio_mtok", "output_mtok"),
    "output_image": ("output_image_mtok", "output_mtok"),
    "reasoning": ("output_reasoning_mtok", "output_mtok"),
    "other": (),
}
"""What the table calls the price of a bucket: the first that a model has holds."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Is the price of one token; beyond so many tokens of input, another one."""

    base: float
    tiers: tuple[tuple[int, float], ...] = ()

    def at(self, input_tokens: int) -> float:
        """Returns the price in a call with so much input."""
        price = self.base
        for start, beyond in self.tiers:
            if input_tokens > start:
                price = beyond
        return price


@dataclass(frozen=True, slots=True)
class Cost:
    """Is what a call cost, in US dollars, and the part of each bucket."""

    total: float
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Rates:
    """Are the prices of a model's tokens, as they were at one time; None where one is not known."""

    by_bucket: tuple[Rate | None, ...]
    provider: str
    request: float = 0.0
    own: "Price | None" = None

    def cost(self, tokens: Sequence[int]) -> Cost | None:
        """Prices tokens; None when there is no price for some of them."""
        parts = {}
        for name, rate, count in zip(BUCKETS, self.by_bucket, tokens, strict=True):
            if count:
                if rate is None:
                    return None
                price = rate.at(Tokens(*tokens).input_tokens) if rate.tiers else rate.base
                parts[name] = price * count
        if self.request:
            parts["request"] = self.request
        return Cost(sum(parts.values()), parts)

    def total(self, tokens: Sequence[int]) -> float | None:
        """Prices tokens as `cost` does, without the parts: for those who have many to price."""
        return self.total_of(tokens, 1, Tokens(*tokens).input_tokens)

    def total_of(self, tokens: Sequence[int], requests: int, largest: int) -> float | None:
        """Prices the sum of some requests, the largest of which has so much input.

        It is exact while `largest` is at most `even_up_to`.
        """
        total = self.request * requests
        for rate, count in zip(self.by_bucket, tokens, strict=True):
            if count:
                if rate is None:
                    return None
                total += count * (rate.at(largest) if rate.tiers else rate.base)
        return total

    @property
    def even_up_to(self) -> float:
        """Is the input of a request up to which each token costs the same."""
        return min((tier[0] for rate in self.by_bucket if rate for tier in rate.tiers), default=inf)

    def per_token(self, bucket: str) -> float | None:
        """Returns the price of one token of a bucket, in a short call."""
        rate = self.by_bucket[BUCKETS.index(bucket)]
        return None if rate is None else rate.base


class Prices:
    """Knows what tokens cost: the prices that a user gave, and the table."""

    def __init__(self, own: "Iterable[Price]" = ()) -> None:
        self._own: dict[str, list[Price]] = {}
        for price in own:
            self._own.setdefault(price.llm_id, []).append(price)
        for listed in self._own.values():
            listed.sort(key=lambda price: (price.effective_us, price.created_us))

    def rates(self, model: str | None, provider: str | None, start_ns: int) -> Rates | None:
        """Finds the prices in force at a time.

        The user's win over the table. Where the table knows nothing either, the user's first price
        holds for the time before it, too.
        """
        if not model:
            return None
        if model not in self._own:
            return table_rates(model, provider, start_ns)
        own = [p for p in self._own.get(model, ()) if p.provider_id in (ANY_PROVIDER, provider)]
        in_force = [price for price in own if price.effective_us * 1000 <= start_ns]
        if in_force:
            return _own_rates(in_force[-1])
        listed = table_rates(model, provider, start_ns)
        return listed if listed is not None or not own else _own_rates(own[0])

    def cost(
        self, model: str | None, provider: str | None, start_ns: int, tokens: Sequence[int]
    ) -> Cost | None:
        """Prices the tokens of a call; None when that is not known."""
        rates = self.rates(model, provider, start_ns)
        return None if rates is None else rates.cost(tokens)

    def total(
        self, model: str | None, provider: str | None, start_ns: int, tokens: Sequence[int]
    ) -> float | None:
        """Prices the tokens of a call as `cost` does, without the parts."""
        rates = self.rates(model, provider, start_ns)
        return None if rates is None else rates.total(tokens)


def _own_rates(price: "Price") -> Rates:
    read, write = price.cache_read_input_token_cost, price.cache_creation_input_token_cost
    prompt, completion = Rate(price.prompt_token_cost), Rate(price.completion_token_cost)
    cached = prompt if read is None else Rate(read)
    written = prompt if write is None else Rate(write)
    rates = (prompt, prompt, prompt, cached, written, written,
             completion, completion, completion, completion, None)  # fmt: skip
    return Rates(rates, price.provider_id, own=price)


def table_rates(model: str, provider: str | None, start_ns: int) -> Rates | None:
    """Finds the prices of the table that were in force at a time; None for an unknown model."""
    found = _find(model, provider)
    if found is None:
        return None
    listed, served_by = found
    if not isinstance(listed.prices, list):
        return _undated(model, provider)
    try:
        at = datetime.fromtimestamp(start_ns / 1e9, UTC)
    except (OverflowError, ValueError, OSError):  # a foreign span may be out of all time
        return None
    return _rates(_Same(listed.get_prices(at)), served_by)


@lru_cache(4096)
def _undated(model: str, provider: str | None) -> Rates | None:
    found = _find(model, provider)
    return None if found is None else _rates(_Same(found[0].prices), found[1])


@lru_cache(4096)
def _find(model: str, provider: str | None) -> tuple[Any, str] | None:
    """Finds a model of the table, and who serves it: by the name of a provider, or its host."""
    from genai_prices import data_snapshot

    snapshot = data_snapshot.get_snapshot()
    name = model.removeprefix("models/")
    ways: list[tuple[str, str | None, str | None]] = [(name, provider, None)]
    if provider is not None and "." in provider:
        ways.append((name, None, f"https://{provider}"))
    if provider is None and "/" in name:
        first, _, rest = name.partition("/")
        ways.append((rest, first, None))
    for text, by_name, by_url in ways:
        try:
            served_by, found = snapshot.find_provider_model(text, None, by_name, by_url)
            return found, served_by.id
        except LookupError:
            continue
    return None


class _Same:
    """Stands for one object of the table, which cannot be hashed and lives as long as it does."""

    __slots__ = ("prices",)

    def __init__(self, prices: Any) -> None:
        self.prices = prices

    def __hash__(self) -> int:
        return id(self.prices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.prices is self.prices


@lru_cache(4096)
def _rates(listed: _Same, provider: str) -> Rates:
    known = vars(listed.prices)
    request = known.get("requests_kcount")
    return Rates(
        tuple(_rate(known, KEYS[bucket]) for bucket in BUCKETS),
        provider,
        float(request or 0) / THOUSAND,
    )


def _rate(known: dict[str, Any], names: tuple[str, ...]) -> Rate | None:
    price = next((known[name] for name in names if known.get(name) is not None), None)
    if price is None:
        return None
    if not hasattr(price, "tiers"):
        return Rate(float(price) / MILLION)
    tiers = tuple((tier.start, float(tier.price) / MILLION) for tier in price.tiers)
    return Rate(float(price.base) / MILLION, tiers)
