"""Runs cells side by side: threads where all is sync, tasks where something is not."""

import asyncio
import contextvars
import copy
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.cell import CellResult, CellRunner, EarlierCell
from weavelite.eval.driver import OpenCell, run_cell, run_cell_async, run_flow
from weavelite.eval.pace import Patience
from weavelite.eval.threads import DaemonThreads
from weavelite.trace import recording

Done = Callable[[CellResult], None]


@dataclass(frozen=True, slots=True)
class Job:
    """Is a cell to run: which row and trial, and what stands for the row in the cell's inputs."""

    index: int
    trial: int
    row: dict[str, Any]
    example: str
    earlier: EarlierCell | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """Says how the cells of a run are run: how many at once, how long each, how patiently."""

    parallelism: int
    limit: float | None = None
    patience: Patience = field(default_factory=Patience)


def jobs(
    rows: Iterable[dict[str, Any]],
    examples: Iterable[str],
    trials: int,
    earlier: Callable[[str, int], EarlierCell | None] = lambda example, trial: None,
) -> Iterator[Job]:
    """Lists the cells: all trials of a row, each with a row of its own, then the next row."""
    for index, (row, example) in enumerate(zip(rows, examples, strict=True)):
        for trial in range(trials):
            own = row if trial == trials - 1 else copy.deepcopy(row)
            yield Job(index, trial, own, example, earlier(example, trial))


async def run_cells(
    runner: CellRunner, todo: Iterator[Job], total: int, effort: Effort, done: Done
) -> list[CellResult]:
    """Runs all cells; returns them in the order of the rows."""
    pool = DaemonThreads(effort.parallelism, "weavelite-eval")
    run = _in_tasks if runner.is_async else _in_threads
    growth = asyncio.create_task(pool.grow())
    try:
        results = await run(runner, todo, pool, effort, done)
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
        cell = OpenCell(runner, "", result)
        await run_flow(runner.flow(row, result), cell, pool, Patience())
    finally:
        pool.shutdown(wait=False)
    return result


async def _in_tasks(
    runner: CellRunner, todo: Iterator[Job], pool: DaemonThreads, effort: Effort, done: Done
) -> list[CellResult]:
    results: list[CellResult] = []

    async def work() -> None:
        for job in todo:  # shared: each cell is taken once
            cell = _open(runner, job, effort)
            results.append(await run_cell_async(runner, job.row, cell, pool, effort.patience))
            _tell(done, cell.result)

    async with asyncio.TaskGroup() as group:
        for _ in range(effort.parallelism):
            group.create_task(work())
    return results


async def _in_threads(
    runner: CellRunner, todo: Iterator[Job], pool: DaemonThreads, effort: Effort, done: Done
) -> list[CellResult]:
    crew = _Crew(runner, todo, pool, effort, done)
    try:
        await crew.work()
    except BaseException as error:
        crew.abandon(error)
        raise
    return crew.results


def _open(runner: CellRunner, job: Job, effort: Effort) -> OpenCell:
    result = CellResult(job.index, job.trial, job.earlier)
    return OpenCell(runner, job.example, result, effort.limit)


class _Crew:
    """Hands cells to threads, one at a time; a thread that takes too long is left behind."""

    def __init__(
        self,
        runner: CellRunner,
        todo: Iterator[Job],
        pool: DaemonThreads,
        effort: Effort,
        done: Done,
    ) -> None:
        self.results: list[CellResult] = []
        self._stopped = False
        self._runner = runner
        self._todo = todo
        self._loop = asyncio.get_running_loop()
        self._pool = pool
        self._effort = effort
        self._done = done
        self._lock = threading.Lock()
        self._workers: dict[asyncio.Future[None], list[OpenCell]] = {}

    async def work(self) -> None:
        """Runs all cells."""
        limit = self._effort.limit
        look = None if limit is None else min(max(limit / 10, 0.01), 0.5)
        for _ in range(self._effort.parallelism):
            self._hire()
        while self._workers:
            ended, _ = await asyncio.wait(
                self._workers, timeout=look, return_when=asyncio.FIRST_COMPLETED
            )
            for worker in ended:
                self._workers.pop(worker)
                worker.result()
            self._replace_the_late()

    def abandon(self, error: BaseException) -> None:
        """Begins no more cells, and ends those that run: nobody waits for them any longer."""
        with self._lock:
            self._stopped = True
            cells = [cell for at in self._workers.values() for cell in at]
        for cell in cells:
            cell.end(error)

    def _hire(self) -> None:
        at: list[OpenCell] = []
        context = contextvars.copy_context()
        self._workers[self._loop.run_in_executor(self._pool, context.run, self._run, at)] = at

    def _run(self, at: list[OpenCell]) -> None:
        """Runs cells until there are none left; `at` holds the one at work."""
        while (job := self._next(at)) is not None:
            self._pool.beat()
            cell = at[0]
            result = run_cell(self._runner, job.row, cell, self._loop, self._effort.patience)
            with self._lock:
                if cell.given_up:
                    return
                at.clear()
                self.results.append(result)
            _tell(self._done, result)

    def _next(self, at: list[OpenCell]) -> Job | None:
        with self._lock:
            job = None if self._stopped else next(self._todo, None)
            if job is None:
                self._stopped = True
                return None
            at.append(_open(self._runner, job, self._effort))
            return job

    def _replace_the_late(self) -> None:
        for worker, at in list(self._workers.items()):
            with self._lock:
                cell = at[0] if at and at[0].is_late() else None
                if cell is None:
                    continue
                self.results.append(cell.give_up())
            self._workers.pop(worker)
            self._pool.replace()
            self._hire()
            _tell(self._done, cell.result)


def _tell(done: Done, result: CellResult) -> None:
    recording.guarded(lambda: done(result), "progress could not be shown")
