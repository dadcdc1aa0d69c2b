"""Runs of evaluations, alone and side by side, and what their rows say."""

from dataclasses import dataclass
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import Response

from weavelite.errors import QueryError
from weavelite.records.answers import CallDetail
from weavelite.runs.baselines import mark_baseline
from weavelite.runs.choosing import MOST_RUNS
from weavelite.runs.history import RowHistory, row_history
from weavelite.runs.leaderboard import Standings, standings
from weavelite.runs.reading import (
    compare_calls,
    evaluate_call,
    evaluation_runs,
    outline_calls,
    read_bodies,
    read_run,
)
from weavelite.server.answers import CellBodies, Evaluations, ScoresOfRuns
from weavelite.server.parts import IN_PROJECT, TheProject, TheScored, TheStore
from weavelite.store.base import Store
from weavelite.verdicts import Comparison, EvaluationRun
from weavelite.verdicts.outline import Outline
from weavelite.verdicts.spreadsheet import comparison_csv

router = APIRouter(prefix=IN_PROJECT + "/evaluations")

MOST_CELLS = 400
JSON = "application/json"
MOST_SCORED = 25
Ids = Annotated[str, Query(min_length=1)]


@router.get("")
def evaluations(store: TheStore, project: TheProject, scored: TheScored) -> Evaluations:
    """Lists runs of evaluations, newest first."""
    return Evaluations(evaluations=evaluation_runs(store, project, scored.counts))


@router.get("/scores")
def evaluation_scores(
    store: TheStore, project: TheProject, scored: TheScored, ids: Ids
) -> ScoresOfRuns:
    """Returns what the rows of runs say so far; `ids` are separated by commas."""
    wanted = _split(ids, MOST_SCORED)
    return ScoresOfRuns(runs=[scored.scores(store, project, text) for text in wanted])


@router.get("/compare")
def compare_evaluations(store: TheStore, project: TheProject, ids: Ids) -> Comparison:
    """Puts runs side by side, whole; `ids` are separated by commas, the baseline first."""
    return compare_calls(store, project, _runs(store, project, ids))


@router.get("/compare/outline", response_model=Outline)
def outline_comparison(
    store: TheStore, project: TheProject, scored: TheScored, ids: Ids
) -> Response:
    """Puts runs side by side without what they said, which `/evaluations/cells` has."""
    runs = [scored.run(store, project, text) for text in _split(ids, MOST_RUNS)]
    calls, cells = [run.call for run in runs], [run.cells for run in runs]
    found = outline_calls(store, project, calls, cells)
    return Response(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS), media_type=JSON)


@router.get("/compare/export")
def export_comparison(
    store: TheStore, project: TheProject, ids: Ids, form: Literal["markdown", "csv"]
) -> Response:
    """Writes a comparison: its verdicts as Markdown, or its rows as CSV."""
    comparison = compare_calls(store, project, _runs(store, project, ids))
    is_csv = form == "csv"
    return Response(
        comparison_csv(comparison) if is_csv else comparison.markdown(),
        media_type="text/csv" if is_csv else "text/markdown",
        headers={
            "Content-Disposition": f'attachment; filename="comparison.{"csv" if is_csv else "md"}"'
        },
    )


@router.get("/cells")
def evaluation_cells(
    store: TheStore, project: TheProject, ids: str = "", rows: str = ""
) -> CellBodies:
    """Returns cells by the ids of their calls, and rows of datasets by their digests.

    What cells took in tokens and cost is in the outline of a comparison.
    """
    cells, examples = read_bodies(store, project, _split(ids, MOST_CELLS), _split(rows, MOST_CELLS))
    return CellBodies(cells=cells, rows=examples)


@router.get("/leaderboard")
def evaluation_leaderboard(
    store: TheStore,
    project: TheProject,
    scored: TheScored,
    name: str | None = None,
    dataset: str | None = None,
) -> Standings:
    """Ranks models by what their newest runs say: all, on one dataset, or by a saved choice."""
    runs = evaluation_runs(store, project, scored.counts)
    return standings(store, project, runs, name=name, dataset=dataset)


@router.get("/history")
def history_of_row(
    store: TheStore,
    project: TheProject,
    evaluation: str,
    row: Annotated[str, Query(min_length=1)],
    last: Annotated[int, Query(ge=1, le=100)] = 20,
) -> RowHistory:
    """Returns what the newest runs of an evaluation gave for a row, oldest first."""
    return row_history(store, project, evaluation, row, last)


@dataclass(slots=True, kw_only=True)
class NewBaseline:
    """Names the run that others are measured against from now on."""

    id: str


@router.post("/baseline")
def make_baseline(store: TheStore, project: TheProject, new: NewBaseline) -> EvaluationRun:
    """Makes a run the baseline of its evaluation, as `weavelite eval baseline` does."""
    call = evaluate_call(store, project, new.id)
    mark_baseline(store, project, call.id)
    run = read_run(store, project, call)
    run.is_baseline = True
    return run


def _runs(store: Store, project: str, ids: str) -> list[CallDetail]:
    return [evaluate_call(store, project, text) for text in _split(ids, MOST_RUNS)]


def _split(ids: str, most: int) -> list[str]:
    found = [text for text in dict.fromkeys(ids.split(",")) if text]
    if len(found) > most:
        what = "runs can be compared" if most == MOST_RUNS else "can be asked for at once"
        raise QueryError(f"At most {most} {what}: {len(found)} were asked for.")
    return found
