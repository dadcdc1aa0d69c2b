"""What was spent: tokens and cost by model, of a stretch of time or of what a query finds.

Of long stretches the ledger tells, and the reports that are not in it yet.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from weavelite.prices import Prices, Rates
from weavelite.query import CallQuery
from weavelite.records.figures import Spend, Spent, SpentByOp
from weavelite.store import costing, ledger, narrowing, sql, tallies, totals
from weavelite.store.overview import STARTED, Window
from weavelite.usage import BUCKETS

_DAY, _FOREVER = 86_400, 1 << 34
_TOKENS = ", ".join(f"u.{name}" for name in BUCKETS)
REPORT = f"1 AS requests, {ledger.INPUT.format('u')} AS largest, {_TOKENS}"
_SUMS = f"sum(requests), max(largest), {', '.join(f'sum({name})' for name in BUCKETS)}"
GROUPED = f"SELECT who, bar, model, provider, {_SUMS} FROM ({{0}}) GROUP BY 1, 2, 3, 4"
NEWEST = (
    "FROM usage u CROSS JOIN calls c ON c.seq = u.seq WHERE u.seq BETWEEN :low AND :last"
    f" AND c.project_id = :project AND {STARTED} >= :start AND {STARTED} < :end AND NOT u.nested"
)
"""Are the reports of calls of a stretch, `:low` to `:last` of which `reach` finds."""
EVERYBODY = "''"
"""Is in the place of an op or a user where it does not matter whose a call is."""
OP, USER = "op_key", "user_id"

Read = Callable[[str], Iterable[tuple[Any, ...]]]
"""Reads op or user, bar, model, provider, requests, their largest input, and tokens.

