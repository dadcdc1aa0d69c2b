"""The thread that moves calls from the journal to the store, gently, and shows what takes long."""

import contextlib
import contextvars
import logging
import threading
import time
from typing import TYPE_CHECKING

from weavelite.journal.handover import another_drains, start_drain
from weavelite.trace import recording

if TYPE_CHECKING:
    from weavelite.trace.client import Client

logger = logging.getLogger("weavelite")

PIECE = 16 * 1024
IDLE_SECONDS = 0.1
PAUSE_SECONDS = 0.002
OPEN_NS = 100_000_000
RETRY_SECONDS = 5.0
BUSY_SECONDS = 60.0
BUSY_BYTES = 4 * 1024 * 1024
BACKLOG_BYTES = 8 * 1024 * 1024
LOOK_SECONDS = 0.5


class Worker:
    """Drains the journal of one client until it is stopped; never at full speed."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._stop = threading.Event()
        self._complained = False
        self._started = False
        self._since = self._looked = time.monotonic()
        self._moved = 0
        self._thread = threading.Thread(target=self._run, name="weavelite", daemon=True)
        contextvars.Context().run(self._thread.start)  # it belongs to no call

    def leave(self) -> None:
        """Has the thread end after the piece that it is at."""
        self._stop.set()

    def stop(self) -> None:
        """Ends the thread, and waits for the piece that it is at."""
        self.leave()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            announce_open_calls(self._client)
            started = time.perf_counter()
            if self._step() == 0:
                self._stop.wait(IDLE_SECONDS)
            else:  # at most a third of the time: the user's threads want the interpreter, too
                self._stop.wait(max(PAUSE_SECONDS, 2 * (time.perf_counter() - started)))

    def _begins_anew(self) -> bool:
        """Leaves files that somebody has removed: what is written to them is seen by nobody."""
        if not self._client.journal.is_removed():
            return False
        logger.warning("weavelite: %s was removed, and begins anew.", self._client.folder)
        self._client.journal.seal()
        self._client.close()
        return True

    def _rests(self) -> bool:
        """Leaves the drain to another process: where one is at work, or this one is busy."""
        how = self._client.settings.drain
        if how in ("none", "thread"):
            return how == "none"
        if another_drains(self._client.store_path):
            self._started = False
            return True
        if self._started or not (how == "process" or self._is_busy()):
            return False  # it may be on its way, or have ended
        self._started = True
        return start_drain(self._client.store_path)

    def _is_busy(self) -> bool:
        """Tells whether much was drained within a minute, or much waits."""
        now = time.monotonic()
        if now - self._since > BUSY_SECONDS:
            self._since, self._moved = now, 0
        if self._moved > BUSY_BYTES:
            return True
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        with contextlib.suppress(Exception):  # what is wrong with the store, the drain will say
            return self._client.backlog() > BACKLOG_BYTES
        return False

    def _step(self) -> int:
        try:
            if self._begins_anew() or self._rests():
                return 0
            moved = self._client.drain_piece(PIECE)
        except Exception as error:  # whatever it is, the next piece may do better
            if self._begins_anew():
                return 0
            self._complain(error)
            self._stop.wait(RETRY_SECONDS)
            return 0
        self._moved += moved
        return moved

    def _complain(self, error: Exception) -> None:
        if not self._complained and not self._stop.is_set():  # else `finish` says so
            self._complained = True
            logger.warning("weavelite keeps calls in %s for now: %s", self._client.folder, error)


def announce_open_calls(client: "Client") -> None:
    """Announces the calls that have been open for a while."""
    try:
        now = time.time_ns()
        for call in list(client.open_calls.values()):
            if now - call.start_ns < OPEN_NS:
                break  # in the order of their start
            if not call.announced:
                recording.announce(call)
    except Exception:
        recording.complain("an open call could not be shown")
