"""What the terminal shows of an evaluation: a bar while it runs, a table at its end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from weavelite.eval.cell import CellResult
from weavelite.verdicts import Metric, metrics_of

FORMATS = {
    "fraction": lambda value: f"{value:.1%}".replace("%", " %"),
    "number": lambda value: f"{value:.3f}",
    "seconds": lambda value: f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s",
    "tokens": lambda value: f"{value:,.0f}",
}


def format_metric(metric: Metric) -> str:
    """Writes the value of a metric with its unit."""
    return "–" if metric.value is None else FORMATS[metric.kind](metric.value)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[CellResult], None]]:
    """Shows rows done, errors, rate and time left on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda result: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    bar = Progress(
        TextColumn("{task.description}"),
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


def print_summary(title: str, summary: dict[str, Any], cells: int, url: str | None) -> None:
    """Prints the metrics of a run, its errors, and where to look at it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("metric", style="dim")
    table.add_column("value", justify="right")
    for metric in metrics_of(summary):
        table.add_row(metric.name, format_metric(metric))
    table.add_row("cells", f"{cells:,}")
    console = Console(stderr=True)
    console.print(f"[bold]{title}[/]", soft_wrap=True, highlight=False)
    console.print(table)
    for line in error_lines(summary.get("errors") or {}):
        console.print(f"[red]{line}[/]")
    if url is not None:
        console.print(f"[dim]{url}[/]", soft_wrap=True)


def error_lines(errors: dict[str, Any]) -> list[str]:
    """Says how many rows failed, and where."""
    lines = []
    if errors.get("model"):
        lines.append(f"{errors['model']} cells without a prediction: the model raised an error")
    for name, count in (errors.get("scorers") or {}).items():
        lines.append(f"{count} cells without a score of {name}: the scorer raised an error")
    return lines
