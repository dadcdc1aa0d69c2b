"""Evaluations: a model answers each row of a dataset, and scorers judge the answers."""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import repeat
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, field_validator, model_validator

from weavelite.errors import NotStartedError
from weavelite.eval.cell import CellResult, CellRunner, plain_score
from weavelite.eval.dataset import Dataset, as_dataset
from weavelite.eval.roles import (
    answerer,
    as_model,
    as_scorer,
    judge,
    scorer_name,
    shown,
    state_for_sure,
)
from weavelite.eval.scorer import Scorer
from weavelite.eval.summary import EvaluationResults, summed_up
from weavelite.objects import Object
from weavelite.records.words import EVALUATE
from weavelite.tables import StoredFunction
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.calls import Calls
from weavelite.trace.client import Client
from weavelite.trace.context import CURRENT, SESSION
from weavelite.trace.op import op

if TYPE_CHECKING:
    from weavelite.verdicts import Comparison


def _said(inputs: dict[str, Any]) -> dict[str, Any]:
    """Names the model by its ref, as its code is now, and leaves out what was not asked for."""
    if SESSION.tracing is not None:
        SESSION.tracing.publisher.look_again()
    asked = {
        name: value for name, value in inputs.items() if value is not None and value is not False
    }
    return {**asked, "model": as_model(inputs["model"])}


