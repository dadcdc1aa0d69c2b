"""Calls go on through a collector that others make, in a process of its own, to a second weavelite.

The collector is Rotel, of Streamfold: OTLP over HTTP in, OTLP over HTTP out.
"""

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import weavelite
from weavelite.query import CallQuery

from .needs import needs

if (sys.platform, platform.machine()) != ("linux", "x86_64") or sys.version_info >= (3, 14):
    pytest.skip("the collector has no binary for this machine", allow_module_level=True)
rotel = needs("rotel")
needs("opentelemetry.exporter.otlp.proto.http")

PROGRAM = """
import asyncio, contextlib, sys, weavelite
from weavelite import instrument

weavelite.init("shop", store=sys.argv[1], export="otlp")

@weavelite.op(kind="tool")
def look_up(city):
    if city == "secret-nowhere":
        raise LookupError("secret-message")
    return {"degrees": 14, "city": city}

@weavelite.op
async def ask(question):
    call = instrument.start("chat", {"messages": [{"role": "user", "content": question}]},
                            kind="llm", model="gpt-4o", attributes={"provider": "openai"})
    await asyncio.sleep(0)
    usage = {"prompt_tokens": 30, "completion_tokens": 4,
             "prompt_tokens_details": {"cached_tokens": 10}}
    instrument.end(call, {"role": "assistant", "content": "secret-answer"}, usage=usage)
    return "secret-answer"

@weavelite.op(kind="agent")
async def agent(question):
    look_up("secret-Paris")
    with contextlib.suppress(LookupError):
        look_up("secret-nowhere")
    return await asyncio.gather(ask(question), ask("secret-more"))

for line in sys.stdin:
    with weavelite.thread("conversation"):
        asyncio.run(agent("secret " + line.strip()))
    print(line.strip(), flush=True)
"""
CALLS = 7
"""A turn of the program makes an agent, two tools, two ops, and in each of these a model call."""


class Program:
    """A program that traces a turn each time it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def turn(self, name: str) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


@contextmanager
def process(*command: Any, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Runs a process while the block does, and has it end by itself."""
    with subprocess.Popen([*map(str, command)], text=True, **options) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(timeout=30)


@pytest.fixture
def second(tmp_path: Path) -> Iterator[str]:
    """Is where a second weavelite listens, which keeps what it gets in second.db."""
    port = free_port()
    command = (sys.executable, "-m", "weavelite", "ui", "--no-browser", "--port", port)
    with process(*command, "--store", tmp_path / "second.db", stdout=subprocess.DEVNULL):
        until(lambda: listening(port), "the second weavelite")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def collector(tmp_path: Path, second: str) -> Callable[[], Any]:
    """Runs the collector while a block does: at one address, and on to the second weavelite."""
    http, grpc = free_port(), free_port()
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{http}"
    os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
    command = (
        Path(rotel.__file__).parent / "rotel-agent", "start",
        "--otlp-http-endpoint", f"127.0.0.1:{http}",
        "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}",
        "--exporter", "otlp", "--otlp-exporter-protocol", "http",
        "--otlp-exporter-endpoint", second, "--otlp-exporter-retry-initial-backoff", "1s",
        "--log-file", tmp_path / "collector.log", "--pid-file", tmp_path / "collector.pid",
    )  # fmt: skip

    @contextmanager
    def run() -> Iterator[None]:
        with process(*command, env={}, cwd=tmp_path, stdout=subprocess.DEVNULL):
            until(lambda: listening(http), "the collector")
            yield

    return run


@pytest.fixture
def program(tmp_path: Path, collector: Any) -> Callable[[], Any]:
    @contextmanager
    def run() -> Iterator[Program]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "first.db")]
        with subprocess.Popen(command, text=True, **pipes) as running:  # type: ignore[call-overload]
            yield Program(running)

    return run


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str], list[Any]]:
    """Reads all that a weavelite has of its calls, in the order of their ids."""

    def read(name: str) -> list[Any]:
        client = weavelite.init("shop", store=tmp_path / f"{name}.db")
        client.get_calls()  # what the programs left in the journal is taken in
        found = client.store.details(CallQuery(project="local/shop"), costs=True)
        weavelite.finish()
        return sorted(found, key=lambda call: call.id)

    return read


def test_every_call_arrives_once(program: Any, collector: Any, kept: Any) -> None:
    """What is traced before, while and after the collector is away is there once, and the same."""
    os.environ["WEAVELITE_EXPORT_CONTENT"] = "true"
    with program() as app:
        with collector():
            app.turn("before")
            until(lambda: len(kept("second")) == CALLS, "the first turn")
        app.turn("away")
        with program() as killed:  # what it leaves, the other one sends
            killed.turn("killed")
            killed.process.kill()
        with collector():
            app.turn("after")
            until(lambda: len(kept("second")) == 4 * CALLS, "the turns while it was away")
            app.turn("last")
            assert app.process.stdin is not None
            app.process.stdin.close()
            assert app.process.wait(timeout=30) == 0
    first, there = kept("first"), kept("second")
    assert len(first) == 5 * CALLS
    assert there == first


def test_nothing_that_is_said_goes_along_unasked(
    program: Any, collector: Any, kept: Any, tmp_path: Path
) -> None:
    """By default the names, tree, times, kinds, tokens and errors arrive, and nothing said."""
    with collector(), program() as app:
        app.turn("secret")
    first, there = kept("first"), kept("second")
    assert len(there) == CALLS
    assert [shape(call) for call in there] == [shape(call) for call in first]
    errors = {call.error for call in there if call.error}
    assert errors == {"LookupError"}
    for file in tmp_path.glob("second.db*"):
        assert b"secret" not in file.read_bytes()


def shape(call: Any) -> Any:
    return (call.id, call.trace_id, call.parent_id, call.op_name, call.kind, call.status,
            call.start_us, call.end_us, call.input_tokens, call.output_tokens, call.model,
            call.thread_id, call.usage)  # fmt: skip
