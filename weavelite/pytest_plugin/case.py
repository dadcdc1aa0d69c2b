"""A marked test as a row: its inputs, its output, its scores, and whether it passed."""

import time
from collections.abc import Mapping
from typing import Any

from weavelite.eval.cell import CellResult
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.failures import Failure, failure_of
from weavelite.eval.logged import LoggedModel, LoggedRows
from weavelite.eval.prediction import Score, ScoreLogger
from weavelite.testing.asserting import assert_not_worse
from weavelite.trace import manual
from weavelite.trace.context import CURRENT
from weavelite.trace.manual import Particulars

PASSED = "passed"


class RunRows:
    """Is what the rows of one run share in this process."""

    traces_scores = False

    def __init__(self, evaluation: Any, model: LoggedModel, traceparent: str) -> None:
        self.evaluation = evaluation
        self.model = model
        self.traceparent = traceparent
        self.rows = LoggedRows(None)

    def begin(self, inputs: Mapping[str, Any]) -> "Row":
        """Begins a row."""
        example, trial = self.rows.place(inputs, None, None, None)
        asked = {"self": self.evaluation, "model": self.model, "example": example}
        cell = manual.start(
            Evaluation.predict_and_score,
            asked | ({"trial": trial} if trial else {}),
            Particulars(parent=self.traceparent, use_stack=False),
        )
        run: Any = self  # in the place of an EvaluationLogger, which has a run of its own
        return Row(run, CellResult(0, trial), cell, inputs)

    def _expect(self, scorer: str) -> None:
        """Takes any score."""

    def _closed(self, logger: ScoreLogger) -> None:
        """Keeps nothing of a row that has ended."""


class Row(ScoreLogger):
    """Is a prediction whose block ends before its last score is known: whether the test passed."""

    def leave(self) -> None:
        """Ends what is timed."""
        if self._token is not None:
            CURRENT.reset(self._token)
            self._token = None
        if self._started is not None:
            self._result.latency = time.perf_counter() - self._started
            self._started = None

    def end(self, error: BaseException | None, *, is_skip: bool) -> None:
        """Scores the test and ends the row; what the infrastructure did is not the model's."""
        failure = None if error is None else failure_of(error)
        if is_skip and self._drop():
            return
        if is_skip:
            self._result.model_failure = Failure("skipped", is_infrastructure=True)
        elif failure is not None and failure.is_infrastructure:
            self._result.model_failure = failure
        else:
            self.log_score(PASSED, error is None)
        self.finish()

    def _drop(self) -> bool:
        """Leaves nothing of a row that was skipped at once; tells whether that could be done."""
        calls = (self._cell, self._predict)
        if any(call.announced or call.end_ns for call in calls):
            return False
        for call in calls:
            if call.client is not None:
                call.client.open_calls.pop(call.low, None)
        self._finished = True
        return True


class Case:
    """Is the row of the test that runs: its output is assigned, and scores are added.

    `inputs` are the parameters of the test, or the row of the mark's dataset, and the test's name.
    """

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self.inputs = dict(inputs)
        self._row: Row | None = None
        self._output: Any = None

    @property
    def output(self) -> Any:
        """Is what the model returned."""
        return self._output

    @output.setter
    def output(self, value: Any) -> None:
        self._output = value
        if self._row is not None:
            self._row.output = value

    def score(self, name: str, value: Score) -> None:
        """Adds a score: yes or no, a number, or a dictionary of such."""
        if self._row is None:
            raise RuntimeError(f"The score {name!r} came before the test or after its end.")
        self._row.log_score(name, value)

    def assert_not_worse(self, metric: str, margin: float = 0.0, **options: Any) -> None:
        """Fails the session when a score turns out worse; see `weavelite.testing`."""
        assert_not_worse(metric, margin, **options)

    def begin(self, rows: RunRows) -> None:
        """Begins the row: calls from now on are below it."""
        self._row = rows.begin(self.inputs)
        self._row.__enter__()
        if self._output is not None:
            self._row.output = self._output

    def leave(self) -> None:
        """Ends what is timed: the test has run."""
        if self._row is not None:
            self._row.leave()

    def end(self, error: BaseException | None, *, is_skip: bool) -> bool:
        """Ends the row; tells whether there was one."""
        row, self._row = self._row, None
        if row is not None:
            row.end(error, is_skip=is_skip)
        return row is not None
