"""Generators under `op` behave as they do without, and their calls end once, whatever is done."""

import gc
import itertools
import threading
from contextlib import contextmanager

import pytest

import weavelite


@weavelite.op
def leaf():
    return 1


@weavelite.op
def stream(n=3):
    try:
        for i in range(n):
            leaf()
            yield i
    finally:
        leaf()


@weavelite.op
def outer(function):
    return function()


def ends(client):
    return [
        (call.status, call.output, call.error)
        for call in client.get_calls()
        if call.op_name == "stream"
    ]


def test_one_that_is_never_started_is_no_call(client):
    """A generator that is made and not read has run nothing, and is no call."""
    stream()
    gc.collect()
    assert list(client.get_calls()) == [] and client.open_calls == {}


def test_one_that_is_partly_read_and_collected_ends(client, nesting):
    """A generator that is dropped ends its call with what was read; its clean-up is within it."""
    assert list(itertools.islice(stream(), 2)) == [0, 1]
    gc.collect()
    assert ends(client) == [("success", [0, 1], None)]
    assert nesting() == [("leaf", "stream")] * 3 + [("stream", "None")]


def test_one_that_is_closed_ends(client, nesting):
    """`close` runs the generator's clean-up inside of its call, wherever it is called from."""
    made = stream()
    next(made)
    outer(made.close)
    assert ends(client) == [("success", [0], None)]
    assert nesting().count(("leaf", "stream")) == 2


def test_one_that_is_dropped_in_another_thread_ends(client, nesting):
    """A generator may be read in one thread and finished in another."""
    made = [stream()]
    next(made[0])
    thread = threading.Thread(target=made.clear)
    thread.start()
    thread.join()
    gc.collect()
    assert ends(client) == [("success", [0], None)]
    assert ("leaf", "None") not in nesting()


def test_what_is_thrown_in_may_be_handled(client):
    """An exception thrown in reaches the body, and what the body yields then reaches the caller."""

    @weavelite.op(name="stream")
    def patient():
        while True:
            try:
                yield "item"
            except ValueError as error:
                yield str(error)
                return "done"

    made = patient()
    assert next(made) == "item" and made.throw(ValueError("why")) == "why"
    with pytest.raises(StopIteration) as stop:
        next(made)
    assert stop.value.value == "done"
    assert ends(client) == [("success", ["item", "why"], None)]


def test_what_it_raises_reaches_the_caller(client):
    """An error of the body is on the call, with the items before it, and reaches the reader."""

    @weavelite.op(name="stream")
    def breaks():
        yield 1
        raise KeyError("k")

    made, found = breaks(), []
    with pytest.raises(KeyError):
        for item in made:
            found.append(item)
    assert found == [1] and ends(client) == [("error", [1], "KeyError: 'k'")]


def test_one_called_wrongly_ends(client):
    """A generator function that is called with wrong arguments raises, and leaves no open call."""
    with pytest.raises(TypeError, match="positional argument"):
        next(stream(1, 2))
    assert client.open_calls == {}
    assert ends(client)[0][0] == "error"


def test_interleaved_ones_do_not_mix(client, nesting):
    """Readers of two generators in turn, inside of different calls, mix neither."""
    first, second = stream(2), stream(2)
    outer(lambda: next(first))
    outer(lambda: [next(second), next(first), next(second)])
    assert list(first) == list(second) == []
    assert ends(client) == [("success", [0, 1], None)] * 2
    assert nesting() == [("leaf", "stream")] * 6 + [
        ("outer", "None"), ("outer", "None"), ("stream", "outer"), ("stream", "outer"),
    ]  # fmt: skip


def test_they_delegate(nesting):
    """`yield from` an op inside of an op nests the one in the other."""

    @weavelite.op
    def around():
        received = yield from stream(1)
        assert received is None

    assert list(around()) == [0]
    assert nesting() == [
        ("around", "None"), ("leaf", "stream"), ("leaf", "stream"), ("stream", "around"),
    ]  # fmt: skip


def test_context_managers_are_ops(nesting):
    """`contextmanager` around an op: the block is the caller's, its beginning and end the op's."""

    @contextmanager
    @weavelite.op(name="managed")
    def managed():
        leaf()
        yield "value"
        leaf()

    def block():
        with managed() as value:
            leaf()
            return value

    assert outer(block) == "value"
    assert nesting() == [
        ("leaf", "managed"), ("leaf", "managed"), ("leaf", "outer"), ("managed", "outer"),
        ("outer", "None"),
    ]  # fmt: skip


def test_a_function_that_returns_one_lasts_until_it_was_read(client, nesting):
    """A function that gives out a generator is one call; its items are the output."""

    def plain_decorator(function):
        return lambda *args: function(*args)

    @weavelite.op(name="stream")
    @plain_decorator
    def inner(n):
        for i in range(n):
            leaf()
            yield i

    made = inner(2)
    assert (type(made).__name__, made.__name__) == ("generator", "inner")
    assert list(made) == [0, 1]
    assert ends(client) == [("success", [0, 1], None)]
    assert nesting().count(("leaf", "stream")) == 2


def test_a_returned_one_that_is_never_read_ends(client):
    """A generator that a function gave out and nobody read leaves no open call behind."""
    weavelite.op(name="stream")(lambda: (i for i in range(3)))()
    gc.collect()
    assert client.open_calls == {} and ends(client) == [("success", None, None)]
