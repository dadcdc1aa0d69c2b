"""Kills writing processes at random moments, and compares what returned with what is stored.

Run: python -m tests.journal.kills FOLDER KILLS SEED
"""

import contextlib
import json
import os
import random
import select
import signal
import sys
import threading
import time
from pathlib import Path

import weavelite
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

THREADS = 4
AT_ONCE = 4
LONGEST = 0.12
SIZES = (10, 10, 10, 400, 5_000, 200_000)


@weavelite.op
def inner(text: str) -> str:
    """Returns what it is given."""
    return text


@weavelite.op
def outer(text: str) -> int:
    """Calls another op."""
    return len(inner(text))


def write_until_killed(path: Path, seed: int, returned: int) -> None:
    """Makes calls from many threads, and tells of each that has returned."""
    weavelite.init("kills", store=path)

    def work(number: int) -> None:
        chance = random.Random(seed * 100 + number)
        while True:
            _, call = outer.call(chance.choice("abc") * chance.choice(SIZES))
            os.write(returned, call.id.replace("-", "").encode())

    for number in range(THREADS):
        threading.Thread(target=work, args=(number,), daemon=True).start()
    signal.pause()


def start(path: Path, seed: int) -> tuple[int, int]:
    """Forks a writer; returns its pid, and where the ids of its calls can be read."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            write_until_killed(path, seed, writer)
        finally:
            os._exit(1)
    os.close(writer)
    return pid, reader


def rest_of(reader: int) -> bytes:
    """Reads a pipe to its end."""
    told = bytearray()
    while piece := os.read(reader, 1 << 16):
        told += piece
    os.close(reader)
    return bytes(told)


def ids(told: bytes) -> list[str]:
    """Splits what one writer told."""
    return [told[at : at + 32].decode() for at in range(0, len(told) - 31, 32)]


def main(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Returns how many calls returned, how many of them are not stored, and what was torn."""
    path = folder / "weavelite.db"
    chance = random.Random(seed)
    returned: set[str] = set()
    for number in range(0, kills, AT_ONCE):
        writers = [start(path, seed + number + one) for one in range(AT_ONCE)]
        told = {reader: bytearray() for _, reader in writers}
        for _, reader in writers:  # each has begun when it tells of a call
            told[reader] += os.read(reader, 1 << 16)
        for pid, _ in writers:
            deadline = time.monotonic() + chance.uniform(0, LONGEST / AT_ONCE)
            while (left := deadline - time.monotonic()) > 0:
                for ready in select.select(list(told), [], [], left)[0]:
                    told[ready] += os.read(ready, 1 << 16)
            os.kill(pid, signal.SIGKILL)
        for pid, reader in writers:
            os.waitpid(pid, 0)
            told[reader] += rest_of(reader)
        for one in told.values():
            returned.update(ids(bytes(one)))
    with contextlib.closing(SqliteStore(path)) as store:
        drain_all(store, path)
        query = CallQuery(project="local/kills", limit=None, trace_roots_only=True)
        stored = {call.id.replace("-", "") for call in store.calls(query).calls}
        left = len(list((folder / "journal").iterdir()))
        counted = store.counters()
    return {"kills": kills, "returned": len(returned), "lost": len(returned - stored),
            "segments left": left, **counted}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
