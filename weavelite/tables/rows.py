"""Where the rows of a table rest: in memory, in a temporary file, or in a store, page by page."""

import copy
import json
import os
import tempfile
import threading
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from weavelite.ids import digest_json
from weavelite.serialize import restore
from weavelite.tables.plain import NotPlainError, Save, jsonable, only_plain

SPOOLED_ABOVE = 10_000
"""Rows above which a table that comes row by row is kept in a temporary file."""
PAGE = 1_000
_DIGEST = 43

Row = dict[str, Any]


class Written(NamedTuple):
    """Is a row as it is stored: its digest, and its JSON."""

    digest: str
    text: str


class Rows(Protocol):
    """Holds rows that do not change, and gives them out as copies."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Row:
        """Returns a row; `index` is 0 or more."""

    def __iter__(self) -> Iterator[Row]: ...

    def written(self, save: Save) -> Iterator[Written]:
        """Yields rows as they are stored."""

    def digests(self, save: Save) -> Iterator[str]:
        """Yields the digests of rows."""


class RowsInMemory:
    """Holds rows as Python values."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [dict(row) for row in rows]
        self._written: list[Written] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return copy.deepcopy(self._rows[index])

    def __iter__(self) -> Iterator[Row]:
        return (copy.deepcopy(row) for row in self._rows)

    def written(self, save: Save) -> Iterator[Written]:
        """Yields rows as they are stored, columns in their order."""
        if self._written is None:
            values = [jsonable(row, save) for row in self._rows]
            self._written = [Written(digest_json(value), json.dumps(value)) for value in values]
        return iter(self._written)

    def digests(self, save: Save) -> Iterator[str]:
        """Yields the digests of rows."""
        return (row.digest for row in self.written(save))


class RowsInFile:
    """Holds rows of plain JSON in a file that is gone with the program."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="weavelite-")  # noqa: SIM115  as long as this
        weakref.finalize(self, self._file.close)
        self._ends = array("Q")
        self._digests = bytearray()

    def add(self, row: Mapping[str, Any]) -> None:
        """Adds a row; raises NotPlainError for what JSON alone does not give back."""
        value = jsonable(dict(row), only_plain)
        text = json.dumps(value).encode()
        self._file.write(text)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(text))
        self._digests += digest_json(value).encode()

    def done(self) -> "RowsInFile":
        """Says that all rows are there."""
        self._file.flush()
        return self

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> Row:
        row: Row = json.loads(self._text(index))
        return row

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def written(self, save: Save) -> Iterator[Written]:
        """Yields rows as they are stored."""
        for index, digest in enumerate(self.digests(save)):
            yield Written(digest, self._text(index).decode())

    def digests(self, save: Save) -> Iterator[str]:
        """Yields the digests of rows."""
        for start in range(0, len(self._digests), _DIGEST):
            yield self._digests[start : start + _DIGEST].decode()

    def _text(self, index: int) -> bytes:
        start = self._ends[index - 1] if index else 0
        return os.pread(self._file.fileno(), self._ends[index] - start, start)


class Page(NamedTuple):
    """Is some rows of a stored table, as digests and JSON values, that come after each other."""

    rows: Sequence[tuple[str, Any]]


class RowsInStore:
    """Reads rows from a store as they are asked for, a page at a time.

    Args:
        size: how many rows there are.
        read: returns the page of rows that begins at an index.
        fetch: reads content by its digest.

    """

    def __init__(
        self, size: int, read: Callable[[int, int], Page], fetch: Callable[[str], bytes]
    ) -> None:
        self._size = size
        self._read = read
        self._fetch = fetch
        self._at: tuple[int, Page] | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> Row:
        if not 0 <= index < self._size:
            raise IndexError(f"row {index} of {self._size}")
        start = index - index % PAGE
        with self._lock:
            if self._at is None or self._at[0] != start:
                self._at = start, self._read(start, PAGE)
            value = self._at[1].rows[index - start][1]
        row: Row = restore(value, self._fetch)
        return copy.deepcopy(row)

    def __iter__(self) -> Iterator[Row]:
        return (restore(value, self._fetch) for _, value in self._all())

    def written(self, save: Save) -> Iterator[Written]:
        """Yields rows as they are stored."""
        return (Written(digest, json.dumps(value)) for digest, value in self._all())

    def digests(self, save: Save) -> Iterator[str]:
        """Yields the digests of rows."""
        return (digest for digest, _ in self._all())

    def _all(self) -> Iterator[tuple[str, Any]]:
        for start in range(0, self._size, PAGE):
            yield from self._read(start, PAGE).rows


def rows_of(rows: Iterable[Mapping[str, Any]], above: int = SPOOLED_ABOVE) -> Rows:
    """Holds rows where they fit: what comes row by row, and is long and plain, in a file."""
    if isinstance(rows, Sequence):
        return RowsInMemory(rows)
    coming = iter(rows)
    first = list(islice(coming, above + 1))
    if len(first) <= above:
        return RowsInMemory(first)
    filed = RowsInFile()
    for row in chain(first, coming):
        try:
            filed.add(row)
        except NotPlainError:
            return RowsInMemory(chain(filed.done(), [row], coming))
    return filed.done()
