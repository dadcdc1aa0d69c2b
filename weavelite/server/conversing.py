"""Bodies of a conversation: what several turns repeat is told once, and cut alike in each."""

from typing import Any

import orjson

from weavelite.ids import digest
from weavelite.server.answers import Cut
from weavelite.server.shortening import Shortener, written

SHARED = "~shared"
_SMALL = 100
"""Bytes up to which an item of a list is cheaper told again than shared."""
_OF_A_MESSAGE = 64_000
_FIELDS = 100
_SPOKEN = frozenset({"role", "content", "parts", "kwargs", "message", "type", "text"})


def said(value: Any, path: list[str], kind: str) -> tuple[Any, list[Cut]]:
    """Returns the start of a body, and the cuts, each with the digest of what is cut.

    A message is cut by what it holds and not by what stands before it, so that it is the same in
    each turn; and of a list of messages none is left out.
    """
    shorten = _Digesting() if kind == "tool" else _Speech()
    return shorten(value, path), shorten.cuts


class _Digesting(Shortener):
    """Shortens, and names what it cut by the digest of the whole."""

    def _note(self, path: list[str], kind: str, value: Any, kept: int) -> None:
        super()._note(path, kind, value, kept)
        if kept < len(value):
            self.cuts[-1].digest = digest(written(value))


class _Speech(_Digesting):
    def __call__(self, value: Any, path: list[str]) -> Any:
        if _are_messages(value):
            return [self._message(item, [*path, str(at)]) for at, item in enumerate(value)]
        if isinstance(value, dict) and len(value) <= _FIELDS:  # what is behind a large field speaks
            return {name: self(item, [*path, name]) for name, item in value.items()}
        return super().__call__(value, path)

    def _message(self, value: Any, path: list[str]) -> Any:
        if isinstance(value, list):
            return [self._message(item, [*path, str(at)]) for at, item in enumerate(value)]
        shorten = _Digesting(_OF_A_MESSAGE)
        short = shorten(value, path)
        self.cuts += shorten.cuts
        return short


def _are_messages(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(
        not _SPOKEN.isdisjoint(item) if isinstance(item, dict) else _are_messages(item)
        for item in value
    )  # fmt: skip


def brief(value: Any, shared: dict[bytes, int]) -> Any:
    """Puts each object that stands in a list into `shared`, and its place there in its stead."""
    if isinstance(value, dict):
        return {key: brief(item, shared) for key, item in value.items()}
    if isinstance(value, list):
        return [_item(item, shared) for item in value]
    return value


def _item(item: Any, shared: dict[bytes, int]) -> Any:
    if not isinstance(item, dict):
        return brief(item, shared)
    text = orjson.dumps(item)
    if len(text) <= _SMALL and SHARED not in item:
        return item
    return {SHARED: shared.setdefault(text, len(shared))}
