"""Reads along while the user reads a stream, and ends its call with what came."""

import functools
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Protocol

from weavelite.instrument.calls import active, annotate, end, quiet
from weavelite.trace.call import Call

Result = tuple[Any, dict[str, Any] | None, str | None]
"""Is what a call gave: its output, the usage that the provider reports, and the model."""

_READING = "__weavelite_reading__"


class Sum(Protocol):
    """Adds up what a stream brings."""

    spoke: bool
    """Says whether something came that the model said."""

    def add(self, item: Any) -> bool | None:
        """Takes one item; True hides it from the user, because weavelite alone asked for it."""

    def complete(self) -> bool:
        """Tells whether the stream said that it was done."""

    def result(self) -> Result:
        """Gives what the items are together, as far as they came."""


class Pieces:
    """Is a Sum that keeps the items of a stream: the last one is told, or all, or their text."""

    def __init__(self, told: Callable[[list[Any]], Result] = lambda items: (items, None, None)):
        self.spoke = False
        self._items: list[Any] = []
        self._told = told

    def add(self, item: Any) -> None:
        """Takes one item."""
        self.spoke = True
        self._items.append(item)

    def complete(self) -> bool:
        """Is for streams that do not say when they are done."""
        return False

    def result(self) -> Result:
        """Gives what is told of the items."""
        return self._told(self._items)


