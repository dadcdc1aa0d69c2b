"""Packed bodies to values."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from weavelite.store import packed

BRIEF = 640
"""Characters of a long string that a preview reads."""
_GONE = "(deleted)"


class Unpacker:
    """Reads bodies through one connection, and remembers the entries that it has read.

    A brief one reads only what a preview needs: the start of long strings, and of a list the
    items that are new in it, after "…". `most` limits how many characters are remembered.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, brief: bool = False, most: int | None = None
    ) -> None:
        self._run = connection.execute
        self._most, self._size = most, 0
        self._brief = brief
        start = f"iif(kind = {packed.TEXT}, substr(value, 1, {BRIEF}), value)"
        self._select = f"SELECT kind, {start if brief else 'value'} FROM pool WHERE id = ?"
        self._read: dict[int, tuple[int, str]] = {}

    def __call__(self, text: str, is_packed: int) -> Any:
        """Reads a JSON body."""
        value = orjson.loads(text)
        return self._value(value) if is_packed else value

    def whole(self, value: Any) -> Any:
        """Unpacks parsed JSON."""
        return self._value(value)

    def at(self, value: Any, path: Sequence[str]) -> Any:
        """Returns what parsed JSON holds at a path, or None; unpacks no more than that."""
        for step in path:
            value = self._opened(value)
            if isinstance(value, dict):
                value = value.get(packed.escaped(step))
            elif isinstance(value, list):
                value = _item(self._packed_items(value), step)
            else:
                return None
        return self._value(value)

    def _opened(self, value: Any) -> Any:
        """Reads the entry that a value refers to, if it does."""
        id = packed.entry_of(value) if isinstance(value, str) else None
        if id is None:
            return value
        kind, text = self._row(id)
        return orjson.loads(text) if kind == packed.NODE else None

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            id = packed.entry_of(value)
            return packed.unescape(value) if id is None else self._entry(id)
        if isinstance(value, list):
            return self._items(value)
        if isinstance(value, dict):
            return {packed.unescape(key): self._value(item) for key, item in value.items()}
        return value

    def _row(self, id: int) -> tuple[int, str]:
        row = self._read.get(id)
        if row is None:  # a call that is deleted while it is read has no entries any more
            row = self._run(self._select, (id,)).fetchone() or (packed.TEXT, _GONE)
            self._size += len(row[1])
            if self._most is not None and self._size > self._most:
                self._read.clear()
                self._size = len(row[1])
            self._read[id] = row
        return row

    def _entry(self, id: int) -> Any:
        kind, value = self._row(id)
        return packed.unescape(value) if kind == packed.TEXT else self._value(orjson.loads(value))

    def _list(self, id: int) -> list[Any]:
        kind, value = self._row(id)
        return list(orjson.loads(value)) if kind == packed.NODE else [value]

    def _items(self, items: list[Any]) -> list[Any]:
        """Reads a list, and those that it continues."""
        return [self._value(item) for item in self._packed_items(items)]

    def _packed_items(self, items: list[Any]) -> list[Any]:
        parts: list[list[Any]] = []
        while (before := packed.items_ref(items)) is not None:
            parts.append(items[1:])
            items = ["…"] if self._brief else self._list(before)
        parts.append(items)
        return [item for part in reversed(parts) for item in part]


def _item(items: list[Any], step: str) -> Any:
    at = int(step) if step.isascii() and step.isdigit() and len(step) < 10 else len(items)
    return items[at] if at < len(items) else None
