"""How the traces of users went over a stretch of time: counts, errors, latency, tokens and cost.

Of long stretches the ledger tells, and the calls that are not in it yet. However many users there
are, few are told of: those who have most of something.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from weavelite.prices import Prices
from weavelite.records.figures import UserFigures, Users
from weavelite.store import costing, ledger, spending, tallies
from weavelite.store.overview import STARTED, Window, newest, percentiles
from weavelite.usage import BUCKETS

_ORDERS = {
    "traces": "traces DESC",
    "errors": "errors DESC",
    "latency": "1.0 * took_us / max(ended, 1) DESC",
}
_BUSIEST = "traces DESC, calls DESC, who"
_OF_USER = "project_id = ? AND user_id = ?"
_UNITS = (
    f"s.project_id = :project AND s.unit >= :start / {ledger.UNIT}"
    f" AND s.unit < :end / {ledger.UNIT}"
)
_TOKENS = f"sum({' + '.join(f's.{name}' for name in BUCKETS)})"
_COST = f"sum({' + '.join(f's.{name} * r.{name}' for name in ('requests', *BUCKETS))})"
_RATE = ", ".join(
    f"value ->> {at} AS {name}"
    for at, name in enumerate(("model", "provider", "requests", *BUCKETS))
)
_AT_PRICES = (  # the limit lets SQLite read them once, and not for each row
    f"JOIN (SELECT {_RATE} FROM json_each(:rates) LIMIT -1) r"
    " ON r.model = s.model AND r.provider = s.provider"
)


def figures(
    connection: sqlite3.Connection, project: int, when: Window, order: str, limit: int
) -> Users:
    """Tells of the users who have most of what they are ordered by."""
    connection.execute("BEGIN")  # ledger and calls of one moment
    try:
        return _Reader(connection, project, when).told(order, limit)
    finally:
        connection.execute("COMMIT")


class _Spent:
    __slots__ = ("cost", "partial", "tokens")

    def __init__(self) -> None:
        self.tokens, self.cost, self.partial = 0, 0.0, False


class _Reader:
    """Reads what is known of users in a stretch of time."""

    def __init__(self, connection: sqlite3.Connection, project: int, when: Window) -> None:
        self._connection = connection
        self._project = project
        self._when = when
        self._is_entered = when.width % ledger.UNIT == 0
        after = ledger.upto(connection) if self._is_entered else 0
        self._given: dict[str, Any] = {
            "project": project, "start": when.start, "end": when.end, "width": when.width,
            "after": after,
        }  # fmt: skip

    def told(self, order: str, limit: int) -> Users:
        """Tells of the first users in an order."""
        if order in _ORDERS:
            first = self._counted(f"{_ORDERS[order]}, {_BUSIEST}", limit)
        else:  # the dearest, at prices that are nearly theirs, and those who may have spent nothing
            busiest = self._counted(_BUSIEST, limit)
            names = [*self._dearest(order, 2 * limit), *(row[0] for row in busiest)]
            first = [(*row[:-1], busiest[0][-1]) for row in self._counted("who", -1, names)]
        spent = self._spent([row[0] for row in first])
        users = [(row, spent.get(row[0], _Spent())) for row in first]
        if order not in _ORDERS:
            users.sort(key=lambda user: (-getattr(user[1], order), -user[0][2], user[0][0]))
        return Users(
            users=[self._user(*user) for user in users[:limit]],
            more=max(0, first[0][-1] - limit) if first else 0,
        )

    def _user(self, row: Sequence[Any], spent: _Spent) -> UserFigures:
        name, calls, traces, errors, ended, took_us, _ = row
        of = f"{_OF_USER} AND parent_span IS NULL"
        latencies = newest(self._connection, self._when, of, [(self._project, name)])
        return UserFigures(
            user=name, traces=traces, calls=calls, errors=errors,
            mean_us=took_us // ended if ended else None,
            **percentiles(latencies),
            last_us=self._last(name), tokens=spent.tokens, cost=spent.cost, partial=spent.partial,
        )  # fmt: skip

    def _counted(
        self, order: str, limit: int, users: list[str] | None = None
    ) -> list[tuple[Any, ...]]:
        """Returns users, of some or of all, with their figures, and how many there are."""
        figures = zip(ledger.figures("c"), ledger.FIGURES, strict=True)
        newest = (
            f"SELECT c.user_id, {', '.join(f'{text} AS {name}' for text, name in figures)}"
            f" FROM calls c {'NOT INDEXED' if self._is_entered else ''}"
            f" WHERE c.project_id = :project AND c.seq > :after AND {STARTED} >= :start"
            f" AND {STARTED} < :end AND c.{spending.among(users)}"
        )
        sums = {name: f"sum(s.{name})" for name in ledger.FIGURES}
        summed = self._summed("_users", newest, sums, users=users)
        statement = (
            f"SELECT *, count(*) OVER () FROM ({summed}) WHERE calls > 0"
            f" ORDER BY {order} LIMIT {limit}"
        )
        return self._run(statement, users=spending.names(users)).fetchall()

    def _dearest(self, order: str, limit: int) -> list[str]:
        """Names users who used or cost most, at the newest prices of small requests."""
        low, last = spending.reach(self._connection, self._given)
        given: dict[str, Any] = {"low": low, "last": last}
        newest = (
            "SELECT c.user_id, u.model,"
            f" coalesce(u.provider, '') AS provider, {spending.REPORT} {spending.NEWEST}"
            f" AND c.{spending.among(None)}"
        )
        amount, join = _TOKENS, ""
        if order == "cost":
            amount, join, given["rates"] = _COST, _AT_PRICES, self._rates()
        summed = self._summed("_users_spent", newest, {"amount": amount}, join=join)
        found = self._run(f"SELECT who FROM ({summed}) ORDER BY amount DESC LIMIT {limit}", **given)
        return [row[0] for row in found]

    def _summed(
        self,
        table: str,
        newest: str,
        sums: dict[str, str],
        *,
        join: str = "",
        users: list[str] | None = None,
    ) -> str:
        """Writes sums by user of rows `s`: those of the ledger, in its order, and newer ones."""
        columns = ", ".join(f"{text} AS {name}" for name, text in sums.items())
        later = f"SELECT s.user_id AS who, {columns} FROM ({newest}) s {join} GROUP BY who"
        if not self._is_entered:
            return later
        both = ", ".join(f"e.{name} + coalesce(n.{name}, 0) AS {name}" for name in sums)
        entered = f"SELECT s.* FROM {table} s WHERE {_UNITS}"
        return (
            f"WITH newest AS MATERIALIZED ({later}) SELECT e.who, {both} FROM (SELECT s.user_id AS"
            f" who, {columns} FROM ({entered} AND s.{spending.among(users)}) s {join}"
            f" GROUP BY s.user_id) e LEFT JOIN newest n ON n.who = e.who"
            " UNION ALL SELECT * FROM newest n WHERE NOT EXISTS"
            f" (SELECT 1 FROM {table} s WHERE {_UNITS} AND s.user_id = n.who)"
        )

    def _run(self, statement: str, **given: Any) -> sqlite3.Cursor:
        return self._connection.execute(statement, {**self._given, **given})

    def _rates(self) -> str:
        """Writes what a request and its tokens cost at the end, by model and provider."""
        prices = Prices(costing.prices(self._connection, self._project))
        read = spending.in_window(self._connection, self._project, self._when)
        models = {(model, provider) for _, _, model, provider, *_ in read(spending.GROUPED)}
        found = []
        for model, provider in models:
            rates = prices.rates(model or None, provider, self._when.end * tallies.SECOND)
            if rates is not None:
                each = (rate.base if rate else 0 for rate in rates.by_bucket)
                found.append([model, provider or "", rates.request, *each])
        return orjson.dumps(found).decode()

    def _spent(self, users: list[str]) -> dict[str, _Spent]:
        read = spending.in_window(self._connection, self._project, self._when, spending.USER, users)
        found: dict[str, _Spent] = {}
        for each in spending.priced(self._connection, self._project, self._when, read):
            spent = found.setdefault(each.who, _Spent())
            spent.tokens += each.tokens
            spent.cost += each.cost or 0.0
            spent.partial = spent.partial or each.cost is None
        return found

    def _last(self, user: str) -> int | None:
        row = self._connection.execute(
            f"SELECT start_ns / 1000 FROM calls WHERE {_OF_USER} AND id >= ? AND id < ?"
            " ORDER BY id DESC LIMIT 1",
            (self._project, user, *self._when.ids()),
        ).fetchone()
        return None if row is None else int(row[0])
