"""One cell: a prediction and its scores, written once for sync and async drivers.

`CellRunner.flow` yields what has to be run and is sent what came of it; the two drivers differ only
in how they run it. Errors of the model and of scorers are data.
"""

import inspect
import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.eval.arguments import OUTPUT_NAMES, Arguments
from weavelite.records.words import (
    SCORE,
)
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, tracing_client
from weavelite.trace.op import OpState

logger = logging.getLogger("weavelite")


@dataclass(frozen=True, slots=True)
class Step:
    """Is an op to run: its `call` form, whose result is (output, Call)."""

    run: Callable[..., Any]
    is_async: bool
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judge:
    """Is a scorer made ready: what to run, and how its arguments are filled."""

    name: str
    run: Callable[..., Any]
    is_async: bool
    bound: tuple[Any, ...]
    arguments: Arguments
    output_name: str


@dataclass(frozen=True, slots=True)
class Answerer:
    """Is a model made ready."""

    run: Callable[..., Any]
    is_async: bool
    bound: tuple[Any, ...]
    arguments: Arguments
    shown: Any
    """What stands for the model in the inputs of a cell: its ref."""


@dataclass(slots=True)
class CellResult:
    """Is what one row gave in one trial."""

    index: int
    trial: int
    output: Any = None
    scores: dict[str, Any] = field(default_factory=dict)
    latency: float | None = None
    tokens: int = 0
    model_error: str | None = None
    scorer_errors: dict[str, str] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Is what the cell's call returns: Weave's keys, and the errors."""
        written: dict[str, Any] = {
            "output": self.output,
            "scores": self.scores,
            "model_latency": self.latency,
        }
        if self.model_error is not None or self.scorer_errors:
            written["errors"] = {"model": self.model_error, "scorers": self.scorer_errors}
        return written


@dataclass(frozen=True, slots=True)
class CellRunner:
    """Runs the cells of one evaluation of one model."""

    state: OpState
    evaluation: Any
    model: Answerer
    judges: list[Judge]
    preprocess: Callable[[dict[str, Any]], dict[str, Any]] | None

    @property
    def is_async(self) -> bool:
        """Tells whether anything that runs is a coroutine function."""
        return self.model.is_async or any(judge.is_async for judge in self.judges)

    def begin(self, example: str, trial: int) -> Call | None:
        """Starts the call of a cell."""
        client = tracing_client()
        if client is None:
            return None
        inputs = {"self": self.evaluation, "model": self.model.shown, "example": example}
        if trial:
            inputs["trial"] = trial
        return recording.begin(self.state, client, inputs)

    def flow(
        self, row: dict[str, Any], result: CellResult
    ) -> Generator[Step, tuple[Any, Call], None]:
        """Predicts, then scores."""
        given = self.preprocess(dict(row)) if self.preprocess is not None else row
        model = self.model
        output, call = yield Step(model.run, model.is_async, model.bound, model.arguments.of(given))
        result.latency, result.tokens = call.latency, call.tokens_below
        if call.failed:
            result.model_error = call.error
            return
        result.output = output
        for judge in self.judges:
            yield from self._judge(judge, row, output, call, result)

    def _judge(
        self, judge: Judge, row: dict[str, Any], output: Any, predicted: Call, result: CellResult
    ) -> Generator[Step, tuple[Any, Call], None]:
        kwargs = {**judge.arguments.of(row), judge.output_name: output}
        score, call = yield Step(judge.run, judge.is_async, judge.bound, kwargs)
        if call.failed:
            result.scorer_errors[judge.name] = call.error or "error"
            return
        result.scores[judge.name] = score
        if predicted.client is not None:
            predicted.client.add_feedback(
                predicted.id, SCORE + judge.name, {"output": score, "call": call.id}
            )


def run_cell(
    runner: CellRunner, row: dict[str, Any], example: str, result: CellResult
) -> CellResult:
    """Runs a cell on this thread; all of it is sync."""
    call = runner.begin(example, result.trial)
    token = CURRENT.set(call) if call is not None else None
    try:
        flow = runner.flow(row, result)
        step = next(flow, None)
        while step is not None:
            step = _send(flow, step.run(*step.args, **step.kwargs))
    except Exception as error:
        _failed(result, error)
    finally:
        if token is not None:
            CURRENT.reset(token)
    _end(call, result)
    return result


async def run_cell_async(
    runner: CellRunner, row: dict[str, Any], example: str, result: CellResult
) -> CellResult:
    """Runs a cell in this task; what is sync in it goes to a thread."""
    import asyncio  # 25 ms that tracing alone does not need

    call = runner.begin(example, result.trial)
    token = CURRENT.set(call) if call is not None else None
    try:
        flow = runner.flow(row, result)
        step = next(flow, None)
        while step is not None:
            if step.is_async:
                done = await step.run(*step.args, **step.kwargs)
            else:
                done = await asyncio.to_thread(step.run, *step.args, **step.kwargs)
            step = _send(flow, done)
    except Exception as error:
        _failed(result, error)
    finally:
        if token is not None:
            CURRENT.reset(token)
    _end(call, result)
    return result


def _send(flow: Generator[Step, Any, None], done: Any) -> Step | None:
    try:
        return flow.send(done)
    except StopIteration:
        return None


def _failed(result: CellResult, error: Exception) -> None:
    """Notes what failed outside of model and scorers: `preprocess_model_input`."""
    result.model_error = f"{type(error).__name__}: {error}"


def _end(call: Call | None, result: CellResult) -> None:
    if call is not None:
        recording.end(call, result.record())


def output_name(function: Callable[..., Any], what: str) -> str:
    """Finds the argument of a scorer that takes the output; raises EvaluationError."""
    parameters = inspect.signature(function).parameters
    for name in OUTPUT_NAMES:
        if name in parameters:
            return name
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return OUTPUT_NAMES[0]
    raise EvaluationError(
        f"{what} has no argument 'output': that is where it gets what the model returned."
    )
