"""What a query finds, summed up: counts, tokens, latencies, and how many calls came when.

Few calls are read one by one. Of many, the tallies tell all but the newest.
"""

import sqlite3
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import compress, pairwise
from typing import Any

from weavelite.query import CallQuery
from weavelite.records.answers import Bucket, ProjectSummary, Stats
from weavelite.records.words import ERROR
from weavelite.store import narrowing, sql, tallies
from weavelite.store.rows import microseconds

BUCKETS = 60
_TALLIED_BY = {"project", "op_names", "statuses", "trace_roots_only", "where"}
_PAGE = {"sort", "offset", "limit", "columns", "page_size"}
_AT_ONCE = 20_000
FEW = 5_000
"""Calls up to which sums are exact."""


@dataclass(slots=True)
class _Found:
    """Adds up what several sources found."""

    count: int = 0
    errors: int = 0
    tokens: int = 0
    first: int | None = None
    last: int | None = None
    latencies: Counter[int] = field(default_factory=Counter)
    ordered: Sequence[int] = ()
    """Latencies, where each is known: the others are left alone."""
    calls_at: Counter[int] = field(default_factory=Counter)
    errors_at: Counter[int] = field(default_factory=Counter)

    def add(self, count: int, errors: int | None, tokens: int | None) -> None:
        """Adds a source's totals, None where it found nothing."""
        self.count += count
        self.errors += errors or 0
        self.tokens += tokens or 0

    def reach(self, first: int | None, last: int | None) -> None:
        """Reaches from a source's first start to its last; None where it found nothing."""
        self.first = min((at for at in (self.first, first) if at is not None), default=None)
        self.last = max((at for at in (self.last, last) if at is not None), default=None)

    def add_latencies(self, rows: Iterable[tuple[int, int]]) -> None:
        """Adds how often each latency was seen."""
        for latency, calls in rows:
            self.latencies[latency] += calls

    def add_times(self, rows: Iterable[tuple[int, int, int]]) -> None:
        """Adds calls and errors of each unit of time."""
        for unit, calls, errors in rows:
            self.calls_at[unit] += calls
            self.errors_at[unit] += errors

    def percentile(self, share: float) -> int | None:
        """Finds the latency below which a share of the calls stays, in microseconds."""
        if self.ordered:
            return self.ordered[min(len(self.ordered) - 1, int(len(self.ordered) * share))] // 1000
        total = self.latencies.total()
        wanted = min(total - 1, int(total * share))
        for latency in sorted(self.latencies):
            wanted -= self.latencies[latency]
            if wanted < 0:
                return latency // 1000
        return None


class _Calls:
    """Reads calls one by one."""

    def __init__(
        self, connection: sqlite3.Connection, project: int, query: CallQuery, after: int = 0
    ) -> None:
        self._run = connection.execute
        text = narrowing.narrowed(connection, project, query, whole=True)
        condition, self._values = sql.where(query, project, text, whole=True)
        how = "NOT INDEXED" if after else ""  # the newest are few, and together in the table
        self._source = f"FROM calls c {how} JOIN ops o ON o.key = c.op_key WHERE {condition}"
        if after:
            self._source += " AND c.seq > ?"
            self._values.append(after)
        self._tokens = (tallies.TREE if query.trace_roots_only else tallies.OWN).format("c")

    def totals(self, found: _Found) -> None:
        row = self._run(
            f"SELECT count(*), sum(c.status = {ERROR}), sum({self._tokens}), min(c.start_ns),"
            f" max(c.start_ns) {self._source}",
            self._values,
        ).fetchone()
        found.add(*row[:3])
        found.reach(*row[3:])

    def each(self) -> Iterator[tuple[Sequence[Any], ...]]:
        """Yields starts, latencies, which failed, and tokens of calls, many at a time."""
        rows = self._run(
            f"SELECT c.start_ns, {tallies.LATENCY.format('c')}, c.status = {ERROR}, {self._tokens}"
            f" {self._source}",
            self._values,
        )
        while piece := rows.fetchmany(_AT_ONCE):
            yield tuple(zip(*piece, strict=True))

    def latencies(self, found: _Found) -> None:
        latency = tallies.rounded(tallies.LATENCY.format("c"))
        found.add_latencies(
            self._run(
                f"SELECT {latency}, count(*) {self._source} AND c.end_ns IS NOT NULL GROUP BY 1",
                self._values,
            )
        )

    def times(self, found: _Found, first: int, width: int) -> None:
        found.add_times(
            self._run(
                f"SELECT (c.start_ns - ?) / ?, count(*), sum(c.status = {ERROR}) {self._source}"
                " GROUP BY 1",
                [first, width, *self._values],
            )
        )


