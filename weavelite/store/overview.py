"""How a project went over a stretch of time: traces, errors, latency, tokens, cost and scores.

Long stretches are told by the tallies, and the calls that are not in them yet. Latencies of a bar
are those of its first traces, up to SAMPLE.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Any

from weavelite.records.figures import (
    ModelFigures,
    OpFigures,
    Overview,
    OverviewBar,
    Scored,
    Scores,
)
from weavelite.records.words import ERROR, SCORE
from weavelite.store import tallies

MOST_BARS = 72
SAMPLE = 400
"""Traces of a bar whose latencies are read."""
MOST_OPS = MOST_MODELS = 50
NEWEST = 200
"""Calls of an op or a model, and traces of a user, whose latencies are read."""
_NICE = (60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400)
_WITHIN = " AND id >= ? AND id < ?"
_EACH_MODEL = (  # from one to the next in the index
    "WITH RECURSIVE each(model) AS (SELECT min(model) FROM calls WHERE project_id = :project"
    " AND model IS NOT NULL UNION ALL SELECT (SELECT min(model) FROM calls"
    " WHERE project_id = :project AND model > each.model) FROM each WHERE model IS NOT NULL"
    " LIMIT :most) SELECT model FROM each WHERE model IS NOT NULL"
)
STARTED = "c.start_ns / 1000 / 1e6"  # as the index on it has it


@dataclass(frozen=True, slots=True)
class Window:
    """Is a stretch of time in bars of one width, whole seconds since 1970."""

    start: int
    end: int
    width: int

    def bars(self) -> list[int]:
        """Lists where bars begin."""
        return list(range(self.start, self.end, self.width))

    def ids(self) -> tuple[bytes, bytes]:
        """Are the ids between which those of its calls are."""
        return first_id(self.start), first_id(self.end)

    def begin(self, bar: int) -> int:
        """Says when a bar begins."""
        return self.start + bar * self.width


def first_id(second: int) -> bytes:
    """Is the least id of a call that starts in a second: ids begin with the start."""
    return (second * 1000).to_bytes(6) + bytes(10)


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
            f"SELECT start_ns FROM calls c WHERE project_id = ? ORDER BY {STARTED} {way} LIMIT 1",
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
        p50_us=share_of(together, 0.5),
        p95_us=share_of(together, 0.95),
        sampled=any(len(found) == SAMPLE for found in latencies),
        bars=[
            OverviewBar(
                start_us=at * 1_000_000,
                traces=counts.bars[index].traces,
                calls=counts.bars[index].calls,
                errors=counts.bars[index].errors,
                tokens=counts.bars[index].tokens,
                p50_us=share_of(found, 0.5),
                p95_us=share_of(found, 0.95),
            )
            for index, (at, found) in enumerate(zip(when.bars(), latencies, strict=True))
        ],
        ops=_ops(connection, when, counts.ops),
        models=_models(connection, project, when),
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
        f" WHERE project_id = ?3 AND seq > ?4 AND {STARTED} >= ?1 AND {STARTED} < ?5"
        " GROUP BY 1, 2, 3",
        (when.start, when.width, project, after, when.end),
    )


def _latencies(connection: sqlite3.Connection, project: int, start: int, end: int) -> list[int]:
    """Reads latencies of the first traces of a bar, in microseconds, in order."""
    found = connection.execute(
        "SELECT (end_ns - start_ns) / 1000 FROM calls WHERE project_id = ? AND id >= ? AND id < ?"
        f" AND parent_span IS NULL AND end_ns IS NOT NULL ORDER BY id LIMIT {SAMPLE}",
        (project, first_id(start), first_id(end)),
    )
    return sorted(row[0] for row in found)


def share_of(ordered: Sequence[int], share: float) -> int | None:
    """Finds the latency, of some in order, below which a share of them stays."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def _ops(connection: sqlite3.Connection, when: Window, ops: dict[int, _Bar]) -> list[OpFigures]:
    by_name: dict[tuple[str, str], _Bar] = defaultdict(_Bar)
    versions: dict[tuple[str, str], list[tuple[int]]] = defaultdict(list)
    for key, counted in ops.items():
        row = connection.execute("SELECT name, kind FROM ops WHERE key = ?", (key,)).fetchone()
        if row is None:
            continue
        sums = by_name[row[0], row[1]]
        sums.calls += counted.calls
        sums.errors += counted.errors
        sums.tokens += counted.tokens
        versions[row[0], row[1]].append((key,))
    busiest = sorted(by_name.items(), key=lambda item: -item[1].calls)[:MOST_OPS]
    return [
        OpFigures(
            name=name[0], kind=name[1], calls=bar.calls, errors=bar.errors, tokens=bar.tokens,
            **percentiles(newest(connection, when, "op_key = ?", versions[name])),
        )
        for name, bar in busiest
    ]  # fmt: skip


def _models(connection: sqlite3.Connection, project: int, when: Window) -> list[ModelFigures]:
    """Tells of the models of a project that ran in a stretch of time."""
    found = []
    for (model,) in connection.execute(_EACH_MODEL, {"project": project, "most": MOST_MODELS}):
        of = "project_id = ? AND model = ?"
        latencies = newest(connection, when, of, [(project, model)])
        errors = connection.execute(
            f"SELECT count(*) FROM calls WHERE {of} AND status = {ERROR}{_WITHIN}",
            (project, model, *when.ids()),
        ).fetchone()[0]
        if latencies or errors:
            found.append(ModelFigures(model=model, errors=errors, **percentiles(latencies)))
    return found


def newest(
    connection: sqlite3.Connection, when: Window, of: str, groups: Iterable[tuple[Any, ...]]
) -> list[int]:
    """Reads the latencies of the newest calls of some groups, in microseconds, in order."""
    found: list[tuple[bytes, int]] = []
    for values in groups:
        found += connection.execute(
            f"SELECT id, (end_ns - start_ns) / 1000 FROM calls WHERE {of}{_WITHIN}"
            f" AND end_ns IS NOT NULL ORDER BY id DESC LIMIT {NEWEST}",
            (*values, *when.ids()),
        )
    return sorted(took for _, took in nlargest(NEWEST, found))


def percentiles(latencies: list[int]) -> dict[str, int | None]:
    """Names p50 and p95 of latencies in order."""
    return {"p50_us": share_of(latencies, 0.5), "p95_us": share_of(latencies, 0.95)}


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
