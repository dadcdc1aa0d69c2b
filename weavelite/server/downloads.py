"""Answers that a browser saves as files."""

from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

from weavelite.server.shortening import written


def saved_as(name: str) -> dict[str, str]:
    """Makes the header by which a browser saves an answer under a name, never showing it."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def value_file(value: Any, name: str) -> Response:
    """Answers with a text as it is, and with another value as JSON; the name lacks the ending."""
    kind, media = ("txt", "text/plain") if isinstance(value, str) else ("json", "application/json")
    return Response(written(value), headers=saved_as(f"{name}.{kind}"), media_type=media)
