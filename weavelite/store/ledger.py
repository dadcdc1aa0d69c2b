"""What was used, by model, op and user, kept beside the calls: tallies of what they report.

Half an hour is a unit of time. What a user is due stands in the order of users, so that sums of all
are read in one pass, and those of one at once.
"""

import sqlite3
from typing import Any

from weavelite.records.words import ERROR
from weavelite.store.tallies import PENDING, ROOT, SECOND, SLICE
from weavelite.usage import BUCKETS, OUTPUT_FROM

UNIT = 1800
"""Seconds of a unit of time."""
MARK = "calls entered"
_SANE = 10**12
"""Microseconds that are believed of one call, so that sums fit."""

_SUMS = ", ".join(f"{name} INTEGER NOT NULL" for name in ("requests", "largest", *BUCKETS))
TABLES = f"""
CREATE TABLE _users(
  project_id INTEGER NOT NULL, user_id TEXT NOT NULL, unit INTEGER NOT NULL,
  calls INTEGER NOT NULL, traces INTEGER NOT NULL, errors INTEGER NOT NULL,
  ended INTEGER NOT NULL, took_us INTEGER NOT NULL,
  PRIMARY KEY(project_id, user_id, unit)) STRICT, WITHOUT ROWID;
CREATE TABLE _spent(
  project_id INTEGER NOT NULL, unit INTEGER NOT NULL, op_key INTEGER NOT NULL,
  model TEXT NOT NULL, provider TEXT NOT NULL, {_SUMS},
  PRIMARY KEY(project_id, unit, op_key, model, provider)) STRICT, WITHOUT ROWID;
CREATE TABLE _users_spent(
  project_id INTEGER NOT NULL, user_id TEXT NOT NULL, unit INTEGER NOT NULL, model TEXT NOT NULL,
  provider TEXT NOT NULL, {_SUMS},
  PRIMARY KEY(project_id, user_id, unit, model, provider)) STRICT, WITHOUT ROWID
"""
INPUT = " + ".join(f"{{0}}.{name}" for name in BUCKETS[:OUTPUT_FROM])
FIGURES = ("calls", "traces", "errors", "ended", "took_us")
_TOOK = f"max(0, min(({{0}}.end_ns - {{0}}.start_ns) / 1000, {_SANE}))"
_ENDED = f"({ROOT} AND {{0}}.end_ns IS NOT NULL)"


def figures(row: str) -> list[str]:
    """Writes the figures of one call: errors and latencies are those of traces."""
    return [
        text.format(row)
        for text in ("1", ROOT, f"({ROOT} AND {{0}}.status = {ERROR})", _ENDED,
                     f"iif({_ENDED}, {_TOOK}, 0)")
    ]  # fmt: skip


def _unit(row: str) -> str:
    return f"{row}.start_ns / {UNIT * SECOND}"


def _times(sign: str, parts: list[str]) -> str:
    return ", ".join(f"{sign}({part})" for part in parts)


_ADD_USERS = (
    f"INSERT INTO _users(project_id, user_id, unit, {', '.join(FIGURES)}) {{0}}"
    f" ON CONFLICT DO UPDATE SET {', '.join(f'{n} = {n} + excluded.{n}' for n in FIGURES)}"
)
_KEYS = {"_spent": "project_id, unit, op_key", "_users_spent": "project_id, user_id, unit"}


def _add_spent(table: str, select: str) -> str:
    added = ", ".join(f"{name} = {name} + excluded.{name}" for name in ("requests", *BUCKETS))
    return (
        f"INSERT INTO {table}({_KEYS[table]}, model, provider, requests, largest,"
        f" {', '.join(BUCKETS)}) {select} ON CONFLICT DO UPDATE SET {added},"
        " largest = max(largest, excluded.largest)"
    )


def _one(table: str, report: str, call: str, sign: str) -> str:
    """Writes what one report adds to a table; where `sign` is "-", takes away."""
    parts = {"project_id": f"{call}.project_id", "user_id": f"{call}.user_id",
             "unit": _unit(call), "op_key": f"{call}.op_key"}  # fmt: skip
    keys = ", ".join(parts[name] for name in _KEYS[table].split(", "))
    tokens = _times(sign, [f"{report}.{name}" for name in BUCKETS])
    return (
        f"{keys}, {report}.model, coalesce({report}.provider, ''), {sign}1,"
        f" {INPUT.format(report)}, {tokens}"
    )


def _of_report(row: str, sign: str) -> str:
    """Writes the statements with which a trigger on `usage` adds a report; its call may be gone."""
    return (
        "; ".join(
            _add_spent(
                table,
                f"SELECT {_one(table, row, 'c', sign)} FROM calls c"
                f" WHERE c.seq = {row}.seq AND NOT {row}.nested{condition}",
            )
            for table, condition in (("_spent", ""), ("_users_spent", " AND c.user_id IS NOT NULL"))
        )
        + "; "
    )


