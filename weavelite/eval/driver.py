"""Runs the steps of a cell: on a thread while they are sync, in a task where one is not."""

import asyncio
import contextvars
import time
from collections.abc import AsyncGenerator, Awaitable, Generator
from concurrent.futures import Executor
from types import TracebackType
from typing import Any

from weavelite.eval.cell import CellResult, CellRunner, Flow, Outcome, Step
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT

Loop = asyncio.AbstractEventLoop
_HERE = frozenset({bool, int, float, str, dict, list, type(None)})
_LATE = (Awaitable, AsyncGenerator, Generator)
"""Are results that are not there yet: what the function handed out has to be run to its end."""


def run_cell(runner: CellRunner, row: dict[str, Any], cell: "OpenCell", loop: Loop) -> CellResult:
    """Runs a cell on this thread; what turns out to need the loop is run there."""
    with cell:
        flow = runner.flow(row, cell.result)
        _drive(flow, next(flow, None), loop)
    return cell.result


async def run_cell_async(
    runner: CellRunner, row: dict[str, Any], cell: "OpenCell", pool: Executor
) -> CellResult:
    """Runs a cell in this task; steps that are sync go to a thread, in one go."""
    with cell:
        await run_flow(runner.flow(row, cell.result), pool)
    return cell.result


async def run_flow(flow: Flow, pool: Executor) -> None:
    """Runs the steps of a cell whose call is the current one."""
    loop = asyncio.get_running_loop()
    step = next(flow, None)
    while step is not None:
        if step.is_async:
            step = _send(flow, await _attempt_async(step))
        else:
            context = contextvars.copy_context()
            step = await loop.run_in_executor(pool, context.run, _drive, flow, step, loop)


class OpenCell:
    """Is the call of a cell around what runs in it; it ends with the block, whatever happens."""

    def __init__(self, runner: CellRunner, example: str, result: CellResult) -> None:
        self.result = result
        self._runner = runner
        self._example = example
        self._call: Call | None = None

    def __enter__(self) -> None:
        self._call = self._runner.begin(self._example, self.result.trial)
        self._token = CURRENT.set(self._call) if self._call is not None else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if self._token is not None:
            CURRENT.reset(self._token)
        ends = error is not None and not is_data(error)
        if error is not None and not ends:  # `preprocess_model_input`: the rest is noted by steps
            self.result.model_error = described(error)
        self.end(error if ends else None)
        return not ends

    def end(self, error: BaseException | None) -> None:
        """Ends the call with what there is, if it has not ended."""
        if self._call is not None:
            recording.end(self._call, self.result.record(), error)


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


def described(error: BaseException) -> str:
    """Describes an error in one line, as its call does."""
    name = type(error).__name__
    try:
        first = str(error).strip().partition("\n")[0]
    except Exception:  # the user's __str__ may do anything
        return name
    return f"{name}: {first}"[: recording.ERROR_LINE] if first else name


def _drive(flow: Flow, step: Step | None, loop: Loop) -> Step | None:
    """Runs steps while they are sync; returns the first that is not, None at the end."""
    while step is not None and not step.is_async:
        step = _send(flow, _attempt(step, loop))
    return step


def _send(flow: Flow, came: Outcome) -> Step | None:
    try:
        return flow.send(came)
    except StopIteration:
        return None


def _attempt(step: Step, loop: Loop) -> Outcome:
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


async def _attempt_async(step: Step) -> Outcome:
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
            came.error = described(error)
        elif call is not None and call.failed:
            came.error = call.error or "error"
        if came.error is not None:
            came.output = None
        known = call is not None and call.client is not None and not self.late
        came.latency = call.latency if known and call is not None else took
        return True
