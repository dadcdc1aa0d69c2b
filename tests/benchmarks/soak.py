"""Traces for ten minutes from 4 processes of 8 threads, and watches memory, journal and store.

Run: python -m tests.benchmarks.soak [SECONDS]
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

import weavelite
from weavelite.journal.state import journal_state
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

PROCESSES, THREADS = 4, 8
SECONDS = 600.0
PAUSE = 0.1
REPORTS = 10


@weavelite.op
def search(query: str) -> list[str]:
    """Finds something, or fails."""
    if query.endswith("7"):
        raise LookupError(query)
    return [query] * 3


@weavelite.op
async def answer(messages: list[dict[str, str]]) -> str:
    """Answers what was asked."""
    await asyncio.sleep(0)
    with contextlib.suppress(LookupError):
        search(messages[-1]["content"][-20:])
    return messages[-1]["content"][::-1]


@weavelite.op
def words(count: int):  # type: ignore[no-untyped-def]
    """Yields words."""
    yield from ("word " * count).split()


def memory() -> float:
    """Returns megabytes of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def write(path: Path, seconds: float) -> None:
    """Traces from many threads, and prints how many calls there were and the memory in use."""
    weavelite.init("soak", store=path)
    made = [0] * THREADS
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        random = Random(number)
        messages: list[dict[str, str]] = []
        while time.monotonic() < end:
            messages = [*messages, {"role": "user", "content": random.randbytes(60).hex()}][-20:]
            asyncio.run(answer(messages))
            list(words(5))
            made[number] += 3
            time.sleep(PAUSE)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for _ in range(REPORTS):
        time.sleep(seconds / REPORTS)
        print(json.dumps({"made": sum(made), "memory": memory()}), flush=True)
    for thread in threads:
        thread.join()
    weavelite.finish()
    print(json.dumps({"made": sum(made), "memory": memory()}), flush=True)


def main(seconds: float) -> None:
    """Runs the writers, and prints what was seen."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weavelite.db"
        command = [sys.executable, "-m", "tests.benchmarks.soak", str(seconds), str(path)]
        writers = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, "WEAVELITE_PRINT_LINK": "false"})
            for _ in range(PROCESSES)
        ]  # fmt: skip
        print("| minutes | calls made | MB, each process | MB waiting for the store |")
        print("|---|---|---|---|")
        for at in range(1, REPORTS + 1):
            last = [json.loads(writer.stdout.readline()) for writer in writers if writer.stdout]
            made = sum(one["made"] for one in last)
            used = ", ".join(format(one["memory"], ".1f") for one in last)
            with contextlib.closing(SqliteStore(path)) as store:
                waiting = journal_state(store, path).waiting_bytes / 1e6
            minutes = at * seconds / REPORTS / 60
            print(f"| {minutes:.1f} | {made:,} | {used} | {waiting:.1f} |", flush=True)
        said = [writer.communicate() for writer in writers]
        made = sum(json.loads(out.splitlines()[-1])["made"] for out, _ in said)
        with contextlib.closing(SqliteStore(path)) as store:
            stored = store.stats(CallQuery(project="local/soak")).count
            trouble = store.counters() or "none"
            left = journal_state(store, path).waiting_bytes
        print(f"made {made:,}, stored {stored:,}, waiting {left:,} B, trouble: {trouble}")
        print(f"said on stderr: {[err for _, err in said if err] or 'nothing'}")


if __name__ == "__main__":
    chosen = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    if len(sys.argv) > 2:
        write(Path(sys.argv[2]), chosen)
    else:
        main(chosen)
