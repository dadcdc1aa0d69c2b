"""The door for OpenTelemetry: OTLP over HTTP, protobuf, plain or gzip."""

import zlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from weavelite.errors import StoreError
from weavelite.refs import parse_project
from weavelite.server.private import Privacy
from weavelite.store.base import Store

router = APIRouter()

PROTOBUF = "application/x-protobuf"
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
    if content_type.partition(";")[0].strip().lower() != PROTOBUF:
        return Response(f"Send {PROTOBUF}: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.", 415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return _too_large()
    if content_encoding.strip().lower() == "gzip":
        unpacked = _unzip(bytes(body))
        if unpacked is None:
            return _status(400, INVALID_ARGUMENT, "The body is not valid gzip.")
        if len(unpacked) > BODY_LIMIT:
            return _too_large()
        body = bytearray(unpacked)
    project = str(parse_project(x_weavelite_project)) if x_weavelite_project else None
    state = request.app.state
    return await run_in_threadpool(_ingest, state.store, state.privacy, bytes(body), project)


def _ingest(store: Store, privacy: Privacy, body: bytes, project: str | None) -> Response:
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

    from weavelite.dialects.otlp import read_request

    message = service.ExportTraceServiceRequest()
    try:
        message.ParseFromString(body)
    except DecodeError:
        return _status(400, INVALID_ARGUMENT, "The body is not an ExportTraceServiceRequest.")
    mapped = read_request(message, project)
    privacy.batch(mapped.batch)
    try:
        store.ingest(mapped.batch)
    except StoreError as error:  # busy or full: the sender keeps the spans, and tries again
        return _status(503, UNAVAILABLE, str(error), {"Retry-After": "1"})
    answer = service.ExportTraceServiceResponse()
    if mapped.rejected:
        answer.partial_success.rejected_spans = mapped.rejected
        answer.partial_success.error_message = mapped.reason
    return Response(answer.SerializeToString(), media_type=PROTOBUF)


def _unzip(body: bytes) -> bytes | None:
    """Unpacks at most a little more than is allowed; None when it is not gzip."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        return unpacker.decompress(body, BODY_LIMIT + 1)
    except zlib.error:
        return None


def _too_large() -> Response:
    return _status(413, INVALID_ARGUMENT, f"The request is larger than {BODY_LIMIT} bytes.")


def _status(
    code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
) -> Response:
    """Answers with a google.rpc.Status: field 1 is the code, field 2 the message."""
    text = message.encode()
    body = b"\x08" + bytes([rpc_code]) + b"\x12" + _varint(len(text)) + text
    return Response(body, code, headers, PROTOBUF)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
