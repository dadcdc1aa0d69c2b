"""SQL on the documented views, for reading only."""

import time
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from weavelite.server.answers import SqlResult, SqlViews
from weavelite.server.parts import IN_PROJECT, TheProject
from weavelite.store import views
from weavelite.store.selecting import select, view_columns

router = APIRouter(prefix=IN_PROJECT + "/sql")

MOST_ROWS, MOST_SECONDS = 10_000, 20.0
_EXACT = 1 << 53
"""From here on whole numbers are not exact in JavaScript."""


@dataclass(slots=True)
class Statement:
    """Is a statement to run; `:project` in it is the project of the page."""

    query: Annotated[str, Field(max_length=100_000)]
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 1_000


@router.get("")
def sql_views(request: Request, project: TheProject) -> SqlViews:
    """Lists the views with their columns, and queries to begin with."""
    listed = view_columns(request.app.state.store_path)
    return SqlViews(views=listed, examples=list(views.EXAMPLES))


@router.post("", response_model=SqlResult)
def run_sql(request: Request, project: TheProject, statement: Statement) -> Response:
    """Runs one statement; reads at most so many rows, and for so long."""
    started = time.perf_counter()
    found = select(
        request.app.state.store_path,
        statement.query,
        project=project,
        limit=statement.limit,
        seconds=MOST_SECONDS,
    )
    result = SqlResult(
        columns=found.columns,
        rows=[[_plain(value) for value in row] for row in found.rows],
        more=found.more,
        seconds=time.perf_counter() - started,
    )
    return Response(orjson.dumps(result), media_type="application/json")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, int) and abs(value) > _EXACT else value
