"""What a traced call costs its caller, beside a bare OpenTelemetry SDK span, in one run.

Weavelite's call is in the journal when it returns; the span is in a queue. Both carry the same
inputs and outputs. "Paced" is one call every 2 ms, as a service has it, with the drain at work.
"""

import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import weavelite
from weavelite.journal.handover import another_drains

SMALL = (1, "abc")
MESSAGES = ([{"role": "user", "content": "x" * 650} for _ in range(6)], "gpt-4o")
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "y" * 900}}]}


class Discard(SpanExporter):
    """Takes spans, and keeps none."""

    def export(self, spans: Any) -> SpanExportResult:
        return SpanExportResult.SUCCESS


def tracer() -> Any:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Discard(), max_queue_size=2_000_000))
    return provider.get_tracer("benchmark")


def small(x: int, s: str) -> dict[str, Any]:
    return {"x": x, "s": s}


def large(messages: list[Any], model: str) -> dict[str, Any]:
    return ANSWER


async def small_async(x: int, s: str) -> dict[str, Any]:
    return {"x": x, "s": s}


async def large_async(messages: list[Any], model: str) -> dict[str, Any]:
    return ANSWER


def child() -> int:
    return 1


def parent() -> int:
    return child() + child() + child()


def spanned(function: Callable[..., Any], names: tuple[str, ...], source: Any) -> Any:
    """Makes a span of each run, with inputs and output as JSON."""

    def run(*args: Any) -> Any:
        with source.start_as_current_span(function.__name__) as span:
            inputs = dict(zip(names, args, strict=True))
            span.set_attribute("inputs", orjson.dumps(inputs).decode())
            output = function(*args)
            span.set_attribute("output", orjson.dumps(output).decode())
            return output

    return run


def spanned_async(function: Callable[..., Any], names: tuple[str, ...], source: Any) -> Any:
    """Makes a span of each run of a coroutine function."""

    async def run(*args: Any) -> Any:
        with source.start_as_current_span(function.__name__) as span:
            inputs = dict(zip(names, args, strict=True))
            span.set_attribute("inputs", orjson.dumps(inputs).decode())
            output = await function(*args)
            span.set_attribute("output", orjson.dumps(output).decode())
            return output

    return run


def tight(function: Callable[..., Any], args: tuple[Any, ...], count: int) -> float:
    """Returns microseconds a call, in a loop."""
    started = time.perf_counter()
    for _ in range(count):
        function(*args)
    return (time.perf_counter() - started) / count * 1e6


def tight_async(function: Callable[..., Any], args: tuple[Any, ...], count: int) -> float:
    async def loop() -> float:
        started = time.perf_counter()
        for _ in range(count):
            await function(*args)
        return (time.perf_counter() - started) / count * 1e6

    return asyncio.run(loop())


def paced(function: Callable[..., Any], args: tuple[Any, ...], count: int) -> list[float]:
    """Returns microseconds of each call, one every 2 ms."""
    costs = []
    for _ in range(count):
        time.sleep(0.002)
        started = time.perf_counter()
        function(*args)
        costs.append((time.perf_counter() - started) * 1e6)
    return costs


def row(name: str, ours: float, theirs: float, bare: float) -> str:
    net, reference = ours - bare, theirs - bare
    return f"| {name} | {net:.1f} | {reference:.1f} | {net / reference:.2f} |"


