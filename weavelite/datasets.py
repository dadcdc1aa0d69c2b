"""Versions of datasets made of rows as JSON: what the SDK would publish of the same rows."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.errors import QueryError
from weavelite.ids import digest_json, digest_table
from weavelite.objects import kind_of
from weavelite.records.writes import Batch, ObjectWrite
from weavelite.refs import Ref, is_ref, object_name, parse_project, parse_ref
from weavelite.store.base import Store
from weavelite.tables import PAGE, Written
from weavelite.tables.writes import table_writes

_EMPTY = {
    "_type": "Dataset", "name": None, "description": None, "rows": None,
    "_class_name": "Dataset", "_bases": ["Object", "BaseModel"],
}  # fmt: skip


@dataclass(slots=True)
class Edit:
    """Is what is done to rows: cells set by place, rows deleted, rows added, columns filled.

    A filled column is set in the rows that are kept and do not have it.
    """

    cells: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()
    added: Sequence[Mapping[str, Any]] = ()
    filled: Mapping[str, Any] = field(default_factory=dict)


def row_of(value: Mapping[str, Any]) -> Written:
    """Makes a row of its JSON value."""
    return Written(digest_json(value), json.dumps(value))


def dataset_batch(
    project: str,
    name: str,
    rows: Sequence[Written],
    *,
    now_ns: int,
    like: Mapping[str, Any] | None = None,
) -> Batch:
    """Makes what publishes a dataset of some rows, for a store to write.

    Args:
        project: as `entity/name`.
        name: under which it is published; that of a new dataset, too.
        rows: at least one; else QueryError.
        now_ns: when it is published.
        like: the stored value of the version that it follows, whose other fields stay.

    """
    if not rows:
        raise QueryError("A dataset needs at least one row: add one, or keep one.")
    table = digest_table(row.digest for row in rows)
    ref = str(Ref(parse_project(project), "table", table))
    record = {**(_EMPTY | {"name": name} if like is None else like), "rows": ref}
    kind, class_name = kind_of(record)
    write = ObjectWrite(
        project=project,
        name=object_name(name),
        digest=digest_json(record),
        kind=kind,
        class_name=class_name,
        val=json.dumps(record),
        created_ns=now_ns,
    )
    return Batch(tables=list(table_writes(table, rows, len(rows))), objects=[write])


def stored_rows(store: Store, value: Any) -> Iterator[tuple[str, Any]]:
    """Yields the rows of a stored dataset as digest and JSON value."""
    digest = table_of(value)
    after: int | None = -1 if digest is not None else None
    while digest is not None and after is not None:
        page = store.table_rows(digest, after, PAGE)
        yield from ((row.digest, row.value) for row in page.rows)
        after = page.next


def table_of(value: Any) -> str | None:
    """Returns the digest of the table of a stored dataset, None of another value."""
    rows = value.get("rows") if isinstance(value, Mapping) else None
    if not isinstance(rows, str) or not is_ref(rows):
        return None
    ref = parse_ref(rows)
    return ref.name if ref.kind == "table" else None


def edited(rows: Iterable[tuple[str, Any]], edit: Edit) -> Iterator[Written]:
    """Yields the rows after an edit; one that is not touched keeps its digest."""
    places = 0
    for place, (digest, value) in enumerate(rows):
        places = place + 1
        if place in edit.deleted:
            continue
        new = {**value, **edit.cells.get(place, {})}
        new |= {name: cell for name, cell in edit.filled.items() if name not in new}
        is_touched = place in edit.cells or len(new) > len(value)  # 1 is 1.0 to Python, not to JSON
        yield row_of(new) if is_touched else Written(digest, json.dumps(value))
    if unknown := [place for place in (*edit.cells, *edit.deleted) if place >= places]:
        raise QueryError(f"There is no row {unknown[0]}: this version has {places} rows.")
    for number, cells in enumerate(edit.added):
        if not cells:
            raise QueryError(f"New row {number + 1} is empty: fill a cell of it, or delete it.")
        yield row_of(cells)