class Evaluation(Object):
    """Is a dataset and scorers: what a model is measured by.

    Args:
        dataset: a `Dataset`, or a list of dictionaries.
        scorers: ops, functions or `Scorer` objects; each gets `output` and the columns it names.
        preprocess_model_input: makes the arguments of the model of a row.
        trials: how often each row is asked.
        evaluation_name: what runs are called; by default each gets a name of its own.
        metadata: anything to keep with the evaluation.
        lower_is_better: names of scorers, or of metrics in them (`scorer.key`), of which less is
            better; of others more is, unless the scorer says so itself.

    """

    dataset: Dataset
    scorers: list[Any] = Field(default_factory=list)
    preprocess_model_input: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    trials: int = 1
    metadata: dict[str, Any] | None = None
    evaluation_name: str | None = None
    lower_is_better: list[str] = Field(default_factory=list)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            dataset: Dataset | Iterable[Mapping[str, Any]],
            scorers: Sequence[Callable[..., Any] | Scorer] = (),
            preprocess_model_input: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
            trials: int = 1,
            metadata: dict[str, Any] | None = None,
            evaluation_name: str | None = None,
            lower_is_better: Sequence[str] = (),
            name: str | None = None,
            description: str | None = None,
        ) -> None: ...

    @field_validator("dataset", mode="before")
    @classmethod
    def _dataset(cls, value: Any) -> Dataset:
        return as_dataset(value)

    @field_validator("preprocess_model_input")
    @classmethod
    def _preprocess(cls, value: Any) -> Any:
        known = value is None or inspect.isroutine(value)
        if known or isinstance(value, functools.partial | type | StoredFunction):
            return value
        return value.__call__  # the code of methods is stored, and what they are bound to

    @field_validator("trials")
    @classmethod
    def _trials(cls, value: int) -> int:
        if value < 1:
            raise ValueError("trials is 1 or more")
        return value

    @field_validator("scorers", mode="before")
    @classmethod
    def _scorers(cls, value: Any) -> list[Any]:
        scorers = [as_scorer(scorer) for scorer in value or []]
        names = [scorer_name(scorer) for scorer in scorers]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two scorers are called {name!r}: give one another name")
        return scorers

    @model_validator(mode="after")
    def _lower(self) -> Self:
        names = [scorer_name(scorer) for scorer in self.scorers]
        for metric in self.lower_is_better:
            if not any(metric == name or metric.startswith(f"{name}.") for name in names):
                raise ValueError(f"lower_is_better: there is no scorer {metric!r} among {names}")
        return self

    @op(kind="evaluation", postprocess_inputs=_said, postprocess_output=plain_score)
    async def evaluate(
        self,
        model: Any,
        *,
        resume: bool | str | None = None,
        reuse: bool | None = None,
        timeout: float | None = None,
        retries: int | None = None,
        parallelism: int | None = None,
    ) -> dict[str, Any]:
        """Runs the model on every row, scores its answers, and returns the summary.

        The summary has an entry for each scorer, `model_latency` in seconds, `model_tokens` where
        the model reports usage, and `errors` where there were any. Raises EvaluationError, before
        anything runs, when the model or a scorer needs what the dataset does not have.

        Args:
            model: a `Model`, an op or a function.
            resume: goes on with the newest run of this model by this evaluation that was not
                brought to its end, if there is one; or with a run, by its id.
            reuse: takes over unchanged cells of earlier runs: the same code and fields of the
                model, the same row, trial and scorer. By default WEAVELITE_REUSE.
            timeout: seconds that a row may take; by default WEAVELITE_ROW_TIMEOUT, or no limit.
            retries: times that a step is tried again after an infrastructure error (HTTP 429 and
                5xx, connections, time-outs); by default WEAVELITE_RETRIES, 3.
            parallelism: rows at once; by default WEAVELITE_PARALLELISM, 20.

        """
        from weavelite.eval.run import RunOptions, run_evaluation  # for those who evaluate

        options = RunOptions(
            resume=resume, reuse=reuse, timeout=timeout, retries=retries, parallelism=parallelism
        )
        client = SESSION.tracing
        with client.publisher.keeping_versions() if client is not None else nullcontext():
            return await run_evaluation(self, model, options)

    async def rescore(self, run: str) -> dict[str, Any]:
        """Scores the answers of a run in the store, without the model; returns the summary.

        The scores of scorers that are the same are taken over. The result is a run of its own.
        """
        from weavelite.eval.run import stored_answers

        summary: dict[str, Any] = await self.evaluate(stored_answers(run))
        return summary

    def compare(self, *runs: str) -> "Comparison":
        """Says whether runs are better than a baseline, and how sure that is; to be printed.

        Args:
            *runs: the baseline, then the others: ids, the start of one, names of runs or models,
                `latest`, `baseline` or `previous`. By default the newest run of this evaluation is
                compared with its baseline.

        """
        from weavelite.eval.deciding import compare_runs

        return compare_runs(shown(self), runs)

    @op
    async def predict_and_score(self, model: Any, example: dict[str, Any]) -> dict[str, Any]:
        """Runs the model on one row, and scores its answer."""
        from weavelite.eval.runner import run_one

        return (await run_one(self._runner(model), example)).record()

    @op
    def summarize(self, results: "Sequence[CellResult] | EvaluationResults") -> dict[str, Any]:
        """Sums up the cells of a run."""
        cells = results.cells() if isinstance(results, EvaluationResults) else results
        return summed_up(cells, {scorer_name(scorer): scorer for scorer in self.scorers})

    async def get_eval_results(self, model: Any) -> EvaluationResults:
        """Runs the model on every row and scores its answers, without a summary."""
        from weavelite.eval.run import Run, RunOptions

        run = Run(
            self, model, self.name or "evaluation", RunOptions().settled(), self._runner(model)
        )
        return EvaluationResults.of(await run.results())

    def get_evaluate_calls(self) -> Calls:
        """Finds the runs of this evaluation in this version, oldest first."""
        return self._client().get_calls({"op_names": [EVALUATE], "input_refs": [self._ref()]})

    def get_score_calls(self) -> dict[str, list[Call]]:
        """Finds the calls of scorers in the runs of this evaluation, by the trace of each run."""
        found: dict[str, list[Call]] = {}
        client = self._client()
        for run in self.get_evaluate_calls():
            calls = client.get_calls({"trace_ids": [run.trace_id]})
            found[run.trace_id] = [call for call in calls if call.kind == "scorer"]
        return found

    def get_scores(self) -> dict[str, dict[str, list[Any]]]:
        """Reads the scores of the runs of this evaluation, by trace and by scorer."""
        found: dict[str, dict[str, list[Any]]] = {}
        for trace, calls in self.get_score_calls().items():
            of_trace = found.setdefault(trace, {})
            for call in calls:
                name = call.op_name.removesuffix(".score").rpartition(".")[2]
                of_trace.setdefault(name, []).append(call.output)
        return found

    def _repr_html_(self) -> str:
        from weavelite.eval.notebook import evaluation_html

        return evaluation_html(self)

    def _client(self) -> Client:
        if SESSION.client is None:
            raise NotStartedError("Reading the runs of an evaluation")
        return SESSION.client

    def _ref(self) -> str:
        return str(self._client().publisher.ref_of(self))

    def _summarize(self, results: list[CellResult]) -> dict[str, Any]:
        """Sums up, as a call that names how many cells there were: they rest in the store."""
        state = state_for_sure(type(self).summarize)
        client = SESSION.tracing
        inputs = {"self": shown(self), "cells": len(results)}
        call = recording.begin(state, client, inputs) if client is not None else None
        token = CURRENT.set(call) if call is not None else None
        try:
            summary: dict[str, Any] = state.fn(self, results)
        except BaseException as error:
            if call is not None:
                recording.end(call, None, error)
            raise
        finally:
            if token is not None:
                CURRENT.reset(token)
        if call is not None:
            recording.end(call, plain_score(summary))
        return summary

    def _runner(self, model: Any) -> CellRunner:
        return CellRunner(
            state=state_for_sure(type(self).predict_and_score),
            evaluation=shown(self),
            model=answerer(model),
            judges=[judge(scorer) for scorer in self.scorers],
            preprocess=self.preprocess_model_input,
        )

    def _examples(self) -> Iterator[str]:
        """Yields what stands for each row in the inputs of its cells: its ref."""
        client = SESSION.tracing
        if client is None:
            yield from repeat("", len(self.dataset))
            return
        rows = f"{client.publisher.ref_of(self.dataset)}/attr/rows/id/"
        for digest in self.dataset.rows.row_digests(client.publisher.save):
            yield rows + digest
