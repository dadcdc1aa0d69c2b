"""Follows a stream that a function gives out, such as a client's: its items are the call's output.

The stream stays what it was for whoever reads it: what is asked of it is asked of the original.
"""

import weakref
from typing import Any, Self

from weavelite.trace.call import Call
from weavelite.trace.context import innermost_is
from weavelite.trace.items import end_stream, items_of


def is_stream(value: Any) -> bool:
    """Tells whether a value is an iterator; asks its class only."""
    return hasattr(type(value), "__next__") or hasattr(type(value), "__anext__")


class FollowedStream:
    """Reads a stream for its reader, and records what comes out of it."""

    def __init__(self, call: Call, stream: Any) -> None:
        items = items_of(call)
        self._followed = (call, stream, items)
        weakref.finalize(self, end_stream, call, items).atexit = False

    def __iter__(self) -> Self:
        return self

    def __aiter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        call, stream, items = self._followed
        try:
            with innermost_is(call):
                item = next(stream)
        except BaseException as error:
            end_stream(call, items, None if isinstance(error, StopIteration) else error)
            raise
        items.add(item)
        return item

    async def __anext__(self) -> Any:
        call, stream, items = self._followed
        try:
            with innermost_is(call):
                item = await anext(stream)
        except BaseException as error:
            end_stream(call, items, None if isinstance(error, StopAsyncIteration) else error)
            raise
        items.add(item)
        return item

    def __enter__(self) -> Self:
        self._followed[1].__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        call, stream, items = self._followed
        try:
            return stream.__exit__(*error)
        finally:
            end_stream(call, items, error[1] if error else None)

    async def __aenter__(self) -> Self:
        await self._followed[1].__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> Any:
        call, stream, items = self._followed
        try:
            return await stream.__aexit__(*error)
        finally:
            end_stream(call, items, error[1] if error else None)

    def __getattr__(self, name: str) -> Any:
        if name == "_followed":  # of a copy, which has none yet
            raise AttributeError(name)
        return getattr(self._followed[1], name)
