"""An op records what its function does, and changes nothing about it."""

import asyncio
import contextlib
import functools
import inspect
import logging
import os
import threading

import pytest

import weavelite
from weavelite import instrument
from weavelite.query import CallQuery
from weavelite.trace.context import RESOLVERS


def recorded(client, name=None):
    calls = list(client.get_calls())
    return [call for call in calls if name is None or call.op_name == name]


def tree(client):
    """Lists (op, parent's op) in the order of the calls' starts."""
    calls = recorded(client)
    names = {call.id: call.op_name for call in calls}
    return [(call.op_name, names.get(call.parent_id)) for call in calls]


@weavelite.op
def add(a, b=2, *rest, **named):
    return a + b


@weavelite.op
def inner():
    return "i"


@weavelite.op
def items(n):
    for i in range(n):
        inner()
        received = yield i
        if received:
            yield received
    return "end"


@weavelite.op
async def async_items(n):
    for i in range(n):
        inner()
        yield i


def test_a_call_has_inputs_output_and_times(client):
    """A call knows its arguments by name, defaults too, its output, and when it ran."""
    assert add(1) == 3
    (call,) = recorded(client)
    assert (call.op_name, call.inputs, call.output) == ("add", {"a": 1, "b": 2}, 3)
    assert call.started_at <= call.ended_at and call.latency >= 0
    assert call.status == "success" and call.parent_id is None


def test_all_forms_of_arguments_are_named(client):
    """Positional, extra, and named arguments are all there under names."""
    add(1, 2, 3, 4, k=5)
    (call,) = recorded(client)
    assert call.inputs == {"a": 1, "b": 2, "rest": [3, 4], "k": 5}


def test_an_exception_is_recorded_and_raised(client):
    """What the function raises reaches the caller as the same object, and is on the call."""

    @weavelite.op
    def fails():
        raise error

    error = ValueError("no\nway")
    with pytest.raises(ValueError) as caught:
        fails()
    assert caught.value is error
    (call,) = recorded(client)
    assert (call.status, call.error) == ("error", "ValueError: no")
    assert "Traceback" in call.exception and "raise error" in call.exception


def test_a_mistake_in_the_call_is_the_users(client):
    """Wrong arguments raise the TypeError that the function raises, and are recorded."""
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        add()
    (call,) = recorded(client)
    assert call.status == "error"


def test_inputs_are_snapshots(client):
    """What the function does to its arguments afterwards does not reach the record."""

    @weavelite.op
    def spoil(values):
        values.append(99)
        return values

    output = spoil([1])
    output.append(100)
    (call,) = recorded(client)
    assert (call.inputs, call.output) == ({"values": [1]}, [1, 99])


def test_an_unserialisable_argument_is_described(client):
    """A lock, a socket or any object can be an argument: it is named, and the program goes on."""
    assert add.call(threading.Lock(), b=1)[0] is None  # lock + 1 is the user's mistake
    (call,) = recorded(client)
    assert "lock" in call.inputs["a"]


def test_secrets_are_hidden(client):
    """Arguments that are named like keys are not kept."""

    @weavelite.op
    def ask(api_key, **named):
        return None

    ask("sk-1", Authorization="Bearer x", model="m")
    (call,) = recorded(client)
    assert call.inputs == {"api_key": "[redacted]", "Authorization": "[redacted]", "model": "m"}


def test_calls_nest(client):
    """A call inside another is its child, in the same trace; siblings are siblings."""

    @weavelite.op
    def outer():
        inner()
        inner()

    outer()
    assert tree(client) == [("outer", None), ("inner", "outer"), ("inner", "outer")]
    assert len({call.trace_id for call in recorded(client)}) == 1


def test_ids_are_those_of_opentelemetry(client):
    """A root's id is its trace id; a span id is the last 8 bytes of a call's id."""
    inner()
    (call,) = recorded(client)
    digits = call.id.replace("-", "")
    assert (call.trace_id, call.span_id) == (digits, digits[16:])


def test_recursion_nests(client):
    """A function that calls itself nests as deep as it goes."""

    @weavelite.op
    def down(n):
        return down(n - 1) if n else 0

    down(2)
    inputs = {call.id: call.inputs["n"] for call in recorded(client)}
    parents = {call.inputs["n"]: inputs.get(call.parent_id) for call in recorded(client)}
    assert parents == {2: None, 1: 2, 0: 1}


