"""How fast calls come into SQLite and out of it, and how many bytes they take."""

import os
import statistics
import tempfile
import time
from pathlib import Path

import weavelite
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

CALLS = 100_000
LARGE_CALLS = 20_000


@weavelite.op
def small(x: int, s: str) -> dict[str, object]:
    """Returns what it is given."""
    return {"x": x, "s": s}


@weavelite.op
def large(messages: list[object]) -> dict[str, object]:
    """Answers as a language model does."""
    return {"choices": [{"message": {"role": "assistant", "content": "y" * 900}}]}


def fill(path: Path, function: object, args: tuple[object, ...], count: int) -> float:
    """Writes calls to a journal, drains it, and returns calls a second of the drain alone."""
    weavelite.init("benchmark", store=path)
    for _ in range(count):
        function(*args)  # type: ignore[operator]
    client = weavelite.get_client()
    assert client is not None
    client.journal.seal()
    store = SqliteStore(path)
    started = time.perf_counter()
    drain_all(store, path)
    taken = time.perf_counter() - started
    store.close()
    weavelite.finish()
    return count / taken


def p95(function: object, rounds: int = 60) -> float:
    """Returns the 95th percentile of a function, in milliseconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        function()  # type: ignore[operator]
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def main() -> None:
    """Prints the table."""
    os.environ["WEAVELITE_DRAIN"] = "none"
    os.environ["WEAVELITE_PRINT_LINK"] = "false"
    print("\nStore\n\n| what | figure |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small" / "weavelite.db"
        speed = fill(path, small, (1, "abc"), CALLS)
        print(f"| small calls a second into SQLite, one drain | {speed:,.0f} |", flush=True)
        store = SqliteStore(path)
        store.close()
        print(f"| stored bytes of a small call | {path.stat().st_size / CALLS:,.0f} |", flush=True)
        store = SqliteStore(path)
        newest = CallQuery(project="benchmark", trace_roots_only=True, limit=50)
        print(
            f"| newest 50 of {CALLS:,} traces, p95, ms | {p95(lambda: store.calls(newest)):.1f} |"
        )
        store.close()
        other = Path(folder) / "large" / "weavelite.db"
        messages = [{"role": "user", "content": "x" * 650} for _ in range(6)]
        speed = fill(other, large, (messages,), LARGE_CALLS)
        print(f"| 5 KB calls a second into SQLite, one drain | {speed:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
