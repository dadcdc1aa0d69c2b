"""What the terminal shows of a store."""

import json
from collections.abc import Sequence
from datetime import datetime
from math import floor, log10
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from weavelite.errors import NotFoundError
from weavelite.records.answers import (
    CallDetail,
    CallHeader,
    ListedCall,
    ModelUsage,
    ProjectSummary,
    Stats,
    Trace,
)
from weavelite.serialize import in_words
from weavelite.settings import Origin
from weavelite.store.base import Store

MARKS = {"success": "[green]●[/]", "error": "[red]■[/]", "running": "[yellow]○[/]"}
ID_LENGTH = 36
OP_LENGTH = 12
FIXED = 1 + 8 + 8 + ID_LENGTH + 5 * 2
"""Columns that the other parts of a list of calls take: mark, latency, start, id, and gaps."""
RIGHT = {"latency", "started", "traces", "last", "cost"}
WIDE = 110
"""Columns of a terminal from which on there is room for inputs and outputs."""


def duration(us: int | None) -> str:
    """Writes microseconds with a unit that fits."""
    if us is None:
        return "–"
    if us < 1000:
        return f"{us} µs"
    if us < 1_000_000:
        return f"{us / 1000:.0f} ms" if us >= 10_000 else f"{us / 1000:.1f} ms"
    return f"{us / 1_000_000:.2f} s"


def when(us: int | None) -> str:
    """Writes a time of the local clock; the day too, unless it is today."""
    if us is None:
        return "–"
    time = datetime.fromtimestamp(us / 1e6)
    today = time.date() == datetime.now().date()
    return f"{time:%H:%M:%S}" if today else f"{time:%Y-%m-%d %H:%M:%S}"


def size(count: float) -> str:
    """Writes bytes with a unit that fits."""
    for unit, digits in (("B", 0), ("KB", 1), ("MB", 1)):
        if count < 1000:
            return f"{count:,.{digits}f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"


def dollars(amount: float) -> str:
    """Writes US dollars: with cents, and what is less than a cent with two digits that tell."""
    if amount == 0 or amount >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= 0.01 else f"${amount:.{1 - floor(log10(amount))}f}"


def cost(call: CallHeader) -> str:
    """Writes what a call and all below it cost: `~` of an estimate, `≥` where a price is lacking.

    Nothing is written where no price is known.
    """
    if call.sum_cost is None:
        return ""
    mark = ("≥" if call.cost_partial else "") + ("~" if call.estimated else "")
    return mark + dollars(call.sum_cost)


def tokens(call: CallHeader) -> str:
    """Writes the tokens of a call and all below it: `~` of an estimate."""
    return f"{'~' if call.estimated else ''}{call.sum_tokens:,}"


def print_projects(projects: Sequence[ProjectSummary]) -> None:
    """Prints how much each project holds."""
    table = _table("project", "traces", "last")
    for project in projects:
        name = f"{project.entity}/{project.name}"
        table.add_row(name, f"{project.traces:,}", when(project.last_us))
    Console().print(table, "")


def print_calls(project: str, calls: Sequence[ListedCall], stats: Stats, what: str) -> None:
    """Prints calls, newest first, under what they sum up to."""
    console = Console()
    errors = "1 error" if stats.errors == 1 else f"{stats.errors:,} errors"
    what = what.removesuffix("s") if stats.count == 1 else what
    console.print(
        f"[bold]{project}[/]  {stats.count:,} {what} · {errors} · "
        f"p50 {duration(stats.p50_us)} · p95 {duration(stats.p95_us)} · "
        f"{stats.tokens:,} tokens",
        highlight=False,
    )
    if not calls:
        return
    bodies = ("input", "output") if console.width >= WIDE else ()
    priced = ["cost"] if any(call.sum_cost is not None for call in calls) else []
    table = _table("", "op", *bodies, *priced, "latency", "started", "id")
    table.columns[1].max_width = (
        max(OP_LENGTH, console.width - FIXED - 10 * len(priced)) if not bodies else None
    )
    for call in calls:
        shown = {
            "input": Text(call.input_preview),
            "output": Text(call.error or call.output_preview, style="red" if call.error else ""),
        }
        table.add_row(
            MARKS.get(call.status, "[yellow]?[/]"),
            Text(call.display_name or call.op_name),
            *(shown[name] for name in bodies),
            *(cost(call) for _ in priced),
            duration(_latency(call)),
            when(call.start_us),
            call.id,
        )
    console.print(table)


