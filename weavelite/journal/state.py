"""What lies in a journal folder: who writes there, what waits, what nobody will ever read."""

import fcntl
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from weavelite.journal.drain import is_dead, read_header
from weavelite.journal.frame import VERSION
from weavelite.journal.segment import SUFFIX, journal_folder
from weavelite.store.base import Store

STALE_SECONDS = 60


@dataclass(slots=True)
class JournalState:
    """Counts segments and the bytes in them that wait for the store."""

    running: int = 0
    """Segments of programs that run."""
    ended: int = 0
    waiting_bytes: int = 0
    foreign: list[str] = field(default_factory=list)
    """Segments of other stores, of other versions, or without a readable start."""


def journal_state(store: Store, store_path: Path) -> JournalState:
    """Looks at the segments beside a store; writes nothing."""
    state = JournalState()
    for path in _named(journal_folder(store_path), SUFFIX):
        with suppress(FileNotFoundError):  # a drain may be at it
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _add(state, store, store_path, path, fd)
            finally:
                os.close(fd)
    return state


def _add(state: JournalState, store: Store, store_path: Path, path: Path, fd: int) -> None:
    header = read_header(fd)
    ours = header is not None and header.get("store") == store_path.name
    if header is None or not ours or header.get("version") != VERSION:
        state.foreign.append(path.name)
        return
    dead = is_dead(fd)
    state.ended += dead
    state.running += not dead
    position = store.position(path.name)
    if position is not None:
        state.waiting_bytes += max(0, os.fstat(fd).st_size - position)


def remove_unborn(store_path: Path) -> int:
    """Removes segments that died before they were born; returns how many."""
    removed = 0
    for path in _named(journal_folder(store_path), ".new"):
        with suppress(OSError):  # it has been born, or its owner holds it
            if time.time() - path.stat().st_mtime < STALE_SECONDS:
                continue
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
    return removed


def _named(folder: Path, suffix: str) -> list[Path]:
    return sorted(folder.glob(f"*{suffix}")) if folder.is_dir() else []
