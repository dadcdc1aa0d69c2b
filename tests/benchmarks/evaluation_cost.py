"""What the evaluation runner costs a row: a trivial model, two scorers, everything stored."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import weavelite

ROWS = 2_000


def model(x: int) -> int:
    """Answers at once."""
    return x


async def model_async(x: int) -> int:
    """Answers at once, as a coroutine."""
    return x


def same(x: int, output: int) -> bool:
    """Judges at once."""
    return x == output


def near(x: int, output: int) -> float:
    """Judges at once, too."""
    return float(x - output)


def main() -> None:
    """Prints the table."""
    rows = [{"x": n} for n in range(ROWS)]
    print("\nEvaluation runner, µs a row, until all is stored\n\n| what | µs a row |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        client = weavelite.init("benchmark", store=Path(folder) / "weavelite.db")
        evaluation = weavelite.Evaluation(dataset=rows, scorers=[same, near])
        for name, answer in (("sync model", model), ("async model", model_async)):
            times = []
            for _ in range(5):
                started = time.perf_counter()
                asyncio.run(evaluation.evaluate(answer))
                client.flush()
                times.append((time.perf_counter() - started) / ROWS * 1e6)
            print(f"| {name} | {statistics.median(times):.0f} |", flush=True)
        weavelite.finish()


if __name__ == "__main__":
    main()
