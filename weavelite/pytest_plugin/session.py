"""The run that the rows of a session belong to, whichever process writes them."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weavelite.api import init
from weavelite.eval.cell import CellResult
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.failures import Failure
from weavelite.eval.logged import LoggedEvaluation, LoggedModel, LoggedRows
from weavelite.eval.names import run_name
from weavelite.eval.provenance import provenance, run_git
from weavelite.eval.summary import summed_up
from weavelite.ids import new_id, uuid_text
from weavelite.objects import op_state
from weavelite.query import CallQuery
from weavelite.records.answers import CallDetail
from weavelite.records.words import CELL
from weavelite.settings import read_settings
from weavelite.trace import manual, recording
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION, innermost_is
from weavelite.trace.manual import Particulars
from weavelite.verdicts.cells import read_cell

_62_BITS = (1 << 62) - 1
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Is what a run of a session is known by, in all of its processes: made of session and name."""

    evaluation: str
    began_ns: int
    high: int
    low: int

    @classmethod
    def of(cls, session: dict[str, Any], evaluation: str) -> "RunIdentity":
        """Works out the identity; nobody needs to be asked for it."""
        said = f"{session['token']} {evaluation}".encode()
        bits = int.from_bytes(hashlib.sha256(said).digest()[:8]) & _62_BITS
        return cls(evaluation, session["began"], *new_id(session["began"], bits))

    @property
    def id(self) -> str:
        """Is the id of the call of the run."""
        return uuid_text(self.high, self.low)

    @property
    def traceparent(self) -> str:
        """Is what cells nest under."""
        return f"00-{self.high:016x}{self.low:016x}-{self.low:016x}-01"


def start_tracing(project: str | None, store: str | None = None) -> Client | None:
    """Returns the program's own client, if it has one, else starts one; None if tracing is off."""
    if SESSION.client is None:
        joined, SESSION.is_joined = SESSION.is_joined, True  # no link: the summary has one
        try:
            init(project or read_settings().project, store=store)
        finally:
            SESSION.is_joined = joined
    return SESSION.tracing


@contextmanager
def tracing_into(client: Client | None) -> Iterator[None]:
    """Makes a client that of the program for a while, whatever tests did to tracing before.

    What they do to it meanwhile stays as they did it.
    """
    before = SESSION.client, SESSION.tracing
    if client is not None:
        SESSION.client = SESSION.tracing = client
    try:
        yield
    finally:
        if client is not None and SESSION.client is client:
            SESSION.client, SESSION.tracing = before


def model_named(name: str | None) -> LoggedModel:
    """Makes the model of a run: named by the mark, else as the branch of git."""
    if name is None:
        branch = run_git(Path.cwd(), "symbolic-ref", "--short", "-q", "HEAD")
        name = branch.strip() if branch else "code"
    return LoggedModel(name=_NOT_IN_NAMES.sub("-", name).strip("-.") or "code")


def evaluation_named(name: str) -> LoggedEvaluation:
    """Makes the evaluation of a run."""
    return LoggedEvaluation.named(name, LoggedRows(None), ())


def begin_run(client: Client, identity: RunIdentity, model: str) -> Call:
    """Begins the call of a run, whose cells may be there already."""
    state = op_state(Evaluation.evaluate)
    state.bind(client.publisher)
    asked = {"self": evaluation_named(identity.evaluation), "model": model_named(model)}
    with innermost_is(None):
        call = recording.start(
            client, state, asked, None, identity.began_ns, (identity.high, identity.low)
        )
    facts = {"_weave_eval_meta": {"imperative": True}, "run": provenance()}
    manual.describe(call, facts, run_name())
    recording.announce(call)
    return call


def end_run(client: Client, call: Call, broken_off: str | None = None) -> None:
    """Sums up the cells that all processes have written, and ends the run."""
    query = CallQuery(
        project=str(client.project),
        op_names=[CELL],
        parent_ids=[call.id],
        sort=[("started_at", "asc")],
    )
    results = [_result(place, cell) for place, cell in enumerate(client.store.details(query))]
    summary = summed_up(results, dict.fromkeys(n for each in results for n in each.scores))
    if broken_off is not None:
        manual.end(call, exception=broken_off)
        return
    asked = {"self": call.inputs.get("self"), "cells": len(results)}
    manual.end(manual.start(Evaluation.summarize, asked, Particulars(parent=call)), summary)
    manual.end(call, summary, ended_at=datetime.now(UTC))


def _result(place: int, call: CallDetail) -> CellResult:
    cell = read_cell(call)
    result = CellResult(
        place,
        0,
        output=cell.output,
        scores=cell.scores,
        latency=cell.latency_s,
        tokens=cell.tokens or 0,
    )
    if cell.error is not None:
        result.model_failure = Failure(cell.error, is_infrastructure=cell.is_infrastructure)
    for name, text in cell.scorer_errors.items():
        is_outside = name in cell.infrastructure_scorers
        result.scorer_failures[name] = Failure(text, is_infrastructure=is_outside)
    return result
