"""Streams of SDKs that are generated alike: read along inside of the SDK's own objects."""

import functools
from collections.abc import Callable
from typing import Any

from weavelite.instrument import Reading, read_items


def dumped(value: Any) -> Any:
    """Gives an object of the SDK as the JSON that the server sent."""
    dump = getattr(value, "model_dump", None)
    return value if dump is None else dump(mode="json", exclude_unset=True, warnings=False)


def attach(stream: Any, reading: Reading) -> None:
    """Puts a reader between a Stream or AsyncStream of the SDK and its items.

    The object stays the SDK's own, so its type, response and context manager are what they were:
    only the iterator inside is replaced. Where a future SDK has no such iterator, the stream is
    left alone, and the call ends without an output.
    """
    items = getattr(stream, "_iterator", None)
    if items is None:
        reading.finish()
        return
    asynchronous = hasattr(items, "__anext__")
    stream._iterator = read_items(items, reading)
    # Every way to close a stream ends at its HTTP response; the SDK's own closing, from inside of
    # its iterator, is followed by the end or the error that says more.
    name = "aclose" if asynchronous else "close"
    before(stream.response, name, lambda: None if reading.inside else reading.finish())


def before(owner: Any, name: str, act: Callable[[], None]) -> None:
    """Lets something happen before a method of one object runs, plain or coroutine."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(*args: Any, **kwargs: Any) -> Any:
        act()
        return method(*args, **kwargs)

    setattr(owner, name, acting)


def after(owner: Any, name: str, asynchronous: bool, act: Callable[[Any], None]) -> None:
    """Lets something happen with what a method of one object returns."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(*args: Any, **kwargs: Any) -> Any:
        value = method(*args, **kwargs)
        act(value)
        return value

    @functools.wraps(method)
    async def acting_async(*args: Any, **kwargs: Any) -> Any:
        value = await method(*args, **kwargs)
        act(value)
        return value

    setattr(owner, name, acting_async if asynchronous else acting)
