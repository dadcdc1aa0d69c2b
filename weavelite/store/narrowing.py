"""What the index of texts and the tallies know of a query before calls are read one by one.

It changes nothing of what is found: what they do not know is left to be read.
"""

import re
import sqlite3
from collections.abc import Iterator

from weavelite.query import CallQuery, Expression, Field, Literal, Operation, all_of
from weavelite.records.words import STATUSES
from weavelite.store import fulltext, seeking, sql, tallies
from weavelite.store.fulltext import Condition, is_few
from weavelite.store.tallies import OfOps

_WORDS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ -]+[A-Za-z0-9_]")
"""What stands in JSON as it is, however it is written; shorter words are nearly everywhere."""
_FIGURES = re.compile(r"[\d_ -]*([eE][\d_ -]*)?|true|false|null|nan|infinity", re.IGNORECASE)
"""How numbers and the like are compared, which is not how they are kept."""
_UNITS = {"latency": 1e9, "latency_ms": 1e6}


def narrowed(
    connection: sqlite3.Connection, project: int, query: CallQuery, *, whole: bool = False
) -> Condition | None:
    """Writes what calls with the texts of a query fulfil, and where others can be; None: anywhere.

    What names the calls that are to be read comes first, so that `is_few` tells of the whole.
    `whole` tells that all that is found is read, and not the first page of it.
    """
    parts = [part for part in (fulltext.wanted(connection, project, query),) if part]
    for text in _held(query):
        if found := fulltext.hint(connection, text):
            parts.append(found)
    for ref in _refs(query):
        if found := fulltext.hint(connection, ref, is_ref=True):
            parts.append(found)
    parts += seeking.few(connection, project, query, whole=whole)
    if _is_none_counted(connection, project, query):
        parts.append((fulltext.CHOSEN, [fulltext.numbers(tallies.newest(connection))]))
    if not parts:
        return None
    parts.sort(key=lambda part: not is_few(part))
    return " AND ".join(text for text, _ in parts), [v for _, values in parts for v in values]


def counted(connection: sqlite3.Connection, project: int, query: CallQuery) -> OfOps | None:
    """Counts the calls of the ops that a query wants; None where it wants any, or nobody knows."""
    ops = sql.ops_wanted(query, project)
    statuses = [STATUSES.index(status) for status in query.statuses]
    if not ops:
        return None
    return tallies.of_ops(connection, project, ops, statuses, roots=query.trace_roots_only)


def _is_none_counted(connection: sqlite3.Connection, project: int, query: CallQuery) -> bool:
    """Tells whether no call that is counted can be found."""
    of_ops = counted(connection, project, query)
    if of_ops is not None and not of_ops.fitting:
        return True
    slow = (tallies.are_slow(connection, project, latency) for latency in _latencies(query))
    return not all(slow)


def _held(query: CallQuery) -> Iterator[str]:
    """Yields texts that the bodies of all calls hold that a query finds."""
    for term in all_of(query.where):
        match term:
            case Operation("$in" | "$glob" | "$contains", (field, Literal(str() as text)), ""):
                words = [word for word in _WORDS.findall(text) if not _FIGURES.fullmatch(word)]
                if words and _is_in_body(field):
                    yield max(words, key=len)


def _is_in_body(field: Expression) -> bool:
    """Tells whether a field is of the bodies that are indexed."""
    return (
        isinstance(field, Field) and field.root in ("inputs", "output") and None not in field.path
    )


def _refs(query: CallQuery) -> Iterator[str]:
    """Yields what calls with the wanted refs hold: the digest, which is rare, or the name."""
    for refs in (query.input_refs, query.output_refs):
        if refs is not None and len(refs) == 1:
            name, _, digest = refs[0].rpartition(":")
            text = f"{name.rpartition('/')[2]}:" if digest == "*" else digest.removesuffix("*")
            if "*" not in text:
                yield text


def _latencies(query: CallQuery) -> Iterator[float]:
    """Yields latencies in nanoseconds that all calls reach that a query finds."""
    for term in all_of(query.where):
        match term:
            case Operation("$gt" | "$gte", (Field(root), Literal(int() | float() as value))):
                if root in _UNITS and not isinstance(value, bool):
                    yield value * _UNITS[root]