def test_coroutines_nest_by_task(client):
    """Coroutines that run side by side have their own children."""

    @weavelite.op
    async def child(n):
        await asyncio.sleep(0.001)
        return inner()

    @weavelite.op
    async def parent():
        return await asyncio.gather(child(1), child(2))

    assert asyncio.run(parent()) == ["i", "i"]
    found = tree(client)
    assert found[:3] == [("parent", None), ("child", "parent"), ("child", "parent")]
    assert found[3:] == [("inner", "child")] * 2


def test_a_cancelled_coroutine_is_an_error(client):
    """A task that is cancelled ends its call with CancelledError."""

    @weavelite.op
    async def wait():
        await asyncio.sleep(60)

    async def main():
        task = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert recorded(client)[0].error.startswith("CancelledError")


def test_a_stream_is_one_call(client):
    """A generator is one call whose output are its items; what it returns reaches the caller."""

    def consume():
        return (yield from items(3))

    stream = consume()
    assert next(stream) == 0 and next(stream) == 1 and next(stream) == 2
    with pytest.raises(StopIteration) as stop:
        next(stream)
    assert stop.value.value == "end"
    (call,) = recorded(client, "items")
    assert (call.inputs, call.output) == ({"n": 3}, [0, 1, 2])


def test_a_stream_leaves_the_callers_context_alone(client):
    """Between items the context is the caller's; while the body runs it is the stream's."""

    @weavelite.op
    def outer():
        for _ in items(2):
            add(1)

    outer()
    assert sorted(tree(client)) == [
        ("add", "outer"), ("add", "outer"), ("inner", "items"), ("inner", "items"),
        ("items", "outer"), ("outer", None),
    ]  # fmt: skip


def test_streams_take_what_is_sent_and_thrown(client):
    """`send`, `throw` and `close` reach the generator as if it were not an op."""
    stream = items(2)
    next(stream)
    assert stream.send("hello") == "hello"
    with pytest.raises(KeyError):
        stream.throw(KeyError("k"))
    (call,) = recorded(client, "items")
    assert (call.output, call.error) == ([0, "hello"], "KeyError: 'k'")


def test_an_abandoned_stream_ends_its_call(client):
    """A stream that is closed early ends its call with what was read, and is no error."""
    for _ in items(5):
        break
    (call,) = recorded(client, "items")
    assert (call.status, call.output) == ("success", [0])


def test_interleaved_streams_do_not_mix(client):
    """Two streams that are read in turn have their own calls and children."""
    first, second = items(2), items(2)
    assert [next(first), next(second), next(first), next(second)] == [0, 0, 1, 1]
    list(first), list(second)
    assert [call.output for call in recorded(client, "items")] == [[0, 1], [0, 1]]
    assert tree(client).count(("inner", "items")) == 4


def test_async_streams_are_calls(client):
    """An async generator is one call, and leaves its reader's context alone."""

    @weavelite.op
    async def outer():
        return [item async for item in async_items(2) if add(item)]

    assert asyncio.run(outer()) == [0, 1]
    found = tree(client)
    assert ("async_items", "outer") in found
    assert found.count(("add", "outer")) == found.count(("inner", "async_items")) == 2
    assert recorded(client, "async_items")[0].output == [0, 1]


def test_an_async_stream_that_is_left_ends(client):
    """An async stream that is closed early ends its call without an error."""

    async def main():
        async with contextlib.aclosing(async_items(5)) as stream:
            async for _ in stream:
                break

    asyncio.run(main())
    (call,) = recorded(client, "async_items")
    assert (call.status, call.output) == ("success", [0])


@pytest.mark.parametrize(
    ("function", "check"),
    [
        (add, inspect.isfunction),
        (items, inspect.isgeneratorfunction),
        (async_items, inspect.isasyncgenfunction),
        (weavelite.op(asyncio.sleep), inspect.iscoroutinefunction),
    ],
)
def test_an_op_is_what_its_function_is(function, check):
    """A decorated function is of the same kind, and keeps its name and signature."""
    assert check(function)
    assert function.__name__ == function.__wrapped__.__name__
    assert inspect.signature(function) == inspect.signature(function.__wrapped__)


