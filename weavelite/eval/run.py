"""One run of an evaluation: what is taken over, what is run, and what is said of it."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from weavelite.errors import EvaluationError, NotStartedError, StoreError
from weavelite.eval.cell import CellResult, CellRunner, EarlierCell
from weavelite.eval.dataset import columns_of
from weavelite.eval.deciding import print_verdict
from weavelite.eval.earlier import (
    Earlier,
    Wanted,
    earlier_cells,
    made_by,
    model_of,
    read_run,
    runs_of,
    unfinished_run,
    with_those_before,
)
from weavelite.eval.meter import Meter, metered
from weavelite.eval.names import run_name
from weavelite.eval.pace import Patience
from weavelite.eval.provenance import provenance
from weavelite.eval.report import nan_counts, print_summary
from weavelite.eval.roles import StoredAnswers, scorer_name
from weavelite.eval.runner import Effort, Job, jobs, run_cells
from weavelite.eval.watching import is_watched, tell
from weavelite.prices import Prices
from weavelite.refs import parse_ref
from weavelite.runs.reading import stored_value
from weavelite.settings import read_settings
from weavelite.trace.context import CURRENT, SESSION
from weavelite.trace.manual import describe
from weavelite.trace.recording import announce, guarded

if TYPE_CHECKING:
    from weavelite.eval.evaluation import Evaluation
    from weavelite.records.answers import CallDetail
    from weavelite.trace.call import Call
    from weavelite.trace.client import Client

LATEST = "latest"
_NOT_AS_GIVEN = (
    "answers that the store does not have as they were given (secrets are taken out, "
    "and types that JSON does not have) "
)
_ASKED_AGAIN, _LEFT_OUT = _NOT_AS_GIVEN + "run again", _NOT_AS_GIVEN + "are left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Says how an evaluation is run; None stands for what the settings say."""

    resume: bool | str | None = None
    reuse: bool | None = None
    timeout: float | None = None
    retries: int | None = None
    parallelism: int | None = None
    must_fit: bool = False
    """Tells that the run to resume was named for this model, and not for a whole program."""

    def settled(self) -> "RunOptions":
        """Fills in the settings; raises EvaluationError for what makes no sense."""
        settings = read_settings()
        for name, least in (("timeout", 0), ("retries", -1), ("parallelism", 0)):
            value = getattr(self, name)
            is_number = isinstance(value, int if name != "timeout" else int | float)
            if value is not None and not (is_number and value > least):
                raise EvaluationError(f"{name}={value!r}: give a number above {least}.")
        resume = settings.resume if self.resume is None else self.resume
        return RunOptions(
            resume=True if resume == LATEST else resume,
            reuse=settings.reuse if self.reuse is None else self.reuse,
            timeout=settings.row_timeout if self.timeout is None else self.timeout,
            retries=settings.retries if self.retries is None else self.retries,
            parallelism=self.parallelism or settings.parallelism,
            must_fit=isinstance(self.resume, str),
        )


async def run_evaluation(
    evaluation: "Evaluation", model: Any, options: RunOptions
) -> dict[str, Any]:
    """Runs an evaluation inside of its call, says what came of it, and returns the summary."""
    call = CURRENT.get()
    name = evaluation.evaluation_name or run_name()
    if call is not None:
        call.display_name = name
    run = Run(evaluation, model, name, options.settled(), evaluation._runner(model))
    results = await run.results()
    summary = evaluation._summarize(results)
    url = call.ui_url if call is not None and call.client is not None else None
    print_summary(name, summary, len(results), url, nan_counts(results), run.notes())
    if call is not None and not is_watched():
        await asyncio.to_thread(print_verdict, call, summary, len(results))
    return summary


def stored_answers(run_id: str) -> StoredAnswers:
    """Reads who answered in a run in the store; raises NotFoundError."""
    client = SESSION.tracing
    if client is None:
        raise NotStartedError("Evaluation.rescore()")
    run = read_run(client, run_id)
    return StoredAnswers(run.id, str(run.inputs.get("model")))


