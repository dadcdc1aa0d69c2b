"""Brings what programs write into the store while the server runs."""

import logging
import threading
import time
from collections.abc import Callable

from weavelite.journal.drain import Drain

logger = logging.getLogger("weavelite")

EVERY_SECONDS = 0.2
COUNT_EVERY_SECONDS = 2.0


class Drainer:
    """Drains the journals beside a store, live ones included, until it is stopped."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weavelite-drain", daemon=True)
        self._complained = False
        self._count_at = 0.0

    def start(self) -> None:
        """Begins to drain."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the piece that it is at."""
        self._stop.set()
        self._thread.join(timeout=10)
        self._drain.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._step() == 0 and self._count() == 0:
                self._stop.wait(EVERY_SECONDS)

    def _step(self) -> int:
        return self._guarded(self._drain.step)

    def _count(self) -> int:
        """Estimates tokens that nobody told; when there was nothing to do, not again at once."""
        if time.monotonic() < self._count_at:
            return 0
        counted = self._guarded(self._drain.store.estimate)
        if not counted:
            self._count_at = time.monotonic() + COUNT_EVERY_SECONDS
        return counted

    def _guarded(self, step: Callable[[], int]) -> int:
        try:
            moved = step()
        except Exception as error:  # whatever it is, the next piece may do better
            if not self._complained:
                self._complained = True
                logger.warning("weavelite cannot drain %s: %s", self._drain.folder, error)
            return 0
        self._complained = False
        return moved
