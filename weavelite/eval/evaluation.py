"""Evaluations: a model answers each row of a dataset, and scorers judge the answers."""

import inspect
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from weavelite.errors import EvaluationError
from weavelite.eval.arguments import arguments_of
from weavelite.eval.cell import Answerer, CellResult, CellRunner, Judge, output_name, run_cell_async
from weavelite.eval.dataset import Dataset, as_dataset
from weavelite.eval.model import Model
from weavelite.eval.scorer import Scorer
from weavelite.eval.summary import auto_summarize
from weavelite.objects import Object
from weavelite.settings import read_settings
from weavelite.trace import recording
from weavelite.trace.context import CURRENT, SESSION
from weavelite.trace.loading import StoredOp
from weavelite.trace.op import OpState, op, state_of

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
        scorers = [_as_scorer(scorer) for scorer in value or []]
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
        from weavelite.eval.progress import print_summary  # loaded by those who evaluate

        call = CURRENT.get()
        name = self.evaluation_name or _run_name()
        if call is not None:
            call.display_name = name
        results = await self._results(model, name)
        summary = self._summarize(results)
        url = call.ui_url if call is not None else None
        print_summary(name, summary, len(results), url)
        return summary

    @op
    async def predict_and_score(self, model: Any, example: dict[str, Any]) -> dict[str, Any]:
        """Runs the model on one row, and scores its answer."""
        runner = self._runner(model)
        flow_result = CellResult(0, 0)
        await run_cell_async(runner, example, "example", flow_result)
        return flow_result.record()

    @op
    def summarize(self, results: list[CellResult]) -> dict[str, Any]:
        """Sums up the cells of a run."""
        summary: dict[str, Any] = {}
        output = auto_summarize([result.output for result in results])
        if output is not None:
            summary["output"] = output
        for scorer in self.scorers:
            name = scorer_name(scorer)
            summary[name] = _summary_of(scorer, [result.scores.get(name) for result in results])
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
        state = _state(type(self).summarize)
        client = SESSION.tracing
        inputs = {"self": _shown(self), "cells": len(results)}
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
        self._check(runner)
        rows = self.dataset.rows
        total = len(rows) * self.trials
        todo = jobs(rows, self._examples(), self.trials)
        parallelism = max(1, min(total, read_settings().parallelism))
        with progress_bar(name, total) as done:
            return await run_cells(runner, todo, parallelism, done)

    def _runner(self, model: Any) -> CellRunner:
        return CellRunner(
            state=_state(type(self).predict_and_score),
            evaluation=_shown(self),
            model=_answerer(model),
            judges=[_judge(scorer) for scorer in self.scorers],
            preprocess=self.preprocess_model_input,
        )

    def _check(self, runner: CellRunner) -> None:
        """Says what does not fit before the first row runs."""
        columns = self.dataset.columns_names
        if self.preprocess_model_input is None:
            runner.model.arguments.check(columns)
        for judge in runner.judges:
            judge.arguments.check(columns)

    def _examples(self) -> list[str]:
        """Returns what stands for each row in the inputs of its cells: its ref."""
        client = SESSION.tracing
        if client is None:
            return [""] * len(self.dataset)
        dataset = client.publisher.ref_of(self.dataset)
        digests = self.dataset.rows.row_digests(client.publisher.save)
        return [f"{dataset}/attr/rows/id/{digest}" for digest in digests]


def _as_scorer(value: Any) -> Any:
    if isinstance(value, Scorer | StoredOp) or state_of(value) is not None:
        return value  # a stored op can be shown; it is refused when it has to run
    if isinstance(value, type) and issubclass(value, Scorer):
        raise ValueError(f"{value.__name__} is a class: give an object of it, {value.__name__}()")
    if callable(value):
        return op(kind="scorer")(value)
    raise ValueError(f"{value!r} is not a scorer: give a function, an op or a Scorer object")


def scorer_name(scorer: Any) -> str:
    """Names a scorer: an object by its name or class, an op by its own name."""
    state = state_of(scorer)
    if state is not None:
        return state.name
    return str(scorer.name or type(scorer).__name__)


def _state(function: Any) -> OpState:
    state = state_of(function)
    if isinstance(function, StoredOp):
        raise EvaluationError(
            f"{function.name} is stored code, which is not run: import or define the op in this "
            "program, and give it to the evaluation."
        )
    if state is None:
        raise EvaluationError(f"{function!r} is not an op: decorate it with @weavelite.op.")
    return state


def _shown(value: Any) -> Any:
    """Makes the ref of an object once, instead of once a cell."""
    client = SESSION.tracing
    return value if client is None else client.publisher.save(value)


def _answerer(model: Any) -> Answerer:
    if isinstance(model, Model):
        method = model.get_infer_method()
        bound: tuple[Any, ...] = (model,)
        what = f"{type(model).__name__}.{method.__name__}"
    elif isinstance(model, type):
        raise EvaluationError(f"{model.__name__} is a class: give an object of it.")
    elif callable(model):
        method = model if state_of(model) is not None else op(model)
        bound = (method.__self__,) if hasattr(method, "__self__") else ()
        what = _state(method).name
    else:
        raise EvaluationError(
            f"{type(model).__name__} cannot be evaluated: give a Model, an op or a function."
        )
    return Answerer(
        run=method.call,
        is_async=inspect.iscoroutinefunction(method.call),
        bound=bound,
        arguments=arguments_of(what, _state(method).fn, skip=_bound_names(method, bound)),
        shown=_shown(model if isinstance(model, Model) else method),
    )


def _bound_names(method: Any, bound: tuple[Any, ...]) -> tuple[str, ...]:
    return _state(method).names[: len(bound)]


def _judge(scorer: Any) -> Judge:
    name = scorer_name(scorer)
    function: Any = scorer
    bound: tuple[Any, ...] = ()
    column_map = None
    if isinstance(scorer, Scorer):
        function, bound, column_map = type(scorer).score, (scorer,), scorer.column_map
    fn = _state(function).fn
    given_output = output_name(fn, f"Scorer {name}")
    return Judge(
        name=name,
        run=function.call,
        is_async=inspect.iscoroutinefunction(function.call),
        bound=bound,
        arguments=arguments_of(
            f"Scorer {name}",
            fn,
            skip=(given_output, *_state(function).names[: len(bound)]),
            column_map=column_map,
        ),
        output_name=given_output,
    )


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
