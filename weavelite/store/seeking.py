"""Finds calls by what their columns hold, where few hold what is wanted.

What many calls hold is left to be read in the order of the list.
"""

import math
import sqlite3
from collections.abc import Iterator
from typing import Any

from weavelite.query import CallQuery, Expression, Field, Literal, Operation, all_of
from weavelite.store import figures, sql
from weavelite.store.fulltext import CHOSEN, Condition, numbers

MOST, MOST_OF_ALL = 4_000, 40_000
"""Calls up to which all are found at once: for a page of a list, and where all are read anyway."""
INDEXES = """
CREATE INDEX calls_with_error ON calls(project_id, id) WHERE error IS NOT NULL;
CREATE INDEX roots_of_model ON calls(project_id, model, id)
  WHERE model IS NOT NULL AND parent_span IS NULL
"""
_FIGURES = {
    "latency": (figures.LATENCY, 1e6), "latency_ms": (figures.LATENCY, 1e3),
    "tokens": (figures.TOKENS, 1), "input_tokens": (figures.INPUT, 1),
    "output_tokens": (figures.OUTPUT, 1),
}  # fmt: skip
"""Which figure a field is, and how many units of it make one of the field."""
_INDEX_OF = {"error": "calls_with_error", "model": "calls_of_model", "thread_id": "calls_of_thread",
             "user_id": "calls_of_user"}  # fmt: skip
_OF_ROOTS = {"error": "calls_with_error", "model": "roots_of_model"}
"""The same for roots: calls below them fail and name models more often."""
_DOWN, _UP = ("$lt", "$lte"), ("$gt", "$gte")


def few(
    connection: sqlite3.Connection, project: int, query: CallQuery, *, whole: bool = False
) -> Iterator[Condition]:
    """Yields conditions that name calls, among which are all that a query finds.

    `whole` tells that all that is found is read, and not the first page of it.
    """
    most = MOST_OF_ALL if whole else MOST
    for figure, (low, high) in _ranges(query).items():
        found = figures.between(connection, figure, low - 1, high + 1, most)
        if found is not None:
            yield CHOSEN, [numbers(found)]
    for statement, values in _of_columns(project, query):
        rows = connection.execute(statement, [*values, most + 1]).fetchall()
        if len(rows) <= most:
            yield CHOSEN, [numbers([row[0] for row in rows])]


def _ranges(query: CallQuery) -> dict[int, tuple[float, float]]:
    """Finds between which ends figures are of all calls that a query finds."""
    ranges: dict[int, tuple[float, float]] = {}
    for term in all_of(query.where):
        match term:
            case Operation("$gt" | "$gte" | "$lt" | "$lte" | "$eq" | "$in" as way,
                           (Field(root), *given)) if root in _FIGURES and given:  # fmt: skip
                figure, unit = _FIGURES[root]
                values = [found * unit for item in given for found in _numbers(item)]
                if len(values) == len(given):
                    low = -math.inf if way in _DOWN else min(values)
                    high = math.inf if way in _UP else max(values)
                    known = ranges.get(figure, (-math.inf, math.inf))
                    ranges[figure] = max(known[0], low), min(known[1], high)
    return ranges


def _numbers(item: Expression) -> Iterator[float]:
    value = item.value if isinstance(item, Literal) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _of_columns(project: int, query: CallQuery) -> Iterator[tuple[str, list[Any]]]:
    """Writes what finds calls by a column that most do not have."""
    for term in all_of(query.where):
        root = sql.needed(term, _column)
        if root is None:
            continue
        index, place = _INDEX_OF[root], ""
        if root in _OF_ROOTS and query.trace_roots_only:
            index, place = _OF_ROOTS[root], f" AND {sql.ROOT}"
        found = sql.condition(term)
        yield (
            f"SELECT c.seq FROM calls c INDEXED BY {index} WHERE c.project_id = ?"
            f" AND c.{root} IS NOT NULL{place} AND {found.text} LIMIT ?",
            [project, *found.values],
        )


def _column(value: Expression) -> str | None:
    """Names the column with an index that a value is of."""
    return value.root if isinstance(value, Field) and value.root in _INDEX_OF else None
