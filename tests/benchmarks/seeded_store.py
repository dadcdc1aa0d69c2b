"""Makes a store to look at and to measure: a million calls, a huge trace, evaluations, objects.

Run: python -m tests.benchmarks.seeded_store FOLDER [CALLS], then
weavelite ui FOLDER/weavelite.db. What is there already is used again.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

import weavelite
from tests.benchmarks import large_store
from weavelite.records.writes import Batch, CallWrite, OpWrite
from weavelite.store.sqlite import SqliteStore

HUGE = 30_000
HUGE_TRACE = "01a2" + "0" * 12 + "8" + "0" * 15
ROWS, RUNS = 1_000, 4
THREADS, TURNS = 60, 8
_HUGE_OPS = [
    OpWrite(11, large_store.PROJECT, "crawl", "agent", "d11"),
    OpWrite(12, large_store.PROJECT, "visit", "chain", "d12"),
    OpWrite(13, large_store.PROJECT, "fetch", "tool", "d13"),
    OpWrite(14, large_store.PROJECT, "summarize", "llm", "d14"),
]


def huge_trace(random: Random, count: int) -> Iterator[CallWrite]:
    """Yields a trace of a crawler: a root, visits, and a tree of fetches and summaries in each."""
    trace_id, start = bytes.fromhex(HUGE_TRACE), large_store.START_NS
    ends = start + count * 1_000_000

    def call(number: int, parent: int | None, op: int, begin: int, end: int) -> CallWrite:
        is_model = op == 14
        usage = {"model": "gpt-4o-mini", "input_tokens": 800, "output_tokens": 90}
        failed = op == 13 and number % 97 == 0
        return CallWrite(
            id=trace_id if number == 0 else (trace_id[:8] + (1 << 40 | number).to_bytes(8)),
            trace_id=trace_id,
            span_id=trace_id[8:] if number == 0 else (1 << 40 | number).to_bytes(8),
            parent_span=None if parent is None
            else trace_id[8:] if parent == 0 else (1 << 40 | parent).to_bytes(8),
            op_key=op,
            start_ns=begin,
            end_ns=end,
            failed=failed,
            inputs=orjson.dumps({"page": large_store.text(random, 6)}).decode(),
            output=None if failed else orjson.dumps(large_store.text(random, 20)).decode(),
            rest=usage if is_model else {"error": "TimeoutError: 10 s"} if failed else {},
            fresh=True,
        )  # fmt: skip

    yield call(0, None, 11, start, ends)
    visit = 0
    for number in range(1, count):
        begin = start + number * 1_000_000
        if number % 10 == 1:
            visit = number
            yield call(number, 0, 12, begin, begin + 9_500_000)
        else:
            op = 14 if number % 3 == 0 else 13
            yield call(number, visit, op, begin, begin + random.randrange(10**5, 10**6))


class Helper(weavelite.Model):
    """Answers a question more or less well."""

    prompt: str
    skill: float

    @weavelite.op
    def predict(self, question: str) -> str:
        """Answers."""
        random = Random(f"{self.name}{question}")
        right = random.random() < self.skill
        return f"{question.split()[0]} {large_store.text(random, 30) if right else 'is not known'}."


@weavelite.op
def is_known(output: str) -> bool:
    """Tells whether there is an answer."""
    return "not known" not in output


@weavelite.op
def length(output: str) -> int:
    """Counts the words."""
    return len(output.split())


@weavelite.op
def starts_right(question: str, output: str) -> bool:
    """Tells whether the answer begins with what was asked for."""
    return output.startswith(question.split()[0])


@weavelite.op
def reply(question: str) -> str:
    """Is a turn of a conversation."""
    return large_store.text(Random(question), 25)


def evaluate(random: Random) -> None:
    """Publishes a dataset, prompts and models in versions, and evaluates the models."""
    rows = [{"question": large_store.text(random, 12)} for _ in range(ROWS)]
    dataset = weavelite.Dataset(name="questions", rows=rows)
    evaluation = weavelite.Evaluation(
        name="helpfulness", dataset=dataset, scorers=[is_known, length, starts_right]
    )
    for number in range(RUNS):
        prompt = f"You help, in at most {40 - number * 5} words.\nSay so when you do not know."
        weavelite.publish(weavelite.StringPrompt(prompt), name="help-prompt")
        model = Helper(name="helper", prompt=prompt, skill=0.6 + number * 0.05)
        asyncio.run(evaluation.evaluate(model))


def converse(random: Random) -> None:
    """Traces conversations, with reactions and notes."""
    for number in range(THREADS):
        with weavelite.thread(f"thread-{number:03}"):
            for _ in range(TURNS):
                _, call = reply.call(large_store.text(random, 9))
                if random.random() < 0.2:
                    call.feedback.add_reaction(random.choice(["👍", "👎", "🎉"]))
                if random.random() < 0.05:
                    call.feedback.add_note(large_store.text(random, 8))


def main(folder: Path, count: int) -> None:
    """Fills the store of a folder, and indexes it."""
    path = folder / "weavelite.db"
    if not path.exists():
        large_store.build(path, count)
        store = SqliteStore(path)
        store.ingest(Batch(ops=_HUGE_OPS, calls=list(huge_trace(Random(2), HUGE))))
        store.close()
        client = weavelite.init(large_store.PROJECT, store=path)
        evaluate(Random(3))
        converse(Random(4))
        client.finish()
    large_store.index(path)
    print(f"weavelite ui {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else large_store.CALLS)
