"""Processes that are forked, spawned or started: each call once, under the right parent."""

import collections
import subprocess
import sys

import pytest

import weavelite


def read(tmp_path):
    client = weavelite.init("test", store=tmp_path / "w.db")
    calls = list(client.get_calls(limit=100_000))
    ids = collections.Counter((call.trace_id, call.span_id) for call in calls)
    assert set(ids.values()) <= {1}
    names = {call.id: call.op_name for call in calls}
    found = [(call.op_name, str(names.get(call.parent_id))) for call in calls]
    return calls, collections.Counter(found)


PRELOADED = """
    import os, signal, sys, time, threading
    import weavelite

    @weavelite.op
    def leaf(x): return x

    @weavelite.op
    def task(x): return leaf(x)

    def serve(end):
        for number in range(50):
            task(number)
        {"exit": sys.exit, "_exit": os._exit,
         "kill": lambda code: os.kill(os.getpid(), signal.SIGKILL)}[end](0)

    weavelite.init("test", store="w.db")
    task(-1)                      # the parent has traced: it has a thread, a segment, a store
    time.sleep(0.3)
    stop = threading.Event()      # and goes on tracing while it forks
    def busy():
        while not stop.is_set():
            task(-2)
            time.sleep(0.001)
    thread = threading.Thread(target=busy)
    thread.start()
    children = []
    for end in ["exit", "_exit", "kill"] * 3:
        pid = os.fork()
        if pid == 0:
            try:
                serve(end)
            finally:
                os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    stop.set()
    thread.join()
    """


def test_a_preloading_server_loses_nothing(tmp_path, program):
    """The parent starts weavelite and forks, as gunicorn --preload and Celery do.

    Its children trace, and exit or are killed: all their calls are there, once, and none is theirs
    by inheritance.
    """
    program(PRELOADED)
    calls, found = read(tmp_path)
    served = [call for call in calls if call.inputs["x"] >= 0]
    assert len(served) == 9 * 50 * 2
    assert found["task", "None"] == found["leaf", "task"] == len(calls) // 2


def test_a_fork_in_a_call_nests(tmp_path, program):
    """A child that is forked inside of a call nests under it; the call itself comes out once."""
    program("""
        import os, weavelite
        weavelite.init("test", store="w.db")
        leaf = weavelite.op(name="leaf")(int)
        @weavelite.op
        def forks():
            pid = os.fork()
            if pid == 0:
                leaf()
                os._exit(0)
            os.waitpid(pid, 0)
        forks()
        """)
    calls, found = read(tmp_path)
    assert found == {("forks", "None"): 1, ("leaf", "forks"): 1}
    assert {call.status for call in calls} == {"success"}


POOLED = """
    import multiprocessing, sys
    from concurrent.futures import ProcessPoolExecutor
    import weavelite

    @weavelite.op
    def leaf(x): return x

    @weavelite.op
    def first(pool):
        with weavelite.thread("chat"):
            return second(pool) and list(pool.map(leaf, range(4)))

    @weavelite.op
    def second(pool): return pool.submit(leaf, 9).result()

    def start():
        weavelite.init("test", store="w.db")

    if __name__ == "__main__":
        start()
        context = multiprocessing.get_context(sys.argv[1])
        with ProcessPoolExecutor(2, mp_context=context, initializer=start) as pool:
            first(pool)
            second(pool)
            pool.submit(leaf, 10).result()
    """


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_tasks_of_a_process_pool_nest(tmp_path, program, method):
    """A task is a child of the call that submits it, whichever call started the process."""
    program(POOLED, method)
    calls, found = read(tmp_path)
    assert found == {
        ("first", "None"): 1, ("leaf", "first"): 4, ("second", "first"): 1,
        ("second", "None"): 1, ("leaf", "second"): 2, ("leaf", "None"): 1,
    }  # fmt: skip
    in_thread = [call for call in calls if call.thread_id == "chat"]
    turn = next(call.id for call in in_thread if call.op_name == "second")
    assert [call.turn_id for call in in_thread if call.op_name != "leaf"] == [turn]
    leaves = [call for call in in_thread if call.op_name == "leaf"]
    assert sorted(call.turn_id for call in leaves) == sorted(
        [turn, *(call.id for call in leaves if call.inputs["x"] < 4)]
    )


