"""Evaluations that the user's own loop runs: predictions and scores are logged as they come."""

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from weavelite.content import Content
from weavelite.errors import EvaluationError
from weavelite.eval.cell import CellResult, plain_score
from weavelite.eval.dataset import Dataset
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.logged import LoggedEvaluation, LoggedRows, logged_model
from weavelite.eval.model import Model
from weavelite.eval.names import run_name
from weavelite.eval.prediction import Score, ScoreLogger
from weavelite.eval.summary import summed_up
from weavelite.eval.watching import tell
from weavelite.trace import manual, recording
from weavelite.trace.call import Call
from weavelite.trace.manual import Particulars


class EvaluationLogger:
    """Logs one run of an evaluation; rows, scores and the summary are those of `Evaluation`.

    ```python
    run = EvaluationLogger(model="gpt-4o", dataset="questions")
    with run.log_prediction({"question": q}) as prediction:
        prediction.output = answer(q)          # calls in here are below the prediction
        prediction.log_score("exact", prediction.output == expected)
    run.log_summary()
    ```

    Args:
        name: what lists show; by default a name is made.
        model: a `Model`, or its name, or its fields as a dictionary with a `name`.
        dataset: a `Dataset`, a list of rows, or the name of one whose rows are not known.
        eval_attributes: kept with the run.
        scorers: names of scores that will come; others are said once.
        trace_scores: False logs scores as feedback alone, without a call each.

    """

    def __init__(
        self,
        name: str | None = None,
        model: Model | Mapping[str, Any] | str | None = None,
        dataset: Dataset | list[dict[str, Any]] | str | None = None,
        eval_attributes: Mapping[str, Any] | None = None,
        scorers: list[str] | None = None,
        trace_scores: bool = True,
    ) -> None:
        self.name = name or run_name()
        self.attributes = dict(eval_attributes or {})
        self.model = logged_model(model)
        self.traces_scores = trace_scores
        self._scorers = None if scorers is None else set(scorers)
        self._rows = LoggedRows(dataset)
        self._evaluation = LoggedEvaluation.named(name, self._rows, scorers or ())
        self._results: list[CellResult] = []
        self._open: dict[int, ScoreLogger] = {}
        self._lock = threading.Lock()
        self._ended = False
        self._call = self._start()

    @property
    def ui_url(self) -> str | None:
        """Is the page of the run in the viewer; None while nothing is traced."""
        return self._call.ui_url if self._call.client is not None else None

    def log_prediction(
        self,
        inputs: Mapping[str, Any],
        output: Any = None,
        *,
        example_id: str | None = None,
        row_digest: str | None = None,
        trial_index: int | None = None,
        eval_kind: str | None = None,
    ) -> ScoreLogger:
        """Begins a prediction; its scores are logged by what is returned.

        Args:
            inputs: the row.
            output: what the model returned, if it has already.
            example_id: names the row for comparisons, where `inputs` differ between runs.
            row_digest: the digest of the row in a dataset, where that is known.
            trial_index: which time this row is asked; by default it is counted.
            eval_kind: kept with the prediction.

        """
        self._check_open()
        if not isinstance(inputs, Mapping):
            raise EvaluationError(
                f"inputs is a dictionary, the row, not {type(inputs).__name__}: "
                'log_prediction({"question": ...}).'
            )
        with self._lock:
            example, trial = self._rows.place(inputs, example_id, row_digest, trial_index)
            result = CellResult(len(self._results), trial)
            self._results.append(result)
        asked = {"self": self._evaluation, "model": self.model, "example": example}
        attributes = {"eval_kind": eval_kind} if eval_kind is not None else None
        cell = self._child(
            Evaluation.predict_and_score, asked | ({"trial": trial} if trial else {}), attributes
        )
        logger = ScoreLogger(self, result, cell, inputs)
        if output is not None:
            logger.output = output
        self._open[id(logger)] = logger
        return logger

    def log_example(
        self, inputs: Mapping[str, Any], output: Any, scores: Mapping[str, Score]
    ) -> None:
        """Logs a prediction with all of its scores."""
        logger = self.log_prediction(inputs, output)
        for name, score in scores.items():
            logger.log_score(name, score)
        logger.finish()

    def log_summary(
        self, summary: Mapping[str, Any] | None = None, auto_summarize: bool = True
    ) -> None:
        """Sums up and ends the run; entries of `summary` come beside those of the scores."""
        self._check_open()
        self._finish_predictions()
        self._end({**(self._summed_up() if auto_summarize else {}), **(summary or {})})

    def set_view(
        self,
        name: str,
        content: Content | str,
        *,
        extension: str | None = None,
        mimetype: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        encoding: str = "utf-8",
    ) -> None:
        """Gives the run a view of itself: a page, an image, a text to be looked at."""
        manual.add_view(self._call, name, content, extension, mimetype, metadata, encoding)

    def finish(self, exception: BaseException | None = None) -> None:
        """Ends the run, if it has not ended, with a summary of the scores or as failed."""
        if self._ended:
            return
        self._finish_predictions()
        self._end(self._summed_up() if exception is None else None, exception)

    def fail(self, exception: BaseException) -> None:
        """Ends the run as failed."""
        self.finish(exception)

    def __enter__(self) -> "EvaluationLogger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.finish(error)

    # What predictions need of their run

    def _expect(self, scorer: str) -> None:
        """Says once that a score comes that was not announced."""
        if self._scorers is not None and scorer not in self._scorers:
            self._scorers.add(scorer)
            recording.logger.warning(
                "weavelite: score %r was not among the scorers of %s; it is kept.",
                scorer,
                self.name,
            )

    def _closed(self, logger: ScoreLogger) -> None:
        self._open.pop(id(logger), None)

    def _start(self) -> Call:
        from weavelite.eval.provenance import provenance  # for those who evaluate

        asked = {"self": self._evaluation, "model": self.model}
        told = {"_weave_eval_meta": {"imperative": True}, "run": provenance(), **self.attributes}
        particulars = Particulars(attributes=told, display_name=self.name, kind="evaluation")
        call = manual.start(Evaluation.evaluate, asked, particulars)
        recording.announce(call)
        tell(call)
        return call

    def _child(
        self, op: Any, inputs: Mapping[str, Any], attributes: Mapping[str, Any] | None = None
    ) -> Call:
        return manual.start(op, inputs, Particulars(parent=self._call, attributes=attributes))

    def _summed_up(self) -> dict[str, Any]:
        names = dict.fromkeys(name for result in self._results for name in result.scores)
        return summed_up(self._results, names)

    def _finish_predictions(self) -> None:
        for logger in list(self._open.values()):
            logger.finish()

    def _end(self, summary: dict[str, Any] | None, error: BaseException | None = None) -> None:
        self._ended = True
        if error is None:
            asked = {"self": self._evaluation, "cells": len(self._results)}
            manual.end(self._child(Evaluation.summarize, asked), plain_score(summary))
        manual.end(self._call, plain_score(summary), exception=error)

    def _check_open(self) -> None:
        if self._ended:
            raise EvaluationError(
                f"The run {self.name!r} has ended: make another EvaluationLogger for more."
            )
