"""Reads runs of evaluations, and compares them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.query import CallQuery
from weavelite.records.answers import CallDetail
from weavelite.records.words import CELL, EVALUATE
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.baselines import marked
from weavelite.store.base import Store
from weavelite.verdicts import (
    Comparison,
    EvaluationRun,
    compare,
    evaluation_run,
    row_digest,
)

LISTED = 200


def evaluate_calls(store: Store, project: str, *, costs: bool = False) -> list[CallDetail]:
    """Returns the calls of the newest runs, newest first."""
    query = CallQuery(project=project, op_names=[EVALUATE], limit=LISTED)
    return list(store.details(query, costs=costs))


def evaluation_runs(store: Store, project: str) -> list[EvaluationRun]:
    """Returns the newest runs, newest first."""
    baselines = marked(store, project)
    runs = [read_run(store, project, call) for call in evaluate_calls(store, project, costs=True)]
    newest: set[str] = set()
    for call_id in baselines:
        run = next((run for run in runs if run.id == call_id), None)
        if run is not None and run.evaluation not in newest:
            newest.add(run.evaluation)
            run.is_baseline = True
    return runs


def evaluate_call(store: Store, project: str, call_id: str) -> CallDetail:
    """Returns the call of a run; raises NotFoundError when it is no run."""
    call = store.call(project, call_id, costs=True)
    if call.op_name != EVALUATE:
        raise NotFoundError(f"Call {call_id} is not an evaluation.")
    return call


def read_run(store: Store, project: str, call: CallDetail) -> EvaluationRun:
    """Reads a run of its call."""
    inputs = call.inputs if isinstance(call.inputs, dict) else {}
    evaluation = stored_value(store, inputs.get("self"))
    done = store.count(_cells(project, call, ["success", "error"]))
    return evaluation_run(call, evaluation, done=done, total=_total(store, evaluation))


def compare_calls(
    store: Store, project: str, calls: Sequence[CallDetail], summary: Any = None
) -> Comparison:
    """Puts runs side by side, the baseline first.

    Args:
        store: where they rest.
        project: their project.
        calls: the calls of the runs.
        summary: that of the last run, where its call has not ended yet.

    """
    if summary is not None:
        calls = [*calls[:-1], replace(calls[-1], output=summary, status="success")]
    runs = [read_run(store, project, call) for call in calls]
    cells = [list(store.details(_cells(project, call), costs=True)) for call in calls]
    order, examples = _rows_of_dataset(store, runs[0].dataset_ref)
    strange = {
        digest
        for found in cells
        for cell in found
        if (digest := row_digest(cell)) is not None and digest not in examples
    }
    examples.update(store.rows(sorted(strange)))
    return compare(runs, cells, examples, order)


def _cells(project: str, call: CallDetail, statuses: Sequence[str] = ()) -> CallQuery:
    return CallQuery(
        project=project,
        op_names=[CELL],
        parent_ids=[call.id],
        statuses=statuses,
        sort=[("started_at", "asc")],
        columns=["inputs", "output", "attributes", "tokens"],
    )


def stored_value(store: Store, ref: Any) -> Any:
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
    dataset = stored_value(store, dataset_ref)
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
