"""What was spent: tokens and cost by model, of a stretch of time or of what a query finds."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from weavelite.prices import Prices, Rates
from weavelite.query import CallQuery
from weavelite.records.answers import Spend, Spent
from weavelite.store import costing, narrowing, sql, tallies
from weavelite.store.overview import STARTED, Window
from weavelite.usage import BUCKETS, OUTPUT_FROM

_INPUT = " + ".join(f"u.{name}" for name in BUCKETS[:OUTPUT_FROM])
_SUMS = f"count(*), max({_INPUT}), " + ", ".join(f"sum(u.{name})" for name in BUCKETS)
_EACH = "1, 0, " + ", ".join(f"u.{name}" for name in BUCKETS)
_GROUPS = "GROUP BY 1, 2, 3"
_DAY = 86_400

Read = Callable[[str, str], Iterable[tuple[Any, ...]]]
"""Reads bar, model, provider and columns of each report of tokens, in groups."""


def spend(connection: sqlite3.Connection, project: int, when: Window) -> Spend:
    """Sums up tokens and cost by bar and model, each token once."""

    def read(columns: str, group: str) -> Iterable[tuple[Any, ...]]:
        return _in_window(connection, project, when, columns, group)

    return _priced(connection, project, when, read)


def spend_of(connection: sqlite3.Connection, project: int, query: CallQuery) -> Spend:
    """Sums up tokens and cost by day and model of what a query finds, each token once.

    Of traces, it is what all calls in them spent; its page is left out of account.
    """
    text = narrowing.narrowed(connection, project, query)
    condition, values = sql.where(query, project, text, whole=True)
    source = f"FROM calls c JOIN ops o ON o.key = c.op_key WHERE {condition}"
    column = "trace_id" if query.trace_roots_only else "seq"

    def read(columns: str, group: str) -> Iterable[tuple[Any, ...]]:
        return connection.execute(
            f"SELECT k.start_ns / {_DAY * tallies.SECOND}, u.model, u.provider, {columns}"
            f" FROM usage u CROSS JOIN calls k ON k.seq = u.seq AND k.project_id = ?"
            f" WHERE u.{column} IN (SELECT c.{column} {source}) AND NOT u.nested {group}",
            (project, *values),
        )

    return _priced(connection, project, Window(0, 0, _DAY), read)


def _priced(connection: sqlite3.Connection, project: int, when: Window, read: Read) -> Spend:
    """Prices what is read at the prices of each bar's start.

    Where the price depends on the size of a request, each request is priced by itself.
    """
    prices = Prices(costing.prices(connection, project))
    spent = _Spending(when)
    uneven: dict[tuple[int, str, str | None], Rates] = {}
    for bar, model, provider, requests, largest, *tokens in read(_SUMS, _GROUPS):
        rates = prices.rates(model or None, provider, when.begin(bar) * tallies.SECOND)
        if rates is not None and largest > rates.even_up_to:
            uneven[bar, model, provider] = rates
            continue
        cost = None if rates is None else rates.total_of(tokens, requests, largest)
        spent.add(bar, model, requests, sum(tokens), cost)
    if uneven:
        for bar, model, provider, _, _, *tokens in read(_EACH, ""):
            if rates := uneven.get((bar, model, provider)):
                spent.add(bar, model, 1, sum(tokens), rates.total(tokens))
    return spent.told()


def _in_window(
    connection: sqlite3.Connection, project: int, when: Window, columns: str, group: str
) -> Iterable[tuple[Any, ...]]:
    """Reads what was reported in a stretch of time.

    By the numbers of the calls: by time, calls would be read in no order of the table.
    """
    low, high = connection.execute(
        f"SELECT coalesce(min(c.seq), 0), coalesce(max(c.seq), -1) FROM calls c WHERE"
        f" c.project_id = ? AND {STARTED} >= ? AND {STARTED} < ?",
        (project, when.start, when.end),
    ).fetchone()
    return connection.execute(
        f"SELECT (c.start_ns / {tallies.SECOND} - ?1) / ?2, u.model, u.provider, {columns}"
        " FROM usage u CROSS JOIN calls c ON c.seq = u.seq WHERE u.seq BETWEEN ?3 AND ?4"
        f" AND c.project_id = ?5 AND {STARTED} >= ?1 AND {STARTED} < ?6 AND NOT u.nested {group}",
        (when.start, when.width, low, high, project, when.end),
    )


class _Spending:
    """Adds up what was spent."""

    def __init__(self, when: Window) -> None:
        self._when = when
        self._bars: dict[tuple[int, str], Spent] = {}
        self._models: dict[str, Spent] = {}

    def add(self, bar: int, model: str, requests: int, tokens: int, cost: float | None) -> None:
        """Adds requests of a bar; None is a cost that is not known."""
        begins = self._when.begin(bar) * 1_000_000
        for spent in (
            self._bars.setdefault((bar, model), Spent(model=model, start_us=begins)),
            self._models.setdefault(model, Spent(model=model, start_us=begins)),
        ):
            spent.start_us = min(spent.start_us, begins)
            spent.requests += requests
            spent.tokens += tokens
            spent.cost += cost or 0.0
            spent.partial = spent.partial or cost is None

    def told(self) -> Spend:
        """Lists the sums: by time, and the dearest model first."""
        return Spend(
            bars=[self._bars[key] for key in sorted(self._bars)],
            models=sorted(self._models.values(), key=lambda spent: (-spent.cost, -spent.tokens)),
        )