def _table(*columns: str) -> Table:
    fill = "input" in columns
    table = Table(box=None, pad_edge=False, header_style="dim", expand=fill)
    for column in columns:
        wide = column in ("input", "output")
        table.add_column(
            column,
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if wide else None,
            min_width={"id": ID_LENGTH, "latency": 7, "started": 8}.get(column),
            justify="right" if column in RIGHT else "left",
        )
    return table


def _latency(call: CallHeader) -> int | None:
    return None if call.end_us is None else call.end_us - call.start_us


def find_call(store: Store, project: str, start: str) -> CallDetail:
    """Finds a call by its id."""
    if len(start.replace("-", "")) != 32:
        raise NotFoundError(
            f"{start!r} is not a call id: `weavelite ls --all` prints them, 36 characters each."
        )
    return store.call(project, start, costs=True)


def print_call(call: CallDetail, trace: Trace) -> None:
    """Prints a trace as a tree, and one call of it whole."""
    console = Console()
    console.print(_tree(call, trace))
    if call.usage:
        console.print(_usage(call.usage))
    for name, value in (("inputs", call.inputs), ("output", call.output)):
        console.print(f"\n[dim]{name}[/]")
        console.print_json(json.dumps(in_words(value), default=str))
    if call.exception:
        console.print("\n[dim]exception[/]")
        console.print(Text(call.exception, style="red"))
    if call.attributes:
        console.print("\n[dim]attributes[/]")
        console.print_json(json.dumps(in_words(call.attributes), default=str))


def _tree(chosen: CallDetail, trace: Trace) -> Tree:
    known = {call.span_id for call in trace.calls}
    tree = Tree(f"[dim]trace {trace.trace_id}[/]")
    branches: dict[str, Tree] = {}
    waiting = list(trace.calls)
    while waiting:
        rest = []
        for call in waiting:
            parent = call.parent_span_id
            above = branches.get(parent) if parent in known and parent is not None else tree
            if above is None:
                rest.append(call)
                continue
            branches[call.span_id] = above.add(_line(call, bold=call.id == chosen.id))
        if len(rest) == len(waiting):  # parents that are each other's children: foreign damage
            break
        waiting = rest
    return tree


def _usage(used: Sequence[ModelUsage]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("model", "bucket", "tokens", "cost"):
        table.add_column(column, justify="right" if column in ("tokens", "cost") else "left")
    for item in used:
        mark = "~" if item.estimated else ""
        name = item.model or "unknown model"
        for bucket in dict.fromkeys((*item.tokens, *item.costs)):
            count, spent = item.tokens.get(bucket), item.costs.get(bucket)
            table.add_row(
                Text(name),
                bucket.replace("_", " "),
                "" if count is None else f"{mark}{count:,}",
                "" if spent is None else mark + dollars(spent),
            )
            name = ""
    return table


def _line(call: CallHeader, *, bold: bool) -> Text:
    line = Text.from_markup(MARKS.get(call.status, "[yellow]?[/]"))
    line.append(f" {call.display_name or call.op_name}", style="bold" if bold else "")
    line.append(f"  {duration(_latency(call))}", style="dim")
    if call.sum_tokens:
        line.append(f"  {tokens(call)} tokens", style="dim")
    if call.sum_cost is not None:
        line.append(f"  {cost(call)}", style="dim")
    if call.error:
        line.append(f"  {call.error}", style="red")
    return line


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, as_json: bool) -> None:
    """Prints what a query found, as a table or as JSON lines; bytes as hexadecimal digits."""
    plain = [[value.hex() if isinstance(value, bytes) else value for value in row] for row in rows]
    if as_json:
        for row in plain:
            print(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in plain:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    Console().print(table)


def print_settings(settings: Sequence[Origin]) -> None:
    """Prints each setting with its value, its origin and its meaning."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("variable", "value", "from", "meaning"):
        table.add_column(column, overflow="fold")
    for entry in settings:
        value = "" if entry.value is None else str(entry.value)
        table.add_row(Text(entry.variable), Text(value), entry.origin, Text(entry.meaning))
    Console().print(table)
