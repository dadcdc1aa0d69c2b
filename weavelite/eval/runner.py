"""Runs cells side by side: threads where all is sync, tasks where something is not."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from weavelite.eval.cell import CellResult, CellRunner, run_cell, run_cell_async

Job = tuple[int, int, dict[str, Any], str]
"""Index of the row, trial, row, and what stands for the row in the inputs."""


def jobs(rows: Iterable[dict[str, Any]], examples: Iterable[str], trials: int) -> Iterator[Job]:
    """Lists the cells: all trials of a row, then the next row."""
    for index, (row, example) in enumerate(zip(rows, examples, strict=True)):
        for trial in range(trials):
            yield index, trial, dict(row), example


async def run_cells(
    runner: CellRunner,
    todo: Iterator[Job],
    parallelism: int,
    done: Callable[[CellResult], None],
) -> list[CellResult]:
    """Runs all cells, at most `parallelism` at once; returns them in the order of the rows."""
    run = _in_tasks if runner.is_async else _in_threads
    results = await run(runner, todo, parallelism, done)
    return sorted(results, key=lambda result: (result.index, result.trial))


async def _in_tasks(
    runner: CellRunner, todo: Iterator[Job], parallelism: int, done: Callable[[CellResult], None]
) -> list[CellResult]:
    results: list[CellResult] = []

    async def work() -> None:
        for index, trial, row, example in todo:  # shared: each cell is taken once
            result = await run_cell_async(runner, row, example, CellResult(index, trial))
            results.append(result)
            done(result)

    async with asyncio.TaskGroup() as group:
        for _ in range(parallelism):
            group.create_task(work())
    return results


async def _in_threads(
    runner: CellRunner, todo: Iterator[Job], parallelism: int, done: Callable[[CellResult], None]
) -> list[CellResult]:
    pool = _Pool(runner, todo, done)
    try:
        await asyncio.gather(*(asyncio.to_thread(pool.work) for _ in range(parallelism)))
    finally:
        pool.stopped = True  # on Ctrl-C: what runs is finished, nothing new begins
    return pool.results


class _Pool:
    """Hands cells to threads, one at a time."""

    def __init__(
        self, runner: CellRunner, todo: Iterator[Job], done: Callable[[CellResult], None]
    ) -> None:
        self.results: list[CellResult] = []
        self.stopped = False
        self._runner = runner
        self._todo = todo
        self._done = done
        self._lock = threading.Lock()

    def work(self) -> None:
        """Runs cells until there are none left."""
        while (job := self._next()) is not None:
            index, trial, row, example = job
            result = run_cell(self._runner, row, example, CellResult(index, trial))
            self.results.append(result)
            self._done(result)

    def _next(self) -> Job | None:
        with self._lock:
            return None if self.stopped else next(self._todo, None)