class Reading:
    """Ends the call of a stream, however its reading ends.

    Args:
        call: ended when the stream is, with the result of `total`.
        total: adds up the items.
        started: the `time.perf_counter()` when the stream was asked for.
        nests: whether calls that are made while the stream works on an item are below its call.

    """

    def __init__(
        self, call: Call, total: Sum, started: float | None = None, nests: bool = False
    ) -> None:
        self.call = call
        self.total = total
        self.started = time.perf_counter() if started is None else started
        self.attached = False
        self.inside = False
        """Says that the library is at work on the next item."""
        self._nested = call if nests else None
        self._over = self._spoke = self._exhausted = False

    def _around(self) -> AbstractContextManager[None]:
        return nullcontext() if self._nested is None else active(self._nested)

    def take(self, item: Any) -> bool:
        """Counts an item in, and tells whether it is to be hidden; never raises."""
        try:
            hidden = self.total.add(item)
        except Exception:  # a server's own idea of a chunk is no reason to break the stream
            return False
        if self.total.spoke and not self._spoke:
            self._spoke = True
            waited = time.perf_counter() - self.started
            annotate(self.call, {"time_to_first_token_s": round(waited, 6)})
        return bool(hidden)

    def step(self, ask: Callable[[], Any]) -> Any:
        """Gives the next item that is not hidden, as the stream gives it or raises."""
        self.inside = True
        try:
            with self._around():
                item = ask()
                while self.take(item):
                    item = ask()
        except BaseException as error:
            self._stop(error)
            raise
        finally:
            self.inside = False
        return item

    async def step_async(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Does the same for a stream that is awaited."""
        self.inside = True
        try:
            with self._around():
                item = await ask()
                while self.take(item):
                    item = await ask()
        except BaseException as error:
            self._stop(error)
            raise
        finally:
            self.inside = False
        return item

    def _stop(self, error: BaseException) -> None:
        self._exhausted = isinstance(error, StopIteration | StopAsyncIteration)
        self.finish(None if self._exhausted or isinstance(error, GeneratorExit) else error)

    @quiet
    def finish(self, error: BaseException | None = None) -> None:
        """Ends the call with what came; the first end counts."""
        if self._over:
            return
        self._over = True
        if error is None and not self._exhausted and not self.total.complete():
            annotate(self.call, {"abandoned": True})
        output, usage, model = self.total.result()
        end(self.call, output, error=error, usage=usage, model=model)

    def __del__(self) -> None:
        self.finish()


class _Items(Iterator[Any]):
    """Gives the items of an iterator, counted in."""

    def __init__(self, items: Iterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    def __next__(self) -> Any:
        return self.reading.step(self.items.__next__)


class _AsyncItems(AsyncIterator[Any]):
    """Gives the items of an async iterator, counted in."""

    def __init__(self, items: AsyncIterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    async def __anext__(self) -> Any:
        return await self.reading.step_async(self.items.__anext__)


def read_items(items: Any, reading: Reading) -> Any:
    """Gives an iterator, plain or async, of the same items, which ends the call of `reading`."""
    return (_AsyncItems if hasattr(items, "__anext__") else _Items)(items, reading)


def read_along(stream: Any, reading: Reading) -> Any:
    """Gives a stream that looks like the one given, and ends the call of `reading`.

    A generator becomes a generator. Another object stays itself: its class becomes one that is
    derived from its own. Of one that bears neither, the call ends without an output.
    """
    if isinstance(stream, GeneratorType):
        return _generator(stream, reading)
    if isinstance(stream, AsyncGeneratorType):
        return _async_generator(stream, reading)
    try:
        setattr(stream, _READING, reading)
        cls: type = type(stream)
        stream.__class__ = _derived(cls)
    except Exception:  # a class with slots, or written in C
        if hasattr(stream, "__next__") or hasattr(stream, "__anext__"):
            return read_items(stream, reading)
        reading.finish()
    return stream


def _generator(items: Generator[Any, Any, Any], reading: Reading) -> Generator[Any, Any, Any]:
    ask: Callable[[], Any] = items.__next__
    try:
        while True:
            try:
                item = reading.step(ask)
            except StopIteration as stop:
                return stop.value
            try:
                sent = yield item
            except Exception as error:  # the user throws it into the generator
                ask = functools.partial(items.throw, error)
            else:
                ask = items.__next__ if sent is None else functools.partial(items.send, sent)
    finally:
        items.close()
        reading.finish()


async def _async_generator(
    items: AsyncGenerator[Any, Any], reading: Reading
) -> AsyncGenerator[Any, Any]:
    ask: Callable[[], Awaitable[Any]] = items.__anext__
    try:
        while True:
            try:
                item = await reading.step_async(ask)
            except StopAsyncIteration:
                return
            try:
                sent = yield item
            except Exception as error:
                ask = functools.partial(items.athrow, error)
            else:
                ask = items.__anext__ if sent is None else functools.partial(items.asend, sent)
    finally:
        await items.aclose()
        reading.finish()


def _iterating(cls: type) -> Callable[[Any], Iterator[Any]]:
    def __iter__(self: Any) -> Iterator[Any]:
        items = cls.__iter__(self)  # type: ignore[attr-defined]
        return self if items is self else _Items(items, getattr(self, _READING))

    return __iter__


def _iterating_async(cls: type) -> Callable[[Any], AsyncIterator[Any]]:
    def __aiter__(self: Any) -> AsyncIterator[Any]:
        items = cls.__aiter__(self)  # type: ignore[attr-defined]
        return self if items is self else _AsyncItems(items, getattr(self, _READING))

    return __aiter__


def _stepping(cls: type) -> Callable[[Any], Any]:
    def __next__(self: Any) -> Any:
        return getattr(self, _READING).step(lambda: cls.__next__(self))  # type: ignore[attr-defined]

    return __next__


def _stepping_async(cls: type) -> Callable[[Any], Awaitable[Any]]:
    async def __anext__(self: Any) -> Any:
        return await getattr(self, _READING).step_async(lambda: cls.__anext__(self))  # type: ignore[attr-defined]

    return __anext__


def _closing(cls: type) -> Callable[..., Any]:
    def close(self: Any, *args: Any, **kwargs: Any) -> Any:
        reading = getattr(self, _READING)
        if not reading.inside:  # else it is followed by the end or the error that says more
            reading.finish()
        return cls.close(self, *args, **kwargs)  # type: ignore[attr-defined]

    return close


def _closing_async(cls: type) -> Callable[..., Awaitable[Any]]:
    async def aclose(self: Any, *args: Any, **kwargs: Any) -> Any:
        reading = getattr(self, _READING)
        if not reading.inside:
            reading.finish()
        return await cls.aclose(self, *args, **kwargs)  # type: ignore[attr-defined]

    return aclose


_MADE: dict[str, Callable[[type], Callable[..., Any]]] = {
    "__iter__": _iterating,
    "__next__": _stepping,
    "__aiter__": _iterating_async,
    "__anext__": _stepping_async,
    "close": _closing,
    "aclose": _closing_async,
}


@functools.cache
def _derived(cls: type) -> type:
    """Derives a class of streams from one, which goes by the same name and reads along."""
    own = {
        name: make(cls)
        for name, make in _MADE.items()
        if hasattr(cls, name) and not inspect.isasyncgenfunction(getattr(cls, name))
    }  # aiobotocore has a generator for `__anext__`, which its `__aiter__` gives
    named = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    return type(cls.__name__, (cls,), {**named, **own})
