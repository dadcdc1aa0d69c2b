"""How fast calls come into SQLite and out of it, and how many bytes they take."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson

import weavelite
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

CALLS = 100_000
LARGE_CALLS = 20_000
CHATS, TURNS = 20, 100
WORDS = Path(__file__).read_text().split()


@weavelite.op
def small(x: int, s: str) -> dict[str, object]:
    """Returns what it is given."""
    return {"x": x, "s": s}


@weavelite.op
def large(messages: list[object]) -> dict[str, object]:
    """Answers as a language model does."""
    return {
        "choices": [{"message": {"role": "assistant", "content": messages[-1]["content"][::-1]}}]
    }


def text(random: Random, size: int) -> str:
    """Writes words."""
    return " ".join(random.choices(WORDS, k=size // 8))


def chat(random: Random, turns: int) -> Iterator[list[dict[str, Any]]]:
    """Yields the messages before each answer: a question, a call of a tool and its result."""
    messages = [{"role": "system", "content": text(random, 1500)}]
    for turn in range(turns):
        messages.append({"role": "user", "content": text(random, 300)})
        call = {"name": "search", "arguments": orjson.dumps({"query": text(random, 60)}).decode()}
        calls = [{"id": f"call_{turn}", "type": "function", "function": call}]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls})
        messages.append(
            {"role": "tool", "tool_call_id": f"call_{turn}", "content": text(random, 600)}
        )
        yield messages
        messages.append({"role": "assistant", "content": messages[-1]["content"][::-1]})


def small_calls() -> None:
    """Makes small calls."""
    for index in range(CALLS):
        small(index, "abc")


def large_calls() -> None:
    """Makes calls of 5 KB, of which no text comes twice."""
    random = Random(1)
    for _ in range(LARGE_CALLS):
        large([{"role": "user", "content": random.randbytes(325).hex()} for _ in range(6)])


def chat_calls() -> None:
    """Makes the calls of chats of 100 turns with tools, each with all messages before it."""
    random = Random(1)
    for _ in range(CHATS):
        for messages in chat(random, TURNS):
            large(messages)


def fill(path: Path, calls: Callable[[], None], count: int) -> float:
    """Writes calls to a journal, drains it, and returns calls a second of the drain alone."""
    weavelite.init("benchmark", store=path)
    calls()
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


def linear(folder: str) -> float:
    """Returns the bytes of a store of one chat over those of its distinct text."""
    path = Path(folder) / "chat" / "weavelite.db"
    empty = Path(folder) / "empty" / "weavelite.db"
    SqliteStore(empty).close()
    last = list(chat(Random(2), TURNS))[-1]
    distinct = sum(len(orjson.dumps(message)) for message in last)
    fill(path, lambda: [large(messages) for messages in chat(Random(2), TURNS)], TURNS)
    return (path.stat().st_size - empty.stat().st_size) / distinct


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
        speed = fill(path, small_calls, CALLS)
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
        speed = fill(other, large_calls, LARGE_CALLS)
        print(f"| 5 KB calls a second into SQLite, one drain | {speed:,.0f} |", flush=True)
        speed = fill(Path(folder) / "chats" / "weavelite.db", chat_calls, CHATS * TURNS)
        print(f"| calls of {TURNS}-turn chats a second | {speed:,.0f} |", flush=True)
        print(f"| one such chat: stored bytes over distinct text | {linear(folder):.2f} |")


if __name__ == "__main__":
    main()
