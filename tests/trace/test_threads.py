"""Calls nest across threads, and threads are otherwise as they were."""

import asyncio
import contextvars
import decimal
import functools
import gc
import inspect
import os
import pickle
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest

import weavelite
from weavelite.trace import threads

ORIGINALS = (threading.Thread.start, ThreadPoolExecutor.submit)


@weavelite.op
def leaf(x=0):
    return x


@weavelite.op
def parent(function):
    return function()


def run_thread(thread):
    thread.start()
    thread.join()


class Worker(threading.Thread):
    """Overrides `run`, as programs of the older kind do."""

    def run(self):
        leaf()


def in_thread():
    run_thread(threading.Thread(target=leaf))


def in_subclass():
    run_thread(Worker())


def in_timer():
    run_thread(threading.Timer(0.001, leaf))


def in_thread_of_a_thread():
    run_thread(threading.Thread(target=in_thread))


def in_pool():
    with ThreadPoolExecutor(2) as pool:
        pool.submit(leaf).result()


def in_pool_map():
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(leaf, [1])) == [1]


def in_multiprocessing_thread_pool():
    with ThreadPool(2) as pool:
        assert pool.map(leaf, [1]) == [1]


def in_to_thread():
    asyncio.run(asyncio.to_thread(leaf))


def in_executor():
    async def main():
        await asyncio.get_running_loop().run_in_executor(None, leaf)

    asyncio.run(main())


@pytest.mark.parametrize(
    "way",
    [in_thread, in_subclass, in_timer, in_thread_of_a_thread, in_pool, in_pool_map,
     in_multiprocessing_thread_pool, in_to_thread, in_executor],
)  # fmt: skip
def test_calls_in_threads_nest(nesting, way):
    """However a thread is started, its calls are children of the call that started it."""
    parent(way)
    assert nesting() == [("leaf", "parent"), ("parent", "None")]


def test_attributes_reach_threads(client):
    """Attributes that are set around the start of a thread or task are those of its calls."""
    with weavelite.attributes({"env": "test"}):
        in_thread()
        in_pool()
    assert [call.attributes for call in client.get_calls()] == [{"env": "test"}] * 2


def test_a_pools_worker_keeps_no_call(nesting):
    """A task of a long-lived pool is a child of the call that submits it, or of none."""
    with ThreadPoolExecutor(1) as pool:
        parent(lambda: pool.submit(leaf).result())
        pool.submit(leaf, 1).result()
        weavelite.op(name="second")(lambda: pool.submit(leaf).result())()
    assert nesting() == [
        ("leaf", "None"), ("leaf", "parent"), ("leaf", "second"), ("parent", "None"),
        ("second", "None"),
    ]  # fmt: skip


def test_a_thread_pool_of_multiprocessing_keeps_no_call(nesting):
    """The same holds for ThreadPool, whose workers begin with the pool."""

    def work(pool):
        assert pool.map(leaf, [1]) == pool.starmap(leaf, [(1,)]) == [1]
        assert list(pool.imap(leaf, [1])) == list(pool.imap_unordered(leaf, [1])) == [1]
        return pool.apply(leaf, (1,))

    pool = weavelite.op(name="opens")(lambda: ThreadPool(1))()
    with pool:
        work(pool)
        parent(lambda: work(pool))
    assert nesting() == [("leaf", "None")] * 5 + [("leaf", "parent")] * 5 + [
        ("opens", "None"), ("parent", "None"),
    ]  # fmt: skip


