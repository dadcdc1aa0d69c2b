"""Datasets: versioned rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Self

from pydantic import field_validator

from weavelite.errors import EvaluationError, MissingExtraError, NotStartedError
from weavelite.objects import Object
from weavelite.tables import Table
from weavelite.trace.call import Call
from weavelite.trace.context import SESSION

if TYPE_CHECKING:
    import datasets
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
        table = rows if isinstance(rows, Table) else None
        if table is None:
            if not isinstance(rows, Iterable) or isinstance(rows, str | bytes | Mapping):
                raise ValueError("rows is a list of dictionaries, one a row")
            checked = _checked(rows)
            table = Table(list(checked) if isinstance(rows, Sequence) else checked)
        if not len(table):
            raise ValueError("a dataset needs at least one row")
        return table

    @classmethod
    def from_pandas(cls, frame: "pandas.DataFrame", name: str | None = None) -> Self:
        """Makes a dataset of a DataFrame, a row a row; missing values become None."""
        frame = frame.astype(object).where(frame.notna(), None)
        return cls(name=name, rows=Table(_rows_of(frame)))

    @classmethod
    def from_calls(cls, calls: Iterable[Call], name: str | None = None) -> Self:
        """Makes a dataset of calls: id, op_name, inputs, output and what else is known of each."""
        return cls(name=name, rows=Table(call.to_dict() for call in calls))

    @classmethod
    def from_hf(cls, dataset: Any, name: str | None = None) -> Self:
        """Makes a dataset of one of Hugging Face `datasets`; of several splits it takes `train`."""
        if isinstance(dataset, Mapping):
            if "train" not in dataset:
                raise EvaluationError(
                    f"The dataset has the splits {', '.join(map(str, dataset))} and no train: give "
                    "one of them, Dataset.from_hf(dataset['...'])."
                )
            dataset = dataset["train"]
        return cls(name=name, rows=Table(dict(row) for row in dataset))

    def to_hf(self) -> "datasets.Dataset":
        """Returns a dataset of Hugging Face `datasets`, a row a row."""
        try:
            import datasets
        except ImportError:
            raise MissingExtraError("Dataset.to_hf()", "datasets") from None
        return datasets.Dataset.from_list(list(self.rows))

    def to_pandas(self) -> "pandas.DataFrame":
        """Returns a DataFrame, a row a row."""
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("Dataset.to_pandas()", "pandas") from None
        return pandas.DataFrame(list(self.rows))

    def add_rows(self, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Publishes a version with rows more, under the same name, and returns it.

        The rows that are there keep their digests, so that runs on both versions can be compared
        row by row. Raises NotStartedError before `init`.
        """
        client = SESSION.client
        if client is None:
            raise NotStartedError("Dataset.add_rows()")
        made = self._with(chain(self.rows, _checked(rows)))
        client.publish(made, self._name())
        return made

    def select(self, indices: Iterable[int]) -> Self:
        """Returns a dataset of some rows, in the order of the indices; it is not published."""
        return self._with(self.rows[index] for index in indices)

    def _with(self, rows: Iterable[Mapping[str, Any]]) -> Self:
        return type(self)(name=self.name, description=self.description, rows=rows)

    def _name(self) -> str | None:
        return self.name or (self.ref.name if self.ref is not None else None)

    @property
    def num_rows(self) -> int:
        """Is how many rows there are."""
        return len(self.rows)

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


LOOKED_AT = 10_000
"""Is how many rows are looked through for columns: further ones are for their own cells to miss."""


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lists the names of the columns of rows, in the order of the first row."""
    return list(dict.fromkeys(name for row in islice(rows, LOOKED_AT) for name in row))


def _checked(rows: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Passes rows on; raises ValueError for what is none."""
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping) or not row:
            raise ValueError(f"row {index} is {row!r}: a row is a dictionary with columns")
        yield row


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
