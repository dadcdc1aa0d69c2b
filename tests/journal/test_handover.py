"""A busy program's calls are drained by a process of its own, of which there is one a store."""

import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import weavelite
from weavelite.journal.handover import another_drains, only_drain, start_drain
from weavelite.journal.process import run
from weavelite.query import CallQuery
from weavelite.store.opening import connect
from weavelite.store.sqlite import SqliteStore


def count(path):
    with contextlib.closing(SqliteStore(path)) as store:
        return store.stats(CallQuery(project="local/test")).count


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def processes_in(folder):
    """Yields who has a folder as the current one."""
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):  # ended, or another user's
            if place.readlink() == folder:
                yield int(place.parent.name)


@weavelite.op
def work(number):
    return number


def test_a_process_drains_while_the_program_runs_and_then_ends(store_path):
    """With WEAVELITE_DRAIN=process calls reach the store, and nothing is left behind."""
    os.environ["WEAVELITE_DRAIN"] = "process"
    weavelite.init("test", store=store_path)
    for number in range(50):
        work(number)
    assert wait_for(lambda: another_drains(store_path))
    assert wait_for(lambda: count(store_path) == 50)
    work(50)
    weavelite.finish()
    assert count(store_path) == 51
    assert wait_for(lambda: not another_drains(store_path))
    assert not list((store_path.parent / "journal").glob("*.wlj"))


def test_a_large_backlog_is_handed_over(store_path):
    """A program that writes faster than a gentle thread drains gets a process without asking."""
    weavelite.init("test", store=store_path)
    for number in range(900):
        work(f"{number} {'x' * 10_000}")
    assert wait_for(lambda: another_drains(store_path))
    weavelite.finish()
    assert count(store_path) == 900
    assert wait_for(lambda: not another_drains(store_path))


def test_no_child_is_left_to_be_waited_for(store_path):
    """The process is no child of the program, which may wait for all of its own."""
    program = """
import os, time, weavelite
weavelite.init("test", store=os.environ["STORE"])
@weavelite.op
def work(): pass
work()
time.sleep(1.5)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no children")
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "STORE": str(store_path), "WEAVELITE_DRAIN": "process"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "no children\n", done.stderr
    assert wait_for(lambda: not another_drains(store_path))


def test_the_process_keeps_nothing_open_that_the_program_has_opened(store_path):
    """A socket or a pipe that children inherit is closed with the program's own descriptor."""
    os.environ["WEAVELITE_DRAIN"] = "process"
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    weavelite.init("test", store=store_path)
    work(1)
    assert wait_for(lambda: another_drains(store_path))
    os.close(writing)
    assert select.select([reading], [], [], 1)[0], "somebody holds the other end"
    os.close(reading)
    weavelite.finish()
    assert wait_for(lambda: not another_drains(store_path))


def test_whatever_is_in_the_path_a_process_drains(store_path):
    """Entries of `sys.path` that Python itself leaves out, or that are no UTF-8, do no harm."""
    strange = [store_path, "/caf\udce9"]
    sys.path += strange
    try:
        assert start_drain(store_path)
    finally:
        del sys.path[-len(strange) :]


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="asks Linux for the folder")
def test_the_process_leaves_the_program_its_folder(tmp_path):
    """A folder in which a program ran can be unmounted: the process is not in it.

    It imports what the program does and finds the same store, though both were named from there.
    """
    program = """
import os, sys, weavelite
sys.path += ["", "lib"]
weavelite.init("test", store="kept/weavelite.db")
@weavelite.op
def work(): pass
work()
weavelite.get_client().flush()
"""
    folder = tmp_path / "workplace"
    folder.mkdir()
    store_path = folder / "kept" / "weavelite.db"
    done = subprocess.Popen(
        [sys.executable, "-c", program + "input()"],
        cwd=folder, stdin=subprocess.PIPE, env={**os.environ, "WEAVELITE_DRAIN": "process"},
    )  # fmt: skip
    assert wait_for(lambda: another_drains(store_path))
    try:
        assert [pid for pid in processes_in(folder) if pid != done.pid] == []
    finally:
        done.communicate(b"\n", timeout=60)
    assert wait_for(lambda: not another_drains(store_path))
    assert count(store_path) == 1


def test_only_one_drains(store_path):
    """Who holds the lock drains, and others know it."""
    with only_drain(store_path) as mine, only_drain(store_path) as yours:
        assert mine and not yours
        assert another_drains(store_path)
    assert not another_drains(store_path)


def test_a_thread_rests_while_another_drains(store_path):
    """While a process has the lock, a program only writes; once it is gone, its thread drains."""
    with only_drain(store_path):
        weavelite.init("test", store=store_path)
        work(1)
        time.sleep(0.5)
        assert not store_path.exists()
    assert wait_for(store_path.exists)


def test_a_process_ends_with_the_last_program(store_path):
    """The process drains to the end what a program has left, and ends."""
    os.environ["WEAVELITE_DRAIN"] = "none"
    weavelite.init("test", store=store_path)
    work(1)
    weavelite.get_client().journal.seal()
    run(store_path, sleep=lambda seconds: time.sleep(seconds / 50))
    assert count(store_path) == 1


def test_finish_waits_for_others_only_so_long(store_path, caplog):
    """While another holds the store, `finish` says so, gives up in time, and loses nothing."""
    client = weavelite.init("test", store=store_path)
    work(0)
    client.flush()
    with contextlib.closing(connect(store_path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        work(1)
        time.sleep(0.5)  # the thread that drains waits by now
        started = time.monotonic()
        weavelite.finish(timeout=2.0)
        assert 1.5 < time.monotonic() - started < 5
        other.execute("ROLLBACK")
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2, said
    assert "waits for another process" in said[0] and "keeps the calls" in said[1]
    weavelite.init("test", store=store_path)
    assert [call.output for call in weavelite.get_client().get_calls()] == [0, 1]


def test_finish_goes_on_once_the_store_is_free(store_path):
    """A store that is let go in time gets all that was written."""
    weavelite.init("test", store=store_path)
    with contextlib.closing(connect(store_path)) as other:
        work(0)
        weavelite.get_client().flush()
        other.execute("BEGIN EXCLUSIVE")
        work(1)
        threading.Timer(0.7, lambda: other.execute("ROLLBACK")).start()
        weavelite.finish()
    assert count(store_path) == 2


def test_a_locked_store_delays_nobody(store_path):
    """While another holds the store, calls return at once; they are stored when it lets go."""
    weavelite.init("test", store=store_path)
    work(0)
    weavelite.get_client().flush()
    with contextlib.closing(connect(store_path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        slowest = 0.0
        for number in range(100):
            started = time.perf_counter()
            work(number)
            slowest = max(slowest, time.perf_counter() - started)
            time.sleep(0.01)
        assert slowest < 0.5
        other.execute("ROLLBACK")
    weavelite.finish()
    assert count(store_path) == 101
