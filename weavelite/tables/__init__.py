"""Tables of rows, which do not change, wherever the rows rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from weavelite.ids import digest_table
from weavelite.tables.plain import NotPlainError, Save, StoredFunction, jsonable, only_plain
from weavelite.tables.rows import (
    PAGE,
    Page,
    Row,
    Rows,
    RowsInFile,
    RowsInMemory,
    RowsInStore,
    Written,
    rows_of,
)

__all__ = [
    "PAGE",
    "NotPlainError",
    "Page",
    "Row",
    "Rows",
    "RowsInFile",
    "RowsInMemory",
    "RowsInStore",
    "Save",
    "StoredFunction",
    "Table",
    "Written",
    "jsonable",
    "only_plain",
]


class Table:
    """Is a sequence of rows that does not change; its rows are given out as copies.

    Rows are mappings of column names to JSON-able values. Of many that come one by one, and of
    those of a store, only some are in memory at a time.
    """

    def __init__(self, rows: "Iterable[Mapping[str, Any]] | Rows") -> None:
        held = isinstance(rows, RowsInMemory | RowsInFile | RowsInStore)
        self._rows: Rows = rows if held else rows_of(rows)  # type: ignore[assignment]
        self._name: str | None = None

    @classmethod
    def stored(cls, digest: str, rows: RowsInStore) -> "Table":
        """Makes a table of rows that rest in a store under a digest."""
        made = cls(rows)
        made._name = digest
        return made

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __getitem__(self, index: int) -> Row:
        size = len(self._rows)
        if not -size <= index < size:
            raise IndexError(f"There is no row {index}: the table has {size}.")
        return self._rows[index + size if index < 0 else index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table | Sequence) or isinstance(other, str):
            return False
        return len(self) == len(other) and all(map(_same, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Table({len(self)} rows)"

    def written(self, save: Save) -> Iterator[Written]:
        """Yields each row as its digest and the JSON that is stored, columns in their order."""
        return self._rows.written(save)

    def row_digests(self, save: Save) -> Iterator[str]:
        """Yields the digest of each row, in order."""
        return self._rows.digests(save)

    def digest(self, save: Save) -> str:
        """Names the table by the digests of its rows."""
        if self._name is None:
            self._name = digest_table(self.row_digests(save))
        return self._name


def _same(mine: Any, other: Any) -> bool:
    return bool(mine == other)
