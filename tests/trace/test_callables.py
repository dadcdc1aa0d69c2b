"""Whatever can be called can be an op, and nests."""

import abc
import copy
import dataclasses
import functools
import inspect
import pickle

import pytest

import weavelite


@weavelite.op
def leaf(x=0):
    return x


def twice(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


class Base(abc.ABC):
    @weavelite.op
    def shared(self):
        return self.own()

    @weavelite.op
    @abc.abstractmethod
    def own(self):
        return "base"

    @property
    @weavelite.op
    def size(self):
        return leaf(3)

    @functools.cached_property
    @weavelite.op
    def cached(self):
        return leaf(4)

    @weavelite.op
    @functools.cache  # noqa: B019  # as users write it
    def remembered(self, x):
        return leaf(x)

    @functools.singledispatchmethod
    @weavelite.op
    def dispatched(self, x):
        return leaf(x)

    part = functools.partialmethod(weavelite.op(lambda self, x, y: leaf(x + y)), 1)


class Derived(Base):
    @weavelite.op
    def own(self):
        return super().own() + "+"


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    x: int

    @weavelite.op
    def moved(self, by):
        return leaf(self.x + by)


class Callable:
    def __call__(self, x):
        return leaf(x)


class OpCallable:
    @weavelite.op
    def __call__(self, x):
        return leaf(x)


class AsyncCallable:
    async def __call__(self, x):
        return leaf(x)


def names(client):
    return sorted(call.op_name for call in client.get_calls())


def test_inherited_and_abstract_methods(nesting):
    """A method that is inherited, one that overrides, and `super()` nest under their own names."""
    assert Derived().shared() == "base+"
    assert nesting() == [
        ("Base.own", "Derived.own"), ("Base.shared", "None"), ("Derived.own", "Base.shared"),
    ]  # fmt: skip
    with pytest.raises(TypeError, match="abstract"):
        Base()


def test_properties_and_descriptors(nesting):
    """Ops inside of properties, cached properties, partial and dispatched methods nest."""
    made = Derived()
    assert (made.size, made.cached, made.cached, made.part(5), made.dispatched(7)) == (
        3,
        4,
        4,
        6,
        7,
    )
    found = nesting()
    assert [name for name, parent in found if parent == "None"] == [
        "Base.cached", "Base.dispatched", "Base.lambda", "Base.size",
    ]  # fmt: skip
    assert len(found) == 8


def test_caches_inside_and_outside(nesting):
    """An op around a cache has each call; a cache around an op has those that were not cached."""
    made = Derived()
    assert [made.remembered(1), made.remembered(1)] == [1, 1]
    outside = functools.lru_cache(weavelite.op(name="outside")(lambda x: x))
    assert [outside(1), outside(1)] == [1, 1]
    found = nesting()
    assert found.count(("Base.remembered", "None")) == 2
    assert found.count(("leaf", "Base.remembered")) == 1
    assert found.count(("outside", "None")) == 1


def test_dataclasses_and_copies(client):
    """Methods of frozen dataclasses are ops, and their objects copy and pickle as before."""
    for point in (Point(1), copy.copy(Point(1)), pickle.loads(pickle.dumps(Point(1)))):
        assert point.moved(2) == 3
    assert names(client) == ["Point.moved"] * 3 + ["leaf"] * 3
    assert pickle.loads(pickle.dumps(leaf)) is leaf and copy.deepcopy(leaf) is leaf


def test_callable_objects(nesting):
    """An object with `__call__` can be an op; so can its `__call__`, and an asynchronous one."""
    import asyncio

    assert weavelite.op(Callable())(1) == OpCallable()(1) == 1
    assert asyncio.run(weavelite.op(AsyncCallable())(2)) == 2
    assert nesting() == [
        ("AsyncCallable", "None"), ("Callable", "None"), ("OpCallable.__call__", "None"),
        ("leaf", "AsyncCallable"), ("leaf", "Callable"), ("leaf", "OpCallable.__call__"),
    ]  # fmt: skip


def test_partials(nesting):
    """A partial of an op is that op; an op of a partial is one of its own, named after it."""
    assert functools.partial(leaf, 5)() == 5

    async def later(x, y):
        return leaf(x + y)

    def items(n):
        yield from range(n)

    bound = weavelite.op(functools.partial(later, 1))
    assert inspect.iscoroutinefunction(bound)
    stream = weavelite.op(functools.partial(items, 2))
    assert inspect.isgeneratorfunction(stream) and list(stream()) == [0, 1]
    with pytest.raises(StopIteration):
        bound(2).send(None)
    assert nesting() == [("items", "None"), ("later", "None"), ("leaf", "None"), ("leaf", "later")]


def test_wrapped_and_stacked(nesting):
    """Decorators above, below and between ops each run once, and so does each call."""

    @twice
    @weavelite.op(name="inner")
    @twice
    def inner(x):
        return leaf(x)

    outer = weavelite.op(name="outer")(inner)
    assert outer(1) == 1
    assert nesting() == [("inner", "outer"), ("leaf", "inner"), ("outer", "None")]


def test_classes_and_builtins(client):
    """A class, a builtin and a method of one can be ops."""
    made = weavelite.op(Point)(1)
    assert made == Point(1) and weavelite.op(len)([1]) == 1
    assert weavelite.op("a-b".split)("-") == ["a", "b"]
    assert names(client) == ["Point", "len", "str.split"]


def test_recursion_of_two(client):
    """Ops that call each other nest as deep as they go."""

    @weavelite.op
    def even(n):
        return n == 0 or odd(n - 1)

    @weavelite.op
    def odd(n):
        return n != 0 and even(n - 1)

    assert even(6)
    calls = {call.id: call for call in client.get_calls()}
    chain = sorted(calls.values(), key=lambda call: -call.inputs["n"])
    assert [call.inputs["n"] for call in chain] == [6, 5, 4, 3, 2, 1, 0]
    assert [call.parent_id for call in chain] == [None, *(call.id for call in chain[:-1])]


def test_a_stack_that_is_nearly_full_is_the_users(client):
    """Where the stack has room for the function and no more, it runs untraced."""

    @weavelite.op
    def leaf(value):
        return value

    def reached(depth, function):
        return function(depth) if depth == 0 else reached(depth - 1, function)

    def is_reached(depth, function):
        try:
            reached(depth, function)
        except RecursionError:
            return False
        return True

    leaf(0)
    most = max(depth for depth in range(1_000) if is_reached(depth, abs))
    of_a_shell = 4  # frames
    failing = [depth for depth in range(most - of_a_shell) if not is_reached(depth, leaf)]
    assert failing == []


def test_recursion_to_the_limit_is_the_users(client):
    """A recursion without end raises RecursionError, as ever, and every call of it ends."""

    @weavelite.op
    def down(n):
        return down(n + 1)

    with pytest.raises(RecursionError):
        down(0)
    assert client.open_calls == {}
    assert {call.status for call in client.get_calls()} == {"error"}


def test_an_op_may_have_a_name_without_letters(client):
    """What `singledispatch.register` decorates is often named `_`, and is a call like any other."""

    @weavelite.op
    def _(x):
        return x

    result, call = _.call(1)
    assert result == 1
    assert [found.op_name for found in client.get_calls()] == ["_"]
    assert client.get(call.client.publisher.ref_of(_)) is _


def test_an_op_is_found_by_its_ref_whatever_its_name_is(client):
    """A ref cannot carry each character of a name, and leads to the op all the same."""
    named = weavelite.op(name="my op: größe")(lambda x: x)
    named(1)
    assert client.get(named.ref) is named
    found = client.store.op_version(str(client.project), named.ref.name, "latest")
    assert found.digest == named.ref.version and found.name == "my op: größe"
