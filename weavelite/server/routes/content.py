"""Content by its digest. What is stored is not ours: a browser gets it as data, never as a page."""

import re
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from weavelite.media import OCTETS
from weavelite.server.parts import TheStore
from weavelite.server.viewer import YEAR

router = APIRouter()

_SHOWN = re.compile(r"(?:image/(?!svg)|audio/|video/)[\w.+-]+|application/pdf|text/plain")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@router.get("/api/content/{digest}", include_in_schema=False)
def content(
    store: TheStore,
    digest: str,
    type: Annotated[str, Query(max_length=200)] = OCTETS,
    name: Annotated[str, Query(max_length=300)] = "",
    range: Annotated[str, Header()] = "",
) -> Response:
    """Returns content; `type` and `name` are what the value that holds it says of it.

    Images, sounds, videos, PDF and plain text may be shown, anything else is a download.
    """
    data = store.file(digest)
    mimetype = type if _MEDIA_TYPE.fullmatch(type) else OCTETS
    place = "inline" if _SHOWN.fullmatch(mimetype) else "attachment"
    if place == "attachment":
        mimetype = OCTETS
    headers = {
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name or digest, safe='')}",
        "Content-Security-Policy": _SANDBOX,
        "Cache-Control": YEAR.replace("public", "private"),
        "Accept-Ranges": "bytes",
    }
    return _part(data, range, headers, mimetype)


def _part(data: bytes, wanted: str, headers: dict[str, str], mimetype: str) -> Response:
    """Answers with the bytes that are asked for: players seek by ranges."""
    found = _RANGE.fullmatch(wanted)
    if found is None or found[0] == "bytes=-":
        return Response(data, 200, headers, mimetype)
    size = len(data)
    if found[1]:
        start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    else:
        start, end = max(0, size - int(found[2])), size - 1
    if start > end:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{size}"}, mimetype)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Response(data[start : end + 1], 206, headers, mimetype)