class _Tallied:
    """Reads tallies; the condition is that on calls, whose columns they have."""

    def __init__(self, connection: sqlite3.Connection, project: int, query: CallQuery) -> None:
        self._run = connection.execute
        self._where, self._values = sql.where(query, project, None)
        self._tokens = "sum_tokens" if query.trace_roots_only else "tokens"

    def totals(self, found: _Found) -> None:
        row = self._run(
            f"SELECT coalesce(sum(calls), 0), sum(iif(status = {ERROR}, calls, 0)),"
            f" sum({self._tokens}) {self._of('_tallies', tallies.WIDTHS[-1])}",
            self._values,
        )
        found.add(*row.fetchone())

    def reach(self, found: _Found, unit: int) -> tuple[int, int]:
        """Finds the first and the last start; of those deleted since, no further than a unit."""
        row = self._run(
            f"SELECT min(first_ns), max(last_ns) {self._of('_tallies', unit)}", self._values
        )
        found.reach(*row.fetchone())
        return found.first or 0, found.last or 0

    def latencies(self, found: _Found) -> None:
        found.add_latencies(
            self._run(
                f"SELECT latency, sum(calls) {self._of('_latencies')} GROUP BY 1", self._values
            )
        )

    def times(self, found: _Found, first: int, width: int, unit: int) -> None:
        """Adds what came when; `width` is in nanoseconds, and `unit` a width of tallies in it."""
        found.add_times(
            self._run(
                f"SELECT (unit * {unit * tallies.SECOND} - ?) / ?, sum(calls),"
                f" sum(iif(status = {ERROR}, calls, 0)) {self._of('_tallies', unit)} GROUP BY 1",
                [first, width, *self._values],
            )
        )

    def _of(self, table: str, width: int | None = None) -> str:
        of_width = f" AND width = {width}" if width else ""
        return (
            f"FROM (SELECT *, iif(root, NULL, 0) AS parent_span FROM {table} WHERE calls > 0"
            f"{of_width}) c WHERE {self._where}"
        )


def stats(connection: sqlite3.Connection, project: int, query: CallQuery, few: int = FEW) -> Stats:
    """Sums up what a query finds; its page is left out of account.

    Of more than `few` calls that tallies tell of, latencies are rounded to two digits, and times to
    the buckets' units.
    """
    connection.execute("BEGIN")  # tallies and calls of one moment
    try:
        return _stats(connection, project, query, few)
    finally:
        connection.execute("COMMIT")


def _stats(connection: sqlite3.Connection, project: int, query: CallQuery, few: int) -> Stats:
    if not is_tallied(query):
        return _read(_Calls(connection, project, query))
    tallied = _Tallied(connection, project, query)
    newest = _Calls(connection, project, query, after=tallies.upto(connection))
    found = _Found()
    tallied.totals(found)
    newest.totals(found)
    if not found.count:
        return _told(found, 0, 1)
    if found.count <= few:
        return _read(_Calls(connection, project, query))
    tallied.latencies(found)
    newest.latencies(found)
    first, width, unit = _units(tallied, found)
    tallied.times(found, first, width, unit)
    newest.times(found, first, width)
    return _told(found, first, width)


