"""Brings what programs write into the store while the server runs."""

import logging
import threading
import time
from collections.abc import Callable

from weavelite.journal.drain import Drain

logger = logging.getLogger("weavelite")

EVERY_SECONDS = 0.2
CHORES_EVERY_SECONDS = 2.0
PAUSE_SECONDS = 0.02  # others may want to write, too


class Drainer:
    """Drains the journals beside a store, live ones included, until it is stopped."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="weavelite-drain", daemon=True)
        self._complained = False
        self._chores = {drain.store.estimate: 0.0, drain.store.index: 0.0}

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
            if self._step() == 0:
                self._stop.wait(PAUSE_SECONDS if self._do_chores() else EVERY_SECONDS)

    def _step(self) -> int:
        return self._guarded(self._drain.step)

    def _do_chores(self) -> int:
        """Does a piece of what may wait; a chore with nothing to do is not asked again at once."""
        done = 0
        for chore, at in self._chores.items():
            if time.monotonic() >= at:
                moved = self._guarded(chore)
                done += moved
                if not moved:
                    self._chores[chore] = time.monotonic() + CHORES_EVERY_SECONDS
        return done

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
