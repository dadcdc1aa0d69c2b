"""How JSON refers to the pool: the marks that stand in a packed body for what is kept there.

A string that begins with MARK is a reference: `MARK:n` is the entry n, and as the first item of a
list `MARK+n` is all items of the list n. The number is written in digits that nobody searches for.
A user's string or key that begins with MARK has another one in front.
"""

from collections.abc import Iterator
from typing import Any

MARK = "\x7f"
_ENTRY = MARK + ":"
_ITEMS = MARK + "+"
_DIGITS = "".join(map(chr, range(0x80, 0x90)))  # control characters
_WRITTEN = str.maketrans("0123456789abcdef", _DIGITS)
_READ = str.maketrans(_DIGITS, "0123456789abcdef")
TEXT, NODE = 0, 1
"""The kinds of entries: a string as it is, and packed JSON."""


def entry(id: int) -> str:
    """Writes a reference to an entry."""
    return _ENTRY + _written(id)


def items_of(id: int) -> str:
    """Writes a reference to all items of a list."""
    return _ITEMS + _written(id)


def _written(id: int) -> str:
    return f"{id:x}".translate(_WRITTEN)


def _number(text: str) -> int:
    return int(text[2:].translate(_READ), 16)


def escaped(value: Any) -> Any:
    """Returns a user's value without strings and keys that could be read as references."""
    if isinstance(value, str):
        return MARK + value if value.startswith(MARK) else value
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if isinstance(value, dict):
        return {escaped(key): escaped(item) for key, item in value.items()}
    return value


def unescape(text: str) -> str:
    """Reads a string or a key that `escaped` wrote."""
    return text[1:] if text.startswith(MARK) else text


def entry_of(text: str) -> int | None:
    """Reads a reference to an entry, None when the text is a user's."""
    return _number(text) if text.startswith(_ENTRY) else None


def items_ref(items: list[Any]) -> int | None:
    """Reads the reference to the list that a list continues, None when it begins by itself."""
    first = items[0] if items else None
    return _number(first) if isinstance(first, str) and first.startswith(_ITEMS) else None


def refs(value: Any) -> Iterator[int]:
    """Yields the entries that packed JSON refers to."""
    match value:
        case str() if value.startswith((_ENTRY, _ITEMS)):
            yield _number(value)
        case list():
            for item in value:
                yield from refs(item)
        case dict():
            for item in value.values():
                yield from refs(item)
