"""What the terminal shows of an evaluation: a bar while it runs, a table at its end."""

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
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


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[CellResult], None]]:
    """Shows rows done, errors, rate and time left on a terminal, and nothing elsewhere."""
    if not _on_a_terminal():
        yield lambda result: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[errors]}"),
        TimeLeft(),
        console=Console(stderr=True),
        transient=True,
    )
    errors = 0
    with bar:
        task = bar.add_task(title, total=total, errors="")

        def done(result: CellResult) -> None:
            nonlocal errors
            errors += bool(result.model_error) + len(result.scorer_errors)
            bar.update(task, advance=1, errors=f"[red]{errors} errors[/]" if errors else "")

        yield done


def _on_a_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def print_summary(
    title: str,
    summary: dict[str, Any],
    cells: int,
    url: str | None,
    nans: Mapping[str, int] | None = None,
) -> None:
    """Prints the metrics of a run, its errors, and where to look at it; raises nothing."""
    guarded(lambda: _print(title, summary, cells, url, nans or {}), "a table could not be printed")


def _print(
    title: str, summary: dict[str, Any], cells: int, url: str | None, nans: Mapping[str, int]
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
    """Says how many rows failed, and where."""
    lines = []
    if errors.get("model"):
        lines.append(f"{errors['model']} cells without a prediction: the model raised an error")
    for name, count in (errors.get("scorers") or {}).items():
        lines.append(f"{count} cells without a score of {name}: the scorer raised an error")
    return lines
