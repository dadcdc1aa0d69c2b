"""How the traces of users went over a stretch of time: counts, errors, latency, tokens and cost.

Of long stretches the ledger tells, and the calls that are not in it yet. However many users there
are, few are told of: those who have most of something.
"""

import sqlite3
from collections.abc import Iterable
from heapq import nlargest
from typing import Any

import orjson

from weavelite.records.answers import UserFigures, Users
from weavelite.store import ledger, spending, tallies
from weavelite.store.overview import STARTED, Window, share_of

NEWEST = 200
"""Traces of a user whose latencies are read."""
_MEAN = "1.0 * took_us / max(ended, 1)"
_ORDERS = {"traces": "traces", "errors": "errors", "latency": _MEAN}
_BUSIEST = "traces DESC, calls DESC, who"
_OF_USER = "FROM calls c WHERE c.project_id = ? AND c.user_id = ? AND c.id >= ? AND c.id < ?"
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in ledger.FIGURES)


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

    def told(self, order: str, limit: int) -> Users:
        """Tells of the first users in an order."""
        total = self._ask("SELECT count(*) FROM ({0})").fetchone()[0]
        by = _ORDERS.get(order)
        spent: dict[str, _Spent] = {}
        names: list[str] = []
        if by is None:
            spent = self._spent(None)
            names = nlargest(limit, spent, key=lambda user: (getattr(spent[user], order), user))
        if len(names) < limit:
            ordered = f"{by} DESC, {_BUSIEST}" if by else _BUSIEST
            rest = self._ask(f"SELECT who FROM ({{0}}) ORDER BY {ordered} LIMIT {limit}")
            names = list(dict.fromkeys([*names, *(row[0] for row in rest)]))[:limit]
        if by is not None:
            spent = self._spent(names)
        counted = {row[0]: row[1:] for row in self._ask("{0}", names)}
        names = [name for name in names if name in counted]
        return Users(
            users=[self._user(name, counted[name], spent.get(name, _Spent())) for name in names],
            more=total - len(names),
        )

    def _user(self, name: str, counted: Iterable[int], spent: _Spent) -> UserFigures:
        calls, traces, errors, ended, took_us = counted
        latencies = sorted(row[0] for row in self._newest(name))
        return UserFigures(
            user=name, traces=traces, calls=calls, errors=errors,
            mean_us=took_us // ended if ended else None,
            p50_us=share_of(latencies, 0.5), p95_us=share_of(latencies, 0.95),
            last_us=self._last(name), tokens=spent.tokens, cost=spent.cost, partial=spent.partial,
        )  # fmt: skip

    def _ask(self, statement: str, users: list[str] | None = None) -> sqlite3.Cursor:
        """Asks for what users count in the stretch, as `who` and figures; of some, or of all."""
        when, unit = self._when, ledger.UNIT
        is_entered = when.width % unit == 0
        after = ledger.upto(self._connection) if is_entered else 0
        among = "user_id IS NOT NULL" if users is None else spending.AMONG
        each = ", ".join(
            f"{figure} AS {name}"
            for name, figure in zip(ledger.FIGURES, ledger.figures("c"), strict=True)
        )
        counted = (
            f"SELECT c.user_id AS who, {each} FROM calls c {'NOT INDEXED' if is_entered else ''}"
            f" WHERE c.project_id = :project AND c.seq > :after AND {STARTED} >= :start"
            f" AND {STARTED} < :end AND c.{among}"
        )
        if is_entered:
            counted += (
                f" UNION ALL SELECT user_id, {', '.join(ledger.FIGURES)} FROM _users"
                f" WHERE project_id = :project AND unit >= :start / {unit} AND unit < :end / {unit}"
                f" AND {among}"
            )
        summed = f"SELECT who, {_SUMS} FROM ({counted}) GROUP BY who HAVING sum(calls) > 0"
        given: dict[str, Any] = {
            "project": self._project, "after": after, "start": when.start, "end": when.end,
            "users": None if users is None else orjson.dumps(users).decode(),
        }  # fmt: skip
        return self._connection.execute(statement.format(summed), given)

    def _spent(self, users: list[str] | None) -> dict[str, _Spent]:
        read = spending.in_window(
            self._connection, self._project, self._when, by_user=True, users=users
        )
        found: dict[str, _Spent] = {}
        for each in spending.priced(self._connection, self._project, self._when, read):
            spent = found.setdefault(each.user, _Spent())
            spent.tokens += each.tokens
            spent.cost += each.cost or 0.0
            spent.partial = spent.partial or each.cost is None
        return found

    def _newest(self, user: str) -> Iterable[tuple[int]]:
        """Reads the latencies of the newest traces of a user."""
        return self._connection.execute(
            f"SELECT (c.end_ns - c.start_ns) / 1000 {_OF_USER} AND {tallies.ROOT.format('c')}"
            f" AND c.end_ns IS NOT NULL ORDER BY c.id DESC LIMIT {NEWEST}",
            self._bounds(user),
        )

    def _last(self, user: str) -> int | None:
        row = self._connection.execute(
            f"SELECT c.start_ns / 1000 {_OF_USER} ORDER BY c.id DESC LIMIT 1",
            self._bounds(user),
        ).fetchone()
        return None if row is None else int(row[0])

    def _bounds(self, user: str) -> tuple[Any, ...]:
        """Are the values of `_OF_USER`: ids begin with when a call started."""
        ids = ((at * 1000).to_bytes(6) + bytes(10) for at in (self._when.start, self._when.end))
        return (self._project, user, *ids)
