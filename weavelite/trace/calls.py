"""Calls as they are read: a lazy sequence, of which no more is read than is asked for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from weavelite.errors import MissingExtraError
from weavelite.query import START, CallQuery
from weavelite.trace.call import Call

if TYPE_CHECKING:
    from weavelite.store.base import Store

Read = Callable[[CallQuery], Iterator[Call]]


class Calls:
    """Is what `get_calls` finds: nothing is kept, so that any number of calls can be gone through.

    Each iteration, index, slice and `len` asks the store anew. An iteration reads page by page, and
    leaves out the calls that start while it runs.
    """

    def __init__(self, query: CallQuery, read: Read, store: "Callable[[], Store]") -> None:
        self._query = query
        self._read = read
        self._store = store

    def __iter__(self) -> Iterator[Call]:
        return self._read(self._query)

    def __len__(self) -> int:
        return self._store().count(self._query)

    def __bool__(self) -> bool:
        return self._store().count(_part(self._query, 0, 1)) > 0

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        if isinstance(index, slice):
            return self._slice(index)
        query, at = (self._query, index) if index >= 0 else self._from_the_end(-index - 1)
        if at >= 0:
            for call in self._read(_part(query, at, at + 1)):
                return call
        raise IndexError(f"There is no call {index}: {len(self)} were found.")

    def _from_the_end(self, place: int) -> tuple[CallQuery, int]:
        """Finds where a call is that is counted from the end: backwards, or by counting all."""
        query = self._query
        if query.by_start and query.limit is None and not query.offset:
            direction = "asc" if query.sort[0][1] == "desc" else "desc"
            return replace(query, sort=[(START, direction)]), place
        return query, len(self) - 1 - place

    def _slice(self, wanted: slice) -> list[Call]:
        start, stop = wanted.start or 0, wanted.stop
        plain = start >= 0 and (stop is None or stop >= 0) and (wanted.step or 1) > 0
        if not plain or stop is None:
            places = range(len(self))[wanted]
            if not places:
                return []
            start, stop = min(places), max(places) + 1
            found = list(self._read(_part(self._query, start, stop)))
            return found[:: places.step] if places.step > 0 else found[::-1][:: -places.step]
        return list(self._read(_part(self._query, start, max(start, stop))))[:: wanted.step]

    def to_pandas(self, columns: list[str] | None = None, flatten: bool = True) -> Any:
        """Returns a DataFrame with a row a call.

        Args:
            columns: only these of it, such as `["id", "inputs.question"]`; what a call lacks is
                missing in its row.
            flatten: makes a column of each value inside of inputs, output, attributes and summary,
                named with dots: `inputs.question`. Without, their values are in cells.

        """
        try:
            import pandas
        except ImportError:
            raise MissingExtraError("get_calls().to_pandas()", "pandas") from None
        query = self._query if columns is None else replace(self._query, columns=columns)
        found = [call.to_dict() for call in self._read(query)]
        frame = pandas.DataFrame(map(_flat, found) if flatten else found)
        if columns is None or not flatten:
            return frame
        known = [name for name in frame if any(_within(str(name), column) for column in columns)]
        return frame[known] if found else pandas.DataFrame(columns=columns)

    def __repr__(self) -> str:
        return f"<calls of {self._query.project}, read when they are gone through>"


def _part(query: CallQuery, start: int, stop: int) -> CallQuery:
    """Asks for a part of what a query finds."""
    end = stop if query.limit is None else min(stop, query.limit)
    return replace(query, offset=query.offset + start, limit=max(0, end - start))


def _flat(call: dict[str, Any]) -> dict[str, Any]:
    return dict(pair for name, value in call.items() for pair in _leaves(name, value))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(f"{name}.{key}", item)
    else:
        yield name, value


def _within(name: str, column: str) -> bool:
    return name == column or name.startswith(column + ".")
