"""Segments that are to be sent on: kept until that is done, whoever drains them meanwhile.

Each segment has a second name here, a hard link, and a note beside it of how far it has been sent.
So what a process wrote outlives it, and the drain: the next process that sends goes on there.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from weavelite.journal import entries
from weavelite.journal.drain import is_dead
from weavelite.journal.frame import Kind, read_frames
from weavelite.journal.segment import SUFFIX
from weavelite.records.writes import Batch, OpWrite

logger = logging.getLogger("weavelite")

PIECE = 1024 * 1024
SENT = ".sent"


class Outbox:
    """Reads what is to be sent on, a piece at a time; used from one thread at a time.

    It reads the segments of its own process, and those whose process is gone.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most
        self._own: set[str] = set()
        self._ops: dict[str, dict[int, OpWrite]] = {}
        self._piece: tuple[Path, int] | None = None

    def take(self, path: Path) -> None:
        """Keeps a segment that has just begun; raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._own.add(path.name)
        os.link(path, self.folder / path.name)

    def piece(self) -> tuple[Batch, dict[int, OpWrite]] | None:
        """Reads what comes next, with the ops it needs; None when there is nothing.

        It is read again until `advance`.
        """
        for path in self._segments():
            with path.open("rb") as file:
                dead = is_dead(file.fileno())
                if not dead and path.name not in self._own:
                    continue  # its process lives, and sends it itself
                start = self._sent(path)
                batch, end = _read(file.fileno(), start, closed=dead)
                if end > start:
                    self._piece = path, end
                    return batch, self._ops_of(path, file.fileno(), start, batch)
                if dead:
                    self._forget(path)
        return None

    def advance(self) -> None:
        """Takes what `piece` read last as sent."""
        if self._piece is None:
            return
        (path, end), self._piece = self._piece, None
        note = path.with_suffix(".new")
        note.write_text(str(end))
        note.replace(path.with_suffix(SENT))

    def is_empty(self) -> bool:
        """Tells whether all that is here has been sent."""
        found, self._piece = self.piece(), None
        return found is None

    def dropped(self) -> int:
        """Lets go of the oldest segments of others while there is more than is allowed."""
        paths, count = list(self._segments()), 0
        sizes = {path: path.stat().st_size for path in paths}
        for path in paths:
            if sum(sizes.values()) <= self._most or path.name in self._own:
                break
            del sizes[path]
            self._forget(path)
            count += 1
        return count

    def _segments(self) -> Iterator[Path]:
        with suppress(OSError):
            found = [path for path in self.folder.iterdir() if path.suffix == SUFFIX]
            yield from sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def _sent(self, path: Path) -> int:
        try:
            return int(path.with_suffix(SENT).read_text())
        except (OSError, ValueError):
            return 0

    def _ops_of(self, path: Path, descriptor: int, start: int, batch: Batch) -> dict[int, OpWrite]:
        """Knows the ops that a segment defines, also before where the last process stopped."""
        known = self._ops.get(path.name)
        if known is None:
            known = self._ops[path.name] = {}
            at = 0
            while at < start:
                before, end = _read(descriptor, at, closed=True)
                known.update((op.key, op) for op in before.ops)
                at = end if end > at else start
        known.update((op.key, op) for op in batch.ops)
        return known

    def _forget(self, path: Path) -> None:
        for gone in (path, path.with_suffix(SENT)):
            gone.unlink(missing_ok=True)
        self._ops.pop(path.name, None)
        self._own.discard(path.name)


def _read(descriptor: int, start: int, *, closed: bool) -> tuple[Batch, int]:
    """Reads a piece of a segment; a frame larger than a piece is read whole."""
    size = os.fstat(descriptor).st_size
    for length in (PIECE, size - start):
        data = os.pread(descriptor, length, start)
        at_end = start + len(data) >= size
        reading = read_frames(data, closed=closed and at_end)
        if reading.end or at_end:
            break
    batch = Batch()
    for kind, payload in reading.frames:
        if kind in (Kind.END, Kind.OP):
            with suppress(Exception):  # a later writer may have written anything
                entries.add(batch, kind, payload)
    return batch, start + reading.end
