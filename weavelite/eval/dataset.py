"""Datasets: versioned rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import field_validator

from weavelite.errors import EvaluationError, MissingExtraError
from weavelite.objects import Object, Table
from weavelite.trace.call import Call

if TYPE_CHECKING:
    import pandas


class Dataset(Object):
    """Is a table of rows under a name; a change to a row makes another version.

    Rows are dictionaries with the same meaning of columns; they are given out as copies.
    """

    rows: Table

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            rows: Iterable[Mapping[str, Any]],
            name: str | None = None,
            description: str | None = None,
        ) -> None: ...

    @field_validator("rows", mode="before")
    @classmethod
    def _check(cls, rows: Any) -> Table:
        if isinstance(rows, Table) and len(rows):
            return rows
        if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | dict):
            raise ValueError("rows is a list of dictionaries, one a row")
        rows = list(rows)
        if not rows:
            raise ValueError("a dataset needs at least one row")
        for index, row in enumerate(rows):
            if not isinstance(row, dict) or not row:
                raise ValueError(f"row {index} is {row!r}: a row is a dictionary with columns")
        return Table(rows)

    @classmethod
    def from_pandas(cls, frame: "pandas.DataFrame", name: str | None = None) -> Self:
        """Makes a dataset of a DataFrame, a row a row; missing values become None."""
        frame = frame.astype(object).where(frame.notna(), None)
        return cls(name=name, rows=Table(_rows_of(frame)))

    @classmethod
    def from_calls(cls, calls: Iterable[Call], name: str | None = None) -> Self:
        """Makes a dataset of calls: id, op_name, inputs, output and what else is known of each."""
        return cls(name=name, rows=Table(call.to_dict() for call in calls))

    def to_pandas(self) -> "pandas.DataFrame":
        """Returns a DataFrame, a row a row."""
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("Dataset.to_pandas()", "pandas") from None
        return pandas.DataFrame(list(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        return iter(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]

    @property
    def columns_names(self) -> list[str]:
        """Are the names of the columns, in the order of the first row."""
        return columns_of(self.rows)


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lists the names of the columns of rows, in the order of the first row."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _rows_of(frame: "pandas.DataFrame") -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def as_dataset(value: Any) -> Dataset:
    """Makes a dataset of what a user may give for one."""
    if isinstance(value, Dataset):
        return value
    if isinstance(value, list | tuple | Table):
        return Dataset(rows=value)
    raise EvaluationError(
        f"dataset is a weavelite.Dataset or a list of dictionaries, not {type(value).__name__}."
    )
