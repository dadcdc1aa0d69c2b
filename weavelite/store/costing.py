"""What calls and all below them used and cost, read from the store."""

import sqlite3
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from weavelite.ids import uuid_bytes
from weavelite.prices import Cost, Prices
from weavelite.records.answers import CallDetail, CallHeader, ModelUsage, Price
from weavelite.usage import BUCKETS

K = TypeVar("K", bound=Hashable)
Span = str
"""Is a trace id and a span id in hexadecimal digits."""
Sums = tuple[int, bool, float | None, bool]
"""Are tokens, whether some are estimated, their cost as far as it is known, and if some is not."""

_VARIABLES = 500
_REPORTED = f"u.estimated, u.model, u.provider, {', '.join(f'u.{name}' for name in BUCKETS)}"
_USAGE = (
    f"SELECT u.trace_id, c.span_id, c.start_ns, u.nested, {_REPORTED}"
    " FROM usage u JOIN calls c ON c.seq = u.seq WHERE u.trace_id IN ({0})"
)
_BELOW = (
    f"SELECT c.span_id, c.parent_span, c.start_ns, {_REPORTED}"
    " FROM usage u JOIN calls c ON c.seq = u.seq WHERE u.trace_id = ?"
)
_PARENTS = "SELECT span_id, parent_span FROM calls WHERE trace_id = ? AND span_id IN ({0})"
_OWN = (
    f"SELECT c.trace_id, c.span_id, c.start_ns, u.nested, {_REPORTED}"
    " FROM calls c CROSS JOIN usage u ON u.seq = c.seq WHERE c.project_id = ? AND c.id IN ({0})"
)
_WITH_MORE_BELOW = (
    "SELECT c.id FROM calls c WHERE c.project_id = ? AND c.id IN ({0}) AND EXISTS"
    " (SELECT 1 FROM usage_above a WHERE a.trace_id = c.trace_id AND a.span_id = c.span_id)"
)
_OF_TRACE = f"SELECT u.seq, {_REPORTED} FROM usage u WHERE u.trace_id = ?"
_ABOVE = (
    "WITH RECURSIVE up(trace_id, span_id, parent_span) AS ("
    " SELECT c.trace_id, c.span_id, c.parent_span FROM usage u JOIN calls c ON c.seq = u.seq"
    "  WHERE u.trace_id IN ({0})"
    " UNION SELECT c.trace_id, c.span_id, c.parent_span FROM up JOIN calls c"
    "  ON c.trace_id = up.trace_id AND c.span_id = up.parent_span)"
    " SELECT trace_id, span_id, parent_span FROM up"
)
_PRICES = (
    "SELECT id, llm_id, provider_id, prompt_token_cost, completion_token_cost,"
    " cache_read_input_token_cost, cache_creation_input_token_cost, prompt_token_cost_unit,"
    " completion_token_cost_unit, effective_ns / 1000, created_ns / 1000 FROM prices"
    " WHERE project_id = ? AND id NOT IN (SELECT id FROM prices_purged) ORDER BY created_ns, id"
)
_PRICE_FIELDS = (
    "id", "llm_id", "provider_id", "prompt_token_cost", "completion_token_cost",
    "cache_read_input_token_cost", "cache_creation_input_token_cost", "prompt_token_cost_unit",
    "completion_token_cost_unit", "effective_us", "created_us",
)  # fmt: skip


@dataclass(slots=True)
class Reporter:
    """Is a call that reports tokens of one model."""

    start_ns: int
    estimated: bool
    model: str
    provider: str | None
    tokens: list[int]


def prices(connection: sqlite3.Connection, project: int) -> list[Price]:
    """Returns the prices that a user gave for a project, oldest first."""
    found = connection.execute(_PRICES, (project,))
    return [Price(**dict(zip(_PRICE_FIELDS, row, strict=True))) for row in found]


def add_price(connection: sqlite3.Connection, project: int, price: Price) -> None:
    """Notes a price; one that is there already stays as it is."""
    values = [getattr(price, name) for name in _PRICE_FIELDS[1:-2]]
    connection.execute(
        f"INSERT OR IGNORE INTO prices VALUES ({', '.join('?' * (len(_PRICE_FIELDS) + 1))})",
        (price.id, project, *values, price.effective_us * 1000, price.created_us * 1000),
    )


def purge_prices(connection: sqlite3.Connection, project: int, ids: Sequence[str]) -> int:
    """Takes prices back, and keeps the fact; returns how many were in force."""
    return sum(
        connection.execute(
            "INSERT OR IGNORE INTO prices_purged SELECT id, ? FROM prices"
            " WHERE id = ? AND project_id = ?",
            (time.time_ns(), id, project),
        ).rowcount
        for id in ids
    )


