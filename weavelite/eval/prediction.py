"""One prediction of a logged run, and its scores."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from weavelite.errors import EvaluationError
from weavelite.eval.cell import CellResult, plain_score
from weavelite.eval.failures import failure_of
from weavelite.eval.logged import LoggedModel
from weavelite.eval.roles import scorer_name
from weavelite.eval.scorer import Scorer
from weavelite.records.words import SCORE
from weavelite.trace import manual
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, reset
from weavelite.trace.manual import Particulars
from weavelite.trace.op import state_of

if TYPE_CHECKING:
    from weavelite.eval.logger import EvaluationLogger

Score = bool | int | float | str | Mapping[str, Any] | None
_UNSAID: Any = object()


class ScoreLogger:
    """Is one prediction: its output is assigned, its scores are logged, and then it is finished.

    As a block it is timed, what is called inside is below the prediction, and an exception is the
    prediction's; it is finished at the end of the block.
    """

    def __init__(
        self, run: "EvaluationLogger", result: CellResult, cell: Call, inputs: Mapping[str, Any]
    ) -> None:
        self._run = run
        self._result = result
        self._cell = cell
        self._predict = manual.start(
            _predict_name(run),
            {"self": run.model, **inputs},
            Particulars(parent=cell, kind="op"),
        )
        self._token: Any = None
        self._started: float | None = None
        self._finished = False

    @property
    def output(self) -> Any:
        """Is what the model returned."""
        return self._result.output

    @output.setter
    def output(self, value: Any) -> None:
        self._check_open()
        self._result.output = value

    def log_score(self, scorer: Any, score: Any = _UNSAID) -> "OpenScore | None":
        """Logs a score by the name of its scorer, or of the scorer given for one.

        Without a score it returns a block, in which calls are below the score and whose `value` is
        assigned.
        """
        self._check_open()
        name = _name(scorer)
        self._run._expect(name)
        opened = OpenScore(self, name)
        if score is _UNSAID:
            return opened
        opened.value = score
        opened.close(None)
        return None

    async def alog_score(self, scorer: Any, score: Any = _UNSAID) -> "OpenScore | None":
        """Logs a score, as `log_score` does, where the caller is a coroutine."""
        return self.log_score(scorer, score)

    def finish(self, output: Any = None) -> None:
        """Ends the prediction, if it has not ended; no more scores can be logged."""
        if self._finished:
            return
        if output is not None:
            self._result.output = output
        self._end_prediction(None)
        self._finished = True
        manual.end(self._cell, self._result.record())
        self._run._closed(self)

    def __enter__(self) -> "ScoreLogger":
        self._started = time.perf_counter()
        if self._predict.client is not None:
            self._token = CURRENT.set(self._predict)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._token is not None:
            reset(self._token)
            self._token = None
        if error is not None:
            self._result.model_failure = failure_of(error)
            self._end_prediction(error)
        self.finish()

    # What its scores need of it

    def _end_prediction(self, error: BaseException | None) -> None:
        """Ends the call that predicts: the first score comes after it."""
        if self._predict.end_ns or self._token is not None:
            return
        if self._started is not None:
            self._result.latency = time.perf_counter() - self._started
        manual.end(self._predict, self._result.output, exception=error)
        self._result.tokens = self._predict.tokens_below

    def _begin_score(self, name: str) -> Call | None:
        if not self._run.traces_scores:
            return None
        if self._result.output is not None:
            self._end_prediction(None)  # its time is not that of its scores
        inputs = {"output": self._result.output}
        return manual.start(name, inputs, Particulars(parent=self._cell, kind="scorer"))

    def _scored(self, name: str, value: Any, call: Call | None) -> None:
        score = self._result.scores[name] = plain_score(value)
        if call is not None:
            manual.end(call, value)
        if self._predict.client is not None:
            payload = {"output": score, **({"call": call.id} if call is not None else {})}
            self._predict.client.add_feedback(self._predict.id, SCORE + name, payload)

    def _not_scored(self, name: str, error: BaseException, call: Call | None) -> None:
        self._result.scorer_failures[name] = failure_of(error)
        if call is not None:
            manual.end(call, exception=error)

    def _check_open(self) -> None:
        if self._finished:
            raise EvaluationError(
                "The prediction is finished: log its output and its scores before finish()."
            )


class OpenScore:
    """Is a score that is being worked out: its `value` is assigned inside the block."""

    def __init__(self, prediction: ScoreLogger, name: str) -> None:
        self.value: Any = _UNSAID
        self._prediction = prediction
        self._name = name
        self._call = prediction._begin_score(name)
        self._token: Any = None

    def __enter__(self) -> "OpenScore":
        if self._call is not None and self._call.client is not None:
            self._token = CURRENT.set(self._call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._token is not None:
            reset(self._token)
        self.close(error)

    async def __aenter__(self) -> "OpenScore":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, _)

    def close(self, error: BaseException | None) -> None:
        """Ends the score with its value, or with what was raised."""
        if error is None and self.value is _UNSAID:
            error = EvaluationError(f"No value was assigned to the score {self._name!r}.")
        if error is None:
            self._prediction._scored(self._name, self.value, self._call)
        else:
            self._prediction._not_scored(self._name, error, self._call)


def _name(scorer: Any) -> str:
    if isinstance(scorer, str):
        return scorer
    if isinstance(scorer, Mapping):
        return str(scorer.get("name") or "scorer")
    if isinstance(scorer, Scorer) or state_of(scorer) is not None:
        return scorer_name(scorer)
    found = getattr(scorer, "__name__", None)
    if found is None:
        raise EvaluationError(f"{scorer!r} is no scorer: give its name.")
    return str(found)


def _predict_name(run: "EvaluationLogger") -> str:
    return (
        "Model.predict"
        if isinstance(run.model, LoggedModel)
        else f"{type(run.model).__name__}.predict"
    )
