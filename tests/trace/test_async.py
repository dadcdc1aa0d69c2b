"""Coroutines, tasks and async generators: nesting by task, each call once, however it ends."""

import asyncio
import contextlib
import gc
import sys
import warnings

import pytest

import weavelite


@weavelite.op
async def leaf(x=0):
    await asyncio.sleep(0)
    return x


@weavelite.op
async def stream(n=3):
    try:
        for i in range(n):
            await leaf()
            yield i
    finally:
        await leaf()


def ends(client, name="stream"):
    return [
        (call.status, call.output, call.error)
        for call in client.get_calls()
        if call.op_name == name
    ]


def run(function):
    return asyncio.run(weavelite.op(name="outer")(function)())


def test_tasks_nest(nesting):
    """A task that is made in a call is its child, and outlives it as such."""
    tasks = []

    async def main():
        async def start():
            tasks.append(asyncio.create_task(leaf()))

        await weavelite.op(name="outer")(start)()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert nesting() == [("leaf", "outer"), ("outer", "None")]


def test_gathered_ones_nest(client, nesting):
    """Hundreds that are gathered are children each, with their own inputs and outputs."""

    async def outer():
        return await asyncio.gather(*(leaf(x) for x in range(200)))

    assert run(outer) == list(range(200))
    assert nesting() == [("leaf", "outer")] * 200 + [("outer", "None")]
    assert all(call.inputs == {"x": call.output} for call in client.get_calls(limit=200)
               if call.op_name == "leaf")  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups came with 3.11")
def test_groups_nest_and_cancel(client, nesting):
    """When a task of a group fails, the others end as cancelled, and the group's error passes."""

    @weavelite.op
    async def fails():
        await asyncio.sleep(0.01)
        raise ValueError("no")

    @weavelite.op
    async def waits():
        await asyncio.sleep(60)

    async def outer():
        async with asyncio.TaskGroup() as group:
            group.create_task(waits())
            group.create_task(fails())

    with pytest.raises(ExceptionGroup):
        run(outer)
    assert nesting() == [("fails", "outer"), ("outer", "None"), ("waits", "outer")]
    assert ends(client, "waits")[0][2] == "CancelledError"
    assert ends(client, "fails")[0][2] == "ValueError: no"


def test_timeouts_cancel(client):
    """What a timeout cancels ends with CancelledError; the caller sees TimeoutError."""

    @weavelite.op
    async def waits():
        await asyncio.sleep(60)

    async def outer():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waits(), 0.01)

    run(outer)
    assert ends(client, "waits")[0][2] == "CancelledError"
    assert ends(client, "outer")[0][0] == "success"


def test_cancellation_may_be_handled(client):
    """A coroutine that handles its cancellation returns, and its call is no error."""

    @weavelite.op
    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "stayed"

    async def outer():
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    assert run(outer) == "stayed"
    assert ends(client, "stubborn") == [("success", "stayed", None)]


def test_one_that_is_never_awaited_is_no_call(client):
    """A coroutine that nobody awaits has run nothing: Python warns, and there is no call."""
    with pytest.warns(RuntimeWarning, match="'leaf' was never awaited"):
        leaf()
        gc.collect()
    assert list(client.get_calls()) == [] and client.open_calls == {}


def test_streams_that_are_left_end(client, nesting):
    """An async generator that is dropped in the middle is closed by the loop, inside its call."""

    async def outer():
        async for _ in stream():
            break
        gc.collect()
        await asyncio.sleep(0.01)

    run(outer)
    assert ends(client) == [("success", [0], None)]
    assert nesting() == [("leaf", "stream"), ("leaf", "stream"), ("outer", "None"),
                         ("stream", "outer")]  # fmt: skip


def test_streams_that_are_closed_or_thrown_into_end(client):
    """`aclose` ends the call with what was read; `athrow` ends it as an error."""

    async def outer():
        closed, thrown = stream(), stream()
        await anext(closed), await anext(thrown)
        await closed.aclose()
        with pytest.raises(KeyError):
            await thrown.athrow(KeyError("k"))

    run(outer)
    assert ends(client) == [("success", [0], None), ("error", [0], "KeyError: 'k'")]


def test_streams_take_what_is_sent(client):
    """`asend` reaches the body of an async generator."""

    @weavelite.op(name="stream")
    async def echo():
        got = yield "first"
        yield got

    async def outer():
        made = echo()
        return [await anext(made), await made.asend("sent")]

    assert run(outer) == ["first", "sent"]
    gc.collect()
    assert ends(client)[0][1] == ["first", "sent"]


def test_interleaved_streams_do_not_mix(client, nesting):
    """Two async generators that are read in turn have their own calls and children."""

    async def outer():
        first, second = stream(2), stream(2)
        for made in (first, second, first, second):
            await anext(made)
        for made in (first, second):
            assert [item async for item in made] == []

    run(outer)
    assert ends(client) == [("success", [0, 1], None)] * 2
    assert nesting().count(("leaf", "stream")) == 6


def test_a_cancelled_reader_ends_the_stream(client):
    """When the task that reads a stream is cancelled inside its body, the call says so."""

    @weavelite.op(name="stream")
    async def slow():
        yield 1
        await asyncio.sleep(60)

    async def read():
        async with contextlib.aclosing(slow()) as made:
            async for _ in made:
                pass

    async def outer():
        task = asyncio.create_task(read())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(outer)
    assert ends(client) == [("error", [1], "CancelledError")]


def test_a_function_that_returns_a_coroutine_lasts_until_it_has_run(client, nesting):
    """A plain decorator around a coroutine function makes no difference to the call."""

    def plain_decorator(function):
        return lambda *args: function(*args)

    @weavelite.op(name="wrapped")
    @plain_decorator
    async def wrapped(x):
        return await leaf(x)

    assert asyncio.run(wrapped(5)) == 5
    assert nesting() == [("leaf", "wrapped"), ("wrapped", "None")]
    assert ends(client, "wrapped") == [("success", 5, None)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        wrapped(6)
        gc.collect()
    assert [str(warning.message) for warning in caught] == [
        "coroutine 'test_a_function_that_returns_a_coroutine_lasts_until_it_has_run.<locals>."
        "wrapped' was never awaited"
    ]
    assert client.open_calls == {}


def test_a_task_that_is_returned_is_given_back(client):
    """A future or a task is what the function returns, and nothing is put around it."""

    async def main():
        task = asyncio.create_task(asyncio.sleep(0, "x"))
        assert weavelite.op(name="gives")(lambda: task)() is task
        return await task

    assert asyncio.run(main()) == "x"
    assert ends(client, "gives")[0][0] == "success"
