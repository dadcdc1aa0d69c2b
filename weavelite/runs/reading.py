"""Reads runs of evaluations, and compares them."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.query import CallQuery
from weavelite.records.answers import CallDetail, StoredCell
from weavelite.records.words import CELL, EVALUATE
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.baselines import marked
from weavelite.store.base import Store
from weavelite.verdicts import (
    ComparedCell,
    Comparison,
    EvaluationRun,
    compare,
    evaluation_run,
    row_digest,
)
from weavelite.verdicts.cells import read_cell
from weavelite.verdicts.columns import RunCells, run_cells
from weavelite.verdicts.outline import Outline, outline

LISTED = 200
_DONE = ("success", "error")


def evaluate_calls(store: Store, project: str, *, costs: bool = False) -> list[CallDetail]:
    """Returns the calls of the newest runs, newest first."""
    query = CallQuery(project=project, op_names=[EVALUATE], limit=LISTED)
    return list(store.details(query, costs=costs))


def evaluation_runs(
    store: Store, project: str, counts: MutableMapping[str, int] | None = None
) -> list[EvaluationRun]:
    """Returns the newest runs, newest first.

    Args:
        store: where they rest.
        project: their project.
        counts: keeps how many cells the runs have that ended well, so that they are counted once.

    """
    counts = {} if counts is None else counts
    runs = []
    for call in evaluate_calls(store, project, costs=True):
        run = read_run(store, project, call, counts.get(call.id))
        if run.status == "success":
            counts[run.id] = run.rows
        runs.append(run)
    _mark(store, project, runs)
    return runs


def _mark(store: Store, project: str, runs: Sequence[EvaluationRun]) -> None:
    """Tells the runs that are the baselines of their evaluations: those that were marked last."""
    known = {run.id: run.evaluation for run in runs}
    newest: dict[str, str] = {}
    for run_id in marked(store, project):
        if run_id not in known:
            known[run_id] = _evaluation_of(store, project, run_id) or ""
        newest.setdefault(known[run_id], run_id)
    for run in runs:
        run.is_baseline = newest.get(run.evaluation) == run.id


def _evaluation_of(store: Store, project: str, run_id: str) -> str | None:
    try:
        inputs = store.call(project, run_id).inputs
    except NotFoundError:
        return None
    ref = inputs.get("self") if isinstance(inputs, dict) else None
    return parse_ref(str(ref)).name if is_ref(ref) else None


def evaluate_call(
    store: Store, project: str, call_id: str, *, only_header: bool = False
) -> CallDetail:
    """Returns the call of a run, with its costs or only its header.

    Raises NotFoundError when it is no run.
    """
    columns = ("id",) if only_header else None  # what all calls below it cost takes long to sum up
    query = CallQuery(project=project, call_ids=[call_id], columns=columns)
    call = next(iter(store.details(query, costs=not only_header)), None)
    if call is None:
        raise NotFoundError(f"There is no call {call_id} in project {project}.")
    if call.op_name != EVALUATE:
        raise NotFoundError(f"Call {call_id} is not an evaluation.")
    return call


def read_run(
    store: Store, project: str, call: CallDetail, done: int | None = None
) -> EvaluationRun:
    """Reads a run of its call; `done` is how many cells are, where that is known."""
    inputs = call.inputs if isinstance(call.inputs, dict) else {}
    evaluation = stored_value(store, inputs.get("self"))
    if done is None:
        done = store.count(_cells(project, call, _DONE))
    return evaluation_run(call, evaluation, done=done, total=_total(store, evaluation))


def compare_calls(
    store: Store,
    project: str,
    calls: Sequence[CallDetail],
    summary: Any = None,
    row: str | None = None,
) -> Comparison:
    """Puts runs side by side, the baseline first.

    Args:
        store: where they rest.
        project: their project.
        calls: the calls of the runs.
        summary: that of the last run, where its call has not ended yet.
        row: the digest of the only row that is wanted; by default all are.

    """
    if summary is not None:
        calls = [*calls[:-1], replace(calls[-1], output=summary, status="success")]
    cells = [read_cells(store, project, call, row) for call in calls]
    runs = [
        read_run(store, project, call, sum(cell.status in _DONE for cell in found))
        for call, found in zip(calls, cells, strict=True)
    ]
    _mark(store, project, runs)
    order, examples = _rows_of_dataset(store, runs[0].dataset_ref)
    strange = {
        digest
        for found in cells
        for cell in found
        if (digest := row_digest(cell)) is not None and digest not in examples
    }
    examples.update(store.rows(sorted(strange)))
    return compare(runs, cells, examples, order)


def read_cells(
    store: Store, project: str, call: CallDetail, row: str | None = None
) -> list[StoredCell]:
    """Reads the cells of a run, or those of a row, in the order in which they began."""
    cells = store.cells(project, call, row=row)
    return [cell for cell in cells if row is None or (row_digest(cell) or "").startswith(row)]


def read_columns(
    store: Store, project: str, call: CallDetail, *, only_ended: bool = False
) -> RunCells:
    """Reads the cells of a run as columns; all, or those that have ended."""
    cells = store.cells(project, call, is_brief=True)
    return run_cells(cell for cell in cells if not only_ended or cell.status in _DONE)


def outline_calls(
    store: Store, project: str, calls: Sequence[CallDetail], cells: Sequence[RunCells]
) -> Outline:
    """Puts runs side by side by their cells, without what they said; the baseline first."""
    runs = [
        read_run(store, project, call, found.done) for call, found in zip(calls, cells, strict=True)
    ]
    _mark(store, project, runs)
    table = _table_of(store, runs[0].dataset_ref)
    order: dict[str, int] = {}
    for index, digest in enumerate(store.row_digests(table) if table is not None else ()):
        order.setdefault(digest, index)
    return outline(runs, cells, order)


def run_directions(call: CallDetail) -> dict[str, str]:
    """Returns which way of its metrics a run says is better."""
    run = call.attributes.get("run")
    said = run.get("directions") if isinstance(run, Mapping) else None
    return dict(said) if isinstance(said, Mapping) else {}


def read_bodies(
    store: Store, project: str, call_ids: Sequence[str], digests: Sequence[str]
) -> tuple[list[ComparedCell], dict[str, Any]]:
    """Reads cells by the ids of their calls, without tokens and costs, and rows by their digests.

    What is below a few cells is told from all that is in their runs: an outline has done that.
    """
    cells = [read_cell(cell) for cell in store.cells_by_id(project, call_ids)]
    return cells, store.rows(digests) if digests else {}


def _cells(project: str, call: CallDetail, statuses: Sequence[str] = ()) -> CallQuery:
    return CallQuery(
        project=project,
        op_names=[CELL],
        parent_ids=[call.id],
        trace_ids=[call.trace_id],  # is implied, and leads to them at once among very many
        statuses=statuses,
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