def test_many_threads_do_not_mix(client):
    """Threads of many calls at once give each call its own children."""

    @weavelite.op
    def request(number):
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(leaf, [number] * 10))

    crowd = [threading.Thread(target=request, args=(number,)) for number in range(8)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    calls = list(client.get_calls())
    requests = {call.id: call.inputs["number"] for call in calls if call.op_name == "request"}
    children = [call for call in calls if call.op_name == "leaf"]
    assert len(requests) == 8 and len(children) == 80
    assert all(requests[call.parent_id] == call.inputs["x"] for call in children)


def test_only_our_own_context_goes_along(client):
    """The program's own context variables stay where they are: a thread begins without them."""
    variable = contextvars.ContextVar("variable", default="unset")

    def look():
        return variable.get(), decimal.getcontext().prec

    def start():
        variable.set("set")
        found = []
        with decimal.localcontext() as context:
            context.prec = 5
            run_thread(threading.Thread(target=lambda: found.append(look())))
            with ThreadPoolExecutor(1) as pool:
                found.append(pool.submit(look).result())
        return found

    assert contextvars.copy_context().run(parent, start) == [("unset", 28)] * 2


def test_a_thread_is_left_as_it_was(client):
    """A thread that was started in a call has its own `run` again, and can be collected."""
    made = [Worker()]
    parent(lambda: run_thread(made[0]))
    assert "run" not in made[0].__dict__
    gone = weakref.ref(made.pop())
    gc.collect()
    assert gone() is None


def test_a_run_that_was_set_by_others_is_kept(nesting):
    """Where another tool has put a `run` on a thread, it is what runs, and stays."""
    thread = threading.Thread(target=leaf)
    own = thread.run
    thread.run = lambda: [own(), own_ran.append(True)]
    ours, own_ran = thread.run, []
    parent(lambda: run_thread(thread))
    assert own_ran == [True] and thread.run is ours
    assert ("leaf", "parent") in nesting()


def test_errors_of_starting_are_the_users(client):
    """A thread that is started twice says so as ever; an exception in a thread is reported."""

    def twice():
        thread = threading.Thread(target=leaf)
        run_thread(thread)
        thread.start()

    with pytest.raises(RuntimeError, match="threads can only be started once"):
        parent(twice)

    def fail():
        raise KeyError("mine")

    def pooled():
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(fail).exception()

    assert repr(parent(pooled)) == "KeyError('mine')"


def test_patches_are_taken_back(client):
    """`finish` puts back what `init` patched; patched functions look like those they replace."""
    patched = (threading.Thread.start, ThreadPoolExecutor.submit)
    for ours, original in zip(patched, ORIGINALS, strict=True):
        assert ours is not original and ours.__wrapped__ is original
        assert inspect.signature(ours) == inspect.signature(original)
        assert pickle.loads(pickle.dumps(ours)) is ours
        assert (ours.__name__, ours.__qualname__, ours.__module__) == (
            original.__name__, original.__qualname__, original.__module__,
        )  # fmt: skip
    weavelite.finish()
    assert (threading.Thread.start, ThreadPoolExecutor.submit) == ORIGINALS


def test_the_patches_of_others_survive(client):
    """A tool that patched after us keeps its patch when ours would be taken back."""
    ours, seen = threading.Thread.start, []

    @functools.wraps(ours)
    def theirs(self):
        seen.append(self)
        return ours(self)

    threading.Thread.start = theirs
    try:
        weavelite.finish()
        assert threading.Thread.start is theirs
        threads.install()
        assert threading.Thread.start is theirs
        in_thread()
        assert len(seen) == 1
    finally:
        threading.Thread.start = ORIGINALS[0]


def test_patching_can_be_turned_off(store_path):
    """With WEAVELITE_PATCH_THREADS=false threads are the standard library's own."""
    os.environ["WEAVELITE_PATCH_THREADS"] = "false"
    weavelite.init("test", store=store_path)
    assert (threading.Thread.start, ThreadPoolExecutor.submit) == ORIGINALS


def test_what_is_imported_later_is_patched_then(program):
    """Starting weavelite imports no pools; those that the program imports later are patched."""
    printed = program("""
        import sys, weavelite
        weavelite.init("test", store="w.db")
        print([name for name in sys.modules if name.startswith("multiprocessing.pool")
               or name.startswith("concurrent.futures.process")])
        import concurrent.futures, multiprocessing.pool
        patched = [concurrent.futures.ProcessPoolExecutor.submit,
                   concurrent.futures.ThreadPoolExecutor.submit, multiprocessing.pool.Pool.imap]
        print([hasattr(each, "__wrapped__") for each in patched])
        weavelite.finish()
        patched = [concurrent.futures.ProcessPoolExecutor.submit,
                   concurrent.futures.ThreadPoolExecutor.submit, multiprocessing.pool.Pool.imap]
        print([hasattr(each, "__wrapped__") for each in patched])
        """)
    assert printed.splitlines() == ["[]", "[True, True, True]", "[False, False, False]"]


def test_weaves_own_classes_need_no_patches(store_path):
    """`Thread` and `ThreadPoolExecutor` of weavelite carry calls even where patching is off."""
    os.environ["WEAVELITE_PATCH_THREADS"] = "false"
    client = weavelite.init("test", store=store_path)

    def work():
        run_thread(weavelite.Thread(target=leaf))
        with weavelite.ThreadPoolExecutor(1) as pool:
            assert pool.submit(leaf, x=3).result() == 3
        in_thread()

    parent(work)
    calls = list(client.get_calls())
    assert [call.parent_id == calls[0].id for call in calls] == [False, True, True, False]


def test_our_own_threads_keep_no_call_alive(client):
    """The thread that drains, which begins inside of the first call, does not hold on to it."""
    _, call = leaf.call()
    gone = weakref.ref(call)
    del call
    gc.collect()
    assert gone() is None