def _of_call(row: str, sign: str) -> str:
    """Writes the statements with which a trigger on `calls` adds a call and what it reports."""
    named = f"{row}.user_id IS NOT NULL"
    values = f"{row}.project_id, {row}.user_id, {_unit(row)}, {_times(sign, figures(row))}"
    spent = [
        _add_spent(
            table,
            f"SELECT {_one(table, 'u', row, sign)} FROM usage u WHERE u.seq = {row}.seq"
            f" AND NOT u.nested{f' AND {named}' if table == '_users_spent' else ''}",
        )
        for table in _KEYS
    ]
    return "; ".join([_ADD_USERS.format(f"SELECT {values} WHERE {named}"), *spent, ""])


def _trigger(name: str, event: str, row: str, changes: str, condition: str = "") -> str:
    entered = f"{row}.seq <= (SELECT upto FROM _marks WHERE name = '{MARK}'){condition}"
    return f"CREATE TRIGGER _ledger_{name} AFTER {event} WHEN {entered} BEGIN {changes} END"


def create(db: Any) -> None:
    """Makes the tables and triggers; what is in the store is entered in pieces, later."""
    for statement in TABLES.split(";"):
        db.execute(statement)
    db.execute("INSERT INTO _marks VALUES (?, 0)", (MARK,))
    columns = "parent_span, status, end_ns, user_id, op_key"
    concerned = (
        " AND (OLD.user_id IS NOT NULL OR NEW.user_id IS NOT NULL OR OLD.op_key <> NEW.op_key)"
    )
    both = _of_call("OLD", "-") + _of_call("NEW", "")
    db.execute(_trigger("call", f"UPDATE OF {columns} ON calls", "OLD", both, concerned))
    db.execute(_trigger("gone", "DELETE ON calls", "OLD", _of_call("OLD", "-")))
    db.execute(_trigger("report", "INSERT ON usage", "NEW", _of_report("NEW", "")))
    changed = _of_report("OLD", "-") + _of_report("NEW", "")
    db.execute(_trigger("change", "UPDATE ON usage", "OLD", changed))
    db.execute(_trigger("loss", "DELETE ON usage", "OLD", _of_report("OLD", "-")))


def upto(connection: sqlite3.Connection) -> int:
    """Returns the last call that is entered."""
    row = connection.execute("SELECT upto FROM _marks WHERE name = ?", (MARK,)).fetchone()
    return int(row[0])


def waiting(connection: sqlite3.Connection, keep: int = PENDING) -> int:
    """Returns how many calls are to be entered now; 0 while they are few."""
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    calls = int(last) - upto(connection) - keep
    return calls if calls >= max(keep, 1) else 0


_PIECE_OF_USERS = _ADD_USERS.format(
    f"SELECT c.project_id, c.user_id, {_unit('c')},"
    f" {', '.join(f'sum({figure})' for figure in figures('c'))}"
    " FROM calls c WHERE c.seq > ? AND c.seq <= ? AND c.user_id IS NOT NULL GROUP BY 1, 2, 3"
)
_SUMMED = f"count(*), max({INPUT.format('u')}), {', '.join(f'sum(u.{name})' for name in BUCKETS)}"
_REPORTS = (
    "FROM usage u CROSS JOIN calls c ON c.seq = u.seq"
    " WHERE u.seq > ? AND u.seq <= ? AND NOT u.nested"
)
_PIECES_OF_SPENT = (
    _add_spent(
        "_spent",
        f"SELECT c.project_id, {_unit('c')}, c.op_key, u.model, coalesce(u.provider, ''),"
        f" {_SUMMED} {_REPORTS} GROUP BY 1, 2, 3, 4, 5",
    ),
    _add_spent(
        "_users_spent",
        f"SELECT c.project_id, c.user_id, {_unit('c')}, u.model, coalesce(u.provider, ''),"
        f" {_SUMMED} {_REPORTS} AND c.user_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5",
    ),
)


def advance(connection: sqlite3.Connection, keep: int = PENDING) -> int:
    """Enters a piece of what waits, in the caller's transaction; returns how many calls."""
    if not (calls := waiting(connection, keep)):
        return 0
    start = upto(connection)
    piece = (start, start + min(calls, SLICE))
    for statement in (_PIECE_OF_USERS, *_PIECES_OF_SPENT):
        connection.execute(statement, piece)
    connection.execute("UPDATE _marks SET upto = ? WHERE name = ?", (piece[1], MARK))
    return piece[1] - piece[0]
