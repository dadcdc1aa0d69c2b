"""The door for OpenTelemetry: OTLP over HTTP, protobuf or JSON, plain or gzip."""

import zlib
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from weavelite.errors import StoreError
from weavelite.refs import parse_project
from weavelite.server.otlp_wire import WIRES, UnreadableError, Wire
from weavelite.server.private import Privacy
from weavelite.store.base import Store

router = APIRouter()

BODY_LIMIT = 20 * 1024 * 1024  # after decompression, as the specification recommends
INVALID_ARGUMENT, UNAVAILABLE = 3, 14


@router.post("/v1/traces", include_in_schema=False)
async def traces(
    request: Request,
    content_type: Annotated[str, Header()] = "",
    content_encoding: Annotated[str, Header()] = "",
    x_weavelite_project: Annotated[str | None, Header()] = None,
) -> Response:
    """Stores spans as calls; sending them twice stores them once."""
    wire = WIRES.get(content_type.partition(";")[0].strip().lower())
    if wire is None:
        return Response(
            f"Send {' or '.join(WIRES)}: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.", 415
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return _too_large(wire)
    if content_encoding.strip().lower() == "gzip":
        unpacked = _unzip(bytes(body))
        if unpacked is None:
            return wire.status(400, INVALID_ARGUMENT, "The body is not valid gzip.")
        if len(unpacked) > BODY_LIMIT:
            return _too_large(wire)
        body = bytearray(unpacked)
    project = str(parse_project(x_weavelite_project)) if x_weavelite_project else None
    state = request.app.state
    return await run_in_threadpool(_ingest, state.store, state.privacy, wire, bytes(body), project)


def _ingest(
    store: Store, privacy: Privacy, wire: Wire, body: bytes, project: str | None
) -> Response:
    from weavelite.dialects.otlp import read_spans

    try:
        mapped = read_spans(wire.spans(body), project)
    except UnreadableError as error:
        return wire.status(400, INVALID_ARGUMENT, str(error))
    privacy.batch(mapped.batch)
    try:
        store.ingest(mapped.batch)
    except StoreError as error:  # busy or full: the sender keeps the spans, and tries again
        return wire.status(503, UNAVAILABLE, str(error), {"Retry-After": "1"})
    return wire.answer(mapped.rejected, mapped.reason)


def _unzip(body: bytes) -> bytes | None:
    """Unpacks at most a little more than is allowed; None when it is not gzip."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(body, BODY_LIMIT + 1)
    except zlib.error:
        return None


def _too_large(wire: Wire) -> Response:
    message = f"The request is larger than {BODY_LIMIT} bytes."
    return wire.status(413, INVALID_ARGUMENT, message)
