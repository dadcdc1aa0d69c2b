"""One cell: a prediction and its scores, written once for sync and async drivers.

`CellRunner.flow` yields what has to be run and is sent what came of it; the drivers in `driver`
differ only in how they run it. Errors of the model and of scorers are data.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from weavelite.eval.arguments import Arguments
from weavelite.records.words import (
    SCORE,
)
from weavelite.serialize import Walker, restore
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import tracing_client
from weavelite.trace.op import OpState


@dataclass(frozen=True, slots=True)
class Step:
    """Is an op to run: its `call` form, whose result is (output, Call)."""

    run: Callable[..., Any]
    is_async: bool
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """Is what came of a step; `error` says in one line why there is no output."""

    output: Any = None
    call: Call | None = None
    error: str | None = None
    latency: float | None = None


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
    """Is what one row gave in one trial; scores are plain JSON values, in which NaN is tagged."""

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

    def score(self, name: str) -> Any:
        """Returns a score, None when there is none."""
        score = self.scores.get(name)
        return restore(score) if isinstance(score, dict | list) else score


Flow = Generator[Step, Outcome, None]


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
        """Tells whether anything that runs is known to need an event loop."""
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

    def flow(self, row: dict[str, Any], result: CellResult) -> Flow:
        """Predicts, then scores."""
        given = self.preprocess(dict(row)) if self.preprocess is not None else row
        model = self.model
        came = yield Step(model.run, model.is_async, model.bound, model.arguments.of(given))
        result.latency = came.latency
        if came.call is not None:
            result.tokens = came.call.tokens_below
        if came.error is not None:
            result.model_error = came.error
            return
        result.output = came.output
        for judge in self.judges:
            yield from self._judge(judge, row, came, result)

    def _judge(
        self, judge: Judge, row: dict[str, Any], predicted: Outcome, result: CellResult
    ) -> Flow:
        kwargs = {**judge.arguments.of(row), judge.output_name: predicted.output}
        came = yield Step(judge.run, judge.is_async, judge.bound, kwargs)
        if came.error is not None:
            result.scorer_errors[judge.name] = came.error
            return
        score = result.scores[judge.name] = plain_score(came.output)
        call = predicted.call
        if call is not None and call.client is not None and came.call is not None:
            payload = {"output": score, "call": came.call.id}
            call.client.add_feedback(call.id, SCORE + judge.name, payload)


def plain_score(score: Any) -> Any:
    """Turns a score into plain JSON values, once: what is stored is what is summed up."""
    if score is True or score is False or (type(score) is float and math.isfinite(score)):
        return score
    return Walker().walk(score, 0)
