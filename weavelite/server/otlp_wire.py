"""The two encodings of OTLP over HTTP: protobuf and JSON, in and out."""

from collections.abc import Iterator
from typing import Any, Protocol

import orjson
from fastapi.responses import Response

from weavelite.dialects.spans import Sent, from_json, from_protobuf


class UnreadableError(ValueError):
    """Says that a body is not a request of OTLP."""


class Wire(Protocol):
    """Reads requests and writes answers in one encoding; an answer has that of its request."""

    media_type: str

    def spans(self, body: bytes) -> Iterator[Sent]:
        """Reads spans; raises UnreadableError, at once or on the way."""

    def answer(self, rejected: int, reason: str) -> Response:
        """Says that spans were taken, and how many were not."""

    def status(
        self, code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
    ) -> Response:
        """Says in a google.rpc.Status why nothing was taken."""


class Protobuf:
    """Is the binary encoding."""

    media_type = "application/x-protobuf"

    def spans(self, body: bytes) -> Iterator[Sent]:
        """Reads an ExportTraceServiceRequest."""
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

        message = service.ExportTraceServiceRequest()
        try:
            message.ParseFromString(body)
        except DecodeError:
            raise UnreadableError("The body is not an ExportTraceServiceRequest.") from None
        return from_protobuf(message)

    def answer(self, rejected: int, reason: str) -> Response:
        """Writes an ExportTraceServiceResponse; of full success it is empty."""
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

        answer = service.ExportTraceServiceResponse()
        if rejected:
            answer.partial_success.rejected_spans = rejected
            answer.partial_success.error_message = reason
        return Response(answer.SerializeToString(), media_type=self.media_type)

    def status(
        self, code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
    ) -> Response:
        """Writes the status by hand: field 1 is the code, field 2 the message."""
        text = message.encode()
        body = b"\x08" + bytes([rpc_code]) + b"\x12" + _varint(len(text)) + text
        return Response(body, code, headers, self.media_type)


class Json:
    """Is the JSON encoding, as browsers and Node.js send it."""

    media_type = "application/json"

    def spans(self, body: bytes) -> Iterator[Sent]:
        """Reads a request; an empty body has no spans."""
        try:
            yield from from_json(orjson.loads(body) if body.strip() else {})
        except (orjson.JSONDecodeError, ValueError) as error:
            raise UnreadableError(f"The body is not OTLP in JSON: {error}.") from None

    def answer(self, rejected: int, reason: str) -> Response:
        """Writes the answer; 64-bit numbers are texts."""
        partial = {"rejectedSpans": str(rejected), "errorMessage": reason}
        answer = {"partialSuccess": partial} if rejected else {}
        return Response(orjson.dumps(answer), media_type=self.media_type)

    def status(
        self, code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
    ) -> Response:
        """Writes the status."""
        body = orjson.dumps({"code": rpc_code, "message": message})
        return Response(body, code, headers, self.media_type)


WIRES: dict[str, Wire] = {wire.media_type: wire for wire in (Protobuf(), Json())}


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
