"""One cell: a prediction and its scores, written once for sync and async drivers.

`CellRunner.flow` yields what has to be run and is sent what came of it; the drivers in `driver`
differ only in how they run it. Errors of the model and of scorers are data.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from weavelite.eval.arguments import Arguments
from weavelite.eval.failures import Failure
from weavelite.objects import Object
from weavelite.records.words import SCORE
from weavelite.redaction.kinds import REDACTED
from weavelite.serialize import Fetch, Walker, restore
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, tracing_client
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
    """Is what came of a step; `failure` says why there is no output."""

    output: Any = None
    call: Call | None = None
    failure: Failure | None = None
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
    shown: Any
    """Is the ref of the scorer."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Is a model made ready."""

    run: Callable[..., Any]
    is_async: bool
    bound: tuple[Any, ...]
    arguments: Arguments
    shown: Any
    """What stands for the model in the inputs of a cell: its ref."""


@dataclass(frozen=True, slots=True)
class EarlierCell:
    """Is a cell of an earlier run: its prediction, and the scores that still hold."""

    call_id: str
    prediction_id: str | None
    output: Any
    """Is plain JSON, as it was read."""
    scores: dict[str, Any]
    latency: float | None
    tokens: int
    model_error: str | None
    scorer_errors: dict[str, str]
    output_type: str | None = None
    fetch: Fetch | None = None

    def value(self) -> Any:
        """Gives the output back."""
        return restore(self.output, self.fetch)


@dataclass(slots=True)
class CellResult:
    """Is what one row gave in one trial; scores are plain JSON values, in which NaN is tagged."""

    index: int
    trial: int
    earlier: EarlierCell | None = None
    output: Any = None
    scores: dict[str, Any] = field(default_factory=dict)
    latency: float | None = None
    tokens: int = 0
    model_failure: Failure | None = None
    scorer_failures: dict[str, Failure] = field(default_factory=dict)
    reused: list[str] = field(default_factory=list)
    """Are the scorers whose word was taken over from the earlier cell."""
    usages: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    """Are models and what they reported, as it came in."""
    stage: str | None = None
    """Is the scorer at work; None while the model is."""

    def record(self) -> dict[str, Any]:
        """Is what the cell's call returns: Weave's keys, and the errors."""
        written: dict[str, Any] = {
            "output": self.output,
            "scores": self.scores,
            "model_latency": self.latency,
        }
        if self.model_failure is not None or self.scorer_failures:
            written["errors"] = self._errors()
        return written

    def _errors(self) -> dict[str, Any]:
        errors: dict[str, Any] = {"model": None, "scorers": {}}
        outside: dict[str, Any] = {"model": None, "scorers": {}}
        if self.model_failure is not None:
            blamed = outside if self.model_failure.is_infrastructure else errors
            blamed["model"] = self.model_failure.text
        for name, failure in self.scorer_failures.items():
            blamed = outside if failure.is_infrastructure else errors
            blamed["scorers"][name] = failure.text
        if outside["model"] is not None or outside["scorers"]:
            errors["infrastructure"] = outside
        return errors

    def marks(self) -> dict[str, Any]:
        """Are the attributes of the cell's call: what JSON does not tell, and an earlier run."""
        marks: dict[str, Any] = {}
        if type(self.output) not in _PLAIN:
            marks["output_type"] = _type_name(self.output)
        elif not _is_given_back(self.output):
            marks["output_type"] = _MIXED
        if self.earlier is not None:
            scores = self.earlier.scores.keys() | self.earlier.scorer_errors.keys()
            marks["reused"] = {
                "from": self.earlier.call_id,
                "scores": sorted(scores),
                "tokens": self.earlier.tokens,
            }
        return marks

    def fail(self, failure: Failure) -> None:
        """Notes what went wrong with the model, or with the scorer that is at work."""
        if self.stage is None:
            self.model_failure = failure
        else:
            self.scores.pop(self.stage, None)  # it came too late
            self.scorer_failures[self.stage] = failure

    def score(self, name: str) -> Any:
        """Returns a score, None when there is none."""
        score = self.scores.get(name)
        return restore(score) if isinstance(score, dict | list) else score


_PLAIN = frozenset({bool, int, float, str, dict, list, type(None)})