MULTIPROCESSING = """
    import multiprocessing, sys
    import weavelite

    @weavelite.op
    def leaf(x): return x

    @weavelite.op
    def opens(): return context.Pool(2, initializer=start)

    @weavelite.op
    def uses(pool):
        pool.apply(leaf, (1,))
        pool.map(leaf, [2, 3])
        list(pool.imap_unordered(leaf, [4]))

    def start():
        weavelite.init("test", store="w.db")

    if __name__ == "__main__":
        start()
        context = multiprocessing.get_context(sys.argv[1])
        with opens() as pool:
            uses(pool)
            pool.map(leaf, [5])
            pool.close()
            pool.join()
    """


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_tasks_of_a_multiprocessing_pool_nest(tmp_path, program, method):
    """The same holds for `multiprocessing.Pool`."""
    program(MULTIPROCESSING, method)
    _, found = read(tmp_path)
    assert found == {
        ("opens", "None"): 1, ("uses", "None"): 1, ("leaf", "uses"): 4, ("leaf", "None"): 1,
    }  # fmt: skip


HANDED = """
    import multiprocessing, sys
    import weavelite

    @weavelite.op
    def leaf(x): return x

    def work(handle, x):
        weavelite.init("test", store="w.db")
        with weavelite.under(handle):
            leaf(x)

    @weavelite.op
    def starts(context):
        handle = weavelite.get_current_call().traceparent
        process = context.Process(target=work, args=(handle, 1))
        process.start()
        process.join()
        with context.Pool(2) as pool:
            pool.starmap(work, [(handle, 2), (handle, 3)])

    if __name__ == "__main__":
        weavelite.init("test", store="w.db")
        starts(multiprocessing.get_context(sys.argv[1]))
    """


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_handle_makes_processes_nest(tmp_path, program, method):
    """A call's `traceparent` can be pickled, and `under` takes it in the other process."""
    program(HANDED, method)
    _, found = read(tmp_path)
    assert found == {("starts", "None"): 1, ("leaf", "starts"): 3}


JOINED = """
    import functools, multiprocessing, os, sys
    from concurrent.futures import ProcessPoolExecutor
    import weavelite

    @weavelite.op
    def leaf(x, password="hunter2"): return os.getpid()

    def under(handle, x):
        with weavelite.under(handle):
            leaf(x)

    @weavelite.op
    def starts(context):
        handle = weavelite.get_current_call().traceparent
        assert str(handle) == handle and len(handle) == 55
        process = context.Process(target=under, args=(handle, 1))
        process.start()
        process.join()
        process = context.Process(target=under, args=({"traceparent": handle}, 1))
        process.start()
        process.join()
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            assert pool.submit(leaf, 2).result() != os.getpid()
        with context.Pool(1) as pool:
            pool.map(leaf, [3])

    if __name__ == "__main__":
        options = {"capture": "metadata"} if sys.argv[2] == "metadata" else {}
        if sys.argv[2] == "function":
            options = {"redact": [lambda value: value]}
            os.dup2(1, 2)  # what is said there is read
        weavelite.init("team/test", store="kept/w.db", **options)
        context = multiprocessing.get_context(sys.argv[1])
        starts(context)
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            pool.submit(leaf, 4).result()
    """


def read_joined(tmp_path):
    client = weavelite.init("team/test", store=tmp_path / "kept" / "w.db")
    return sorted((call for call in client.get_calls()), key=lambda call: call.started_at)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_spawned_process_needs_no_init(tmp_path, program, method):
    """A process that only runs an op, or is under a handle, records where its parent does."""
    program(JOINED, method, "full")
    first, *rest = read_joined(tmp_path)
    assert [call.op_name for call in rest] == ["leaf"] * 5
    assert [call.parent_id for call in rest] == [first.id] * 4 + [None]
    assert [call.inputs["x"] for call in rest] == [1, 1, 2, 3, 4]
    assert not (tmp_path / "home").exists()


def test_a_spawned_process_keeps_no_more_than_its_parent(tmp_path, program):
    """Where the parent keeps no content, its processes keep none."""
    program(JOINED, "spawn", "metadata")
    calls = read_joined(tmp_path)
    assert len(calls) == 6
    assert "hunter2" not in str([call.inputs for call in calls])


