"""What the evaluation runner costs a row, beside pydantic-evals and inspect-ai, in one run.

A trivial model, two trivial scorers. Weavelite's time ends when everything rests in SQLite; that of
inspect-ai when its log is written; pydantic-evals stores nothing. Publishing the rows and comparing
a run with its baseline are timed apart. The others are in an environment of their own:

    python -m venv .benchmarks/rivals
    .benchmarks/rivals/bin/pip install pydantic-evals inspect-ai
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import weavelite
from tests.benchmarks import caller_cost

ROWS, ROUNDS = 2_000, 5
ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".benchmarks/rivals/bin/python"
RIVALS = ("pydantic-evals, sync model", "pydantic-evals, async model", "inspect-ai")
OTEL = "a bare OpenTelemetry span"


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


class Runs:
    """Are runs of evaluations, each the first of its name: so there is no baseline."""

    def __init__(self, folder: Path) -> None:
        self.client = weavelite.init("benchmark", store=folder / "weavelite.db")
        self.dataset = weavelite.Dataset(rows=[{"x": n} for n in range(ROWS)])
        self.last: weavelite.Evaluation | None = None
        self._made = 0

    def publish(self) -> float:
        """Times publishing the rows; returns µs a row."""
        started = time.perf_counter()
        weavelite.publish(self.dataset)
        self.client.flush()
        return (time.perf_counter() - started) / ROWS * 1e6

    def run(self, answer: Callable[..., object]) -> float:
        """Times a run until everything is stored; returns µs a row."""
        self._made += 1
        self.last = weavelite.Evaluation(
            name=f"evaluation-{self._made}", dataset=self.dataset, scorers=[same, near]
        )
        weavelite.publish(self.last)
        return self._timed(self.last, answer)

    def compare(self) -> float:
        """Times the comparison of a run with the one before; returns µs a row."""
        assert self.last is not None
        self._timed(self.last, model)
        started = time.perf_counter()
        self.last.compare()
        return (time.perf_counter() - started) / ROWS * 1e6

    def _timed(self, evaluation: weavelite.Evaluation, answer: Callable[..., object]) -> float:
        started = time.perf_counter()
        asyncio.run(evaluation.evaluate(answer))
        self.client.flush()
        return (time.perf_counter() - started) / ROWS * 1e6


def span() -> float:
    """Times a span in a loop; returns µs a span."""
    spanned = caller_cost.spanned(caller_cost.small, ("x", "s"), caller_cost.tracer())
    return caller_cost.tight(spanned, caller_cost.SMALL, 5 * ROWS)


def rivals() -> "dict[str, Callable[[], float]]":
    """Returns what is run in the other environment, if it is there."""
    if not PYTHON.exists():
        print(f"\nThe others are left out: there is no {PYTHON.relative_to(ROOT)}.\n{__doc__}")
        return {}
    server = subprocess.Popen(
        [PYTHON, Path(__file__).with_name("rivals.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip

    def asked(name: str) -> float:
        assert server.stdin is not None and server.stdout is not None
        print(name, file=server.stdin, flush=True)
        return float(server.stdout.readline())

    return {name: lambda name=name: asked(name) for name in RIVALS}  # type: ignore[misc]


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(Path(folder))
        what: dict[str, Callable[[], float]] = {
            OTEL: span,
            "weavelite, sync model": lambda: runs.run(model),
            "weavelite, async model": lambda: runs.run(model_async),
            **rivals(),
        }
        found: dict[str, list[float]] = {name: [] for name in what}
        published = runs.publish()
        for _ in range(ROUNDS):
            for name, run in what.items():
                found[name].append(run())
                print(f"  {name}: {found[name][-1]:.0f}", file=sys.stderr)
        compared = runs.compare()
        weavelite.finish()
    one = statistics.median(found[OTEL])
    print("\nEvaluation runner: 2 scorers, until all is stored (pydantic-evals stores nothing)\n")
    print("| what | µs a row | over a span |\n|---|---|---|")
    rows = {name: statistics.median(times) for name, times in found.items()}
    rows["weavelite, publishing the rows, once"] = published
    rows["weavelite, comparing two runs"] = compared
    for name, microseconds in rows.items():
        print(f"| {name} | {microseconds:.0f} | {microseconds / one:.1f} |")


if __name__ == "__main__":
    main()
