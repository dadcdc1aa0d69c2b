"""How fast lists, filters, searches and sums answer over HTTP on a store of a million calls.

Run: python -m tests.benchmarks.large_store [CALLS] [FOLDER]; a store that is there is used again.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import orjson

from weavelite.records.writes import Batch, CallWrite, OpWrite
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/large"
CALLS = 1_000_000
BATCH = 2_000
ROUNDS = 40
START_NS = 1_760_000_000_000_000_000
EVERY_NS = 25_000_000
OPS = [
    OpWrite(1, PROJECT, "answer", "agent", "d1"),
    OpWrite(2, PROJECT, "search", "tool", "d2"),
    OpWrite(3, PROJECT, "openai.chat.completions.create", "llm", "d3"),
    OpWrite(4, PROJECT, "parse", "op", "d4"),
]
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5")
ALL = "limit=50&trace_roots_only=false"
WORDS = [
    first + second
    for first in ("ba", "co", "di", "fu", "ge", "hi", "lo", "mu", "no", "pe", "ra", "so")
    for second in ("ler", "mint", "na", "port", "que", "ran", "sta", "ton", "vel", "wick")
]


def text(random: Random, words: int) -> str:
    """Writes words."""
    return " ".join(random.choices(WORDS, k=words))


def trace(random: Random, number: int) -> Iterator[CallWrite]:
    """Yields the four calls of a trace, children first."""
    start = START_NS + number * EVERY_NS * 4
    ids = [(start // 1_000_000 << 80 | random.getrandbits(76) | 7 << 76) + at for at in range(4)]
    spans = [id.to_bytes(16)[8:] for id in ids]
    question, answer = text(random, 15), text(random, 60)
    if number % 50_000 == 0:
        question += " needle in a haystack"
    failed = number % 40 == 0
    prompt = {"messages": [{"role": "system", "content": "You help. " * 30},
                           {"role": "user", "content": question}],
              "model": MODELS[number % 3]}  # fmt: skip
    usage = {"model": MODELS[number % 3], "input_tokens": 150 + number % 900,
             "output_tokens": 60 + number % 300}  # fmt: skip
    calls = [
        (1, 2, {"query": question}, [text(random, 12) for _ in range(3)], {}),
        (2, 3, prompt, {"choices": [{"message": {"role": "assistant", "content": answer}}]}, usage),
        (3, 4, {"text": answer}, {"words": 60}, {}),
        (0, 1, {"question": question}, answer, {"sum_tokens": 210 + number % 1200}),
    ]
    for at, op, inputs, output, rest in calls:
        yield CallWrite(
            id=ids[at].to_bytes(16),
            trace_id=ids[0].to_bytes(16),
            span_id=spans[at],
            parent_span=spans[0] if at else None,
            op_key=op,
            start_ns=start + at * 1000,
            end_ns=start + at * 1000 + random.randrange(10**6, 10**10),
            failed=failed and at in (0, 2),
            inputs=orjson.dumps(inputs).decode(),
            output=None if failed and at in (0, 2) else orjson.dumps(output).decode(),
            rest={**rest, **({"error": "RateLimitError: slow down"} if failed and at == 2 else {})},
            fresh=True,
        )


def build(path: Path, count: int) -> None:
    """Fills a store, and says how fast."""
    random = Random(1)
    store = SqliteStore(path)
    calls: list[CallWrite] = []
    started = time.perf_counter()
    for number in range(count // 4):
        calls += trace(random, number)
        if len(calls) >= BATCH:
            store.ingest(Batch(ops=list(OPS), calls=calls))
            calls = []
    store.ingest(Batch(ops=list(OPS), calls=calls))
    taken = time.perf_counter() - started
    print(f"built: {count:,} calls in {taken:,.0f} s, {path.stat().st_size / count:,.0f} B a call")
    store.close()


def index(path: Path) -> None:
    """Tallies and indexes what a server would by and by, and says how fast, and how large it is."""
    store = SqliteStore(path)
    before, started, calls, longest = path.stat().st_size, time.perf_counter(), 0, 0.0
    while True:
        since = time.perf_counter()
        if not (done := store.index()):
            break
        calls += done
        longest = max(longest, time.perf_counter() - since)
    store.close()
    print(
        f"indexed {calls:,} in {time.perf_counter() - started:,.0f} s, at most"
        f" {longest * 1000:.0f} ms at a time; the store grew by"
        f" {path.stat().st_size / before - 1:.1%}"
    )


QUERIES = {
    "newest 50 traces": "calls?limit=50",
    "newest 50 calls": f"calls?{ALL}",
    "by op": f"calls?{ALL}&q=op:parse",
    "by op, a pattern": f"calls?{ALL}&q=op:open*",
    "by op, negated": f"calls?{ALL}&q=-op:parse",
    "by status, roots": "calls?limit=50&q=status:error",
    "by status, all calls": f"calls?{ALL}&q=status:error",
    "by op and status": f"calls?{ALL}&q=op:openai.chat.completions.create+status:error",
    "by op without hits": "calls?limit=50&q=op:answer+status:running",
    "by kind": f"calls?{ALL}&q=kind:llm",
    "by model": f"calls?{ALL}&q=model:gpt-4o",
    "by latency": "calls?limit=50&q=latency:>9.9s",
    "by latency without hits": "calls?limit=50&q=latency:>1h",
    "by tokens": "calls?limit=50&q=tokens:>1.4k",
    "by time": "calls?limit=50&q=started:2025-10-09T10:00Z..2025-10-09T11:00Z",
    "by score without hits": "calls?limit=50&q=scores.accuracy:<0.5",
    "by input": f"calls?{ALL}&q=inputs.text:*lowick*",
    "text, common": "calls?limit=50&q=lowick",
    "text, 5 hits": "calls?limit=50&q=%22needle+in+a+haystack%22",
    "text, no hit": "calls?limit=50&q=zebra",
    "text, an error's": "calls?limit=50&q=RateLimitError",
    "sums of all traces": "stats",
    "sums of all calls": "stats?trace_roots_only=false",
    "sums by op": "stats?trace_roots_only=false&q=op:parse",
    "sums by kind, negated": "stats?trace_roots_only=false&q=-kind:llm",
    "sums by latency": "stats?q=latency:>5s",
    "sums by time": "stats?q=started:2025-10-09T10:00Z..2025-10-09T11:00Z",
    "facets of all traces": "facets",
    "facets of all calls": "facets?trace_roots_only=false",
    "facets by op": "facets?trace_roots_only=false&q=op:parse",
    "facets by latency": "facets?q=latency:>9s",
    "ops": "ops",
}


def measure(address: str) -> None:
    """Prints median and 95th percentile of each query."""
    print("\n| query over HTTP | median, ms | p95, ms |\n|---|---|---|")
    with httpx.Client(base_url=f"{address}/api/projects/{PROJECT}", timeout=120) as client:
        for name, query in QUERIES.items():
            times = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                client.get(query).raise_for_status()
                times.append((time.perf_counter() - started) * 1000)
                if sum(times) > 8000:
                    break
            worst = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            print(f"| {name} | {statistics.median(times):,.1f} | {worst:,.1f} |", flush=True)


def main(count: int, folder: Path) -> None:
    """Builds the store where there is none, serves it, and asks."""
    path = folder / "weavelite.db"
    if not path.exists():
        build(path, count)
    index(path)
    command = [sys.executable, "-m", "weavelite", "ui", "--store", str(path), "--no-browser"]
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split(" at ")[1].split()[0]
        while True:
            try:
                httpx.get(f"{address}/api/projects", timeout=60).raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.02)
        ready = time.perf_counter() - started
        status = Path(f"/proc/{server.pid}/status").read_text()
        memory = int(status.split("VmRSS:")[1].split()[0]) / 1024
        print(f"server ready after {ready:.2f} s, {memory:.0f} MB")
        measure(address)
    finally:
        server.terminate()
        server.wait(timeout=20)


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    if len(sys.argv) > 2:
        main(wanted, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(wanted, Path(temporary))
