"""Makes eight evaluations of 5,000 rows in a project of their own, for `viewer_speed many_rows`.

Run: python -m tests.benchmarks.wide_store FOLDER [ROWS]. Each run takes about half a minute.
"""

import asyncio
import sys
from pathlib import Path
from random import Random

import weavelite
from tests.benchmarks import large_store

PROJECT = "local/wide"
ROWS, RUNS = 5_000, 8


class Helper(weavelite.Model):
    """Answers a question more or less well."""

    prompt: str
    skill: float

    @weavelite.op
    def predict(self, question: str) -> dict[str, object]:
        """Answers."""
        random = Random(f"{self.prompt}{question}")
        said = large_store.text(random, random.randrange(15, 80))
        is_good = random.random() < self.skill
        return {
            "answer": said if is_good else "It is not known.",
            "sure": round(random.random(), 3),
        }


@weavelite.op
def is_known(output: dict[str, str]) -> bool:
    """Tells whether there is an answer."""
    return "not known" not in output["answer"]


@weavelite.op
def judge(output: dict[str, str]) -> dict[str, object]:
    """Judges, and says why."""
    random = Random(output["answer"])
    return {"helpful": random.random() < 0.7, "reason": large_store.text(random, 20)}


def main(folder: Path, count: int) -> None:
    """Evaluates eight models on the same rows."""
    client = weavelite.init(PROJECT, store=folder / "weavelite.db")
    random = Random(5)
    rows = [{"question": large_store.text(random, 18)} for _ in range(count)]
    dataset = weavelite.Dataset(name="questions", rows=rows)
    evaluation = weavelite.Evaluation(name="wide", dataset=dataset, scorers=[is_known, judge])
    for number in range(RUNS):
        prompt = f"You help, in at most {80 - number * 5} words."
        model = Helper(name=f"helper-{number}", prompt=prompt, skill=0.6 + number * 0.03)
        asyncio.run(evaluation.evaluate(model))
    client.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROWS)
