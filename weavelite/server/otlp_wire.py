"""The two encodings of OTLP over HTTP: protobuf and JSON, in and out."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from fastapi.responses import Response

from weavelite.dialects import logs, spans

_HALF = re.compile("[\ud800-\udfff]")


class UnreadableError(ValueError):
    """Says that a body is not a request of OTLP."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Is what a request carries, and how it is called where the two encodings need it."""

    request: str
    answer: str
    rejected: str
    rejected_json: str
    module: str
    from_protobuf: Callable[[Any], Iterator[Any]]
    from_json: Callable[[Any], Iterator[Any]]

    def message(self, name: str) -> Any:
        """Makes an empty message; protobuf is imported when the first request needs it."""
        from importlib import import_module

        return getattr(import_module(self.module), name)()


TRACES = Signal(
    "ExportTraceServiceRequest", "ExportTraceServiceResponse", "rejected_spans", "rejectedSpans",
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    spans.from_protobuf, spans.from_json,
)  # fmt: skip
LOGS = Signal(
    "ExportLogsServiceRequest", "ExportLogsServiceResponse", "rejected_log_records",
    "rejectedLogRecords", "opentelemetry.proto.collector.logs.v1.logs_service_pb2",
    logs.from_protobuf, logs.from_json,
)  # fmt: skip
METRICS = Signal(
    "ExportMetricsServiceRequest", "ExportMetricsServiceResponse", "rejected_data_points",
    "rejectedDataPoints", "opentelemetry.proto.collector.metrics.v1.metrics_service_pb2",
    lambda request: iter(()), lambda request: iter(()),
)  # fmt: skip


class Wire(Protocol):
    """Reads requests and writes answers in one encoding; an answer has that of its request."""

    media_type: str

    def items(self, signal: Signal, body: bytes) -> Iterator[Any]:
        """Reads what a request carries; raises UnreadableError, at once or on the way."""

    def answer(self, signal: Signal, rejected: int = 0, reason: str = "") -> Response:
        """Says that a request was taken, and how much of it was not."""

    def status(
        self, code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
    ) -> Response:
        """Says in a google.rpc.Status why nothing was taken."""


class Protobuf:
    """Is the binary encoding."""

    media_type = "application/x-protobuf"

    def items(self, signal: Signal, body: bytes) -> Iterator[Any]:
        """Reads a request."""
        from google.protobuf.message import DecodeError

        message = signal.message(signal.request)
        try:
            message.ParseFromString(body)
        except DecodeError:
            raise UnreadableError(f"The body is not an {signal.request}.") from None
        return signal.from_protobuf(message)

    def answer(self, signal: Signal, rejected: int = 0, reason: str = "") -> Response:
        """Writes the answer; of full success it is empty."""
        answer = signal.message(signal.answer)
        if rejected:
            setattr(answer.partial_success, signal.rejected, rejected)
        if reason:
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

    def items(self, signal: Signal, body: bytes) -> Iterator[Any]:
        """Reads a request; an empty body carries nothing."""
        try:
            yield from signal.from_json(_loads(body) if body.strip() else {})
        except (ValueError, RecursionError) as error:
            raise UnreadableError(f"The body is not OTLP in JSON: {error}.") from None

    def answer(self, signal: Signal, rejected: int = 0, reason: str = "") -> Response:
        """Writes the answer; 64-bit numbers are texts."""
        partial = {signal.rejected_json: str(rejected)} if rejected else {}
        if reason:
            partial["errorMessage"] = reason
        return Response(
            orjson.dumps({"partialSuccess": partial} if partial else {}),
            media_type=self.media_type,
        )

    def status(
        self, code: int, rpc_code: int, message: str, headers: dict[str, Any] | None = None
    ) -> Response:
        """Writes the status."""
        body = orjson.dumps({"code": rpc_code, "message": message})
        return Response(body, code, headers, self.media_type)


WIRES: dict[str, Wire] = {wire.media_type: wire for wire in (Protobuf(), Json())}


def _loads(body: bytes) -> Any:
    """Reads JSON; halves of characters, which JavaScript cuts texts into, are replaced."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body, object_hook=_without_halves)


def _without_halves(found: dict[str, Any]) -> dict[str, Any]:
    return {
        _HALF.sub("\ufffd", key): _HALF.sub("\ufffd", item) if isinstance(item, str) else item
        for key, item in found.items()
    }


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])
