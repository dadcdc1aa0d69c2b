"""SQL over a store, for reading only."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weavelite.errors import QueryError
from weavelite.store import views
from weavelite.store.sqlite import connect


@dataclass(frozen=True, slots=True)
class Described:
    """Is a view, what a row of it is, and its columns."""

    name: str
    meaning: str
    columns: list[str]


def run_sql(path: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one statement; returns the names of its columns and its rows, or raises QueryError."""
    with closing(_open(path)) as connection, closing(_open(path)) as reader:
        try:
            views.assist(connection, reader)
            cursor = connection.execute(query)
            return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            names = ", ".join(view.name for view in (*views.PLAIN, *views.ASSISTED))
            raise QueryError(
                f"{error}. The views are: {names}; `weavelite sql` lists their columns."
            ) from None


def describe(path: Path) -> list[Described]:
    """Lists the views of a store with their columns."""
    with closing(_open(path)) as connection, closing(_open(path)) as reader:
        views.assist(connection, reader)
        return [
            Described(
                view.name,
                view.meaning,
                [row[1] for row in connection.execute(f"PRAGMA table_info({view.name})")],
            )
            for view in (*views.PLAIN, *views.ASSISTED)
        ]


def _open(path: Path) -> sqlite3.Connection:
    return connect(path, readonly=True)


def print_views(described: list[Described]) -> None:
    """Prints the views, their columns, and queries to begin with."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    for view in described:
        console.print(f"[bold]{view.name}[/]  [dim]{view.meaning}[/]", highlight=False)
        console.print(Text("  " + ", ".join(view.columns)))
    console.print(
        "\n[dim]costs_v1, bodies_v1 and evaluations_v1 are in `weavelite sql` only; the others are"
        " in the file, for any tool that opens SQLite.[/]\n",
        highlight=False,
    )
    for example in views.EXAMPLES:
        console.print(Text(f'weavelite sql "{example}"', style="cyan"), soft_wrap=True)