def is_tallied(query: CallQuery) -> bool:
    """Tells whether tallies can answer a query: all else that it could ask for is not asked for."""
    others = (item for item in fields(query) if item.name not in _TALLIED_BY | _PAGE)
    plain = all(getattr(query, item.name) == item.default for item in others)
    return plain and not sql.split_where(query)[1]


def _units(tallied: _Tallied, found: _Found) -> tuple[int, int, int]:
    """Chooses where buckets begin, their width, and the unit of which they are multiples.

    Wide units come first, and suit long stretches.
    """
    newest = found.first, found.last
    for unit in reversed(tallies.WIDTHS):
        found.first, found.last = newest
        first, last = tallied.reach(found, unit)
        if unit * BUCKETS * tallies.SECOND <= last - first:
            break
    unit_ns = unit * tallies.SECOND
    start = first - first % unit_ns
    return start, ((last - start) // (BUCKETS * unit_ns) + 1) * unit_ns, unit


def _read(calls: _Calls) -> Stats:
    """Sums up calls one by one: in few steps for each, since they may be a million."""
    found = _Found()
    starts, failures, latencies = array("q"), array("q"), array("q")
    for started, took, failed, tokens in calls.each():
        starts.extend(started)
        latencies.extend([latency for latency in took if latency is not None])
        failures.extend(compress(started, failed))
        found.tokens += sum(tokens)
    if not starts:
        return _told(found, 0, 1)
    found.count, found.errors = len(starts), len(failures)
    found.first, found.last = min(starts), max(starts)
    found.ordered = sorted(latencies)
    first, width = found.first, (found.last - found.first) // BUCKETS + 1
    found.calls_at = _by_bucket(starts, first, width)
    found.errors_at = _by_bucket(failures, first, width)
    return _told(found, first, width)


def _by_bucket(starts: Iterable[int], first: int, width: int) -> Counter[int]:
    ordered = sorted(starts)
    ends = [bisect_left(ordered, first + bucket * width) for bucket in range(BUCKETS + 1)]
    return Counter({bucket: end - begin for bucket, (begin, end) in enumerate(pairwise(ends))})


def _told(found: _Found, start: int, width: int) -> Stats:
    buckets = range((found.last - start) // width + 1) if found.last is not None else ()
    return Stats(
        count=found.count,
        errors=found.errors,
        p50_us=found.percentile(0.5),
        p95_us=found.percentile(0.95),
        tokens=found.tokens,
        first_us=microseconds(found.first),
        last_us=microseconds(found.last),
        histogram=[
            Bucket(
                start_us=(start + index * width) // 1000,
                end_us=(start + (index + 1) * width) // 1000,
                count=found.calls_at[index],
                errors=found.errors_at[index],
            )
            for index in buckets
        ],
    )


def projects(connection: sqlite3.Connection) -> list[ProjectSummary]:
    """Returns all projects, the one with the newest call first."""
    found = connection.execute(
        "SELECT p.entity, p.name,"
        " (SELECT coalesce(sum(t.calls), 0) FROM _tallies t WHERE t.project_id = p.id"
        f" AND t.width = {tallies.WIDTHS[-1]} AND t.root) + coalesce(n.calls, 0),"
        " (SELECT c.start_ns FROM calls c WHERE c.project_id = p.id ORDER BY c.id DESC LIMIT 1)"
        " FROM projects p LEFT JOIN (SELECT c.project_id, count(*) AS calls FROM calls c"
        f" NOT INDEXED WHERE c.seq > ? AND {tallies.ROOT.format('c')} GROUP BY 1) n"
        " ON n.project_id = p.id",
        (tallies.upto(connection),),
    ).fetchall()
    found.sort(key=lambda row: (-(row[3] or 0), row[0], row[1]))
    return [
        ProjectSummary(entity=row[0], name=row[1], traces=row[2], last_us=microseconds(row[3]))
        for row in found
    ]
