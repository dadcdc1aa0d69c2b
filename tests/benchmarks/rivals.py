"""Runs the task of `evaluation_cost` under pydantic-evals and inspect-ai, where they are installed.

It reads names of runs from its input, a line each, and answers with µs a row. Imports nothing of
weavelite: its environment has other versions of everything.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROWS = 2_000
FEWER_ROWS = 200
"""Is for inspect-ai, which takes a hundred times as long."""


def model(x: int) -> int:
    return x


async def model_async(x: int) -> int:
    return x


def pydantic_evals(task: Callable[[int], Any]) -> float:
    from pydantic_evals import Case, Dataset
    from pydantic_evals.evaluators import Evaluator, EvaluatorContext

    class Same(Evaluator[int, int]):
        def evaluate(self, ctx: EvaluatorContext[int, int]) -> bool:
            return ctx.inputs == ctx.output

    class Near(Evaluator[int, int]):
        def evaluate(self, ctx: EvaluatorContext[int, int]) -> float:
            return float(ctx.inputs - ctx.output)

    cases = [Case(name=str(n), inputs=n) for n in range(ROWS)]
    rows = Dataset(name="rows", cases=cases, evaluators=[Same(), Near()])
    started = time.perf_counter()
    report = asyncio.run(rows.evaluate(task, max_concurrency=20, progress=False))
    seconds = time.perf_counter() - started
    assert len(report.cases) == ROWS
    return seconds / ROWS * 1e6


def inspect() -> float:
    from inspect_ai import Task, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
    from inspect_ai.solver import Solver, TaskState, solver

    @solver
    def answer() -> Solver:
        async def solve(state: TaskState, generate: Any) -> TaskState:
            state.output = ModelOutput.from_content("none", state.input_text)
            return state

        return solve

    @scorer(metrics=[mean()])
    def same() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            return Score(value=state.output.completion == target.text)

        return score

    @scorer(metrics=[mean()])
    def near() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            return Score(value=float(target.text) - float(state.output.completion))

        return score

    samples = [Sample(input=str(n), target=str(n)) for n in range(FEWER_ROWS)]
    task = Task(dataset=MemoryDataset(samples), solver=answer(), scorer=[same(), near()])
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        (log,) = eval(task, model=None, display="none", log_dir=folder, max_samples=20)
        seconds = time.perf_counter() - started
    assert log.status == "success"
    return seconds / FEWER_ROWS * 1e6


RUNS: dict[str, Callable[[], float]] = {
    "pydantic-evals, sync model": lambda: pydantic_evals(model),
    "pydantic-evals, async model": lambda: pydantic_evals(model_async),
    "inspect-ai": inspect,
}


def main() -> None:
    """Runs what is asked for."""
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            took = RUNS[line.strip()]()
        print(took, flush=True)


if __name__ == "__main__":
    main()
