"""What the terminal shows of an evaluation at its end."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from weavelite.eval.cell import CellResult
from weavelite.trace.recording import guarded
from weavelite.verdicts import Metric, flat_numbers, metrics_of

FORMATS = {
    "fraction": lambda value: f"{value:.1%}".replace("%", " %"),
    "number": lambda value: f"{value:.3f}",
    "seconds": lambda value: f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s",
    "tokens": lambda value: f"{value:,.0f}",
    "dollars": lambda value: f"${value:,.4f}",
}


def format_metric(metric: Metric) -> str:
    """Writes the value of a metric with its unit."""
    return "–" if metric.value is None else FORMATS[metric.kind](metric.value)


def print_summary(
    title: str,
    summary: dict[str, Any],
    cells: int,
    url: str | None,
    nans: Mapping[str, int] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Prints the metrics of a run, its errors, and where to look at it; raises nothing."""
    guarded(
        lambda: _print(title, summary, cells, url, nans or {}, notes),
        "a table could not be printed",
    )


def _print(
    title: str,
    summary: dict[str, Any],
    cells: int,
    url: str | None,
    nans: Mapping[str, int],
    notes: Sequence[str],
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # names are the user's, and no markup

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("metric", style="dim")
    table.add_column("value", justify="right")
    for metric in metrics_of(summary):
        table.add_row(Text(metric.name), format_metric(metric))
    table.add_row("cells", f"{cells:,}")
    console = Console(stderr=True)
    console.print(Text(title, style="bold"), soft_wrap=True)
    console.print(table)
    for note in notes:
        console.print(Text(note), soft_wrap=True)
    for line in (*error_lines(summary.get("errors") or {}), *nan_lines(nans)):
        console.print(Text(line, style="red"), soft_wrap=True)
    if url is not None:
        console.print(Text(url, style="dim"), soft_wrap=True)


def nan_counts(results: Iterable[CellResult]) -> dict[str, int]:
    """Counts the cells where a score, or a number in it, is NaN."""
    found: dict[str, int] = {}
    for result in results:  # a NaN is written as a dictionary, see CellResult
        for name, score in result.scores.items():
            if isinstance(score, dict) and any(
                map(math.isnan, flat_numbers(result.score(name)).values())
            ):
                found[name] = found.get(name, 0) + 1
    return found


def nan_lines(nans: Mapping[str, int]) -> list[str]:
    """Says where a mean is NaN, and of how many cells that comes."""
    return [f"{count} cells with NaN for {name}: so is its mean" for name, count in nans.items()]


def error_lines(errors: dict[str, Any]) -> list[str]:
    """Says how many cells failed, and where; errors of the infrastructure apart."""
    outside = errors.get("infrastructure") or {}
    lines = [
        f"{count} cells without {what}: {why}"
        for count, what, why in (
            (errors.get("model"), "a prediction", "the model raised an error"),
            (outside.get("model"), "a prediction", "the infrastructure failed, not the model"),
        )
        if count
    ]
    for failed, why in (
        (errors, "the scorer raised an error"),
        (outside, "the infrastructure failed, not the scorer"),
    ):
        for name, count in (failed.get("scorers") or {}).items():
            lines.append(f"{count} cells without a score of {name}: {why}")
    if outside:
        lines.append("evaluate(model, resume=True) runs what the infrastructure failed at again")
    return lines
