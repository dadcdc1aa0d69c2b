"""Runs what an op decorates, inside of its call: functions, coroutines, streams.

A stream's call is on the context only while its own body runs, for it runs between the caller's
own steps, and may be finished by a garbage collector in another context.
"""

import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any

from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, innermost_is, reset
from weavelite.trace.following import FollowedStream, is_stream
from weavelite.trace.items import end_stream, items_of


def run(call: Call, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Runs a function; what it returns to be run later is part of the call."""
    token = CURRENT.set(call)
    try:
        output = fn(*args, **kwargs)
    except BaseException as error:
        CURRENT.reset(token)
        recording.end(call, None, error)
        raise
    CURRENT.reset(token)
    if type(output) in _LATER:
        return _later(call, output)
    if call.accumulator is not None and is_stream(output):
        return FollowedStream(call, output)
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
    items = items_of(call)
    try:
        stream = fn(*args, **kwargs)
        resume, value = stream.send, None
        while True:
            token = CURRENT.set(call)
            try:
                item = resume(value)
            finally:
                CURRENT.reset(token)
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
        end_stream(call, items)
        return stop.value
    except GeneratorExit:  # the reader has had enough
        end_stream(call, items)
        raise
    except BaseException as error:
        end_stream(call, items, error)
        raise


async def run_async_stream(
    call: Call, fn: Callable[..., Any], args: Any, kwargs: Any
) -> AsyncGenerator[Any, Any]:
    """Runs an async generator function."""
    items = items_of(call)
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
        end_stream(call, items)
    except GeneratorExit:  # the reader has had enough
        end_stream(call, items)
        raise
    except BaseException as error:
        end_stream(call, items, error)
        raise


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