def measure_tight(rounds: int = 7) -> list[str]:
    """Measures side by side, in turns, and takes medians; the bare function's cost is taken off."""
    source = tracer()
    kinds = [
        ("small, sync", small, ("x", "s"), SMALL, spanned, tight, 5_000),
        ("5 KB, sync", large, ("messages", "model"), MESSAGES, spanned, tight, 3_000),
        ("small, async", small_async, ("x", "s"), SMALL, spanned_async, tight_async, 5_000),
        ("5 KB, async", large_async, ("messages", "model"), MESSAGES, spanned_async, tight_async,
         3_000),
    ]  # fmt: skip
    lines = []
    for name, function, names, args, wrap, loop, count in kinds:
        traced, span = weavelite.op(function), wrap(function, names, source)
        ours, theirs, bare = [], [], []
        for _ in range(rounds):
            ours.append(loop(traced, args, count))
            theirs.append(loop(span, args, count))
            bare.append(loop(function, args, count))
            time.sleep(0.2)
        lines.append(row(name, *(statistics.median(found) for found in (ours, theirs, bare))))
    return lines


def measure_tree(rounds: int = 7) -> str:
    """Measures one parent with three children."""
    source = tracer()
    leaf, span_leaf = weavelite.op(child), spanned(child, (), source)

    def three() -> int:
        return leaf() + leaf() + leaf()

    def three_spans() -> int:
        return span_leaf() + span_leaf() + span_leaf()

    traced, span = weavelite.op(three), spanned(three_spans, (), source)
    found = [(tight(traced, (), 2_000), tight(span, (), 2_000), tight(parent, (), 2_000))
             for _ in range(rounds)]  # fmt: skip
    return row("parent and 3 children, sync", *map(statistics.median, zip(*found, strict=True)))


def measure_paced(drain: str, count: int = 1_000) -> list[str]:
    """Measures one call every 2 ms, drain at work: medians and 99th percentiles."""
    source = tracer()
    lines = []
    for name, function, names, args in (
        ("small", small, ("x", "s"), SMALL),
        ("5 KB", large, ("messages", "model"), MESSAGES),
    ):
        traced, span = weavelite.op(function), spanned(function, names, source)
        ours, theirs = sorted(paced(traced, args, count)), sorted(paced(span, args, count))
        for share, label in ((0.5, "median"), (0.99, "p99")):
            at = int(count * share)
            lines.append(
                row(f"{name}, paced, drain by {drain}, {label}", ours[at], theirs[at], 0.0)
            )
    return lines


def cpu_until_stored(client: Any, function: Any, args: tuple[Any, ...], count: int) -> float:
    """Returns microseconds of CPU, of all threads, a call until it rests in SQLite."""
    traced = weavelite.op(function)
    traced(*args)
    client.flush()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(count):
        traced(*args)
    client.flush()
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used / count * 1e6


def main() -> None:
    """Prints the tables."""
    os.environ["WEAVELITE_DRAIN"] = "thread"
    with tempfile.TemporaryDirectory() as folder:
        weavelite.init("benchmark", store=Path(folder) / "weavelite.db")
        print("\nCaller's cost of a traced call, µs\n")
        print("| what | weavelite, durable | bare OTel SDK span, BatchSpanProcessor | ratio |")
        print("|---|---|---|---|")
        for line in [*measure_tight(), measure_tree(), *measure_paced("thread")]:
            print(line, flush=True)
        weavelite.finish()
        os.environ["WEAVELITE_DRAIN"] = "process"
        client = weavelite.init("benchmark", store=Path(folder) / "process" / "weavelite.db")
        weavelite.op(child)()  # the process starts
        deadline = time.monotonic() + 10
        while not another_drains(client.store_path) and time.monotonic() < deadline:
            time.sleep(0.1)
        for line in measure_paced("process"):
            print(line, flush=True)
        weavelite.finish()
        os.environ["WEAVELITE_DRAIN"] = "thread"
        client = weavelite.init("benchmark", store=Path(folder) / "weavelite.db")
        print("\nCPU of all threads until a call rests in SQLite, µs\n")
        print("| what | µs a call |\n|---|---|")
        print(f"| small | {cpu_until_stored(client, small, SMALL, 20_000):.1f} |")
        print(f"| 5 KB | {cpu_until_stored(client, large, MESSAGES, 5_000):.1f} |")
        weavelite.finish()


if __name__ == "__main__":
    main()
