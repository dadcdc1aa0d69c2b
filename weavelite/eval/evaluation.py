"""Evaluations: a model answers each row of a dataset, and scorers judge the answers."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from weavelite.eval.cell import CellResult, CellRunner
from weavelite.eval.dataset import Dataset, as_dataset, columns_of
from weavelite.eval.roles import answerer, as_scorer, judge, scorer_name, shown, state_for_sure
from weavelite.eval.scorer import Scorer
from weavelite.eval.summary import auto_summarize
from weavelite.objects import Object
from weavelite.settings import read_settings
from weavelite.trace import recording
from weavelite.trace.context import CURRENT, SESSION
from weavelite.trace.op import op

_ADJECTIVES = [
    "amber",
    "brisk",
    "calm",
    "clear",
    "deft",
    "eager",
    "fair",
    "fond",
    "grand",
    "keen",
    "lively",
    "mild",
    "neat",
    "quick",
]
_NOUNS = [
    "badger",
    "crane",
    "falcon",
    "finch",
    "heron",
    "lynx",
    "marten",
    "otter",
    "owl",
    "robin",
    "stoat",
    "swift",
    "tern",
    "wren",
]


class Evaluation(Object):
    """Is a dataset and scorers: what a model is measured by.

    Args:
        dataset: a `Dataset`, or a list of dictionaries.
        scorers: ops, functions or `Scorer` objects; each gets `output` and the columns it names.
        preprocess_model_input: makes the arguments of the model of a row.
        trials: how often each row is asked.
        evaluation_name: what runs are called; by default each gets a name of its own.
        metadata: anything to keep with the evaluation.

    """

    dataset: Dataset
    scorers: list[Any] = Field(default_factory=list)
    preprocess_model_input: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    trials: int = 1
    metadata: dict[str, Any] | None = None
    evaluation_name: str | None = None

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
            name: str | None = None,
            description: str | None = None,
        ) -> None: ...

    @field_validator("dataset", mode="before")
    @classmethod
    def _dataset(cls, value: Any) -> Dataset:
        return as_dataset(value)

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

    @op(kind="evaluation")
    async def evaluate(self, model: Any) -> dict[str, Any]:
        """Runs the model on every row, scores its answers, and returns the summary.

        The summary has an entry for each scorer, `model_latency` in seconds, `model_tokens` where
        the model reports usage, and `errors` where there were any. Raises EvaluationError, before
        anything runs, when the model or a scorer needs what the dataset does not have.
        """
        from weavelite.eval.progress import (
            nan_counts,
            print_summary,
        )  # loaded by those who evaluate

        call = CURRENT.get()
        name = self.evaluation_name or _run_name()
        if call is not None:
            call.display_name = name
        results = await self._results(model, name)
        summary = self._summarize(results)
        url = call.ui_url if call is not None else None
        print_summary(name, summary, len(results), url, nan_counts(results))
        return summary

    @op
    async def predict_and_score(self, model: Any, example: dict[str, Any]) -> dict[str, Any]:
        """Runs the model on one row, and scores its answer."""
        from weavelite.eval.runner import run_one

        return (await run_one(self._runner(model), example)).record()

    @op
    def summarize(self, results: list[CellResult]) -> dict[str, Any]:
        """Sums up the cells of a run."""
        summary: dict[str, Any] = {}
        output = auto_summarize([result.output for result in results])
        if output is not None:
            summary["output"] = output
        for scorer in self.scorers:
            name = scorer_name(scorer)
            summary[name] = _summary_of(scorer, [result.score(name) for result in results])
        latencies = [result.latency for result in results if result.latency is not None]
        if latencies:
            summary["model_latency"] = {"mean": sum(latencies) / len(latencies)}
        tokens = [result.tokens for result in results if result.tokens]
        if tokens:
            summary["model_tokens"] = {"mean": sum(tokens) / len(tokens), "total": sum(tokens)}
        errors = _errors(results)
        return {**summary, "errors": errors} if errors else summary

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
            recording.end(call, summary)
        return summary

    async def _results(self, model: Any, name: str) -> list[CellResult]:
        from weavelite.eval.progress import progress_bar
        from weavelite.eval.runner import jobs, run_cells

        runner = self._runner(model)
        rows = list(self.dataset.rows)
        self._check(runner, columns_of(rows))
        total = len(rows) * self.trials
        todo = jobs(rows, self._examples(), self.trials)
        parallelism = max(1, min(total, read_settings().parallelism))
        with progress_bar(name, total) as done:
            return await run_cells(runner, todo, total, parallelism, done)

    def _runner(self, model: Any) -> CellRunner:
        return CellRunner(
            state=state_for_sure(type(self).predict_and_score),
            evaluation=shown(self),
            model=answerer(model),
            judges=[judge(scorer) for scorer in self.scorers],
            preprocess=self.preprocess_model_input,
        )

    def _check(self, runner: CellRunner, columns: list[str]) -> None:
        """Says what does not fit before the first row runs."""
        if self.preprocess_model_input is None:
            runner.model.arguments.check(columns)
        for scorer in runner.judges:
            scorer.arguments.check(columns)

    def _examples(self) -> list[str]:
        """Returns what stands for each row in the inputs of its cells: its ref."""
        client = SESSION.tracing
        if client is None:
            return [""] * len(self.dataset)
        dataset = client.publisher.ref_of(self.dataset)
        digests = self.dataset.rows.row_digests(client.publisher.save)
        return [f"{dataset}/attr/rows/id/{digest}" for digest in digests]


def _summary_of(scorer: Any, scores: list[Any]) -> Any:
    return scorer.summarize(scores) if isinstance(scorer, Scorer) else auto_summarize(scores)


def _errors(results: list[CellResult]) -> dict[str, Any]:
    model = sum(result.model_error is not None for result in results)
    scorers: dict[str, int] = {}
    for result in results:
        for name in result.scorer_errors:
            scorers[name] = scorers.get(name, 0) + 1
    return {"model": model, "scorers": scorers} if model or scorers else {}


def _run_name() -> str:
    pick = random.Random().choice  # not the global source, which the user may have seeded
    return f"eval-{datetime.now():%Y-%m-%d}-{pick(_ADJECTIVES)}-{pick(_NOUNS)}"