@dataclass(slots=True)
class Run:
    """Runs an evaluation of one model."""

    evaluation: "Evaluation"
    model: Any
    name: str
    options: RunOptions
    runner: CellRunner
    earlier: Earlier = field(default_factory=Earlier)
    meter: Meter = field(init=False)

    async def results(self) -> list[CellResult]:
        """Runs what has to be run; returns all cells."""
        rows = self.evaluation.dataset.rows
        self._check(columns_of(rows))
        call, client = CURRENT.get(), SESSION.tracing
        resumed = self._look_back(client) if client is not None else None
        if call is not None:
            facts = await asyncio.to_thread(provenance)
            facts |= {"directions": directions(self.evaluation), "resumed_from": resumed}
            describe(call, {"run": {name: fact for name, fact in facts.items() if fact}}, None)
            announce(call)  # from now on it can be resumed
            tell(call)
        todo: Iterator[Job] = jobs(rows, self.evaluation._examples(), self.evaluation.trials,
                                   self._earlier_cell)  # fmt: skip
        total = len(rows) * self.evaluation.trials
        if isinstance(self.model, StoredAnswers):
            kept = [job for job in todo if job.earlier is not None]
            todo, total = iter(kept), len(kept)
        return await self._run(todo, total, call)

    async def _run(self, todo: Iterator[Job], total: int, call: "Call | None") -> list[CellResult]:
        options = self.options
        effort = Effort(
            max(1, min(total, options.parallelism or 1)),
            options.timeout,
            Patience(retries=options.retries or 0),
        )
        self.meter = Meter(self.name, total, _prices())
        try:
            with metered(self.meter) as done:
                results = await run_cells(self.runner, todo, total, effort, done)
        except BaseException:
            if call is not None and self.meter.done < total:
                guarded(lambda: self._say_how_to_go_on(call), "a hint could not be printed")
            raise
        if call is not None and self.meter.reused:
            call.summary["cells"] = self.account()
        return results

    def account(self) -> dict[str, Any]:
        """Counts the cells that were run and taken over; says from where, and what has drifted."""
        drift = list(dict.fromkeys(self.earlier.drift))
        now, before = self.meter.models, self.earlier.models
        if now - before and before:
            drift.append(f"model {', '.join(sorted(before))} → {', '.join(sorted(now - before))}")
        reused = self.meter.reused
        return {
            "reused": reused,
            "run": self.meter.done - reused,
            "rescored": dict(self.meter.rescored),
            "from": self.earlier.runs,
            "drift": drift,
        }

    def notes(self) -> list[str]:
        """Says in sentences what was taken over, and what could not be."""
        lines = []
        if self.meter.reused:
            account = self.account()
            again = [f"{name} scored again: {n:,}" for name, n in account["rescored"].items()]
            line = f"{account['reused']:,} reused, {account['run']:,} run"
            lines.append("; ".join([line, *again]))
            if account["drift"]:
                lines.append(f"changed since the reused cells ran: {', '.join(account['drift'])}")
        return lines + list(dict.fromkeys(self.earlier.reasons))

    def _look_back(self, client: "Client") -> str | None:
        """Finds cells of earlier runs; returns the run that is resumed, if one is."""
        options = self.options
        if not (options.resume or options.reuse or isinstance(self.model, StoredAnswers)):
            return None
        wanted = Wanted(
            self.runner.model.shown,
            {judge.name: judge.shown for judge in self.runner.judges},
            (stored_value(client.store, self.runner.evaluation) or {}).get(
                "preprocess_model_input"
            ),
            self.runner.without_version(),
        )
        digests = self.evaluation.dataset.rows.row_digests(client.publisher.save)
        missing = set(product(digests, range(self.evaluation.trials)))
        if isinstance(self.model, StoredAnswers):
            answered = with_those_before(client, read_run(client, self.model.run_id))
            self.earlier = earlier_cells(client, wanted, answered, missing)
            return None
        resumed = list(self._resumed(client, wanted))
        same = runs_of(client, wanted.model) if options.reuse else ()
        self.earlier = earlier_cells(client, wanted, chain(resumed, same), missing)
        if options.resume and not resumed:
            self.earlier.reasons.append("no unfinished run of this model was there to resume")
        return resumed[0].id if resumed else None

    def _resumed(self, client: "Client", wanted: Wanted) -> "Iterator[CallDetail]":
        """Yields the runs whose cells are gone on with."""
        resume, name = self.options.resume, parse_ref(self.runner.evaluation).name
        if not resume:
            return
        if not isinstance(resume, str):
            yield from with_those_before(client, unfinished_run(client, wanted.model, name))
            return
        named = list(with_those_before(client, read_run(client, resume)))
        if self.options.must_fit and model_of(named[0]) != wanted.model:
            raise EvaluationError(
                f"Run {resume} is of {model_of(named[0])}, and this model is {wanted.model}: its "
                "fields or its code have changed, so that nothing of the run can be gone on with."
            )
        ids = {run.id for run in named}
        programs = {made_by(run).get("program") for run in named} - {None}
        for run in runs_of(client, wanted.model, name=name):
            if made_by(run).get("program") in programs or run.id in ids:
                yield run

    def _earlier_cell(self, example: str, trial: int) -> EarlierCell | None:
        found = self.earlier.take(example, trial)
        if found is None or self.runner.fits(found):
            return found
        left = isinstance(self.model, StoredAnswers)
        self.earlier.reasons.append(_LEFT_OUT if left else _ASKED_AGAIN)
        return None

    def _check(self, columns: list[str]) -> None:
        """Says what does not fit before the first row runs."""
        stored = isinstance(self.model, StoredAnswers)
        if self.evaluation.preprocess_model_input is None and not stored:
            self.runner.model.arguments.check(columns)
        for scorer in self.runner.judges:
            scorer.arguments.check(columns)

    def _say_how_to_go_on(self, call: "Call") -> None:
        print(
            f"{self.name} stopped: {self.meter.done:,} of {self.meter.total:,} cells are done and "
            f"kept.\nGo on with: weavelite eval resume {call.id}\nor in code: "
            "evaluation.evaluate(model, resume=True)",
            file=sys.stderr,
        )


def directions(evaluation: "Evaluation") -> dict[str, str]:
    """Says which way is better for each metric of which that is known, by name or its beginning."""
    known: dict[str, str] = {}
    for scorer in evaluation.scorers:
        told = getattr(scorer, "higher_is_better", None)
        name = scorer_name(scorer)
        by_key = told if isinstance(told, Mapping) else {} if told is None else {"": told}
        for key, higher in by_key.items():
            known[f"{name}.{key}" if key else name] = "higher" if higher else "lower"
    return known | dict.fromkeys(evaluation.lower_is_better, "lower")


def _prices() -> Prices:
    """Knows the user's own prices, too, if any were given."""
    client = SESSION.tracing
    try:
        return Prices(client.store.prices(str(client.project)) if client is not None else ())
    except StoreError:  # it is said already, and what a run costs can be told later
        return Prices()
