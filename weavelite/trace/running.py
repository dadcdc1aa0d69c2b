"""Runs what an op decorates, inside of its call: functions, coroutines, streams.

A stream's call is on the context only while its own body runs, for it runs between the caller's
own steps, and may be finished by a garbage collector in another context.
"""

import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from weavelite.serialize import encode
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, innermost_is, reset


def run(call: Call, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Runs a function; what it returns to be run later is part of the call."""
    token = CURRENT.set(call)
    try:
        output = fn(*args, **kwargs)
    except BaseException as error:
        reset(token)
        recording.end(call, None, error)
        raise
    reset(token)
    if type(output) in _LATER:
        return _later(call, output)
    recording.end(call, output)
    return output


async def run_async(call: Call, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Runs a coroutine function."""
    token = CURRENT.set(call)
    try:
        output = await fn(*args, **kwargs)
    except BaseException as error:
        reset(token)
        recording.end(call, None, error)
        raise
    reset(token)
    recording.end(call, output)
    return output


def run_stream(
    call: Call, fn: Callable[..., Any], args: Any, kwargs: Any
) -> Generator[Any, Any, Any]:
    """Runs a generator function."""
    items = Items(call)
    try:
        stream = fn(*args, **kwargs)
        resume, value = stream.send, None
        while True:
            token = CURRENT.set(call)
            try:
                item = resume(value)
            finally:
                reset(token)
            items.add(item)
            try:
                resume, value = stream.send, (yield item)
            except GeneratorExit:
                with innermost_is(call):
                    stream.close()
                raise
            except BaseException as error:
                resume, value = stream.throw, error
    except StopIteration as stop:
        _end_stream(call, items)
        return stop.value
    except GeneratorExit:  # the reader has had enough
        _end_stream(call, items)
        raise
    except BaseException as error:
        _end_stream(call, items, error)
        raise


async def run_async_stream(
    call: Call, fn: Callable[..., Any], args: Any, kwargs: Any
) -> AsyncGenerator[Any, Any]:
    """Runs an async generator function."""
    items = Items(call)
    try:
        stream = fn(*args, **kwargs)
        resume, value = stream.asend, None
        while True:
            token = CURRENT.set(call)
            try:
                item = await resume(value)
            finally:
                reset(token)
            items.add(item)
            try:
                resume, value = stream.asend, (yield item)
            except GeneratorExit:
                with innermost_is(call):
                    await stream.aclose()
                raise
            except BaseException as error:
                resume, value = stream.athrow, error
    except StopAsyncIteration:
        _end_stream(call, items)
    except GeneratorExit:  # the reader has had enough
        _end_stream(call, items)
        raise
    except BaseException as error:
        _end_stream(call, items, error)
        raise


class Items:
    """Are the items of a stream as JSON, up to the limit of what is captured."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._limit = call.client.capture_max if call.client is not None else 0
        self._texts: list[bytes] = []
        self._size = 0
        self._left_out = 0

    def add(self, item: Any) -> None:
        """Snapshots an item."""
        if self._size > self._limit:
            self._left_out += 1
            return
        text = recording.snapshot(self._call, item)
        self._texts.append(text)
        self._size += len(text)

    def json(self) -> bytes:
        """Returns the items as a list; what was left out is said at its end."""
        if self._left_out:
            self._texts.append(encode({"_type": "stub", "items": self._left_out}))
        return b"[" + b",".join(self._texts) + b"]"


def _end_stream(call: Call, items: Items, error: BaseException | None = None) -> None:
    recording.guarded(
        lambda: recording.close(call, items.json(), error), "a stream's end could not be recorded"
    )


# A plain function may return a coroutine or a generator, as decorators around such functions do.
# The call lasts until that has run; it runs inside of one of ours, of the same type and name.

_LATER: dict[type, Callable[..., Any]] = {
    CoroutineType: run_async,
    GeneratorType: run_stream,
    AsyncGeneratorType: run_async_stream,
}


class _Given:
    """Gives what was returned to be run, and knows whether it was asked for."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.asked = False

    def __call__(self) -> Any:
        self.asked = True
        return self.made


def _later(call: Call, made: Any) -> Any:
    given = _Given(made)
    ours = _LATER[type(made)](call, given, (), {})
    ours.__name__, ours.__qualname__ = made.__name__, made.__qualname__
    weakref.finalize(ours, _let_go, call, given).atexit = False
    return ours


def _let_go(call: Call, given: _Given) -> None:
    """Ends the call of what was never run; Python's own warning was given for ours already."""
    if not given.asked:
        if isinstance(given.made, CoroutineType):
            given.made.close()
        recording.end(call)
