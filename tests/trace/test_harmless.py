"""Tracing neither breaks nor changes the program that it traces."""

import asyncio
import contextvars
import copy
import functools
import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import weavelite
from weavelite.journal.frame import Kind
from weavelite.journal.segment import Journal


class Model(weavelite.Model):
    size: int = 1

    @weavelite.op
    def predict(self, x):
        return x


@weavelite.op
def work(x):
    return x


def run(code, cwd, *arguments, **environment):
    """Runs a program of a user's."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_used_model_is_a_plain_value(client):
    """A model that was traced can be copied, pickled and compared as before."""
    model = Model()
    model.predict(1)
    assert model == Model()
    for twin in (
        copy.deepcopy(model),
        model.model_copy(deep=True),
        pickle.loads(pickle.dumps(model)),
    ):
        assert twin == model and twin.predict(2) == 2


class Proxy:
    """Answers to every name, as clients of remote services do."""

    asked = ()

    def __getattr__(self, name):
        type(self).asked += (name,)
        raise AssertionError(f"asked for {name}")


def test_arguments_are_not_asked_for_attributes(client):
    """An object that answers to every name is not asked for any."""
    work(Proxy())
    assert [name for name in Proxy.asked if "weavelite" in name] == []


class Liar:
    """Raises when its class is looked at."""

    @property
    def __class__(self):
        raise RuntimeError("no")


def test_items_that_lie_do_not_break_a_stream(client):
    """A stream yields what it yields, whatever its items do when they are looked at."""

    @weavelite.op
    def stream():
        yield 1
        yield Liar()
        yield 2

    assert len(list(stream())) == 3
    assert client.get_calls()[0].output[::2] == [1, 2]


def test_an_endless_stream_is_bounded(store_path):
    """What is kept of a stream ends at the limit; the stream goes on."""
    os.environ["WEAVELITE_CAPTURE_MAX"] = "1000"
    client = weavelite.init("test", store=store_path)

    @weavelite.op
    def stream():
        for _ in range(10_000):
            yield "x" * 100

    assert len(list(stream())) == 10_000
    output = client.get_calls()[0].output
    assert len(output) < 20 and output[-1]["items"] > 9_900


def test_a_large_array_is_no_list(client):
    """An array of millions is kept as its bytes, beside the call, and not as a list of numbers."""
    numpy = pytest.importorskip("numpy", reason="numpy comes with the extra pandas")
    work(numpy.zeros((3000, 1000), dtype="float32"))
    (call,) = client.get_calls()
    kept = call.inputs["x"]
    assert (kept.shape, kept.dtype) == ((3000, 1000), numpy.dtype("float32"))
    assert len(call.inputs_json) < 1_000


def test_a_coroutine_finished_elsewhere_ends_its_call(client):
    """A coroutine that is closed in another context ends its call without an error of ours."""

    @weavelite.op
    async def wait():
        await asyncio.get_running_loop().create_future()

    async def main():
        coroutine = wait()
        contextvars.copy_context().run(coroutine.send, None)
        coroutine.close()

    asyncio.run(main())
    assert client.open_calls == {}


def test_a_wrapper_around_an_op_is_not_bypassed(client):
    """A decorator outside of an op is what runs; the op inside is what is traced."""
    tries = []

    @weavelite.op
    def flaky(x):
        tries.append(x)
        if len(tries) < 3:
            raise OSError("again")
        return x

    @functools.wraps(flaky)
    def retried(x):
        for _ in range(3):
            try:
                return flaky(x)
            except OSError:
                continue

    assert weavelite.op(retried)(1) == 1 and len(tries) == 3


def test_op_call_knows_errors_when_tracing_is_off():
    """Without `init`, `op.call` still says what was raised."""

    @weavelite.op
    def fails():
        raise ValueError("no")

    result, call = fails.call()
    assert (result, call.status, call.error) == (None, "error", "ValueError: no")
    result, call = work.call(3)
    assert (result, call.status, call.output) == (3, "success", 3)


def test_a_clock_that_is_set_back_gives_no_negative_latency(client):
    """A call that ends before it started, by the clock, took no time."""
    _, call = work.call(1)
    assert call.latency >= 0


def test_a_fork_inside_of_an_op_is_survived(tmp_path):
    """When an op forks and both return, the store has the call once, and takes what follows."""
    code = """
        import os, sys, weavelite
        client = weavelite.init("test", store="w.db")
        @weavelite.op
        def forks():
            pid = os.fork()
            if pid:
                os.waitpid(pid, 0)
            return pid
        if forks() == 0:
            os._exit(0)
        forks_again = forks()
        if forks_again == 0:
            os._exit(0)
        print(len(client.get_calls()))
        """
    answer = run(code, tmp_path)
    assert answer.stdout.strip() == "2", answer.stderr


def test_feedback_on_what_is_no_call_is_refused(client):
    """Feedback needs the id of a call, and says so at once."""
    with pytest.raises(weavelite.errors.QueryError, match="is not an id"):
        client.add_feedback("my-call", "note", {})


def test_a_relative_home_stays_where_it_was(tmp_path):
    """A program that changes its folder traces into the home that was meant at its start."""
    code = """
        import os, weavelite
        os.environ["WEAVELITE_HOME"] = "traces"
        client = weavelite.init("test")
        @weavelite.op
        def work(): return 1
        work()
        os.mkdir("sub"); os.chdir("sub")
        work()
        print(len(client.get_calls()))
        """
    assert run(code, tmp_path).stdout.strip() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sub", "traces"]


def test_optimised_programs_are_drained(tmp_path):
    """`python -O` drains as well."""
    program = tmp_path / "p.py"
    program.write_text(
        "import weavelite; weavelite.init('t', store='w.db'); "
        "weavelite.op(len)([1]); weavelite.finish()"
    )
    subprocess.run([sys.executable, "-O", str(program)], cwd=tmp_path, check=True)
    assert not list((tmp_path / "journal").iterdir())


def test_a_look_for_a_library_does_not_disarm_its_patch(tmp_path):
    """A program that first asks whether openai is there has it patched when it imports it."""
    code = """
        import importlib.util, weavelite
        weavelite.init("test", store="w.db")
        assert importlib.util.find_spec("openai")
        import openai
        from openai.resources.chat.completions import Completions
        print(hasattr(Completions.create, "__weavelite_original__"))
        """
    answer = run(code, tmp_path)
    assert answer.stdout.strip() == "True", answer.stderr
    assert importlib.util.find_spec("openai")


def test_a_forked_child_ends_while_an_export_is_under_way(tmp_path):
    """A child that was forked while calls were being exported ends at once."""
    code = """
        import os, sys, threading, time, http.server, weavelite
        asked = threading.Event()
        class Slow(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked.set()
                time.sleep(60)
            def log_message(self, *a): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
        weavelite.init("test", store="w.db", export="otlp")
        weavelite.op(len)([1])
        assert asked.wait(60)
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            sys.exit(0)
        os.waitpid(pid, 0)
        print(time.monotonic() - started < 8, flush=True)
        os._exit(0)
        """
    answer = run(code, tmp_path)
    assert answer.stdout.strip() == "True", answer.stderr


def test_users_files_are_never_written_to(tmp_path):
    """While segments are begun and sealed, no record lands in a file of the user's."""
    journal = Journal(tmp_path / "w.db", limit=2_000)
    stop = threading.Event()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def write():
        while not stop.is_set():
            journal.append(Kind.END, b"x" * 100)

    threads = [threading.Thread(target=write) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for number in range(300):
            path = tmp_path / f"user{number}"
            with path.open("wb") as file:
                file.write(b"mine")
            if number % 10 == 0:
                journal.seal()
            assert path.read_bytes() == b"mine"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert journal.lost == 0


def test_a_removed_folder_is_begun_anew(tmp_path):
    """Who removes the folder of a running program loses what was there, and nothing that comes."""
    folder = tmp_path / "home"
    client = weavelite.init("test", store=folder / "weavelite.db")

    @weavelite.op
    def work(number):
        return number

    work(1)
    client.flush()
    shutil.rmtree(folder)
    deadline = time.monotonic() + 20
    while client.journal.is_removed() and time.monotonic() < deadline:
        time.sleep(0.02)
    work(2)
    assert [call.output for call in client.get_calls()] == [2]
