"""SQL over a store, for reading only: one statement on the documented views."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weavelite.errors import QueryError
from weavelite.store import views
from weavelite.store.opening import connect

_STEPS = 20_000
"""Instructions of SQLite's between two looks at the clock."""
_REFUSED = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)


@dataclass(frozen=True, slots=True)
class ViewColumns:
    """Is a view, what a row of it is, and its columns."""

    name: str
    meaning: str
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Selected:
    """Is what a statement found; `more` tells that there are more rows than were asked for."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    more: bool = False


def select(
    path: Path,
    query: str,
    *,
    project: str | None = None,
    limit: int | None = None,
    seconds: float | None = None,
) -> Selected:
    """Runs one statement, in which `:project` is a project; raises QueryError.

    Args:
        path: the store, which is only read; no other file can be attached.
        query: a statement.
        project: what `:project` stands for.
        limit: how many rows are read at most, None for all.
        seconds: after how long it is given up.

    """
    with closing(_open(path)) as connection, closing(_open(path)) as reader:
        views.assist(connection, reader)
        connection.set_authorizer(_authorize)
        if seconds is not None:
            deadline = time.monotonic() + seconds
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            cursor = connection.execute(query, {"project": project})
            columns = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise QueryError(_explained(error, seconds)) from None
    more = limit is not None and len(rows) > limit
    return Selected(columns, rows[:limit] if more else rows, more)


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in _REFUSED else sqlite3.SQLITE_OK


def _explained(error: Exception, seconds: float | None) -> str:
    if str(error) == "interrupted":
        return (
            f"The query took longer than {seconds:g} s: narrow it, by a time (started_at > ...) or "
            "a limit, or run it without a time limit by `weavelite sql`."
        )
    names = ", ".join(view.name for view in (*views.PLAIN, *views.ASSISTED))
    return f"{error}. The views are: {names}; `weavelite sql` lists their columns."


def view_columns(path: Path) -> list[ViewColumns]:
    """Lists the views of a store with their columns."""
    with closing(_open(path)) as connection, closing(_open(path)) as reader:
        views.assist(connection, reader)
        return [
            ViewColumns(
                view.name,
                view.meaning,
                [row[1] for row in connection.execute(f"PRAGMA table_info({view.name})")],
            )
            for view in (*views.PLAIN, *views.ASSISTED)
        ]


def _open(path: Path) -> sqlite3.Connection:
    return connect(path, readonly=True)
