"""Runs of evaluations, alone and side by side."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from weavelite.errors import NotFoundError, QueryError
from weavelite.query import CallQuery
from weavelite.records.answers import (
    CallDetail,
)
from weavelite.refs import is_ref, parse_ref
from weavelite.server.answers import Evaluations
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.store.base import Store
from weavelite.verdicts import (
    CELL,
    EVALUATE,
    Comparison,
    EvaluationRun,
    compare,
    evaluation_run,
    row_digest,
)

router = APIRouter(prefix=IN_PROJECT + "/evaluations")

MOST_RUNS = 8
LISTED = 200


@router.get("")
def evaluations(store: TheStore, project: TheProject) -> Evaluations:
    """Lists runs of evaluations, newest first."""
    query = CallQuery(project=project, op_names=[EVALUATE], limit=LISTED)
    runs = [_run(store, project, call) for call in store.details(query, costs=True)]
    return Evaluations(evaluations=runs)


@router.get("/compare")
def compare_evaluations(
    store: TheStore, project: TheProject, ids: Annotated[str, Query(min_length=1)]
) -> Comparison:
    """Puts runs side by side; `ids` are separated by commas, the baseline first."""
    wanted = list(dict.fromkeys(ids.split(",")))
    if len(wanted) > MOST_RUNS:
        raise QueryError(f"At most {MOST_RUNS} runs can be compared: {len(wanted)} were asked for.")
    calls = [_evaluate_call(store, project, text) for text in wanted]
    runs = [_run(store, project, call) for call in calls]
    cells = [list(store.details(_cells(project, call))) for call in calls]
    order, examples = _rows_of_dataset(store, runs[0].dataset_ref)
    strange = {
        digest
        for found in cells
        for cell in found
        if (digest := row_digest(cell)) is not None and digest not in examples
    }
    examples.update(store.rows(sorted(strange)))
    return compare(runs, cells, examples, order)


def _evaluate_call(store: Store, project: str, call_id: str) -> CallDetail:
    call = store.call(project, call_id, costs=True)
    if call.op_name != EVALUATE:
        raise NotFoundError(f"Call {call_id} is not an evaluation.")
    return call


def _cells(project: str, call: CallDetail, statuses: Sequence[str] = ()) -> CallQuery:
    return CallQuery(
        project=project,
        op_names=[CELL],
        parent_ids=[call.id],
        statuses=statuses,
        sort=[("started_at", "asc")],
    )


def _run(store: Store, project: str, call: CallDetail) -> EvaluationRun:
    evaluation = _value(store, call.inputs.get("self") if isinstance(call.inputs, dict) else None)
    done = store.stats(_cells(project, call, ["success", "error"])).count
    return evaluation_run(call, evaluation, done=done, total=_total(store, evaluation))


def _value(store: Store, ref: Any) -> Any:
    """Returns the stored value of an object; None when it is not there."""
    if not is_ref(ref):
        return None
    address = parse_ref(ref)
    try:
        return store.object_version(str(address.project), address.name, address.version).value
    except NotFoundError:
        return None


def _total(store: Store, evaluation: Any) -> int | None:
    if not isinstance(evaluation, dict):
        return None
    digest = _table_of(store, evaluation.get("dataset"))
    if digest is None:
        return None
    return store.table_rows(digest, limit=1).total * int(evaluation.get("trials") or 1)


def _table_of(store: Store, dataset_ref: Any) -> str | None:
    dataset = _value(store, dataset_ref)
    rows = str(dataset.get("rows")) if isinstance(dataset, dict) else ""
    return parse_ref(rows).name if is_ref(rows) else None


def _rows_of_dataset(
    store: Store, dataset_ref: str | None
) -> tuple[dict[str, int], dict[str, Any]]:
    """Reads where each row of a dataset stands, and what it is, by digest."""
    digest = _table_of(store, dataset_ref)
    order: dict[str, int] = {}
    examples: dict[str, Any] = {}
    after: int | None = -1 if digest is not None else None
    while digest is not None and after is not None:
        page = store.table_rows(digest, after, 1000)
        for row in page.rows:
            order.setdefault(row.digest, row.index)
            examples[row.digest] = row.value
        after = page.next
    return order, examples