def deepest(parents: Mapping[K, K | None], reporters: Iterable[K]) -> dict[K, list[K]]:
    """Finds for each node the reporters at or below it that have no other reporter below them.

    Nodes that are each other's ancestors, which only damage makes, count for themselves.
    """
    reporting = set(reporters)
    waiting: dict[K, int] = dict.fromkeys(parents, 0)
    for parent in parents.values():
        if parent in waiting:
            waiting[parent] += 1
    ready = [node for node, count in waiting.items() if not count]
    found: dict[K, list[K]] = {}
    while ready:
        node = ready.pop()
        if node in reporting and node not in found:
            found[node] = [node]
        parent = parents[node]
        if parent is None or parent not in waiting:
            continue
        if node in found:
            found.setdefault(parent, []).extend(found[node])
        waiting[parent] -= 1
        if not waiting[parent]:
            ready.append(parent)
    for node in reporting:
        found.setdefault(node, [node])
    return found


def of_trace(
    connection: sqlite3.Connection,
    project: int,
    trace_id: bytes,
    seqs: Sequence[int],
    starts: Sequence[int],
    parents: Sequence[int | None],
) -> dict[int, Sums]:
    """Sums up the calls of a trace: by row, where there is something.

    Its calls are told as columns: their seq, start in ns, and the row of their parent.
    """
    rows = {seq: row for row, seq in enumerate(seqs)}
    reporters: dict[int, list[Reporter]] = {}
    for seq, estimated, model, provider, *tokens in connection.execute(_OF_TRACE, (trace_id,)):
        row = rows.get(seq)
        if row is not None:
            told = Reporter(starts[row], bool(estimated), model, provider, tokens)
            reporters.setdefault(row, []).append(told)
    if not reporters:
        return {}
    known = Prices(prices(connection, project))
    figures = {row: _figures(known, told) for row, told in reporters.items()}
    below = deepest(_links(parents, reporters), reporters)
    return {row: _together([figures[each] for each in found]) for row, found in below.items()}


def _links(parents: Sequence[int | None], rows: Iterable[int]) -> dict[int, int | None]:
    """Tells the parents of some rows and of all above them, which are few of a large trace."""
    links: dict[int, int | None] = {}
    for row in rows:
        up: int | None = row
        while up is not None and up not in links:
            parent = links[up] = parents[up]
            up = parent
    return links


def some_calls(
    connection: sqlite3.Connection,
    project: int,
    calls: Sequence[CallHeader],
    *,
    priced: bool = True,
) -> None:
    """Puts tokens, and costs if they are wanted, on calls of any traces; on whole ones all usage.

    Without them the table of prices, which takes long to import, is left alone.
    """
    ids = [uuid_bytes(call.id) for call in calls]
    above = {row[0] for row in _in_pieces(connection, _WITH_MORE_BELOW, ids, project)}
    by_trace: dict[bytes, list[CallHeader]] = {}
    for id, call in zip(ids, calls, strict=True):
        if id in above:
            by_trace.setdefault(uuid_bytes(call.trace_id), []).append(call)
    roots = {
        trace_id: _span(listed[0])
        for trace_id, listed in by_trace.items()
        if len(listed) == 1 and listed[0].parent_span_id is None
    }
    by_span: dict[Span, list[Reporter]] = {}
    below: dict[Span, list[Span]] = {}
    alone = [id for id in ids if id not in above]
    for trace_id, span, _, told in _reporters(_in_pieces(connection, _OWN, alone, project)):
        if trace_id not in by_trace:  # where a whole trace is read they are met again
            by_span.setdefault(span, []).append(told)
        below[span] = [span]
    for trace_id, span, nested, told in _reporters(_in_pieces(connection, _USAGE, [*by_trace])):
        if span not in by_span and not nested and trace_id in roots:
            below.setdefault(roots[trace_id], []).append(span)
        by_span.setdefault(span, []).append(told)
    if not by_span:
        return
    others = [trace_id for trace_id in by_trace if trace_id not in roots]
    if others:
        links = _links_above(connection, others)
        below |= deepest(links, by_span.keys() & links.keys())
    known = Prices(prices(connection, project)) if priced else None
    _note(known, calls, below, by_span)
    for call in calls:
        if known is not None and isinstance(call, CallDetail):
            counted = (item for span in below.get(_span(call), ()) for item in by_span[span])
            call.usage = by_model(known, counted)


def apart(
    connection: sqlite3.Connection, project: int, trace_id: bytes, spans: Sequence[bytes]
) -> dict[bytes, Sums]:
    """Sums up calls of a trace with all below each, where there is something.

    They are told by their spans, and none of them is below another.
    """
    reporters: dict[bytes, list[Reporter]] = {}
    links: dict[bytes, bytes | None] = dict.fromkeys(spans)
    for span, parent, start_ns, estimated, model, provider, *tokens in connection.execute(
        _BELOW, (trace_id,)
    ):
        told = Reporter(start_ns, bool(estimated), model, provider, tokens)
        reporters.setdefault(span, []).append(told)
        links.setdefault(span, parent)
    if not reporters:
        return {}
    waiting = {parent for parent in links.values() if parent is not None and parent not in links}
    while waiting:
        found = dict(_in_pieces(connection, _PARENTS, list(waiting), trace_id))
        links |= found
        waiting = {up for up in found.values() if up is not None and up not in links}
    known = Prices(prices(connection, project))
    below = deepest(links, reporters)
    figures = {span: _figures(known, told) for span, told in reporters.items()}
    return {
        span: _together([figures[each] for each in below[span]]) for span in spans if span in below
    }


