"""How a project went over a stretch of time: traces, errors, latency, tokens, cost and scores.

Long stretches are told by the tallies, and the calls that are not in them yet. Latencies of a bar
are those of its first traces, up to SAMPLE.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.prices import Prices, Rates
from weavelite.records.answers import OpFigures, Overview, OverviewBar, Scored, Scores, Spend, Spent
from weavelite.records.words import ERROR, SCORE
from weavelite.store import costing, tallies
from weavelite.usage import BUCKETS, OUTPUT_FROM

MOST_BARS = 72
SAMPLE = 400
"""Traces of a bar whose latencies are read."""
MOST_OPS = 50
_NICE = (60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400)
_STARTED = "c.start_ns / 1000 / 1e6"  # as the index on it has it


@dataclass(frozen=True, slots=True)
class Window:
    """Is a stretch of time in bars of one width, whole seconds since 1970."""

    start: int
    end: int
    width: int

    def bars(self) -> list[int]:
        """Lists where bars begin."""
        return list(range(self.start, self.end, self.width))

    def bar_of(self, second: float) -> int:
        """Says in which bar a moment is."""
        return int(second - self.start) // self.width


def window(start: float, end: float) -> Window:
    """Chooses bars for a stretch: of a usual width, at most MOST_BARS of them."""
    span = max(end - start, 60.0)
    width = next((each for each in _NICE if span / each <= MOST_BARS - 1), 0)
    if not width:
        width = -(-int(span / (MOST_BARS - 1)) // _NICE[-1]) * _NICE[-1]
    first = int(start) // width * width
    return Window(first, first + (int(end - first) // width + 1) * width, width)


def bounds(connection: sqlite3.Connection, project: int) -> tuple[float, float] | None:
    """Finds when the first and the last call of a project started; None when there is none."""
    low, high = (
        connection.execute(
            f"SELECT start_ns FROM calls c WHERE project_id = ? ORDER BY {_STARTED} {way} LIMIT 1",
            (project,),
        ).fetchone()
        for way in ("ASC", "DESC")
    )
    return None if low is None else (low[0] / 1e9, high[0] / 1e9)


@dataclass(slots=True)
class _Bar:
    traces: int = 0
    calls: int = 0
    errors: int = 0
    tokens: int = 0


@dataclass(slots=True)
class _Counts:
    bars: defaultdict[int, _Bar] = field(default_factory=lambda: defaultdict(_Bar))
    ops: defaultdict[int, _Bar] = field(default_factory=lambda: defaultdict(_Bar))


def overview(connection: sqlite3.Connection, project: int, when: Window) -> Overview:
    """Counts what started in a stretch of time, by bars and by ops."""
    connection.execute("BEGIN")  # tallies and calls of one moment
    try:
        return _overview(connection, project, when)
    finally:
        connection.execute("COMMIT")


def _overview(connection: sqlite3.Connection, project: int, when: Window) -> Overview:
    counts = _Counts()
    for bar, op, root, errors, calls, tokens in _counted(connection, project, when):
        at, by_op = counts.bars[bar], counts.ops[op]
        at.calls += calls
        at.errors += errors
        at.traces += calls if root else 0
        at.tokens += tokens
        by_op.calls += calls
        by_op.errors += errors
        by_op.tokens += tokens
    latencies = [_latencies(connection, project, at, at + when.width) for at in when.bars()]
    together = sorted(latency for found in latencies for latency in found)
    return Overview(
        start_us=when.start * 1_000_000,
        end_us=when.end * 1_000_000,
        width_us=when.width * 1_000_000,
        traces=sum(bar.traces for bar in counts.bars.values()),
        calls=sum(bar.calls for bar in counts.bars.values()),
        errors=sum(bar.errors for bar in counts.bars.values()),
        tokens=sum(bar.tokens for bar in counts.bars.values()),
        p50_us=_share(together, 0.5),
        p95_us=_share(together, 0.95),
        sampled=any(len(found) == SAMPLE for found in latencies),
        bars=[
            OverviewBar(
                start_us=at * 1_000_000,
                traces=counts.bars[index].traces,
                calls=counts.bars[index].calls,
                errors=counts.bars[index].errors,
                tokens=counts.bars[index].tokens,
                p50_us=_share(found, 0.5),
                p95_us=_share(found, 0.95),
            )
            for index, (at, found) in enumerate(zip(when.bars(), latencies, strict=True))
        ],
        ops=_ops(connection, counts.ops),
    )


def _counted(
    connection: sqlite3.Connection, project: int, when: Window
) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yields bar, op, whether they are roots, errors, calls and tokens of groups of calls."""
    unit = next((each for each in reversed(tallies.WIDTHS) if when.width % each == 0), 0)
    after = 0
    if unit > tallies.WIDTHS[0]:  # of a short stretch the calls are few, and the units many
        after = tallies.upto(connection)
        yield from connection.execute(
            f"SELECT (unit * {unit} - ?1) / ?2, op_key, root, sum(iif(status = {ERROR}, calls, 0)),"
            " sum(calls), sum(tokens) FROM _tallies WHERE project_id = ?3 AND width = ?4"
            f" AND unit >= ?1 / {unit} AND unit < ?5 / {unit} AND calls > 0 GROUP BY 1, 2, 3",
            (when.start, when.width, project, unit, when.end),
        )
    how = "NOT INDEXED" if after else ""
    yield from connection.execute(
        f"SELECT (c.start_ns / {tallies.SECOND} - ?1) / ?2, op_key, {tallies.ROOT.format('c')},"
        f" sum(status = {ERROR}), count(*), sum({tallies.OWN.format('c')}) FROM calls c {how}"
        f" WHERE project_id = ?3 AND seq > ?4 AND {_STARTED} >= ?1 AND {_STARTED} < ?5"
        " GROUP BY 1, 2, 3",
        (when.start, when.width, project, after, when.end),
    )


