"""How many calls a search finds by op, status, kind, model and score.

Ops, statuses and kinds of whole projects come from the tallies. What these cannot tell is counted
among the newest calls, and the answer says among how many.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from weavelite.query import CallQuery
from weavelite.records.answers import Facet, FacetValue
from weavelite.records.words import SCORE, STATUSES
from weavelite.store import fulltext, narrowing, sql, tallies, totals

NEWEST = 10_000
"""Calls that are looked at where no tally tells."""
MOST_VALUES = 50
MOST_SCORES = 30
_GROUPS = {"op": "o.name", "status": "c.status", "kind": "o.kind"}
_PLAIN_KEYS = (*_GROUPS, "model")
_PLACES = {key: place for place, key in enumerate(_PLAIN_KEYS, 1)}
_SCORES_OF = (
    "SELECT f.type, f.payload FROM feedback f WHERE f.project_id = ? AND f.type >= ? AND f.type < ?"
    " AND f.call_id IN (SELECT c.id FROM calls c WHERE c.seq IN (SELECT value FROM json_each(?)))"
)
_Row = tuple[Any, ...]


def facets(
    connection: sqlite3.Connection,
    project: int,
    queries: Mapping[str, CallQuery],
    newest: int = NEWEST,
) -> list[Facet]:
    """Counts what queries find, each by its key: op, status, kind, model or scores."""
    connection.execute("BEGIN")  # all of one moment
    try:
        looked: list[tuple[CallQuery, list[_Row]]] = []

        def rows(query: CallQuery) -> list[_Row]:
            for known, found in looked:
                if known == query:
                    return found
            looked.append((query, _newest(connection, project, query, newest + 1)))
            return looked[-1][1]

        return [
            facet
            for key, query in queries.items()
            for facet in _facets(connection, project, key, query, rows, newest)
        ]
    finally:
        connection.execute("COMMIT")


def _facets(
    connection: sqlite3.Connection,
    project: int,
    key: str,
    query: CallQuery,
    rows: Callable[[CallQuery], list[_Row]],
    newest: int,
) -> list[Facet]:
    if key in _GROUPS and totals.is_tallied(query):
        return [_facet(key, _tallied(connection, project, key, query), None)]
    found = rows(query)
    among = newest if len(found) > newest else None
    found = found[:newest]
    if key in _PLACES:
        return [_facet(key, Counter(row[_PLACES[key]] for row in found), among)]
    return _scores(connection, project, found, among)


def _newest(
    connection: sqlite3.Connection, project: int, query: CallQuery, limit: int
) -> list[_Row]:
    text = narrowing.narrowed(connection, project, query, whole=True)
    condition, values = sql.where(query, project, text)
    order, more = sql.order(query)
    return connection.execute(
        "SELECT c.seq, o.name, c.status, o.kind, c.model FROM calls c JOIN ops o"
        f" ON o.key = c.op_key WHERE {condition} ORDER BY {order} LIMIT ?",
        [*values, *more, limit],
    ).fetchall()


def _tallied(
    connection: sqlite3.Connection, project: int, key: str, query: CallQuery
) -> Counter[Any]:
    condition, values = sql.where(query, project, None)
    group = _GROUPS[key]
    counted = connection.execute(
        f"SELECT {group}, sum(c.calls) FROM (SELECT *, iif(root, NULL, 0) AS parent_span"
        f" FROM _tallies WHERE calls > 0 AND width = {tallies.WIDTHS[-1]}) c"
        f" JOIN ops o ON o.key = c.op_key WHERE {condition} GROUP BY 1",
        values,
    ).fetchall()
    waiting = connection.execute(
        f"SELECT {group}, count(*) FROM calls c NOT INDEXED JOIN ops o ON o.key = c.op_key"
        f" WHERE {condition} AND c.seq > ? GROUP BY 1",
        [*values, tallies.upto(connection)],
    ).fetchall()
    found: Counter[Any] = Counter()
    for value, calls in (*counted, *waiting):
        found[value] += calls
    return found


def _facet(key: str, counts: Counter[Any], among: int | None) -> Facet:
    if key == "status":
        counts = Counter({STATUSES[status]: calls for status, calls in counts.items()})
    named = [(str(value), calls) for value, calls in counts.items() if value is not None]
    named.sort(key=lambda item: (-item[1], item[0]))
    return Facet(
        key=key,
        values=[FacetValue(value=value, count=calls) for value, calls in named[:MOST_VALUES]],
        more=max(0, len(named) - MOST_VALUES),
        among=among,
    )


def _scores(
    connection: sqlite3.Connection, project: int, found: list[_Row], among: int | None
) -> list[Facet]:
    seqs = fulltext.numbers([row[0] for row in found])
    bounds = (SCORE, SCORE[:-1] + chr(ord(SCORE[-1]) + 1))
    by_name: dict[str, list[Any]] = {}
    for type, payload in connection.execute(_SCORES_OF, (project, *bounds, seqs)):
        judged = orjson.loads(payload).get("output")
        for path, value in _leaves((type.removeprefix(SCORE),), judged):
            by_name.setdefault(_key(path), []).append(value)
    return [_score(key, by_name[key], among) for key in sorted(by_name)[:MOST_SCORES]]


def _leaves(path: tuple[str, ...], value: Any) -> Iterable[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves((*path, key), item)
    elif isinstance(value, bool | int | float | str):
        yield path, value


def _key(path: tuple[str, ...]) -> str:
    r"""Writes a path as a key of a search: a backslash makes other marks part of a name."""
    return "scores." + ".".join(re.sub(r'([\s.:"\\])', r"\\\1", part) for part in path)


def _score(key: str, values: list[Any], among: int | None) -> Facet:
    numbers = [value for value in values if isinstance(value, int | float)]
    told = Counter(
        str(value).lower() if isinstance(value, bool) else value
        for value in values
        if isinstance(value, bool | str)
    )
    facet = _facet(key, told, among)
    if len(numbers) > sum(isinstance(value, bool) for value in numbers):
        facet.low, facet.high, facet.scored = min(numbers), max(numbers), len(numbers)
    return facet
