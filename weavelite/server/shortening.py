"""Large values in parts: what a page gets of one at first, and how it gets the rest."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import islice
from typing import Any

import orjson

from weavelite.errors import NotFoundError
from weavelite.records.answers import CallDetail
from weavelite.serialize import looks_tagged
from weavelite.server.answers import Cut, Part, PartItem

ROOM = 256_000
"""Characters of a value above which it comes in parts, and about how many a part has."""
TEXT = 100_000
"""Letters that a part of a text has."""
ITEMS = 1_000
"""Items that a part of a list or an object has at most."""
_FIRST_TEXT, _FIRST_ITEMS = 20_000, 100
_LEAST = 200
"""Letters that each text has when there is no more room."""
_DEEP = 60
"""Levels below which nothing is sent along."""
BODIES = ("inputs", "output", "attributes", "summary", "otel")
VALUE = "value"
"""Is what paths into an object or a row of a table begin with."""
_OF_A_ROW = 16_000
_OF_A_CELL = 400

_Entry = tuple[str, Any]


class Shortener:
    """Shortens values where there is no room for them, in their form, and notes where."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self.cuts: list[Cut] = []

    def __call__(self, value: Any, path: list[str]) -> Any:
        """Returns the value, or the start of it."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, list | dict) and not _is_file(value):
            most = _FIRST_ITEMS if len(path) < _DEEP else 0
            kept = self.fitting(_entries(value, 0, most), path, isinstance(value, dict))
            self._note(path, "list" if isinstance(value, list) else "object", value, len(kept))
            return dict(kept) if isinstance(value, dict) else [item for _, item in kept]
        self._room -= 8
        return value

    def fitting(self, entries: Iterable[_Entry], path: list[str], is_named: bool) -> list[_Entry]:
        """Shortens entries of a list or an object, as many as there is room for."""
        kept: list[_Entry] = []
        for name, item in entries:
            if self._room <= 0:
                break
            self._room -= len(name) if is_named else 0
            noted = len(self.cuts)
            short = self(item, [*path, name])
            if kept and not is_named and self._room <= 0 and _lost_fields(item, short):
                del self.cuts[noted:]  # half of a message is none: it comes with the next part
                break
            kept.append((name, short))
        return kept

    def _text(self, text: str, path: list[str]) -> str:
        most = max(min(_FIRST_TEXT, self._room), _LEAST)
        kept = text if len(text) <= 1.25 * most else text[:most]
        self._room -= len(kept)
        self._note(path, "text", text, len(kept))
        return kept

    def _note(self, path: list[str], kind: str, value: Any, kept: int) -> None:
        if kept < len(value):
            self.cuts.append(Cut(path=path, kind=kind, total=len(value), next=kept))


def _lost_fields(item: Any, short: Any) -> bool:
    return isinstance(item, dict) and len(short) < min(len(item), _FIRST_ITEMS)


def _entries(value: Any, start: int, most: int) -> Iterable[_Entry]:
    """Yields what is in a list or an object from a place on; what stands for something, whole."""
    if isinstance(value, list):
        return ((str(at), value[at]) for at in range(start, min(start + most, len(value))))
    most = len(value) if looks_tagged(value) else most
    return islice(value.items(), start, start + most)


def _is_file(value: Any) -> bool:
    """Tells whether a value stands for bytes: these are small, or elsewhere."""
    return isinstance(value, dict) and looks_tagged(value) and bool({"inline", "base64"} & {*value})


def bodies_of(call: CallDetail) -> dict[str, Any]:
    """Returns what of a call may be large, by name."""
    return {name: getattr(call, name) for name in BODIES}


def shortened(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int], list[Cut]]:
    """Returns the start of values that are large, how many bytes of JSON they are, and the cuts."""
    starts: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    cuts: list[Cut] = []
    for name, value in values.items():
        size = len(written(value))
        if size > ROOM:
            shorten = Shortener()
            starts[name], sizes[name] = shorten(value, [name]), size
            cuts += shorten.cuts
    return starts, sizes, cuts


def shortened_row(value: Any) -> tuple[Any, list[Cut]]:
    """Returns the start of a row, with all of its columns, and the cuts.

    Each cell has its own room, so that a large one takes none from those behind it.
    """
    if not isinstance(value, dict) or looks_tagged(value):
        shorten = Shortener(_OF_A_ROW)
        return shorten(value, [VALUE]), shorten.cuts
    cuts: list[Cut] = []
    room = max(_OF_A_ROW // max(len(value), 1), _OF_A_CELL)
    row = {}
    for name, cell in value.items():
        shorten = Shortener(room)
        row[name] = shorten(cell, [VALUE, name])
        cuts += shorten.cuts
    return row, cuts


def part(value: Any, path: Sequence[str], start: int) -> Part:
    """Returns what a value has from a place on: letters, items, or fields."""
    if isinstance(value, str):
        text = value[start : start + TEXT]
        return Part(text=text, next=_next(value, start + len(text)))
    if not isinstance(value, list | dict):
        raise NotFoundError("This value has no parts.")
    shorten = Shortener()
    kept = shorten.fitting(_entries(value, start, ITEMS), [*path], isinstance(value, dict))
    return Part(
        items=[PartItem(name=name, value=item) for name, item in kept],
        next=_next(value, start + len(kept)),
        cuts=shorten.cuts,
    )


def _next(value: Any, end: int) -> int | None:
    return end if end < len(value) else None


def held(values: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Returns what is at a path that starts with the name of a value."""
    if not path or path[0] not in values:
        raise NotFoundError(f"A path starts with {', '.join(values)}.")
    return reduce(_below, path[1:], values[path[0]])


def _below(value: Any, step: str) -> Any:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    raise NotFoundError(f"There is no {step!r} in this value.")


def written(value: Any) -> bytes:
    """Writes a text as it is, and another value as JSON."""
    return value.encode() if isinstance(value, str) else orjson.dumps(value)