def _latencies(connection: sqlite3.Connection, project: int, start: int, end: int) -> list[int]:
    """Reads latencies of the first traces of a bar, in microseconds, in order."""
    ids = (start * 1000).to_bytes(6) + bytes(10), (end * 1000).to_bytes(6) + bytes(10)
    found = connection.execute(
        "SELECT (end_ns - start_ns) / 1000 FROM calls WHERE project_id = ? AND id >= ? AND id < ?"
        f" AND parent_span IS NULL AND end_ns IS NOT NULL ORDER BY id LIMIT {SAMPLE}",
        (project, *ids),
    )
    return sorted(row[0] for row in found)


def _share(ordered: Sequence[int], share: float) -> int | None:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def _ops(connection: sqlite3.Connection, ops: dict[int, _Bar]) -> list[OpFigures]:
    by_name: dict[tuple[str, str], _Bar] = defaultdict(_Bar)
    for key, counted in ops.items():
        row = connection.execute("SELECT name, kind FROM ops WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        sums = by_name[row[0], row[1]]
        sums.calls += counted.calls
        sums.errors += counted.errors
        sums.tokens += counted.tokens
    busiest = sorted(by_name.items(), key=lambda item: -item[1].calls)[:MOST_OPS]
    return [
        OpFigures(name=name, kind=kind, calls=bar.calls, errors=bar.errors, tokens=bar.tokens)
        for (name, kind), bar in busiest
    ]


def spend(connection: sqlite3.Connection, project: int, when: Window) -> Spend:
    """Sums up tokens and cost by bar and model, each token once; prices are those of a bar's start.

    Where the price depends on the size of a request, each request is priced by itself.
    """
    prices = Prices(costing.prices(connection, project))
    spent = _Spending(when)
    uneven: dict[tuple[int, str, str | None], Rates] = {}
    for bar, model, provider, requests, largest, *tokens in _usage(
        connection, project, when, _SUMS, "GROUP BY 1, 2, 3"
    ):
        rates = prices.rates(model or None, provider, when.bars()[bar] * tallies.SECOND)
        if rates is not None and largest > rates.even_up_to:
            uneven[bar, model, provider] = rates
            continue
        cost = None if rates is None else rates.total_of(tokens, requests, largest)
        spent.add(bar, model, requests, sum(tokens), cost)
    if uneven:
        for bar, model, provider, _, _, *tokens in _usage(connection, project, when, _EACH, ""):
            if rates := uneven.get((bar, model, provider)):
                spent.add(bar, model, 1, sum(tokens), rates.total(tokens))
    return spent.told()


_INPUT = " + ".join(f"u.{name}" for name in BUCKETS[:OUTPUT_FROM])
_SUMS = f"count(*), max({_INPUT}), " + ", ".join(f"sum(u.{name})" for name in BUCKETS)
_EACH = "1, 0, " + ", ".join(f"u.{name}" for name in BUCKETS)


def _usage(
    connection: sqlite3.Connection, project: int, when: Window, columns: str, group: str
) -> list[tuple[Any, ...]]:
    """Reads bar, model, provider and columns of what was reported in a stretch of time.

    By the numbers of the calls: by time, calls would be read in no order of the table.
    """
    low, high = connection.execute(
        f"SELECT coalesce(min(c.seq), 0), coalesce(max(c.seq), -1) FROM calls c WHERE"
        f" c.project_id = ? AND {_STARTED} >= ? AND {_STARTED} < ?",
        (project, when.start, when.end),
    ).fetchone()
    return connection.execute(
        f"SELECT (c.start_ns / {tallies.SECOND} - ?1) / ?2, u.model, u.provider, {columns}"
        " FROM usage u CROSS JOIN calls c ON c.seq = u.seq WHERE u.seq BETWEEN ?3 AND ?4"
        f" AND c.project_id = ?5 AND {_STARTED} >= ?1 AND {_STARTED} < ?6 AND NOT u.nested {group}",
        (when.start, when.width, low, high, project, when.end),
    ).fetchall()


class _Spending:
    """Adds up what was spent."""

    def __init__(self, when: Window) -> None:
        self._when = when
        self._bars: dict[tuple[int, str], Spent] = {}
        self._models: dict[str, Spent] = {}

    def add(self, bar: int, model: str, requests: int, tokens: int, cost: float | None) -> None:
        """Adds requests of a bar; None is a cost that is not known."""
        begins = self._when.start + bar * self._when.width
        for spent in (
            self._bars.setdefault((bar, model), Spent(model=model, start_us=begins * 1_000_000)),
            self._models.setdefault(
                model, Spent(model=model, start_us=self._when.start * 1_000_000)
            ),
        ):
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


def scores(connection: sqlite3.Connection, project: int, when: Window) -> Scores:
    """Averages scores by bar and scorer: numbers, and yes as 1 and no as 0."""
    rows = connection.execute(
        f"SELECT (f.created_ns / {tallies.SECOND} - ?1) / ?2, substr(f.type, {len(SCORE) + 1}),"
        " count(*), sum(f.payload ->> '$.output') FROM feedback f WHERE f.project_id = ?3"
        f" AND f.created_ns >= ?1 * {tallies.SECOND} AND f.created_ns < ?4 * {tallies.SECOND}"
        f" AND f.type >= '{SCORE}' AND f.type < '{SCORE[:-1]}/'"
        " AND json_type(f.payload, '$.output') IN ('integer', 'real', 'true', 'false')"
        " GROUP BY 1, 2",
        (when.start, when.width, project, when.end),
    ).fetchall()
    totals: dict[str, tuple[int, float]] = {}
    for _, scorer, count, total in rows:
        known = totals.get(scorer, (0, 0.0))
        totals[scorer] = known[0] + count, known[1] + total
    return Scores(
        bars=[
            Scored(
                scorer=scorer,
                start_us=(when.start + bar * when.width) * 1_000_000,
                count=count,
                mean=total / count,
            )
            for bar, scorer, count, total in rows
        ],
        scorers=[
            Scored(scorer=name, start_us=when.start * 1_000_000, count=count, mean=total / count)
            for name, (count, total) in sorted(totals.items(), key=lambda item: -item[1][0])
        ],
    )