def _in_pieces(
    connection: sqlite3.Connection, statement: str, keys: Sequence[bytes], *first: bytes | int
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(keys), _VARIABLES):
        piece = keys[start : start + _VARIABLES]
        marks = ", ".join("?" * len(piece))
        yield from connection.execute(statement.format(marks), (*first, *piece))


def _reporters(
    rows: Iterable[tuple[Any, ...]],
) -> Iterator[tuple[bytes, Span, bool, Reporter]]:
    """Yields the trace and the span of each report, and whether it is told again below."""
    for trace_id, span_id, start_ns, nested, estimated, model, provider, *tokens in rows:
        told = Reporter(start_ns, bool(estimated), model, provider, tokens)
        yield trace_id, trace_id.hex() + span_id.hex(), bool(nested), told


def _links_above(
    connection: sqlite3.Connection, traces: Sequence[bytes]
) -> dict[Span, Span | None]:
    return {
        trace_id.hex() + span.hex(): None if parent is None else trace_id.hex() + parent.hex()
        for trace_id, span, parent in _in_pieces(connection, _ABOVE, traces)
    }


def _span(call: CallHeader) -> Span:
    return call.trace_id + call.span_id


def _note(
    known: Prices | None,
    calls: Sequence[CallHeader],
    below: Mapping[Span, list[Span]],
    by_span: Mapping[Span, list[Reporter]],
) -> None:
    figures = {span: _figures(known, reporters) for span, reporters in by_span.items()}
    for call in calls:
        counted = below.get(_span(call))
        if counted:
            put(call, _together([figures[span] for span in counted]))


def put(call: CallHeader, sums: Sums) -> None:
    """Puts on a call what it and all below it used."""
    call.sum_tokens, call.estimated, call.sum_cost, call.cost_partial = sums


def _together(parts: Sequence[Sums]) -> Sums:
    if len(parts) == 1:  # most that report have nothing below them
        tokens, estimated, cost, lacking = parts[0]
        return tokens, estimated, cost, cost is not None and lacking
    costs = [part[2] for part in parts if part[2] is not None]
    return (
        sum(part[0] for part in parts),
        any(part[1] for part in parts),
        sum(costs) if costs else None,
        bool(costs) and any(part[3] for part in parts),
    )


def _figures(known: Prices | None, reporters: list[Reporter]) -> Sums:
    """Sums up what one call reports."""
    tokens, total, estimated, lacking = 0, None, False, False
    for reporter in reporters:
        tokens += sum(reporter.tokens)
        estimated = estimated or reporter.estimated
        cost = (
            None
            if known is None
            else known.total(reporter.model, reporter.provider, reporter.start_ns, reporter.tokens)
        )
        if cost is None:
            lacking = True
        else:
            total = cost if total is None else total + cost
    return tokens, estimated, total, lacking


def _price(known: Prices, reporter: Reporter) -> Cost | None:
    return known.cost(reporter.model, reporter.provider, reporter.start_ns, reporter.tokens)


def by_model(known: Prices, reporters: Iterable[Reporter]) -> list[ModelUsage]:
    """Sums up reporters, a model each."""
    groups: dict[str, list[Reporter]] = {}
    for reporter in reporters:
        groups.setdefault(reporter.model, []).append(reporter)
    return [_model_usage(known, group) for group in groups.values()]


def _model_usage(known: Prices, reporters: list[Reporter]) -> ModelUsage:
    last = reporters[-1]
    rates = known.rates(last.model, last.provider, last.start_ns)
    costs = [_price(known, reporter) for reporter in reporters]
    whole = [cost for cost in costs if cost is not None]
    return ModelUsage(
        model=last.model,
        provider=last.provider,
        requests=len(reporters),
        tokens=_summed([dict(zip(BUCKETS, r.tokens, strict=True)) for r in reporters]),
        costs=_summed([cost.parts for cost in whole]),
        cost=sum(cost.total for cost in whole) if whole else None,
        cost_partial=0 < len(whole) < len(costs),
        estimated=any(reporter.estimated for reporter in reporters),
        price=None if rates is None else rates.own,
        input_price=None if rates is None else rates.per_token("input"),
        output_price=None if rates is None else rates.per_token("output"),
    )


def _summed(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if value:
                total[name] = total.get(name, 0) + value
    return total
