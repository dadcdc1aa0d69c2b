"""Serves the built viewer: its files, and its page for every other address."""

import re
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"

NOT_BUILT = "The viewer is not built here: run `make viewer` (or `pip install .`), and reload.\n"
YEAR = "public, max-age=31536000, immutable"
_TRACE = re.compile(r"([\w.-]+/[\w.-]+/traces/[0-9a-f]{32})", re.ASCII)


def mount(app: FastAPI, static: Path = STATIC) -> None:
    """Adds the viewer to an application, behind all its other routes."""
    if (static / "assets").is_dir():
        app.mount("/assets", _Forever(directory=static / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(request: Request, path: str) -> Response:
        if path.startswith(("api/", "v1/")):
            return Response(
                '{"error": "There is no such route."}', 404, media_type="application/json"
            )
        index = static / "index.html"
        if not index.exists():
            return PlainTextResponse(NOT_BUILT, 503)
        file = static / path
        if path and "/" not in path and file.is_file():
            return FileResponse(file)
        return FileResponse(index, headers={"Cache-Control": "no-cache", **_early(path)})


def _early(path: str) -> dict[str, str]:
    """Names what a page will ask for, so that it is read while the browser loads the viewer."""
    trace = _TRACE.fullmatch(path)
    if trace is None:
        return {}
    return {"Link": f"</api/projects/{trace[1]}/packed>; rel=preload; as=fetch; crossorigin"}


class _Forever(StaticFiles):
    """Serves files whose names hold their digest: they never change."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = YEAR
        return response
