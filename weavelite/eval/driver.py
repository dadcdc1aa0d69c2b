"""Runs the steps of a cell: on a thread while they are sync, in a task where one is not."""

import asyncio
import contextvars
import time
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any

from weavelite.eval.cell import CellResult, CellRunner, Flow, Outcome, Step
from weavelite.eval.failures import Failure, described, failure_of
from weavelite.eval.pace import Patience
from weavelite.eval.threads import DaemonThreads
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, USAGE
from weavelite.trace.manual import describe

Loop = asyncio.AbstractEventLoop
_HERE = frozenset({bool, int, float, str, dict, list, type(None)})
_LATE = (Awaitable, AsyncGenerator, Generator)
"""Are results that are not there yet: what the function handed out has to be run to its end."""


def run_cell(
    runner: CellRunner, row: dict[str, Any], cell: "OpenCell", loop: Loop, patience: Patience
) -> CellResult:
    """Runs a cell on this thread; what turns out to need the loop is run there."""
    with cell:
        flow = runner.flow(row, cell.result)
        _drive(flow, next(flow, None), loop, cell, patience)
    return cell.result


async def run_cell_async(
    runner: CellRunner,
    row: dict[str, Any],
    cell: "OpenCell",
    pool: DaemonThreads,
    patience: Patience,
) -> CellResult:
    """Runs a cell in this task; steps that are sync go to a thread, in one go."""
    with cell:
        flow = run_flow(runner.flow(row, cell.result), cell, pool, patience)
        if cell.limit is None:
            await flow
        else:
            await _in_time(flow, cell)
    return cell.result


async def _in_time(flow: Awaitable[None], cell: "OpenCell") -> None:
    try:
        async with asyncio.timeout(cell.limit) as timer:
            cell.watched_by(timer)
            await flow
    except TimeoutError:
        if not timer.expired():
            raise
        cell.give_up()


async def run_flow(flow: Flow, cell: "OpenCell", pool: DaemonThreads, patience: Patience) -> None:
    """Runs the steps of a cell whose call is the current one."""
    loop = asyncio.get_running_loop()
    step = next(flow, None)
    while step is not None:
        if step.is_async:
            step = _send(flow, await _attempt_async(step, cell, patience))
        else:
            context = contextvars.copy_context()
            going = loop.run_in_executor(
                pool, context.run, _drive, flow, step, loop, cell, patience
            )
            try:
                step = await going
            except asyncio.CancelledError:
                pool.replace()  # the thread is at it for who knows how long
                raise


class OpenCell:
    """Is the call of a cell around what runs in it; it ends with the block, whatever happens.

    `limit` is how many seconds it may take, the waiting for a provider's sake not counted.
    """

    def __init__(
        self,
        runner: CellRunner,
        example: str,
        result: CellResult,
        limit: float | None = None,
    ) -> None:
        self.result = result
        self.limit = limit
        self._timer: asyncio.Timeout | None = None
        self._loop: Loop | None = None
        self.given_up = False
        self._deadline: float | None = None
        self._runner = runner
        self._example = example
        self._call: Call | None = None

    def __enter__(self) -> None:
        if self.limit is not None:
            self._deadline = time.monotonic() + self.limit
        self._call = self._runner.begin(self._example, self.result)
        self._token = CURRENT.set(self._call) if self._call is not None else None
        self._usage = USAGE.set(self.result.usages.append)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        USAGE.reset(self._usage)
        if self._token is not None:
            CURRENT.reset(self._token)
        ends = error is not None and not is_data(error)
        if error is not None and not ends:  # `preprocess_model_input`: the rest is noted by steps
            self.result.fail(failure_of(error))
        self.end(error if ends else None)
        return not ends

    def end(self, error: BaseException | None) -> None:
        """Ends the call with what there is, if it has not ended."""
        if self._call is not None:
            marks = self.result.marks()
            if marks:
                describe(self._call, marks, None)
            recording.end(self._call, self.result.record(), error)

    def watched_by(self, timer: asyncio.Timeout) -> None:
        """Notes by which timer of the running loop the cell is stopped."""
        self._timer, self._loop = timer, asyncio.get_running_loop()

    def wait(self, seconds: float) -> None:
        """Moves the deadline by a pause; any thread may say so."""
        if self._deadline is not None:
            self._deadline += seconds
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._move_timer, seconds)

    def _move_timer(self, seconds: float) -> None:
        when = self._timer.when() if self._timer is not None else None
        if self._timer is not None and when is not None:
            with suppress(RuntimeError):  # it has expired
                self._timer.reschedule(when + seconds)

    def is_late(self) -> bool:
        """Tells whether the cell has taken longer than it may."""
        return self._deadline is not None and time.monotonic() > self._deadline

    def give_up(self) -> CellResult:
        """Ends the cell as it is; what its thread still does changes it no more."""
        done = self.result
        self.given_up = True
        self.result = replace(
            done, scores=dict(done.scores), scorer_failures=dict(done.scorer_failures)
        )
        self.result.fail(too_late(self.limit))
        self.end(None)
        return self.result


