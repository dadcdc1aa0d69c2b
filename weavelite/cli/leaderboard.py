"""The command weavelite eval leaderboard."""

from collections.abc import Sequence
from typing import Annotated

import typer

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.errors import NotFoundError
from weavelite.runs.leaderboard import (
    BoardColumn,
    BoardRow,
    Standing,
    all_columns,
    board,
    stored_columns,
)
from weavelite.runs.reading import evaluation_runs


def leaderboard(
    name: Annotated[
        str | None,
        typer.Argument(help="A Leaderboard object; by default all metrics of all evaluations."),
    ] = None,
    store: StoreOption = None,
    project: ProjectOption = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Prints Markdown.")] = False,
) -> None:
    """Rank models by what their newest runs say; the best of each column has a star."""
    opened, _ = drained_store(store)
    chosen = choose_project(opened, project)
    runs = evaluation_runs(opened, chosen)
    if name is None:
        columns = all_columns(runs)
    else:
        value = opened.object_version(chosen, name, "latest").value
        columns = stored_columns(name, value)
    rows = board(columns, runs)
    if not rows:
        raise NotFoundError("No finished run has such a metric: weavelite eval ls lists the runs.")
    (_print_markdown if markdown else _print)(columns, rows)


def _print(columns: Sequence[BoardColumn], rows: Sequence[BoardRow]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("model", overflow="fold")
    for column in columns:
        table.add_column(Text(column.title), justify="right", overflow="fold")
    for row in rows:
        table.add_row(Text(row.model), *(Text(text) for text in _texts(columns, row)))
    Console().print(table)


def _print_markdown(columns: Sequence[BoardColumn], rows: Sequence[BoardRow]) -> None:
    heads = ["model", *(column.title for column in columns)]
    lines = [heads, ["---"] + ["---:"] * len(columns)]
    lines += [[row.model, *_texts(columns, row)] for row in rows]
    for line in lines:
        print("| " + " | ".join(text.replace("|", "\\|") for text in line) + " |")


def _texts(columns: Sequence[BoardColumn], row: BoardRow) -> list[str]:
    return [
        _text(column, standings) for column, standings in zip(columns, row.standings, strict=True)
    ]


def _text(column: BoardColumn, standings: Sequence[Standing]) -> str:
    from weavelite.verdicts.wording import value_text

    if not standings:
        return "–"
    newest = standings[0]
    return f"{value_text(newest.value, column.kind)} {'★' if newest.is_best else ' '}"
