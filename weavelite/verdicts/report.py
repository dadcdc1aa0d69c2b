"""Comparisons as text: what `print` shows, and Markdown for pull requests."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from weavelite.verdicts.wording import (
    VERDICTS,
    difference_text,
    interval_text,
    metric_text,
    value_text,
)

if TYPE_CHECKING:
    from weavelite.verdicts.compared import ComparedMetric
    from weavelite.verdicts.comparison import Comparison

COLUMNS = ("metric", "baseline", "run", "difference", "95 % interval", "verdict")
MARKS = {"fair": "✓", "note": "·", "unfair": "!"}
SIGNS = {"better": "▲", "worse": "▼", "different": "≠", "undecided": "?", "unchanged": "="}
SENTENCE = ".", "?", "!"


def fairness_lines(comparison: "Comparison", place: int) -> list[str]:
    """Says how fair it is to compare a run with the baseline: what is right in one line."""
    remarks = [remark for remark in comparison.remarks if remark.run == place]
    fair = [remark.text for remark in remarks if remark.level == "fair"]
    found = [f"{MARKS['fair']} {', '.join(fair)}"] if fair else []
    for level in ("unfair", "note"):
        found += [f"{MARKS[level]} {each.text}" for each in remarks if each.level == level]
    return found


def rows_text(comparison: "Comparison") -> str:
    """Counts the rows by how they moved."""
    groups = comparison.groups
    parts = [f"{groups['regressed']:,} regressed", f"{groups['improved']:,} improved"]
    if groups["mixed"]:
        parts.append(f"{groups['mixed']:,} mixed")
    parts.append(f"{groups['unchanged']:,} unchanged")
    if groups["not_comparable"]:
        parts.append(f"{groups['not_comparable']:,} not comparable")
    return "Rows: " + ", ".join(parts)


def table_row(metric: "ComparedMetric", place: int) -> list[str]:
    """Writes what a table shows of a metric: its name, values, difference, interval, verdict."""
    decision = metric.decisions[place]
    row = [
        metric_text(metric.name),
        value_text(metric.values[0], metric.kind),
        value_text(metric.values[place], metric.kind),
    ]
    if decision is None:
        return [*row, "–", "–", "–"]
    verdict = f"{SIGNS.get(decision.verdict or '', '–')} {VERDICTS[decision.verdict]}"
    difference = difference_text(decision.estimate, metric.kind)
    return [*row, difference, interval_text(decision, metric.kind), verdict]


def ended(sentence: str) -> str:
    """Ends a sentence with a full stop."""
    return sentence if sentence.endswith(SENTENCE) else sentence + "."


def comparison_text(comparison: "Comparison") -> str:
    """Writes a comparison for a terminal without colour."""
    return _written(comparison, _plain_table, bullet="  ", head="")


def comparison_markdown(comparison: "Comparison") -> str:
    """Writes a comparison as Markdown."""
    return _written(comparison, _markdown_table, bullet="- ", head="### ")


Table = Callable[[Sequence[str], Sequence[Sequence[str]]], list[str]]


def _written(comparison: "Comparison", table: Table, *, bullet: str, head: str) -> str:
    labels = comparison.labels
    lines: list[str] = []
    for place in range(1, len(labels)):
        lines += [head + ended(comparison.headlines[place - 1]), ""]
        lines += [bullet + line for line in fairness_lines(comparison, place)]
        columns = [COLUMNS[0], labels[0], labels[place], *COLUMNS[3:]]
        rows = [table_row(metric, place) for metric in comparison.metrics]
        lines += ["", *table(columns, rows), ""]
        lines += [bullet + note.text for note in comparison.footnotes if note.run == place]
        lines.append("")
    if len(labels) > 1:
        lines.append(rows_text(comparison) + ".")
    return "\n".join(lines).strip() + "\n"


def _markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [columns, ["---", *["---:"] * (len(columns) - 2), "---"], *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in (0, len(columns) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (columns, *rows)
    ]
