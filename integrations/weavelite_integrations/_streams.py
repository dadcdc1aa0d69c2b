"""Reads along while the user reads a stream of an SDK, and ends its call with what came."""

import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

from weavelite import instrument

Result = tuple[Any, dict[str, Any] | None, str | None]


class Sum(Protocol):
    """Adds up what a stream brings."""

    spoke: bool

    def add(self, item: Any) -> bool:
        """Takes one item; tells whether weavelite alone asked for it, so that it is hidden."""

    def complete(self) -> bool:
        """Tells whether the server said that it was done."""

    def result(self) -> Result:
        """Gives the response as far as it came, its usage and its model."""


def dumped(value: Any) -> Any:
    """Gives an object of the SDK as the JSON that the server sent."""
    dump = getattr(value, "model_dump", None)
    return value if dump is None else dump(mode="json", exclude_unset=True, warnings=False)


class Reading:
    """Ends the call of a stream, however its reading ends."""

    def __init__(self, call: instrument.Call, total: Sum, started: float) -> None:
        self.call = call
        self.total = total
        self.started = started
        self.attached = False
        self.inside = False  # the SDK is at work on the next item
        self._over = False
        self._spoke = False

    def take(self, item: Any) -> bool:
        """Counts an item in, and tells whether it is to be hidden; never raises."""
        try:
            hidden = self.total.add(item)
        except Exception:  # a server's own idea of a chunk is no reason to break the stream
            return False
        if self.total.spoke and not self._spoke:
            self._spoke = True
            waited = time.perf_counter() - self.started
            instrument.annotate(self.call, {"time_to_first_token_s": round(waited, 6)})
        return hidden

    @instrument.quiet
    def finish(self, error: BaseException | None = None) -> None:
        """Ends the call with what came; the first end counts."""
        if self._over:
            return
        self._over = True
        if error is None and not self.total.complete():
            instrument.annotate(self.call, {"abandoned": True})
        output, usage, model = self.total.result()
        instrument.end(self.call, output, error=error, usage=usage, model=model)

    def __del__(self) -> None:
        self.finish()


class _Items(Iterator[Any]):
    def __init__(self, items: Iterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    def __next__(self) -> Any:
        self.reading.inside = True
        try:
            item = next(self.items)
            while self.reading.take(item):
                item = next(self.items)
        except StopIteration:
            self.reading.finish()
            raise
        except BaseException as error:
            self.reading.finish(error)
            raise
        finally:
            self.reading.inside = False
        return item


class _AsyncItems(AsyncIterator[Any]):
    def __init__(self, items: AsyncIterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    async def __anext__(self) -> Any:
        self.reading.inside = True
        try:
            item = await anext(self.items)
            while self.reading.take(item):
                item = await anext(self.items)
        except StopAsyncIteration:
            self.reading.finish()
            raise
        except BaseException as error:
            self.reading.finish(error)
            raise
        finally:
            self.reading.inside = False
        return item


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
    stream._iterator = (_AsyncItems if asynchronous else _Items)(items, reading)
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
