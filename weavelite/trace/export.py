"""Sends ended calls on to an OpenTelemetry collector, through the SDK's own exporter.

It reads the journal, not the hot path, in a thread of its own, and tries again while the collector
is away. Where to, and how, is said by the standard OTEL_EXPORTER_OTLP_* variables.
"""

import atexit
import contextvars
import logging
import threading
import time
from typing import Any, Protocol

from weavelite.errors import MissingExtraError, SettingError
from weavelite.journal.segment import Journal
from weavelite.journal.tail import Tail
from weavelite.records.writes import (
    Batch,
    CallWrite,
    OpWrite,
)

logger = logging.getLogger("weavelite")

EVERY_SECONDS = 0.5
AWAY_SECONDS = 5.0
LAST_SECONDS = 15.0
MOST_SPANS = 500


class SpanExporter(Protocol):
    """Is what this module needs of the SDK's exporters."""

    def export(self, spans: Any) -> Any:
        """Sends spans; the result's name is SUCCESS or FAILURE."""

    def shutdown(self) -> None:
        """Lets go of the connection."""


def make_export(wanted: str | None, journal: Journal) -> "OtlpExport | None":
    """Makes the export that `init(export=...)` asks for."""
    if wanted is None:
        return None
    if wanted != "otlp":
        raise SettingError(f'export={wanted!r}: expected "otlp".')
    return OtlpExport(journal, _sdk_exporter())


def _sdk_exporter() -> SpanExporter:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise MissingExtraError('export="otlp"', "otel") from None
    return OTLPSpanExporter()


class OtlpExport:
    """Exports the calls of one journal until it is closed."""

    def __init__(self, journal: Journal, exporter: SpanExporter) -> None:
        self._journal = journal
        self._tail = Tail(journal)
        self._exporter = exporter
        self._ops: dict[int, OpWrite] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._complained = False

    def start(self) -> None:
        """Begins to export."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="weavelite-otlp", daemon=True)
            contextvars.Context().run(self._thread.start)  # it belongs to no call
            atexit.register(self.close)

    def in_child(self) -> "OtlpExport":
        """Makes the export of a forked child, which has neither the thread nor what it held."""
        atexit.unregister(self.close)
        return OtlpExport(self._journal, self._exporter)

    def close(self) -> None:
        """Exports what is left, for a while, and ends."""
        atexit.unregister(self.close)
        self._stop.set()
        if self._thread is None:
            return
        deadline = time.monotonic() + LAST_SECONDS
        self._thread.join(timeout=LAST_SECONDS)
        self._thread = None
        if self._lock.acquire(timeout=1):
            while time.monotonic() < deadline and self._step():
                pass
            if self._tail.batch() is not None:
                logger.warning("weavelite ends before all calls were exported; the store has them.")
            self._tail.close()
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
        batch = self._tail.batch()
        if batch is None:
            return None
        spans = self._spans(batch)
        for start in range(0, len(spans), MOST_SPANS):
            if not self._sent(spans[start : start + MOST_SPANS]):
                return False
        self._tail.advance()
        return True

    def _sent(self, spans: list[Any]) -> bool:
        try:
            result = self._exporter.export(spans)
            error: Exception | None = None
        except Exception as caught:  # the network, or the exporter, may fail in any way
            result, error = None, caught
        if getattr(result, "name", "") == "SUCCESS":
            return True
        if not self._complained:
            self._complained = True
            logger.warning(
                "weavelite cannot export calls now (%s); they are kept, and tried again while this "
                "process lives. Is OTEL_EXPORTER_OTLP_ENDPOINT right?",
                error or result,
            )
        return False

    def _spans(self, batch: Batch) -> list[Any]:
        from weavelite.trace.spans import readable_span

        self._ops.update((op.key, op) for op in batch.ops)
        return [readable_span(call, self._op(call)) for call in batch.calls if call.end_ns]

    def _op(self, call: CallWrite) -> OpWrite:
        return self._ops.get(call.op_key) or OpWrite(call.op_key, "local/unknown", "unknown", "op")
