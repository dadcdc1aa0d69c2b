"""Rows of datasets that are made of calls: what they would be, and a version that has them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from fastapi import APIRouter

from weavelite.datasets import Edit, dataset_batch, edited, row_of, stored_rows
from weavelite.errors import QueryError
from weavelite.exports import rows
from weavelite.query import CallQuery, search_query
from weavelite.refs import Ref, object_name, parse_project
from weavelite.server.answers import AddedRows, RowsPreview
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.server.routes.datasets import check_latest, value_of_dataset
from weavelite.store.base import Store
from weavelite.store.columns import shown
from weavelite.tables import Written

router = APIRouter(prefix=IN_PROJECT)

MOST_CALLS = 10_000
PREVIEWED = 5


@dataclass(slots=True)
class ChosenCalls:
    """Says which calls become rows, and what of them.

    `ids` names them; where there are none, `q` is a search that finds them. `columns` says for each
    column of the dataset which field of a call it holds; `call_column` gets a ref to the call.
    """

    ids: list[str] = field(default_factory=list)
    q: str = ""
    trace_roots_only: bool = True
    columns: dict[str, str] = field(default_factory=dict)
    call_column: str | None = None


@dataclass(slots=True)
class CallsToAdd(ChosenCalls):
    """Says also which version of the dataset is known as the newest; None makes a new dataset."""

    latest: str | None = None


@router.post("/rows/preview")
def preview_rows(store: TheStore, project: TheProject, chosen: ChosenCalls) -> RowsPreview:
    """Shows the first rows that calls would make; nothing is written."""
    query = _query(store, project, chosen)
    found = store.count(query)
    made = islice(_values(store, project, query, chosen), PREVIEWED)
    return RowsPreview(
        calls=found,
        missing=_missing(chosen, found),
        rows=[{column: shown(value) for column, value in row.items()} for row in made],
    )


@router.post("/datasets/{name}/calls")
def add_calls(store: TheStore, project: TheProject, name: str, chosen: CallsToAdd) -> AddedRows:
    """Publishes a version of a dataset that has calls as rows, oldest first, after its own.

    What is a row of it already is not added again. At most 10,000 calls are added at once.
    """
    name = object_name(name)
    check_latest(store, project, name, chosen.latest)
    like = None if chosen.latest is None else value_of_dataset(store, project, name, chosen.latest)
    _check_columns(chosen)
    query = _query(store, project, chosen)
    made = [row_of(row) for row in _values(store, project, query, chosen)]
    if not made:
        raise QueryError("None of these calls is there any more: they were deleted meanwhile.")
    kept = list(edited(stored_rows(store, like), Edit()))
    added = _unknown(made, kept)
    if not added:
        raise QueryError(f"All of these rows are in {name!r} already: there is nothing to add.")
    store.ingest(dataset_batch(project, name, [*kept, *added], now_ns=time.time_ns(), like=like))
    return AddedRows(
        version=store.object_version(project, name, "latest"),
        added=len(added),
        known=len(made) - len(added),
        missing=_missing(chosen, len(made)),
    )


def _query(store: Store, project: str, chosen: ChosenCalls) -> CallQuery:
    order = [("started_at", "asc")]
    if chosen.ids:
        _check_count(len(set(chosen.ids)))
        return CallQuery(project=project, call_ids=chosen.ids, sort=order)
    query = search_query(
        project,
        chosen.q,
        now_ns=time.time_ns(),
        roots_only=chosen.trace_roots_only,
        sort=order,
        limit=MOST_CALLS + 1,
    )
    _check_count(store.count(query))
    return query


def _check_count(calls: int) -> None:
    if calls > MOST_CALLS:
        raise QueryError(
            f"At most {MOST_CALLS:,} calls can be added at once: narrow the search to fewer."
        )


def _check_columns(chosen: ChosenCalls) -> None:
    names = [*chosen.columns, *([] if chosen.call_column is None else [chosen.call_column])]
    if not chosen.columns:
        raise QueryError("No column is chosen: a row needs at least one.")
    if not all(name.strip() for name in names):
        raise QueryError("A column has no name: name it, or take it away.")
    if len(set(names)) < len(names):
        raise QueryError(f"{chosen.call_column!r} is the name of two columns: rename one.")


def _values(
    store: Store, project: str, query: CallQuery, chosen: ChosenCalls
) -> Iterator[dict[str, Any]]:
    """Yields the rows that calls make, as JSON values."""
    of = parse_project(project)
    fields = list(dict.fromkeys(["id", *chosen.columns.values()]))
    for found in rows(store, query, fields):
        row = {column: found[name] for column, name in chosen.columns.items()}
        if chosen.call_column is not None:
            row[chosen.call_column] = str(Ref(of, "call", found["id"]))
        yield row


def _unknown(made: Sequence[Written], kept: Sequence[Written]) -> list[Written]:
    digests = {row.digest for row in kept}
    first = {row.digest: row for row in made if row.digest not in digests}
    return list(first.values())


def _missing(chosen: ChosenCalls, found: int) -> int:
    return max(len(set(chosen.ids)) - found, 0)
