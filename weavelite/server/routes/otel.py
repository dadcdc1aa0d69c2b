"""The door for OpenTelemetry: OTLP over HTTP, protobuf or JSON, plain or packed."""

import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from weavelite.errors import StoreError, WeaveliteError
from weavelite.privacy import Privacy
from weavelite.records.writes import Batch
from weavelite.refs import parse_project
from weavelite.server.bodies import EncodingError, TooLargeError, read_body
from weavelite.server.embedded import keep_content
from weavelite.server.otlp_wire import LOGS, METRICS, TRACES, WIRES, UnreadableError, Wire
from weavelite.store.base import Store

logger = logging.getLogger("weavelite")
router = APIRouter()

AT_ONCE = 2_000
"""Spans that one transaction takes: others write to the store, too."""
INVALID_ARGUMENT, UNAVAILABLE = 3, 14
ContentType = Annotated[str, Header(alias="content-type")]
Encoding = Annotated[str, Header(alias="content-encoding")]
ProjectHeader = Annotated[str | None, Header(alias="x-weavelite-project")]
Take = Callable[[Store, Privacy, Wire, bytes, str | None], Response]


@router.post("/v1/traces", include_in_schema=False)
@router.post("/otel/v1/traces", include_in_schema=False)
@router.post("/api/public/otel/v1/traces", include_in_schema=False)
async def traces(
    request: Request,
    content_type: ContentType = "",
    content_encoding: Encoding = "",
    project: ProjectHeader = None,
) -> Response:
    """Stores spans as calls; sending them twice stores them once.

    Also under the paths to which the clients of LangSmith and of Langfuse send them.
    """
    return await _taken(request, content_type, content_encoding, project, _take_spans)


@router.post("/v1/logs", include_in_schema=False)
async def logs(
    request: Request,
    content_type: ContentType = "",
    content_encoding: Encoding = "",
) -> Response:
    """Gives events, which come as logs, to the calls of their spans, be these here or not yet."""
    return await _taken(request, content_type, content_encoding, None, _take_logs)


@router.post("/v1/metrics", include_in_schema=False)
async def metrics(
    request: Request, content_type: ContentType = "", content_encoding: Encoding = ""
) -> Response:
    """Passes metrics over: senders that are set up for all signals are not to fail for one."""
    return await _taken(request, content_type, content_encoding, None, _take_metrics)


async def _taken(
    request: Request, content_type: str, encoding: str, project: str | None, take: Take
) -> Response:
    wire = WIRES.get(content_type.partition(";")[0].strip().lower())
    if wire is None:
        return Response(
            f"Send {' or '.join(WIRES)}: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.", 415
        )
    try:
        body = await read_body(request, encoding)
    except EncodingError as error:
        return wire.status(400, INVALID_ARGUMENT, str(error))
    except TooLargeError as error:
        return wire.status(413, INVALID_ARGUMENT, str(error))
    named = str(parse_project(project)) if project else None
    state = request.app.state
    return await run_in_threadpool(_take, take, state.store, state.privacy, wire, body, named)


def _take(
    take: Take, store: Store, privacy: Privacy, wire: Wire, body: bytes, project: str | None
) -> Response:
    try:
        return take(store, privacy, wire, body, project)
    except UnreadableError as error:
        return wire.status(400, INVALID_ARGUMENT, str(error))
    except StoreError as error:  # busy or full: the sender keeps what it has, and tries again
        return wire.status(503, UNAVAILABLE, str(error), {"Retry-After": "1"})
    except WeaveliteError:
        raise
    except Exception:  # the sender is not to send the same again for ever
        logger.exception("A request of OTLP could not be read.")
        return wire.status(400, INVALID_ARGUMENT, "The request cannot be read: see the log.")


def _take_spans(
    store: Store, privacy: Privacy, wire: Wire, body: bytes, project: str | None
) -> Response:
    from weavelite.dialects.again import map_again
    from weavelite.dialects.otlp import read_spans

    mapped = read_spans(wire.items(TRACES, body), project)
    calls = mapped.batch.calls
    for start in range(0, len(calls), AT_ONCE):
        piece = Batch(ops=mapped.batch.ops, calls=calls[start : start + AT_ONCE])
        privacy.batch(piece)
        keep_content(piece)
        store.ingest(piece)
        store.join_events(map_again, [(call.trace_id, call.span_id) for call in piece.calls])
    return wire.answer(TRACES, mapped.rejected, mapped.reason)


def _take_logs(
    store: Store, privacy: Privacy, wire: Wire, body: bytes, project: str | None
) -> Response:
    from weavelite.dialects.again import map_again
    from weavelite.dialects.logs import events_of

    batch = Batch(events=privacy.events(list(events_of(wire.items(LOGS, body)))))
    if batch.events:
        store.ingest(batch)
        spans = dict.fromkeys((event.trace_id, event.span_id) for event in batch.events)
        store.join_events(map_again, list(spans))
    return wire.answer(LOGS)


def _take_metrics(
    store: Store, privacy: Privacy, wire: Wire, body: bytes, project: str | None
) -> Response:
    return wire.answer(METRICS, reason="weavelite keeps traces; metrics are passed over.")
