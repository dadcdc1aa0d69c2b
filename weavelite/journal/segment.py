"""The writing end of the journal: one file a process, appended to with one write a record."""

import contextlib
import errno
import fcntl
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from weavelite.ids import fresh_uuid
from weavelite.journal.frame import VERSION, Kind, frame
from weavelite.records.words import LOST

logger = logging.getLogger("weavelite")

SUFFIX = ".wlj"
SEGMENT_LIMIT = 64 * 1024 * 1024
JOURNAL_LIMIT = 4 * 1024 * 1024 * 1024
RETRY_SECONDS = 1.0


def journal_folder(store: Path) -> Path:
    """Is where the journals of a store lie: beside it, so that both can be moved together."""
    return store.parent / "journal"


class Journal:
    """Appends frames to this process's segment, and begins a new one when it has to.

    Every method may be called from any thread. None raises for what the disk does: what cannot be
    written is counted in `lost`, and said once; when writing goes well again the journal says how
    much that was, in the log and in a record of its own.

    Args:
        store: the store's file; the journal lies beside it.
        write: how bytes reach a descriptor.
        limit: bytes after which a segment is followed by a new one.
        most: bytes of all segments of the folder above which no new one is begun.
        clock: seconds, by which it is tried once a second whether the disk takes records again.

    """

    def __init__(
        self,
        store: Path,
        write: Callable[[int, bytes], int] = os.write,
        limit: int = SEGMENT_LIMIT,
        most: int = JOURNAL_LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = journal_folder(store)
        self.lost = 0
        self.path: Path | None = None
        self.process = fresh_uuid()
        self.store_path, self._store = store, store.name
        self._write = write
        self._limit = min(limit, max(1, most // 4))
        self._most = most
        self._clock = clock
        self.segment: Segment | None = None
        """Is written to now, by most threads."""
        self.on_begin: Callable[[Path], None] | None = None
        """Is told of each new segment before anything but its header is in it."""
        self._retry_at = 0.0
        self._reason = ""
        self._unsaid = 0
        """Records lost since the last that could be written."""
        self._lock = threading.RLock()  # a signal handler may trace, too
        _after_fork(self)

    def append(self, kind: int, payload: bytes) -> "Segment | None":
        """Appends one record; returns where it is, None when it could not be kept.

        No lock is held while bytes are written: threads that wait for one hand the interpreter to
        each other at each record.
        """
        data, error = frame(kind, payload), None
        segment = last = self.segment
        if segment is None or segment.size > self._limit:
            segment = self._after(last)
        if segment is not None:
            try:
                if self._write(segment.fd, data) == len(data):
                    segment.size += len(data)
                    return segment
            except OSError as raised:
                error = raised
        return self._append_again(data, segment or last, error)

    def _append_again(
        self, data: bytes, last: "Segment | None", error: OSError | None
    ) -> "Segment | None":
        """Writes a record that was cut short again, whole, in a new segment."""
        with self._lock:
            try:
                segment = self._after(last)
                if segment is not None and self._write(segment.fd, data) == len(data):
                    segment.size += len(data)
                    return segment
            except OSError as raised:
                error = raised
            self._lose(error)
            return None

    def _after(self, last: "Segment | None") -> "Segment | None":
        """Gives the segment to write to after one: another thread's, or a new one."""
        with self._lock:
            begun = self.segment
            return begun if begun is not None and begun is not last else self._open()

    def _lose(self, error: OSError | None) -> None:
        if error is not None:
            self._reason = error.strerror or str(error)
        self.lost += 1
        self._unsaid += 1
        self.seal()  # what comes next begins a segment, so that a cut record ends this one
        if self._unsaid == 1:
            logger.warning(
                "weavelite cannot write to %s (%s): calls are not kept until it can. The program "
                "goes on. Free some space, or set WEAVELITE_HOME to another folder; weavelite "
                "doctor tells more.",
                self.folder,
                self._reason or "no space, or no right",
            )

    def _note_losses(self, segment: "Segment") -> None:
        """Writes at the start of a segment how many records came before it and are lost."""
        if self._unsaid == 0:
            return
        note = frame(Kind.COUNT, orjson.dumps({LOST: self._unsaid}))
        with contextlib.suppress(OSError):  # the record that follows meets the same, and says so
            if self._write(segment.fd, note) != len(note):
                return
            segment.size += len(note)
            logger.warning(
                "weavelite can write to %s again: %d records were lost.", self.folder, self._unsaid
            )
            self._unsaid = 0

    def _open(self) -> "Segment | None":
        """Begins a segment; returns None when the disk does not let us."""
        if self._clock() < self._retry_at:
            return None
        try:
            segment = self._begin()
        except OSError as error:
            self._retry_at = self._clock() + RETRY_SECONDS
            self._reason = error.strerror or str(error)
            return None
        self._note_losses(segment)
        return segment

    def _begin(self) -> "Segment":
        for folder in (self.folder.parent, self.folder):  # both for the owner's eyes only
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (taken := _taken(self.folder)) >= self._most:
            raise OSError(
                errno.EDQUOT,
                f"{taken / 1e6:,.0f} MB wait there for a drain, and WEAVELITE_JOURNAL_MAX allows "
                f"{self._most / 1e6:,.0f} MB",
            )
        host = "".join(c for c in os.uname().nodename if c.isalnum() or c == "-")
        name = f"{host}-{os.getpid()}-{fresh_uuid()[-12:]}{SUFFIX}"
        path = self.folder / name
        unborn = path.with_suffix(".new")  # a drain must not meet it before it is locked
        flags = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
        fd = os.open(unborn, flags, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held as long as this process lives
            head = frame(Kind.HEADER, orjson.dumps(self._header()))
            if self._write(fd, head) != len(head):
                raise OSError("the segment's header was cut short")
            os.rename(unborn, path)
        except OSError:
            os.close(fd)
            unborn.unlink(missing_ok=True)
            raise
        if self.on_begin is not None:
            self._tell(path)
        self.path = path
        self.segment = segment = Segment(fd, len(head))
        return segment

    def _tell(self, path: Path) -> None:
        try:
            assert self.on_begin is not None
            self.on_begin(path)
        except OSError as error:
            logger.warning("weavelite cannot send on what is in %s: %s.", path, error)

    def _header(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "store": self._store,
            "process": self.process,
            "host": os.uname().nodename,
            "pid": os.getpid(),
            "started_ns": time.time_ns(),
            "info": {
                "python": ".".join(map(str, sys.version_info[:3])),
                "os": sys.platform,
                "argv": sys.argv[:1],
            },
        }

    def is_removed(self) -> bool:
        """Tells whether somebody has removed the segment that is written to."""
        with self._lock:
            path = self.path
            return self.segment is not None and path is not None and not path.exists()

    def seal(self) -> None:
        """Ends this segment: what comes later goes to a new one."""
        with self._lock:
            self.segment = None

    def _in_child(self) -> None:
        """Leaves the parent's segment to the parent."""
        self._lock = threading.RLock()
        self.process = fresh_uuid()
        if self.segment is not None:
            self.segment.close()  # threads that the fork left behind may hold it for ever
        self.seal()


class Segment:
    """Is an open segment, which is closed when the last thread that writes to it is done.

    A descriptor closed under a thread's hands may be another file's by the time it writes.
    `defined` are the ops whose definition it has.
    """

    __slots__ = ("defined", "fd", "size")

    def __init__(self, fd: int, size: int) -> None:
        self.fd = fd
        self.size = size
        self.defined: set[int] = set()

    def close(self) -> None:
        """Closes the descriptor, once."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close


def _taken(folder: Path) -> int:
    """Adds up the bytes of all segments."""
    taken = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # a drain unlinks them
                taken += entry.stat().st_size if entry.name.endswith(SUFFIX) else 0
    return taken


def _after_fork(journal: Journal) -> None:
    alive = weakref.ref(journal)

    def in_child() -> None:
        found = alive()
        if found is not None:
            found._in_child()

    os.register_at_fork(after_in_child=in_child)