def test_a_spawned_process_records_nothing_where_functions_say_what_is_kept(tmp_path, program):
    """Functions do not travel: rather than to keep what they would hide, nothing is recorded."""
    said = program(JOINED, "spawn", "function")
    assert [call.op_name for call in read_joined(tmp_path)] == ["starts"]
    assert "call init()" in said


CHILD = """
import weavelite
weavelite.init("test", store="w.db")
@weavelite.op
def child(): return weavelite.op(name="grandchild")(int)()
child()
"""


def test_a_program_takes_its_parent_from_the_environment(tmp_path, program):
    """With TRACEPARENT set, the roots of a program nest under the call that it names."""
    program(f"""
        import os, subprocess, sys, weavelite
        weavelite.init("test", store="w.db")
        @weavelite.op
        def starts(depth):
            if depth:
                return starts(depth - 1)
            variable = weavelite.get_current_call().traceparent
            subprocess.run([sys.executable, "-c", {CHILD!r}], check=True,
                           env={{**os.environ, "TRACEPARENT": variable}})
        starts(1)
        """)
    calls, found = read(tmp_path)
    assert found == {
        ("starts", "None"): 1, ("starts", "starts"): 1, ("child", "starts"): 1,
        ("grandchild", "child"): 1,
    }  # fmt: skip
    inner = next(call for call in calls if call.op_name == "starts" and call.inputs["depth"] == 0)
    assert next(call for call in calls if call.op_name == "child").parent_id == inner.id


@pytest.mark.parametrize(
    "text", ["", "nonsense", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "ff-1-1-1", "é" * 55]
)
def test_what_is_no_traceparent_is_passed_over(client, text):
    """Headers and variables come from outside: what cannot be read changes nothing."""
    with weavelite.under(text), weavelite.under({"TraceParent": text}):
        _, call = weavelite.op(name="root")(int).call()
    assert call.parent_id is None and call.trace_id == call.id.replace("-", "")


def test_a_request_continues_its_trace(client):
    """A service takes the parent from a request's headers, as other tracers send them."""
    trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with weavelite.under({"traceparent": f"00-{trace}-{span}-01", "host": "x"}):
        assert weavelite.get_current_call() is None
        _, call = weavelite.op(name="served")(int).call()
    assert call.trace_id == trace
    assert call.traceparent == f"00-{trace}-{call.span_id}-01"
    (header,) = client.store.trace("local/test", trace).calls
    assert header.parent_span_id == span


def test_none_begins_new_traces(client):
    """`under(None)` takes the calls of a block out of the call around it."""

    def inside():
        with weavelite.under(None):
            return weavelite.op(name="apart")(int).call()[1]

    assert weavelite.op(name="around")(inside)().parent_id is None


def test_pytest_xdist_traces_once(tmp_path):
    """Tests that run side by side in processes of pytest-xdist are traced once each."""
    (tmp_path / "test_many.py").write_text(
        "import pytest, weavelite\n"
        "weavelite.init('test', store='w.db')\n"
        "@weavelite.op\n"
        "def work(x): return x\n"
        "@pytest.mark.parametrize('x', range(40))\n"
        "def test_one(x): assert work(x) == x\n"
    )
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "."],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    calls, found = read(tmp_path)
    assert found == {("work", "None"): 40}
    assert sorted(call.inputs["x"] for call in calls) == list(range(40))


FORKED_EARLY = """
    import os, signal, sys, time
    import weavelite

    @weavelite.op
    def work(x): return x

    client = weavelite.init("test", store="w.db")
    work("parent")
    time.sleep(float(sys.argv[1]))
    pid = os.fork()
    if pid == 0:
        signal.alarm(15)          # who waits for ever is killed
        work("child")
        import sqlite_utils       # which the parent's thread may have been importing
        assert "child" in [call.inputs["x"] for call in client.get_calls()]
        os._exit(0)
    print(os.waitpid(pid, 0)[1])
"""


@pytest.mark.parametrize("seconds", [0, 0.02, 0.05, 0.1])
def test_a_fork_while_the_store_is_imported_leaves_a_good_child(program, seconds):
    """A child forked right after the first call can import, trace and read."""
    assert program(FORKED_EARLY, seconds) == "0"
