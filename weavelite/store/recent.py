"""What the newest part of the pool holds, by digest.

Only the last two blocks of entries are looked through. So the index that each write touches stays
small enough for the cache however large the store gets, and what comes back after a long time is
kept once more.
"""

import sqlite3

BLOCK = 16
"""Bits: a block has 65,536 entries. The expression `id >> 16` is in the index of the schema."""
_BITS = 21
_FULL = 1 << _BITS - 2
_CACHED = 8192
GENERATION = "pool generation"
"""The counter that goes up when entries are deleted: what was looked up before is forgotten."""


class Recent:
    """Finds entries by digest; most that are new cost no query.

    A bit map says which digests cannot be there. It learns what other processes have added at the
    start of each transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self.forget()

    def forget(self) -> None:
        """Forgets what a transaction that was rolled back has added."""
        self._ids: dict[bytes, int] = {}
        self._maybe = bytearray(1 << _BITS - 3)
        self._generation = -1
        self._marks = 0
        self.last = 0

    def refresh(self) -> None:
        """Learns what is in the pool, inside a transaction that writes."""
        if self._marks > _FULL:
            self.forget()
        generation, last = self._run(
            "SELECT coalesce((SELECT value FROM counters WHERE name = ?), 0),"
            " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'pool'), 0)",
            (GENERATION,),
        ).fetchone()
        if generation != self._generation or len(self._ids) > _CACHED:
            self._ids.clear()
            self._generation = generation
        if last > self.last:
            start = max(self.last, ((last >> BLOCK) - 1) << BLOCK)
            for (digest,) in self._run("SELECT digest FROM pool WHERE id > ?", (start,)):
                self._mark(digest)
            self.last = last

    def seen(self, digest: bytes) -> bool:
        """Says whether this was asked before, or an entry may have the digest."""
        byte, bit = _place(digest)
        if self._maybe[byte] & bit:
            return True
        self._maybe[byte] |= bit
        self._marks += 1
        return False

    def find(self, digest: bytes) -> int | None:
        """Finds the newest entry with a digest."""
        byte, bit = _place(digest)
        if not self._maybe[byte] & bit:
            return None
        known = self._ids.get(digest)
        if known is None:
            row = self._run(
                "SELECT max(id) FROM pool WHERE id >> 16 IN (?, ?) AND digest = ?",
                (self.last >> BLOCK, (self.last >> BLOCK) - 1, digest),
            ).fetchone()
            if row[0] is None:
                return None
            known = self._ids[digest] = int(row[0])
        return known

    def add(self, digest: bytes) -> int:
        """Numbers a new entry."""
        self.last += 1
        self._mark(digest)
        self._ids[digest] = self.last
        return self.last

    def _mark(self, digest: bytes) -> None:
        self._marks += 1
        byte, bit = _place(digest)
        self._maybe[byte] |= bit


def _place(digest: bytes) -> tuple[int, int]:
    place = int.from_bytes(digest[:3]) >> 24 - _BITS
    return place >> 3, 1 << (place & 7)
