"""Reads what this process has written to its journal, for those who send it on."""

import os

from weavelite.journal import entries
from weavelite.journal.frame import read_frames
from weavelite.journal.segment import Journal
from weavelite.records.writes import (
    Batch,
)

PIECE = 1024 * 1024


class Tail:
    """Follows the segments of a journal of this process, from their start.

    It has a place of its own: who drains the journal, and when, does not matter to it.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._files: list[tuple[str, int]] = []
        self._position = 0
        self._read = 0

    def follow(self) -> None:
        """Notices a new segment; to be called before the segment can be sealed."""
        path = self._journal.path
        if path is not None and all(str(path) != known for known, _ in self._files):
            self._files.append((str(path), os.open(path, os.O_RDONLY | os.O_CLOEXEC)))

    def batch(self) -> Batch | None:
        """Reads what comes next; None when there is nothing. It is read again until `advance`."""
        self.follow()
        while self._files:
            data = os.pread(self._files[0][1], PIECE, self._position)
            reading = read_frames(data, closed=False)
            if reading.end == 0 and len(data) == PIECE:
                size = os.fstat(self._files[0][1]).st_size
                reading = read_frames(
                    os.pread(self._files[0][1], size - self._position, self._position), closed=False
                )
            if reading.end:
                batch = Batch()
                for kind, payload in reading.frames:
                    entries.add(batch, kind, payload)
                self._read = reading.end
                return batch
            if len(self._files) == 1:
                return None
            os.close(self._files.pop(0)[1])  # sealed, and read to its end
            self._position = 0
        return None

    def advance(self) -> None:
        """Takes what `batch` read last as done."""
        self._position += self._read
        self._read = 0

    def close(self) -> None:
        """Lets go of the segments."""
        while self._files:
            os.close(self._files.pop()[1])
