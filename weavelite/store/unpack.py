"""Packed bodies to values."""

import sqlite3
from typing import Any

import orjson

from weavelite.store import packed

BRIEF = 640
"""Characters of a long string that a preview reads."""
_GONE = "(deleted)"


class Unpacker:
    """Reads bodies through one connection, and remembers the entries that it has read.

    A brief one reads only what a preview needs: the start of long strings, and of a list the
    items that are new in it, after "…".
    """

    def __init__(self, connection: sqlite3.Connection, *, brief: bool = False) -> None:
        self._run = connection.execute
        self._brief = brief
        start = f"iif(kind = {packed.TEXT}, substr(value, 1, {BRIEF}), value)"
        self._select = f"SELECT kind, {start if brief else 'value'} FROM pool WHERE id = ?"
        self._read: dict[int, tuple[int, str]] = {}

    def __call__(self, text: str, is_packed: int) -> Any:
        """Reads a JSON body."""
        value = orjson.loads(text)
        return self._value(value) if is_packed else value

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
        parts: list[list[Any]] = []
        while (before := packed.items_ref(items)) is not None:
            parts.append(items[1:])
            items = ["…"] if self._brief else self._list(before)
        parts.append(items)
        return [self._value(item) for part in reversed(parts) for item in part]
