"""What the terminal shows of runs of evaluations, and of what comparing them says."""

import json
from collections.abc import Sequence

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from weavelite.cli.show import when
from weavelite.runs.choosing import short_ids
from weavelite.serialize import in_words
from weavelite.verdicts import ComparedRow, Comparison, EvaluationRun
from weavelite.verdicts.metrics import numbers
from weavelite.verdicts.report import (
    COLUMNS,
    ended,
    fairness_lines,
    rows_text,
    table_row,
)
from weavelite.verdicts.wording import metric_text, plural, value_text

STYLES = {"▲": "green", "▼": "red", "≠": "yellow", "?": "yellow", "=": "dim", "!": "yellow"}
MAIN_METRICS = 3
EXAMPLE_LENGTH = 60


def print_runs(runs: Sequence[EvaluationRun], total: int) -> None:
    """Prints runs as a table, newest first."""
    if not runs:
        print("There is no evaluation yet: run one with weavelite.Evaluation(...).evaluate(model).")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("run", "model", "status", "cells", "metrics", "when"):
        table.add_column(column, justify="right" if column == "cells" else "left", overflow="fold")
    for run, short in zip(runs, short_ids([run.id for run in runs]), strict=True):
        name = Text(run.name)
        name.append(f"\n{short}", style="dim")
        if run.is_baseline:
            name.append("  baseline", style="bold")
        partly = "" if run.total in (None, run.rows) else f" of {run.total:,}"
        metrics = Text("\n".join(_metrics(run)))
        cells = f"{run.rows:,}{partly}"
        table.add_row(name, Text(run.model), run.status, cells, metrics, when(run.start_us))
    Console().print(table)
    if total > len(runs):
        print(f"{len(runs)} of the newest {total}: --limit shows more.")


def _metrics(run: EvaluationRun) -> list[str]:
    shown = [
        f"{metric_text(metric.name)} {value_text(metric.value, metric.kind)}"
        for metric in run.metrics[:MAIN_METRICS]
    ]
    if run.errors.model:
        shown.append(plural(run.errors.model, "model error"))
    if run.errors.infrastructure:
        shown.append(plural(run.errors.infrastructure, "infrastructure error"))
    return shown


def print_runs_as_json(runs: Sequence[EvaluationRun], _: int) -> None:
    """Prints runs as JSON, one a line."""
    for run in runs:
        print(orjson.dumps(run).decode())


def as_json(comparison: Comparison) -> str:
    """Writes a comparison as JSON, in the form of the HTTP API."""
    return orjson.dumps(comparison, option=orjson.OPT_INDENT_2).decode()


def print_comparison(comparison: Comparison, rows: int) -> None:
    """Prints a comparison: for each run what came out, how fair that is, and the figures."""
    console = Console()
    labels = comparison.labels
    for place in range(1, len(labels)):
        sentence = ended(comparison.headlines[place - 1])
        console.print(Text(sentence, style="bold"), soft_wrap=True)
        for line in fairness_lines(comparison, place):
            console.print(Text(line, style=STYLES.get(line[0], "dim")), soft_wrap=True)
        console.print()
        console.print(_table(comparison, place))
        console.print()
        for note in comparison.footnotes:
            if note.run == place:
                console.print(Text(note.text, style="dim"), soft_wrap=True)
        console.print()
    console.print(rows_text(comparison) + ".", highlight=False, soft_wrap=True)
    for row in moved_rows(comparison, rows):
        console.print(row, no_wrap=True, overflow="ellipsis")


def _table(comparison: Comparison, place: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    labels = comparison.labels
    columns = (COLUMNS[0], labels[0], labels[place], *COLUMNS[3:])
    for number, column in enumerate(columns):
        is_text = number in (0, len(columns) - 1)
        table.add_column(Text(column), justify="left" if is_text else "right", overflow="fold")
    for metric in comparison.metrics:
        *cells, verdict = table_row(metric, place)
        style = STYLES.get(verdict[0], "dim")
        table.add_row(*map(Text, cells), Text(verdict, style=style))
    return table


def moved_rows(comparison: Comparison, most: int) -> list[Text]:
    """Names the rows that regressed, then those that improved, and their scores in each run."""
    lines = []
    for group, style in (("regressed", "red"), ("improved", "green")):
        seen: set[str] = set()
        for row in comparison.rows:
            if row.group == group and row.digest not in seen and len(seen) < most:
                seen.add(row.digest)
                lines.append(Text(f"{group}  {_row(row)}", style=style))
        left = comparison.groups[group] - len(seen)
        if left > 0 and most:
            lines.append(Text(f"{' ' * len(group)}  and {left:,} more", style="dim"))
    return lines


def _row(row: ComparedRow) -> str:
    place = row.digest[:6] if row.index is None else f"#{row.index}"
    example = row.example
    if isinstance(example, dict) and example:
        example = next(iter(example.values()))
    text = example if isinstance(example, str) else json.dumps(in_words(example), default=str)
    text = " ".join(text.split())
    text = text if len(text) <= EXAMPLE_LENGTH else text[:EXAMPLE_LENGTH] + "…"
    return "  ".join([place, text, *_moves(row)])


def _moves(row: ComparedRow) -> list[str]:
    """Says what the scores were and are, where there are two runs: `exact no → yes`."""
    if len(row.cells) != 2 or None in row.cells:
        return []
    before, after = (dict(numbers(cell.scores)) for cell in row.cells if cell is not None)
    return [
        f"{name} {_score(before[name])} → {_score(value)}"
        for name, value in after.items()
        if name in before and before[name] != value
    ]


def _score(value: bool | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value_text(value, "number")