def too_late(limit: float | None) -> Failure:
    """Is the failure of a cell that takes too long."""
    return Failure(f"TimeLimit: not done within {limit:g} s", is_infrastructure=True)


def is_data(error: BaseException) -> bool:
    """Tells a failure of model or scorer from what ends the run: Ctrl-C, cancellation."""
    if isinstance(error, asyncio.CancelledError):
        return not _is_being_cancelled()
    return isinstance(error, Exception | SystemExit)


def _is_being_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # a thread has no loop, and nothing that could be cancelled
        return False
    return task is not None and task.cancelling() > 0


def _drive(
    flow: Flow, step: Step | None, loop: Loop, cell: OpenCell, patience: Patience
) -> Step | None:
    """Runs steps while they are sync; returns the first that is not, None at the end."""
    while step is not None and not step.is_async and not cell.given_up:
        step = _send(flow, _attempt(step, loop, cell, patience))
    return step


def _send(flow: Flow, came: Outcome) -> Step | None:
    try:
        return flow.send(came)
    except StopIteration:
        return None


def _attempt(step: Step, loop: Loop, cell: OpenCell, patience: Patience) -> Outcome:
    tries = patience.tries(step.run)
    pause = next(tries)
    while True:
        if pause:
            cell.wait(pause)
            time.sleep(pause)
        came = _run(step, loop)
        try:
            pause = tries.send(came.failure)
        except StopIteration:
            return came
        if cell.given_up:
            return came


async def _attempt_async(step: Step, cell: OpenCell, patience: Patience) -> Outcome:
    tries = patience.tries(step.run)
    pause = next(tries)
    while True:
        if pause:
            cell.wait(pause)
            await asyncio.sleep(pause)
        came = await _run_async(step)
        try:
            pause = tries.send(came.failure)
        except StopIteration:
            return came


def _run(step: Step, loop: Loop) -> Outcome:
    with _Noting() as noting:
        came = noting.came
        came.output, came.call = step.run(*step.args, **step.kwargs)
        if type(came.output) not in _HERE and isinstance(came.output, _LATE):
            noting.late = True
            if isinstance(came.output, Generator):
                came.output = _joined(list(came.output))
            else:
                came.output = asyncio.run_coroutine_threadsafe(_settled(came.output), loop).result()
    return came


async def _run_async(step: Step) -> Outcome:
    with _Noting() as noting:
        came = noting.came
        done = step.run(*step.args, **step.kwargs)
        came.output, came.call = await done if isinstance(done, Awaitable) else done
        if isinstance(came.output, _LATE):
            noting.late = True
            came.output = await _settled(came.output)
    return came


async def _settled(value: Any) -> Any:
    """Waits for what a function handed out, and reads streams to their end."""
    while isinstance(value, _LATE):
        if isinstance(value, AsyncGenerator):
            value = _joined([item async for item in value])
        elif isinstance(value, Generator):
            value = _joined(list(value))
        else:
            value = await value
    return value


def _joined(items: list[Any]) -> Any:
    """Is what a stream gave: one text when all of it is text."""
    return "".join(items) if items and all(isinstance(item, str) for item in items) else items


class _Noting:
    """Notes how long a step takes and what it raises, unless that ends the run."""

    def __init__(self) -> None:
        self.came = Outcome()
        self.late = False

    def __enter__(self) -> "_Noting":
        self._started = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        took = time.perf_counter() - self._started
        came, call = self.came, self.came.call
        if error is not None:
            if not is_data(error):
                return False
            came.failure = failure_of(error)
        elif call is not None and call.failed:
            came.failure = _failure_on(call)
        if came.failure is not None:
            came.output = None
        known = call is not None and call.client is not None and not self.late
        came.latency = call.latency if known and call is not None else took
        return True


def _failure_on(call: Call) -> Failure:
    """Reads what an op raised, which its call keeps until it is read here."""
    raised, call.raised = call.raised, None
    if raised is None:
        return Failure(call.error or "error")
    return replace(failure_of(raised), text=call.error or described(raised))
