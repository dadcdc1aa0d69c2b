"""Rows of tables, what changed between two, and editing that makes a version."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from weavelite.datasets import Edit, dataset_batch, edited, stored_rows, table_of
from weavelite.errors import NotFoundError, QueryError
from weavelite.records.answers import ObjectVersion, TableRow
from weavelite.refs import object_name
from weavelite.server.answers import ChangedRow, Cut, Part, ShownRow, ShownRows, TableChanges
from weavelite.server.downloads import value_file
from weavelite.server.parts import IN_PROJECT, ThePath, TheProject, TheStart, TheStore
from weavelite.server.shortening import VALUE, held, part, shortened_row, written
from weavelite.store.base import Store
from weavelite.tables.changes import row_changes

router = APIRouter()

_READ_AT_ONCE = 10
_PAGE = 2_000_000
"""Bytes of rows after which a page ends that shows them in parts."""
MOST_CHANGES = 500
"""Changed rows that are shown; all are counted."""
_LARGE_CHANGE = 40_000
"""Bytes of both values above which a changed row is shown when it is asked for."""

Cells = dict[str, str]
"""Are values by column, each written as JSON, since JSON of a browser knows no 1.0 and no NaN."""


@router.get("/api/tables/{digest}/rows")
def table_rows(
    store: TheStore,
    digest: str,
    after: Annotated[int, Query(ge=-1, le=1 << 40)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    in_parts: bool = False,
) -> ShownRows:
    """Returns the rows of a table that come after an index.

    Rows are whole, or `in_parts` have all columns and the start of large cells; there are then
    fewer of them in an answer where they are large.
    """
    if not in_parts:
        page = store.table_rows(digest, after, limit)
        whole = [_shown(row, row.value, []) for row in page.rows]
        return ShownRows(rows=whole, total=page.total, next=page.next)
    rows: list[ShownRow] = []
    while True:
        page = store.table_rows(digest, after, min(_READ_AT_ONCE, limit - len(rows)))
        rows += [_shown(row, *shortened_row(row.value)) for row in page.rows]
        if page.next is None or len(rows) >= limit or sum(row.size for row in rows) > _PAGE:
            return ShownRows(rows=rows, total=page.total, next=page.next)
        after = page.next


def _shown(row: TableRow, value: Any, cuts: list[Cut]) -> ShownRow:
    size = len(written(row.value))
    return ShownRow(index=row.index, digest=row.digest, value=value, cuts=cuts, size=size)


@router.get("/api/tables/{digest}/rows/{index}/part")
def row_part(store: TheStore, digest: str, index: int, path: ThePath, start: TheStart = 0) -> Part:
    """Returns what a row holds at a path that starts with `value`, from a place on."""
    return part(held({VALUE: _value_of(store, digest, index)}, path), path, start)


@router.get("/api/tables/{digest}/rows/{index}/value", response_class=Response)
def row_value(store: TheStore, digest: str, index: int, path: ThePath) -> Response:
    """Returns what a row holds at a path as a file: a text as it is, else JSON."""
    return value_file(held({VALUE: _value_of(store, digest, index)}, path), f"row-{index}")


def _value_of(store: Store, digest: str, index: int) -> Any:
    rows = store.table_rows(digest, index - 1, 1).rows if 0 <= index < 1 << 40 else []
    if not rows or rows[0].index != index:
        raise NotFoundError(f"There is no row {index} in this table.")
    return rows[0].value


@router.get("/api/tables/{digest}/changes")
def table_changes(store: TheStore, digest: str, since: str) -> TableChanges:
    """Says which rows were added, removed and changed since another table."""
    before, after = store.row_digests(since), store.row_digests(digest)
    found = row_changes(before, after)
    places: list[tuple[str, int | None, int | None]] = [
        *(("changed", *pair) for pair in found.changed),
        *(("added", None, place) for place in found.added),
        *(("removed", place, None) for place in found.removed),
    ]
    places.sort(key=lambda place: next(at for at in (place[2], place[1]) if at is not None))
    shown = places[:MOST_CHANGES]
    wanted = [before[at] for _, at, _ in shown if at is not None]
    wanted += [after[at] for _, _, at in shown if at is not None]
    values = store.rows(wanted)
    return TableChanges(
        added=len(found.added),
        removed=len(found.removed),
        changed=len(found.changed),
        same=found.same,
        rows=[
            _changed(
                kind,
                (old, new),
                None if old is None else values.get(before[old]),
                None if new is None else values.get(after[new]),
            )
            for kind, old, new in shown
        ],
    )


def _changed(
    kind: str, places: tuple[int | None, int | None], before: Any, after: Any
) -> ChangedRow:
    is_large = len(written(before)) + len(written(after)) > _LARGE_CHANGE
    return ChangedRow(
        kind=kind,
        before_index=places[0],
        after_index=places[1],
        before=None if is_large else before,
        after=None if is_large else after,
        is_large=is_large,
    )


@dataclass(slots=True)
class NewVersion:
    """Is an edit of a dataset, or a new dataset.

    `base` is the version whose rows are edited, None to begin without any; `latest` the one that
    the editor knew as the newest. Cells and rows are as in `weavelite.datasets.Edit`.
    """

    base: str | None = None
    latest: str | None = None
    cells: dict[int, Cells] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    added: list[Cells] = field(default_factory=list)
    filled: Cells = field(default_factory=dict)


@router.post(IN_PROJECT + "/datasets/{name}")
def publish_dataset(
    store: TheStore, project: TheProject, name: str, new: NewVersion
) -> ObjectVersion:
    """Publishes the rows of an edit as the newest version; the versions before it stay."""
    name = object_name(name)
    check_latest(store, project, name, new.latest)
    like = None if new.base is None else value_of_dataset(store, project, name, new.base)
    edit = Edit(
        cells={place: _values(cells, f"row {place}") for place, cells in new.cells.items()},
        deleted=frozenset(new.deleted),
        added=[_values(cells, f"new row {at + 1}") for at, cells in enumerate(new.added)],
        filled=_values(new.filled, "the new column"),
    )
    rows = list(edited(stored_rows(store, like), edit))
    store.ingest(dataset_batch(project, name, rows, now_ns=time.time_ns(), like=like))
    return store.object_version(project, name, "latest")


def check_latest(store: Store, project: str, name: str, known: str | None) -> None:
    """Raises QueryError unless the newest version is the one that a writer knows, None for none."""
    try:
        latest = store.object_version(project, name, "latest")
    except NotFoundError:
        return
    if known != latest.digest:
        raise QueryError(
            f"{name} has another version by now, v{latest.version}: look at it, and edit it again."
            if known
            else f"There is a {latest.kind.lower()} {name!r} already: choose another name."
        )


def value_of_dataset(store: Store, project: str, name: str, version: str) -> Any:
    """Returns the stored value of a version; raises QueryError when it is no dataset."""
    value = store.object_version(project, name, version).value
    if table_of(value) is None:
        raise QueryError(f"{name!r} is no dataset: only rows can be edited.")
    return value


def _values(cells: Mapping[str, str], where: str) -> dict[str, Any]:
    values = {}
    for column, text in cells.items():
        if not column.strip():
            raise QueryError(f"A column of {where} has no name.")
        try:
            values[column] = json.loads(text)
        except ValueError:
            raise QueryError(f"{where}, column {column!r}: {text!r} is not JSON.") from None
    return values
