"""What the user says that tokens cost, and costs as Weave writes them into a summary."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weavelite.errors import QueryError
from weavelite.ids import fresh_uuid
from weavelite.refs import Project

if TYPE_CHECKING:
    from weavelite.records.answers import ModelUsage, Price
    from weavelite.store.base import Store

ANY_PROVIDER = "default"


@dataclass(frozen=True, slots=True)
class AddedCosts:
    """Names the costs that were added: pairs of the cost's id and the model."""

    ids: list[tuple[str, str]]


class UserPrices:
    """Adds, lists and takes back prices of a client's project."""

    project: Project

    @property
    def store(self) -> "Store":
        """Is the store behind the client."""
        raise NotImplementedError

    def add_cost(
        self,
        llm_id: str,
        prompt_token_cost: float,
        completion_token_cost: float,
        effective_date: datetime | None = None,
        prompt_token_cost_unit: str | None = "USD",
        completion_token_cost_unit: str | None = "USD",
        provider_id: str | None = ANY_PROVIDER,
        cache_read_input_token_cost: float | None = None,
        cache_creation_input_token_cost: float | None = None,
    ) -> AddedCosts:
        """Says what one token of a model costs, in US dollars; it wins over the built-in table.

        Args:
            llm_id: the model, as calls name it.
            prompt_token_cost: of one token of input.
            completion_token_cost: of one token of output.
            effective_date: the time from which it holds, by default now. Of two costs for one time
                the one added later holds, so that a cost is mended by adding it again. A model that
                nothing else is known of has its first cost at all times.
            prompt_token_cost_unit: USD.
            completion_token_cost_unit: USD.
            provider_id: whose model; by default of all who serve it.
            cache_read_input_token_cost: of one token read from a cache; by default as the prompt's.
            cache_creation_input_token_cost: of one token written to it; by default as the prompt's.

        """
        from weavelite.records.answers import Price  # what only readers need is imported late

        now = time.time_ns() // 1000
        for unit in (prompt_token_cost_unit, completion_token_cost_unit):
            if unit not in (None, "USD"):
                raise QueryError(f"{unit!r} is not a unit of cost: costs are in USD.")
        price = Price(
            id=fresh_uuid(),
            llm_id=llm_id,
            provider_id=provider_id or ANY_PROVIDER,
            prompt_token_cost=_cost(prompt_token_cost),
            completion_token_cost=_cost(completion_token_cost),
            cache_read_input_token_cost=_optional(cache_read_input_token_cost),
            cache_creation_input_token_cost=_optional(cache_creation_input_token_cost),
            prompt_token_cost_unit="USD",
            completion_token_cost_unit="USD",
            effective_us=now if effective_date is None else _microseconds(effective_date),
            created_us=now,
        )
        self.store.add_price(str(self.project), price)
        return AddedCosts([(price.id, llm_id)])

    def query_costs(
        self,
        query: str | None = None,
        llm_ids: Sequence[str] | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> "list[Price]":
        """Lists the costs that were added and not purged, oldest first.

        `query` is the id of one; `llm_ids` are models.
        """
        if isinstance(query, Mapping):
            raise QueryError("query_costs takes the id of a cost, or llm_ids=[...].")
        found = [
            price
            for price in self.store.prices(str(self.project))
            if query in (None, price.id) and (llm_ids is None or price.llm_id in llm_ids)
        ]
        return found[offset : offset + limit]

    def purge_costs(self, ids: Sequence[str] | str) -> None:
        """Takes costs back, as if they had never been added."""
        self.store.purge_prices(str(self.project), [ids] if isinstance(ids, str) else list(ids))


def _cost(value: float) -> float:
    if not 0 <= value < float("inf"):
        raise QueryError(f"{value!r} is not the cost of a token: give US dollars, 0 or more.")
    return float(value)


def _optional(value: float | None) -> float | None:
    return None if value is None else _cost(value)


def _microseconds(date: datetime) -> int:
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1_000_000)


def weave_costs(used: "Sequence[ModelUsage]") -> dict[str, dict[str, Any]]:
    """Writes usage as Weave has it in `summary.weave.costs`: by model, totals in US dollars."""
    return {item.model: _weave_cost(item) for item in used}


def _weave_cost(used: "ModelUsage") -> dict[str, Any]:
    tokens, costs = used.tokens, used.costs
    known = used.cost is not None
    prompt = sum(count for name, count in tokens.items() if name.startswith("input"))
    read = tokens.get("cache_read", 0)
    written = tokens.get("cache_write", 0) + tokens.get("cache_write_1h", 0)
    answered = sum(c for name, c in tokens.items() if name.startswith(("output", "reasoning")))

    def part(*starts: str) -> float | None:
        return sum(c for name, c in costs.items() if name.startswith(starts)) if known else None

    return {
        "requests": used.requests,
        "prompt_tokens": prompt + read + written,
        "completion_tokens": answered,
        "total_tokens": sum(tokens.values()),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "prompt_tokens_total_cost": part("input", "cache", "request"),
        "completion_tokens_total_cost": part("output", "reasoning"),
        "cache_read_input_tokens_total_cost": part("cache_read"),
        "cache_creation_input_tokens_total_cost": part("cache_write"),
        "prompt_token_cost": used.input_price,
        "completion_token_cost": used.output_price,
        "prompt_token_cost_unit": "USD",
        "completion_token_cost_unit": "USD",
        "provider_id": used.provider or ANY_PROVIDER,
        "effective_date": used.price.effective_date.isoformat() if used.price else None,
        "pricing_level": "project" if used.price else "default",
        "total_cost": used.cost,
        "partial": used.cost_partial,
        "estimated": used.estimated,
    }
