"""From the journal to a store, exactly once.

The cursor of a segment lives in the store and moves in the transaction that writes the rows, so
that two drains at once are only slower. A segment whose owner is dead (its lock can be had) is
drained to the end, its open calls become interrupted, and it is unlinked. Segments of other stores,
and of versions that this weavelite does not know, are left alone.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from weavelite.errors import StoreError
from weavelite.journal import entries
from weavelite.journal.frame import HEAD, VERSION, Damage, Kind, Reading, read_frames
from weavelite.journal.segment import SUFFIX, journal_folder
from weavelite.records.words import DAMAGED, DAMAGED_BYTES
from weavelite.records.writes import Batch, Progress
from weavelite.store.base import Store

logger = logging.getLogger("weavelite")

PIECE = 16 * 1024
LARGE_PIECE = 1024 * 1024
MAX_FRAME = 1 << 31
OPEN_AT_MOST = 32


@dataclass(slots=True)
class _Segment:
    name: str
    path: Path
    fd: int
    process: str
    position: int = 0
    frame_size: int = 0
    """Bytes that the next frame is known to need; 0 when unknown."""


@dataclass
class Drain:
    """Moves what the segments of one store hold into it. Used from one thread at a time."""

    store: Store
    store_path: Path
    damage: Damage = field(default_factory=Damage)
    _segments: dict[str, _Segment] = field(default_factory=dict)
    _ignored: set[str] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        """Is where the segments lie."""
        return journal_folder(self.store_path)

    def step(self, piece: int = LARGE_PIECE) -> int:
        """Drains up to `piece` bytes of each segment; returns how many bytes that were."""
        moved, problem = 0, None
        for segment in self._found():
            try:
                moved += self._drain_piece(segment, piece)
            except (StoreError, OSError) as error:  # the others may fare better
                problem = error
        if problem is not None:
            raise problem
        return moved

    def run(self) -> None:
        """Drains all that is there now, and stops at what a live process has not finished."""
        sizes = self.sizes()
        while self.step() > 0 and not self.has_passed(sizes):
            pass

    def sizes(self) -> dict[str, int]:
        """Notes how long each segment of this store is now."""
        return {segment.name: _size(segment.fd) for segment in self._found()}

    def backlog(self) -> int:
        """Returns how many bytes wait."""
        return sum(_size(segment.fd) - segment.position for segment in self._found())

    def has_passed(self, sizes: dict[str, int]) -> bool:
        """Tells whether all that was there when `sizes` was noted has been drained."""
        for name, size in sizes.items():
            position = self.store.position(name)
            if position is not None and position < size:
                return False
        return True

    def close(self) -> None:
        """Lets go of all segments."""
        for name in list(self._segments):
            self._let_go(name)

    def _let_go(self, name: str) -> None:
        segment = self._segments.pop(name, None)
        if segment is not None:
            os.close(segment.fd)

    def _found(self) -> Iterator[_Segment]:
        try:
            names = sorted(name for name in os.listdir(self.folder) if name.endswith(SUFFIX))
        except FileNotFoundError:
            return
        for gone in self._segments.keys() - set(names):
            self._let_go(gone)
        for name in names:
            segment = self._segments.get(name) or self._open(name)
            if segment is not None:
                yield segment
                if len(self._segments) > OPEN_AT_MOST:  # descriptors are the program's, too
                    self._let_go(name)

    def _open(self, name: str) -> _Segment | None:
        if name in self._ignored:
            return None
        path = self.folder / name
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        header = read_header(fd)
        if header is None or not self._is_ours(header):
            os.close(fd)
            self._ignored.add(name)
            return None
        position = self.store.position(name)
        if position is None:  # a drain has finished it, and perhaps died before it was unlinked
            os.close(fd)
            path.unlink(missing_ok=True)
            return None
        segment = _Segment(name, path, fd, header["process"], position)
        self._segments[name] = segment
        return segment

    def _is_ours(self, header: dict[str, Any]) -> bool:
        return header.get("version") == VERSION and header.get("store") == self.store_path.name

    def _drain_piece(self, segment: _Segment, piece: int) -> int:
        dead = is_dead(segment.fd)
        wanted = max(piece, segment.frame_size)
        data = os.pread(segment.fd, wanted, segment.position)
        at_end = segment.position + len(data) >= _size(segment.fd)
        if not data and not dead:
            return 0
        reading = read_frames(data, closed=dead and at_end)
        segment.frame_size = 0
        if reading.end == 0 and data and not (dead and at_end):
            segment.frame_size = _needed(data)
            return 0 if at_end else self._drain_piece(segment, _needed(data))
        batch = _decoded(reading)
        return self._write(segment, batch, reading.end, finished=dead and at_end)

    def _write(self, segment: _Segment, batch: Batch, length: int, *, finished: bool) -> int:
        start = segment.position
        progress = Progress(segment.name, start, start + length, segment.process, finished)
        if not self.store.ingest(batch, progress):  # another drain was faster
            self._catch_up(segment)
            return length
        if finished:
            segment.path.unlink(missing_ok=True)
        segment.position += length
        self.damage.frames += batch.counts[DAMAGED]
        self.damage.bytes += batch.counts[DAMAGED_BYTES]
        return length or (1 if finished else 0)

    def _catch_up(self, segment: _Segment) -> None:
        position = self.store.position(segment.name)
        if position is None:
            self._let_go(segment.name)
        else:
            segment.position = position


def _decoded(reading: Reading) -> Batch:
    """Reads frames into a batch, and counts those that are damaged or make no sense."""
    batch = Batch()
    skipped = reading.damage
    for kind, payload in reading.frames:
        try:
            entries.add(batch, kind, payload)
        except Exception as error:  # a later or a foreign writer may have written anything
            skipped.frames += 1
            skipped.bytes += len(payload) + HEAD.size
            logger.warning("A record of the journal cannot be read: %s.", error)
    if skipped.frames:
        batch.counts.update({DAMAGED: skipped.frames, DAMAGED_BYTES: skipped.bytes})
    return batch


def _size(fd: int) -> int:
    return os.fstat(fd).st_size


def is_dead(fd: int) -> bool:
    """Tells whether nobody holds a segment's lock: its owner is gone, or has sealed it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(fd, fcntl.LOCK_UN)
    return True


def read_header(fd: int) -> dict[str, Any] | None:
    """Reads the header of a segment; None when there is none that can be read."""
    reading = read_frames(os.pread(fd, PIECE, 0), closed=False)
    if not reading.frames or reading.frames[0][0] != Kind.HEADER:
        return None
    try:
        header = orjson.loads(reading.frames[0][1])
    except orjson.JSONDecodeError:
        return None
    return header if isinstance(header, dict) else None


def _needed(data: bytes) -> int:
    """Says how many bytes to read to see the frame whole that starts here."""
    if len(data) < HEAD.size:
        return PIECE
    length: int = HEAD.unpack_from(data)[3]
    return max(2 * len(data), min(length, MAX_FRAME) + HEAD.size)


def drain_all(store: Store, store_path: Path) -> Damage:
    """Drains what lies beside a store, once; raises StoreError when it cannot be written."""
    drain = Drain(store, store_path)
    try:
        drain.run()
    except OSError as error:
        raise StoreError(f"The journal in {drain.folder} cannot be read: {error}.") from error
    finally:
        drain.close()
    return drain.damage