class Greeter:
    def __init__(self, word):
        self.word = word

    @weavelite.op
    def greet(self, name):
        return f"{self.word} {name}"

    @weavelite.op
    @classmethod
    def made(cls, word):
        return cls(word).word

    @weavelite.op()
    @staticmethod
    def plain(x):
        return x


def test_methods_are_ops(client):
    """Methods, class methods and static methods are ops, named with their class."""
    assert Greeter("hello").greet("you") == "hello you"
    assert Greeter.made("a") == "a" and Greeter.plain(1) == 1
    names = [call.op_name for call in recorded(client)]
    assert names == ["Greeter.greet", "Greeter.made", "Greeter.plain"]


def test_partials_lambdas_and_names(client):
    """Partials and lambdas can be ops; a given name wins."""
    weavelite.op(functools.partial(add.__wrapped__, 5))(b=1)
    weavelite.op(name="mine")(lambda x: x)(1)
    assert [call.op_name for call in recorded(client)] == ["add", "mine"]


def test_decorating_twice_is_once(client):
    """An op that is decorated again is the same op."""
    assert weavelite.op(add) is add


def test_op_call_gives_the_call(client):
    """`op.call` returns the result and the call; an exception is on the call."""
    result, call = add.call(1, b=4)
    assert (result, call.output, call.inputs) == (5, 5, {"a": 1, "b": 4})
    assert client.get_call(call.id).output == 5
    assert asyncio.run(weavelite.op(asyncio.sleep).call(0, "x"))[0] == "x"
    stream, call = items.call(2)
    assert list(stream) == call.output == [0, 1]


def test_attributes_are_added(client):
    """Attributes reach all calls inside the block, inner values first, and none outside."""
    with weavelite.attributes({"env": "prod", "n": 1}):
        with weavelite.attributes({"n": 2}):
            inner()
        inner()
    inner()
    found = [call.attributes for call in recorded(client)]
    assert found == [{"env": "prod", "n": 2}, {"env": "prod", "n": 1}, {}]


def test_the_current_call_can_be_noted_on(client):
    """While an op runs its call is at hand, and takes notes in its summary."""

    @weavelite.op
    def note():
        weavelite.get_current_call().summary["pages"] = 3
        return weavelite.get_current_call().id

    identity = note()
    assert weavelite.get_current_call() is None
    assert client.get_call(identity).summary == {"pages": 3}


def test_before_init_nothing_is_traced(store_path):
    """An op that is called before `init` runs, untraced."""
    weavelite.finish()
    assert add(1) == 3
    assert add.call(1)[0] == 3
    assert not store_path.exists()


def test_tracing_can_be_turned_off(store_path):
    """With WEAVELITE_DISABLED ops run untraced, and reading still works."""
    os.environ["WEAVELITE_DISABLED"] = "true"
    client = weavelite.init("test", store=store_path)
    assert add(1) == 3
    assert list(client.get_calls()) == []


def test_a_fault_of_ours_is_logged_once_and_harmless(client, caplog):
    """When recording itself fails, the function runs and returns, and it is said once."""

    def broken(call):
        raise RuntimeError("resolver")

    instrument.add_parent_resolver(broken)
    try:
        with caplog.at_level(logging.WARNING, "weavelite"):
            assert [add(1), add(1)] == [3, 3]
    finally:
        RESOLVERS.remove(broken)
    assert len([r for r in caplog.records if "could not be recorded" in r.getMessage()]) == 1


def test_tokens_add_up_without_counting_twice(client):
    """A call's sum is that of its deepest reporters: who repeats what is below does not count."""

    @weavelite.op
    def ask():
        outer = instrument.start("agent", {}, kind="agent")
        with instrument.active(outer):
            for _ in range(2):
                call = instrument.start("chat", {}, kind="llm", model="m")
                instrument.end(call, "x", usage={"prompt_tokens": 3, "completion_tokens": 4})
        instrument.end(outer, usage={"input_tokens": 6, "output_tokens": 8})

    ask()
    page = client.store.calls(CallQuery(project="local/test"))
    sums = {call.op_name: call.sum_tokens for call in page.calls}
    assert sums == {"ask": 14, "agent": 14, "chat": 7}
