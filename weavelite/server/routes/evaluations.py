"""Runs of evaluations, alone and side by side."""

from typing import Annotated

from fastapi import APIRouter, Query

from weavelite.errors import QueryError
from weavelite.runs.choosing import MOST_RUNS
from weavelite.runs.reading import compare_calls, evaluate_call, evaluation_runs
from weavelite.server.answers import Evaluations
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.verdicts import Comparison

router = APIRouter(prefix=IN_PROJECT + "/evaluations")


@router.get("")
def evaluations(store: TheStore, project: TheProject) -> Evaluations:
    """Lists runs of evaluations, newest first."""
    return Evaluations(evaluations=evaluation_runs(store, project))


@router.get("/compare")
def compare_evaluations(
    store: TheStore, project: TheProject, ids: Annotated[str, Query(min_length=1)]
) -> Comparison:
    """Puts runs side by side; `ids` are separated by commas, the baseline first."""
    wanted = list(dict.fromkeys(ids.split(",")))
    if len(wanted) > MOST_RUNS:
        raise QueryError(f"At most {MOST_RUNS} runs can be compared: {len(wanted)} were asked for.")
    calls = [evaluate_call(store, project, text) for text in wanted]
    return compare_calls(store, project, calls)
