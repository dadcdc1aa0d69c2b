"""A process of its own that drains, so that a busy program's threads are not disturbed."""

import contextlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from weavelite.errors import StoreError
from weavelite.journal.drain import Drain
from weavelite.journal.handover import only_drain
from weavelite.journal.state import journal_state
from weavelite.store.sqlite import SqliteStore

logger = logging.getLogger("weavelite")

PAUSE_SECONDS = 0.05
LOOK_SECONDS = 2.0
RETRY_SECONDS = 5.0
NICENESS = 5


def main(store_path: str) -> None:
    """Drains until no program writes any more."""
    path = Path(store_path)
    with only_drain(path) as mine:
        if mine:
            os.nice(NICENESS)
            run(path, time.sleep)


def run(path: Path, sleep: Callable[[float], None]) -> None:
    """Drains beside a store until no program writes there any more."""
    with contextlib.closing(SqliteStore(path)) as store:
        drain = Drain(store, path)
        looked = time.monotonic()
        while True:
            try:
                if drain.step() > 0:
                    continue
            except (StoreError, OSError) as error:
                logger.debug("the drain waits: %s", error)
                sleep(RETRY_SECONDS)
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                if journal_state(store, path).running == 0:
                    break
            sleep(PAUSE_SECONDS)
        drain.run()
        drain.close()