Of sums, as they are written into `GROUPED`; of each report by itself, as they are into "{0}".
"""
_EACH = "{0}"
_OP = "SELECT name, kind FROM ops WHERE key = ?"


class Priced(NamedTuple):
    """Is what requests of an op or a user used in a bar, and cost; None when it is not known."""

    who: Any
    bar: int
    model: str
    requests: int
    tokens: int
    cost: float | None


def spend(connection: sqlite3.Connection, project: int, when: Window) -> Spend:
    """Sums up tokens and cost by bar and model, each token once."""
    connection.execute("BEGIN")  # ledger and calls of one moment
    try:
        found = list(priced(connection, project, when, in_window(connection, project, when, OP)))
        return replace(_told(found, when), ops=_by_op(connection, found))
    finally:
        connection.execute("COMMIT")


def spend_of(connection: sqlite3.Connection, project: int, query: CallQuery) -> Spend:
    """Sums up tokens and cost by day and model of what a query finds, each token once.

    Of traces, it is what all calls in them spent; its page is left out of account. Of all traces
    the ledger tells, and counts those whose root is yet to come.
    """
    days = Window(0, _FOREVER, _DAY)
    if _is_of_all(query, project):
        connection.execute("BEGIN")  # ledger and calls of one moment
        try:
            found = in_window(connection, project, days)
            return _told(priced(connection, project, days, found), days)
        finally:
            connection.execute("COMMIT")
    text = narrowing.narrowed(connection, project, query, whole=True)
    condition, values = sql.where(query, project, text, whole=True)
    source = f"FROM calls c JOIN ops o ON o.key = c.op_key WHERE {condition}"
    column = "trace_id" if query.trace_roots_only else "seq"

    def read(how: str) -> Iterable[tuple[Any, ...]]:
        reports = (
            f"SELECT {EVERYBODY} AS who, k.start_ns / {_DAY * tallies.SECOND} AS bar, u.model,"
            f" u.provider, {REPORT} FROM usage u CROSS JOIN calls k ON k.seq = u.seq"
            f" AND k.project_id = ? WHERE u.{column} IN (SELECT c.{column} {source})"
            " AND NOT u.nested"
        )
        return connection.execute(how.format(reports), (project, *values))

    return _told(priced(connection, project, days, read), days)


def _is_of_all(query: CallQuery, project: int) -> bool:
    """Tells whether a query finds all calls, or all traces."""
    return totals.is_tallied(query) and not query.statuses and not sql.ops_wanted(query, project)


def priced(
    connection: sqlite3.Connection, project: int, when: Window, read: Read
) -> Iterator[Priced]:
    """Prices what is read at the prices of each bar's start.

    Where the price depends on the size of a request, each request is priced by itself.
    """
    prices = Prices(costing.prices(connection, project))
    uneven: dict[tuple[Any, int, str, str | None], Rates] = {}
    for who, bar, model, provider, requests, largest, *tokens in read(GROUPED):
        rates = prices.rates(model or None, provider, when.begin(bar) * tallies.SECOND)
        if rates is not None and largest > rates.even_up_to:
            uneven[who, bar, model, provider] = rates
            continue
        cost = None if rates is None else rates.total_of(tokens, requests, largest)
        yield Priced(who, bar, model, requests, sum(tokens), cost)
    if uneven:
        for who, bar, model, provider, _, _, *tokens in read(_EACH):
            if rates := uneven.get((who, bar, model, provider)):
                yield Priced(who, bar, model, 1, sum(tokens), rates.total(tokens))


def in_window(
    connection: sqlite3.Connection,
    project: int,
    when: Window,
    by: str = EVERYBODY,
    users: list[str] | None = None,
) -> Read:
    """Reads what was reported in a stretch of time; by op, or by user, of all users or of some."""
    given = {
        "project": project, "start": when.start, "end": when.end, "width": when.width,
        "users": names(users),
    }  # fmt: skip

    def read(how: str) -> Iterable[tuple[Any, ...]]:
        is_tallied = how is GROUPED and when.width % ledger.UNIT == 0
        given["after"] = ledger.upto(connection) if is_tallied else 0
        given["low"], given["last"] = reach(connection, given)
        newest = (
            f"SELECT {by if by == EVERYBODY else f'c.{by}'} AS who,"
            f" (c.start_ns / {tallies.SECOND} - :start) / :width AS bar, u.model, u.provider,"
            f" {REPORT} {NEWEST}{f' AND c.{among(users)}' if by == USER else ''}"
        )
        if not is_tallied:
            return connection.execute(how.format(newest), given)
        entered = (
            f"SELECT {by} AS who,"
            f" (unit * {ledger.UNIT} - :start) / :width AS bar, model,"
            " nullif(provider, '') AS provider, requests, largest,"
            f" {', '.join(BUCKETS)} FROM {'_users_spent' if by == USER else '_spent'}"
            f" WHERE project_id = :project AND unit >= :start / {ledger.UNIT}"
            f" AND unit < :end / {ledger.UNIT} AND requests > 0"
            f"{f' AND {among(users)}' if by == USER else ''}"
        )
        return connection.execute(how.format(f"{entered} UNION ALL {newest}"), given)

    return read


def among(users: list[str] | None) -> str:
    """Writes which users are wanted, any or some: those of `:users`, which `names` writes."""
    some = "user_id IN (SELECT value FROM json_each(:users))"
    return "user_id IS NOT NULL" if users is None else some


def names(users: list[str] | None) -> str | None:
    """Writes the value of `:users`."""
    return None if users is None else orjson.dumps(users).decode()


def reach(connection: sqlite3.Connection, given: dict[str, Any]) -> tuple[int, int]:
    """Finds the numbers between which calls of a stretch are that are not in the ledger.

    By time, calls would be read in no order of the table.
    """
    if given["after"]:
        last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
        return given["after"] + 1, int(last)
    low, last = connection.execute(
        f"SELECT coalesce(min(c.seq), 0), coalesce(max(c.seq), -1) FROM calls c WHERE"
        f" c.project_id = :project AND {STARTED} >= :start AND {STARTED} < :end",
        given,
    ).fetchone()
    return low, last


def _by_op(connection: sqlite3.Connection, found: Iterable[Priced]) -> list[SpentByOp]:
    """Adds up what ops spent, the dearest first."""
    ops: dict[tuple[str, str], SpentByOp] = {}
    named: dict[int, tuple[str, str]] = {}
    for each in found:
        if each.who not in named:
            row = connection.execute(_OP, (each.who,)).fetchone()
            named[each.who] = row or ("", "")
        name, kind = named[each.who]
        spent = ops.setdefault((name, kind), SpentByOp(name=name, kind=kind))
        spent.cost += each.cost or 0.0
        spent.partial = spent.partial or each.cost is None
    return sorted(ops.values(), key=lambda spent: (-spent.cost, spent.name))


def _told(found: Iterable[Priced], when: Window) -> Spend:
    """Adds up what was spent: by time, and the dearest model first."""
    bars: dict[tuple[int, str], Spent] = {}
    models: dict[str, Spent] = {}
    for each in found:
        begins = when.begin(each.bar) * 1_000_000
        for spent in (
            bars.setdefault((each.bar, each.model), Spent(model=each.model, start_us=begins)),
            models.setdefault(each.model, Spent(model=each.model, start_us=begins)),
        ):
            spent.start_us = min(spent.start_us, begins)
            spent.requests += each.requests
            spent.tokens += each.tokens
            spent.cost += each.cost or 0.0
            spent.partial = spent.partial or each.cost is None
    return Spend(
        bars=[bars[key] for key in sorted(bars)],
        models=sorted(models.values(), key=lambda spent: (-spent.cost, -spent.tokens)),
    )
