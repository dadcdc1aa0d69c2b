"""Stands for a library of someone else's: a client of a language model, that knows no weavelite."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any


class RefusedError(Exception):
    """Is what the model refuses with."""


@dataclass
class Reply:
    """Is what a model said, or a piece of it; the last piece has the usage."""

    text: str
    usage: dict[str, int] | None = None


def _pieces(messages: list[dict[str, str]]) -> list[Reply]:
    asked = messages[-1]["content"]
    if asked == "forbidden":
        raise RefusedError("I will not say.")
    words = [f"{word} " for word in f"You said: {asked}".split()]
    usage = {"input_tokens": len(asked.split()), "output_tokens": len(words)}
    return [*(Reply(word) for word in words), Reply("", usage)]


def _whole(messages: list[dict[str, str]]) -> Reply:
    pieces = _pieces(messages)
    return Reply("".join(piece.text for piece in pieces).strip(), pieces[-1].usage)


class Client:
    """Asks a model."""

    def chat(self, model: str, messages: list[dict[str, str]], *, stream: bool = False) -> Any:
        """Gives a reply, or an iterator of its pieces."""
        return self._stream(messages) if stream else _whole(messages)

    def _stream(self, messages: list[dict[str, str]]) -> Iterator[Reply]:
        yield from _pieces(messages)


class AsyncClient:
    """Asks a model, and is awaited."""

    async def chat(
        self, model: str, messages: list[dict[str, str]], *, stream: bool = False
    ) -> Any:
        """Gives a reply, or an async iterator of its pieces."""
        await asyncio.sleep(0)
        return self._stream(messages) if stream else _whole(messages)

    async def _stream(self, messages: list[dict[str, str]]) -> AsyncIterator[Reply]:
        for piece in _pieces(messages):
            yield piece
