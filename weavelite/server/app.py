"""The application: routes over a store, errors as answers, and who may ask."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from weavelite.errors import (
    InvalidNameError,
    MissingExtraError,
    NotFoundError,
    QueryError,
    SearchError,
    StoreError,
    WeaveliteError,
)
from weavelite.journal.drain import Drain
from weavelite.privacy import Privacy
from weavelite.redaction import make_redactor
from weavelite.runs.scored import Scored
from weavelite.server import viewer
from weavelite.server.answers import Problem
from weavelite.server.draining import Drainer
from weavelite.server.guard import Guard
from weavelite.server.routes import (
    adding,
    calls,
    content,
    datasets,
    evaluations,
    objects,
    ops,
    otel,
    overview,
    projects,
    sql,
    threads,
    traces,
    views,
)
from weavelite.store.base import Store
from weavelite.version import __version__

ROOMS = (
    projects,
    calls,
    traces,
    threads,
    objects,
    ops,
    datasets,
    adding,
    content,
    evaluations,
    views,
    overview,
    sql,
    otel,
)
STATUS = {
    NotFoundError: 404,
    QueryError: 400,
    InvalidNameError: 400,
    MissingExtraError: 400,
    StoreError: 503,
}


def create_app(
    store: Store, store_path: Path, *, hosts: tuple[str, ...] = (), privacy: Privacy | None = None
) -> FastAPI:
    """Makes the application that serves a store.

    Args:
        store: closed by its owner, not by the application.
        store_path: where the store is; what lies in the journal beside it is drained.
        hosts: host names beside the loopback ones that requests may name.
        privacy: what is kept of spans and notes; by default all but secrets.

    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        drainer = Drainer(Drain(store, store_path))
        drainer.start()
        yield
        drainer.stop()

    app = FastAPI(
        title="weavelite",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"default": {"model": Problem, "description": "What is wrong."}},
        generate_unique_id_function=_operation_name,
    )
    app.state.store, app.state.store_path = store, store_path
    app.state.privacy = privacy if privacy is not None else Privacy(make_redactor())
    app.state.scored = Scored()
    app.state.started_us = time.time_ns() // 1000
    for room in ROOMS:
        app.include_router(room.router)
    viewer.mount(app)
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(WeaveliteError, _explain)
    app.add_exception_handler(Exception, _explain_failure)
    app.add_exception_handler(RequestValidationError, _explain_request)
    return app


def _operation_name(route: APIRoute) -> str:
    return route.name


async def _explain(request: Request, error: Exception) -> JSONResponse:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    headers = {"Retry-After": "1"} if status == 503 else None
    problem = _problem(str(error))
    if isinstance(error, SearchError):
        problem |= {"error": error.message, "start": error.start, "end": error.end}
    return JSONResponse(problem, status, headers)


async def _explain_failure(request: Request, error: Exception) -> JSONResponse:
    """Says what nobody foresaw; the traceback is in the terminal, where it is raised again."""
    return JSONResponse(_problem(f"{type(error).__name__}: {error}"), 500)


async def _explain_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    parts = [f"{'.'.join(str(p) for p in item['loc'])}: {item['msg']}" for item in error.errors()]
    return JSONResponse(_problem("; ".join(parts)), 400)


def _problem(text: str) -> dict[str, Any]:
    return {"error": text, "remedy": ""}


def openapi_json(app: FastAPI) -> bytes:
    """Writes the description of the API that the viewer's types are generated from."""
    return orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
