"""Calls as they are read: a lazy sequence, and a table of pandas."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, overload

from weavelite.errors import MissingExtraError
from weavelite.trace.call import Call


class Calls:
    """Is what `get_calls` finds: read when it is first looked at, and kept then."""

    def __init__(self, read: Callable[[], Iterable[Call]]) -> None:
        self._read = read
        self._found: list[Call] | None = None

    def _all(self) -> list[Call]:
        if self._found is None:
            self._found = list(self._read())
        return self._found

    def __iter__(self) -> Iterator[Call]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        return self._all()[index]

    def to_pandas(self) -> Any:
        """Returns a DataFrame with a row a call; inputs and outputs are values in cells."""
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("get_calls().to_pandas()", "pandas") from None
        return pandas.DataFrame([call.to_dict() for call in self])

    def __repr__(self) -> str:
        return "<Calls, not read yet>" if self._found is None else f"<{len(self)} calls>"
