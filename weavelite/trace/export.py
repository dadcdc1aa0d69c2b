"""Sends ended calls on to an OpenTelemetry collector, through the SDK's own exporter.

It reads the journal, not the hot path, in a thread of its own, and tries again while the collector
is away, be it in a later process. Where to, and how, is said by the standard OTEL_EXPORTER_OTLP_*
variables.
"""

import atexit
import contextvars
import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from weavelite.errors import MissingExtraError, SettingError
from weavelite.journal.outbox import Outbox
from weavelite.journal.segment import Journal
from weavelite.records.writes import Batch, OpWrite

if TYPE_CHECKING:
    from weavelite.trace.spans import Resources

logger = logging.getLogger("weavelite")

EVERY_SECONDS = 0.5
AWAY_SECONDS = 5.0
LAST_SECONDS = 15.0
MOST_SPANS = 500
PATIENCE = 5
"""Is how often a piece is refused before it is sent span by span, to a collector that is there."""
FOLDER = "export"


class SpanExporter(Protocol):
    """Is what this module needs of the SDK's exporters."""

    def export(self, spans: Any) -> Any:
        """Sends spans; the result's name is SUCCESS or FAILURE."""

    def shutdown(self) -> None:
        """Lets go of the connection."""


def make_export(
    wanted: str | None, journal: Journal, most: int, *, content: bool
) -> "OtlpExport | None":
    """Makes the export that `init(export=...)` asks for; `most` is what its journal may take."""
    if wanted is None:
        return None
    if wanted != "otlp":
        raise SettingError(f'export={wanted!r}: expected "otlp".')
    return OtlpExport(journal, _sdk_exporter(), most, content=content)


def _sdk_exporter() -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise MissingExtraError('export="otlp"', "otel") from None
    return OTLPSpanExporter()


def _resources() -> "Resources":
    from weavelite.trace.spans import Resources

    return Resources()


class OtlpExport:
    """Exports the calls of one journal until it is closed, and what earlier processes left."""

    def __init__(
        self,
        journal: Journal,
        exporter: SpanExporter,
        most: int,
        *,
        content: bool,
        resources: "Resources | None" = None,
    ) -> None:
        self._journal, self._exporter, self._most = journal, exporter, most
        self._content = content
        self._resources = resources or _resources()
        self._outbox = Outbox(journal.folder / FOLDER, most)
        journal.on_begin = self._outbox.take
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._complained = False
        self._refusals = 0

    def start(self) -> None:
        """Begins to export."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="weavelite-otlp", daemon=True)
            contextvars.Context().run(self._thread.start)  # it belongs to no call
            atexit.register(self.close)

    def in_child(self) -> "OtlpExport":
        """Makes the export of a forked child, which has neither the thread nor what it held."""
        atexit.unregister(self.close)
        return OtlpExport(
            self._journal, self._exporter, self._most, content=self._content,
            resources=self._resources,
        )  # fmt: skip

    def close(self) -> None:
        """Exports what is left, for a while, and ends."""
        atexit.unregister(self.close)
        self._stop.set()
        if self._thread is None:
            return
        self._journal.seal()  # so that it can be read to its end, and let go
        deadline = time.monotonic() + LAST_SECONDS
        self._thread.join(timeout=LAST_SECONDS)
        self._thread = None
        if self._lock.acquire(timeout=1):
            while time.monotonic() < deadline and self._step():
                pass
            if not self._outbox.is_empty():
                logger.warning(
                    "weavelite ends before all calls were exported: the next process that exports "
                    "from this store goes on, and the store has them."
                )
            self._exporter.shutdown()
            self._lock.release()

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                moved = self._step()
            if moved is False:
                self._stop.wait(AWAY_SECONDS)
            elif moved is None:
                self._stop.wait(EVERY_SECONDS)

    def _step(self) -> bool | None:
        """Exports a piece: True when done, False when the collector is away, None when idle."""
        found = self._outbox.piece()
        if found is None:
            return None
        try:
            spans = self._spans(*found)
        except sqlite3.Error as caught:  # it may say what was deleted the next time
            self._complain(f"the store does not say what was deleted: {caught}")
            return False
        for start in range(0, len(spans), MOST_SPANS):
            if not self._sent(spans[start : start + MOST_SPANS]):
                self._refusals += 1
                if self._refusals < PATIENCE or not self._send([])[0]:
                    self._lose_what_is_too_much()
                    return False
                self._one_by_one(spans)
                break
        self._refusals = 0
        self._outbox.advance()
        return True

    def _send(self, spans: list[Any]) -> tuple[bool, Any]:
        try:
            result = self._exporter.export(spans)
        except Exception as caught:  # the network, or the exporter, may fail in any way
            return False, caught
        return getattr(result, "name", "") == "SUCCESS", result

    def _sent(self, spans: list[Any]) -> bool:
        done, why = self._send(spans)
        if not done:
            self._complain(f"{why}; is OTEL_EXPORTER_OTLP_ENDPOINT right?")
        return done

    def _complain(self, why: str) -> None:
        if not self._complained:
            self._complained = True
            logger.warning(
                "weavelite cannot export calls now; they are kept, and tried again: %s", why
            )

    def _one_by_one(self, spans: list[Any]) -> None:
        """Sends what a collector refuses as a whole, so that one bad span holds up no other."""
        refused = sum(not self._send([span])[0] for span in spans)
        if refused:
            logger.warning("The collector refuses %d calls, which are not exported.", refused)

    def _lose_what_is_too_much(self) -> None:
        count = self._outbox.dropped()
        if count:
            logger.warning(
                "weavelite lets go of %d segments that no collector has taken: more than "
                "WEAVELITE_JOURNAL_MAX waits to be exported. The store has their calls.",
                count,
            )

    def _spans(self, batch: Batch, ops: dict[int, OpWrite]) -> list[Any]:
        from weavelite.store.deleting import deleted_of
        from weavelite.trace.spans import readable_span

        unknown = OpWrite(0, "local/unknown", "unknown", "op")
        made: list[Any] = []
        spans = [(call.trace_id, call.span_id) for call in batch.calls]
        gone = deleted_of(self._journal.store_path, spans)
        for call in batch.calls:
            if (call.trace_id, call.span_id) in gone:
                continue
            op = ops.get(call.op_key, unknown)
            try:
                resource = self._resources.of(op.project)
                made.append(readable_span(call, op, resource, content=self._content))
            except Exception:  # one call that makes no span must not hold up the others
                logger.warning("A call of %s cannot be exported.", op.name, exc_info=True)
        return made
