"""Runs cells side by side: threads where all is sync, tasks where something is not."""

import asyncio
import contextvars
import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.cell import CellResult, CellRunner
from weavelite.eval.driver import Loop, OpenCell, run_cell, run_cell_async, run_flow
from weavelite.eval.threads import DaemonThreads
from weavelite.trace import recording

Job = tuple[int, int, dict[str, Any], str]
"""Index of the row, trial, row, and what stands for the row in the inputs."""

Done = Callable[[CellResult], None]


def jobs(rows: Sequence[dict[str, Any]], examples: Iterable[str], trials: int) -> Iterator[Job]:
    """Lists the cells: all trials of a row, each with a row of its own, then the next row."""
    for index, (row, example) in enumerate(zip(rows, examples, strict=True)):
        for trial in range(trials):
            yield index, trial, row if trial == trials - 1 else copy.deepcopy(row), example


async def run_cells(
    runner: CellRunner, todo: Iterator[Job], total: int, parallelism: int, done: Done
) -> list[CellResult]:
    """Runs all cells, at most `parallelism` at once; returns them in the order of the rows."""
    pool = DaemonThreads(parallelism, "weavelite-eval")
    run = _in_tasks if runner.is_async else _in_threads
    growth = asyncio.create_task(pool.grow())
    try:
        results = await run(runner, todo, pool, done)
    finally:
        growth.cancel()
        pool.shutdown(wait=False)
    if len(results) != total:
        raise EvaluationError(
            f"{total - len(results)} of {total} cells did not come to an end: something outside of "
            "the evaluation cancelled their tasks. The cells that did are kept."
        )
    return sorted(results, key=lambda result: (result.index, result.trial))


async def run_one(runner: CellRunner, row: dict[str, Any]) -> CellResult:
    """Runs one cell, whose call is the current one."""
    result = CellResult(0, 0)
    pool = DaemonThreads(1, "weavelite-eval")
    try:
        await run_flow(runner.flow(row, result), pool)
    finally:
        pool.shutdown(wait=False)
    return result


async def _in_tasks(
    runner: CellRunner, todo: Iterator[Job], pool: DaemonThreads, done: Done
) -> list[CellResult]:
    results: list[CellResult] = []

    async def work() -> None:
        for index, trial, row, example in todo:  # shared: each cell is taken once
            cell = OpenCell(runner, example, CellResult(index, trial))
            results.append(await run_cell_async(runner, row, cell, pool))
            _tell(done, cell.result)

    async with asyncio.TaskGroup() as group:
        for _ in range(pool.size):
            group.create_task(work())
    return results


async def _in_threads(
    runner: CellRunner, todo: Iterator[Job], pool: DaemonThreads, done: Done
) -> list[CellResult]:
    loop = asyncio.get_running_loop()
    crew = _Crew(runner, todo, loop, pool, done)
    try:
        await asyncio.gather(
            *(
                loop.run_in_executor(pool, contextvars.copy_context().run, crew.work)
                for _ in range(pool.size)
            )
        )
    except BaseException as error:
        crew.abandon(error)
        raise
    return crew.results


class _Crew:
    """Hands cells to threads, one at a time."""

    def __init__(
        self,
        runner: CellRunner,
        todo: Iterator[Job],
        loop: Loop,
        pool: DaemonThreads,
        done: Done,
    ) -> None:
        self.results: list[CellResult] = []
        self._stopped = False
        self._runner = runner
        self._todo = todo
        self._loop = loop
        self._pool = pool
        self._done = done
        self._lock = threading.Lock()
        self._running: dict[int, OpenCell] = {}

    def work(self) -> None:
        """Runs cells until there are none left."""
        while (taken := self._next()) is not None:
            self._pool.beat()
            row, cell = taken
            result = run_cell(self._runner, row, cell, self._loop)
            self.results.append(result)
            _tell(self._done, result)

    def abandon(self, error: BaseException) -> None:
        """Begins no more cells, and ends those that run: nobody waits for them any longer."""
        with self._lock:
            self._stopped = True
            cells = list(self._running.values())
        for cell in cells:
            cell.end(error)

    def _next(self) -> tuple[dict[str, Any], OpenCell] | None:
        with self._lock:
            self._running.pop(threading.get_ident(), None)
            job = None if self._stopped else next(self._todo, None)
            if job is None:
                self._stopped = True
                return None
            index, trial, row, example = job
            cell = OpenCell(self._runner, example, CellResult(index, trial))
            self._running[threading.get_ident()] = cell
            return row, cell


def _tell(done: Done, result: CellResult) -> None:
    recording.guarded(lambda: done(result), "progress could not be shown")