_MIXED = "mixed"
"""Stands for the type of a dictionary or list in which there is more than JSON gives back."""


def _is_given_back(value: Any) -> bool:
    """Tells whether a value comes back from JSON as it was."""
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(_is_given_back, value.values()))
    return all(map(_is_given_back, value)) if type(value) is list else type(value) in _PLAIN


def _type_name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


PREDICTED = "predicted"
"""Is where the call of a cell notes the id of the call whose output its scorers judge."""

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

    def without_version(self) -> dict[str, str]:
        """Says of scorers, and of the model as "", why earlier cells of them cannot be known."""
        bound = {"": self.model.bound, **{judge.name: judge.bound for judge in self.judges}}
        return {
            name: f"{name or 'the model'} runs again: the {type(held[0]).__name__} that its method "
            "belongs to has no version; make it a weavelite.Model or a Scorer"
            for name, held in bound.items()
            if held and not isinstance(held[0], Object)
        }

    def begin(self, example: str, result: CellResult) -> Call | None:
        """Starts the call of a cell."""
        client = tracing_client()
        if client is None:
            return None
        inputs = {"self": self.evaluation, "model": self.model.shown, "example": example}
        if result.trial:
            inputs["trial"] = result.trial
        return recording.begin(self.state, client, inputs)

    def fits(self, earlier: EarlierCell | None) -> bool:
        """Tells whether an earlier cell serves: a new scorer gets what the model returned."""
        if earlier is None:
            return False
        known = earlier.scores.keys() | earlier.scorer_errors.keys()
        if earlier.model_error is not None or all(judge.name in known for judge in self.judges):
            return True
        value = earlier.value()
        if REDACTED in str(value):  # the model returned something else
            return False
        return earlier.output_type in (None, _type_name(value))

    def flow(self, row: dict[str, Any], result: CellResult) -> Flow:
        """Predicts, then scores; what an earlier run has done is taken over."""
        if result.earlier is not None:
            predicted = _take(result.earlier, result)
        else:
            predicted = yield from self._predict(row, result)
        if result.model_failure is not None:
            return
        cell = CURRENT.get()
        if cell is not None and predicted:
            cell.memo[PREDICTED] = predicted
        for judge in self.judges:
            if judge.name not in result.reused:
                yield from self._judge(judge, row, predicted, result)

    def _predict(self, row: dict[str, Any], result: CellResult) -> Generator[Step, Outcome, str]:
        given = self.preprocess(dict(row)) if self.preprocess is not None else row
        model = self.model
        came = yield Step(model.run, model.is_async, model.bound, model.arguments.of(given))
        result.latency, result.output = came.latency, came.output
        if came.call is not None:
            result.tokens = came.call.tokens_below
        if came.failure is not None:
            result.fail(came.failure)
        return came.call.id if came.call is not None and came.call.client is not None else ""

    def _judge(self, judge: Judge, row: dict[str, Any], predicted: str, result: CellResult) -> Flow:
        result.stage = judge.name
        kwargs = {**judge.arguments.of(row), judge.output_name: result.output}
        came = yield Step(judge.run, judge.is_async, judge.bound, kwargs)
        if came.failure is not None:
            result.fail(came.failure)
            return
        score = result.scores[judge.name] = plain_score(came.output)
        client = came.call.client if came.call is not None else None
        if predicted and client is not None and came.call is not None:
            payload = {"output": score, "call": came.call.id}
            client.add_feedback(predicted, SCORE + judge.name, payload)


def _take(known: EarlierCell, result: CellResult) -> str:
    """Takes over what an earlier run has done; returns the id of the call that predicted."""
    result.output = known.value()
    result.latency, result.tokens = known.latency, known.tokens
    result.scores.update(known.scores)
    result.scorer_failures.update({n: Failure(text) for n, text in known.scorer_errors.items()})
    result.reused = [*known.scores, *known.scorer_errors]
    if known.model_error is not None:
        result.model_failure = Failure(known.model_error)
    return known.prediction_id or ""


def plain_score(score: Any) -> Any:
    """Turns a score into plain JSON values, once: what is stored is what is summed up."""
    if score is True or score is False or (type(score) is float and math.isfinite(score)):
        return score
    return Walker().walk(score, 0)
