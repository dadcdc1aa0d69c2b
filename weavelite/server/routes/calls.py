"""Calls and feedback."""

import time
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from weavelite.errors import SearchError
from weavelite.exports import export
from weavelite.ids import fresh_uuid
from weavelite.query import CallQuery, names, search_query
from weavelite.records.answers import (
    CallPage,
    Feedback,
    Stats,
)
from weavelite.records.figures import Spend
from weavelite.records.words import (
    NOTE,
    REACTION,
)
from weavelite.records.writes import (
    FeedbackWrite,
)
from weavelite.server.answers import (
    Columns,
    Deleted,
    DeletedCalls,
    Facets,
    Part,
    Problem,
    SearchCheck,
    ShownCall,
)
from weavelite.server.downloads import saved_as, value_file
from weavelite.server.parts import (
    IN_PROJECT,
    ThePath,
    ThePrivacy,
    TheProject,
    TheScored,
    TheStart,
    TheStore,
)
from weavelite.server.shortening import bodies_of, held, part, shortened

router = APIRouter(prefix=IN_PROJECT)

PAGE_LIMIT = 500
DELETED_AT_ONCE = 10_000
MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}
FACETS = ("op", "status", "kind", "model", "scores")


@dataclass(slots=True)
class Filter:
    """Is the filter of a list of calls, as a query string has it; `q` is the text of a search."""

    q: str = ""
    trace_roots_only: bool = True


def _query(project: str, chosen: Filter, **page: Any) -> CallQuery:
    return search_query(
        project,
        chosen.q,
        roots_only=chosen.trace_roots_only,
        **{"now_ns": time.time_ns(), **page},
    )


TheFilter = Annotated[Filter, Depends()]


@router.get("/calls")
def calls(
    store: TheStore,
    project: TheProject,
    chosen: TheFilter,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    columns: str = "",
    sort: str = "",
) -> CallPage:
    """Returns a page of calls, newest first; `next` is the key of the page after it.

    `columns` names fields that are wanted beside the header, with commas between them: each call
    has what they hold as `values`, shortened. `sort` is a field and a direction, as `latency:desc`;
    all that match are read for it unless it is `started_at`, and there is one page only.
    """
    page = {"before": before, "limit": limit, "columns": names(columns) or None, **_order(sort)}
    return store.calls(_query(project, chosen, **page))


def _order(sort: str) -> dict[str, Any]:
    field, _, direction = sort.rpartition(":")
    return {"sort": [(field or direction, direction if field else "desc")]} if sort else {}


@router.get("/columns")
def columns(store: TheStore, project: TheProject, chosen: TheFilter) -> Columns:
    """Names what the newest calls that a search finds hold, which a list can show as columns."""
    return Columns(columns=store.columns(_query(project, chosen)))


@router.get("/search")
def search(project: TheProject, q: str = "") -> SearchCheck:
    """Reads the text of a search, and says what is wrong with it, if anything is."""
    try:
        search_query(project, q, now_ns=time.time_ns())
    except SearchError as error:
        return SearchCheck(problem=Problem(error=error.message, start=error.start, end=error.end))
    return SearchCheck()


@router.get("/stats")
def stats(
    store: TheStore, project: TheProject, chosen: TheFilter, without: str | None = None
) -> Stats:
    """Sums up the calls that a search finds; terms of the key `without` are left out of it."""
    return store.stats(_query(project, chosen, without=without))


@router.get("/stats/spend")
def spent(store: TheStore, project: TheProject, chosen: TheFilter) -> Spend:
    """Sums up what the calls that a search finds, or all calls of its traces, used and cost."""
    return store.spend_of(_query(project, chosen))


@router.get("/facets")
def facets(store: TheStore, project: TheProject, chosen: TheFilter) -> Facets:
    """Counts the calls that a search finds by op, status, kind, model and scores.

    A facet is not filtered by its own terms.
    """
    now_ns = time.time_ns()
    queries = {key: _query(project, chosen, now_ns=now_ns, without=key) for key in FACETS}
    return Facets(facets=store.facets(queries))


@router.get("/calls/export", response_class=StreamingResponse)
def export_calls(
    store: TheStore,
    project: TheProject,
    chosen: TheFilter,
    format: Literal["csv", "json", "jsonl", "parquet"] = "csv",
    columns: str = "",
) -> StreamingResponse:
    """Streams all calls that a search finds as a file, newest first; nothing is shortened.

    In CSV, texts that begin with =, +, - or @ get a quote in front, so that no sheet runs them.
    """
    pieces = export(store, _query(project, chosen), format, names(columns))
    headers = saved_as(f"{project.split('/')[-1]}-calls.{format}")
    return StreamingResponse(pieces, media_type=MEDIA[format], headers=headers)


@dataclass(slots=True)
class Doomed:
    """Says which calls to delete: those that a search finds, up to a number."""

    q: str
    trace_roots_only: bool = True


@router.post("/calls/delete")
def delete_calls(
    store: TheStore, scored: TheScored, project: TheProject, doomed: Doomed, dry: bool = False
) -> DeletedCalls:
    """Deletes the calls that a search finds and all below them, for good.

    With `dry` it only counts them. At most 10,000 are deleted at once, the newest.
    """
    chosen = Filter(doomed.q, doomed.trace_roots_only)
    found = store.details(_query(project, chosen, limit=DELETED_AT_ONCE, columns=["id"]))
    ids = [call.id for call in found]
    below = store.count_below(project, ids) if dry else store.delete_calls(project, ids)
    if not dry:
        scored.forget()
    return DeletedCalls(chosen=len(ids), deleted=below)


@router.get("/calls/{call_id}")
def call(store: TheStore, project: TheProject, call_id: str, in_parts: bool = False) -> ShownCall:
    """Returns a call: whole, or `in_parts` with the start of what is large."""
    found = store.call(project, call_id, costs=True)
    bodies, sizes, cuts = shortened(bodies_of(found)) if in_parts else ({}, {}, [])
    known = {name.name: getattr(found, name.name) for name in fields(found)}
    return ShownCall(**{**known, **bodies}, cuts=cuts, sizes=sizes)


@router.get("/calls/{call_id}/part")
def call_part(
    store: TheStore, project: TheProject, call_id: str, path: ThePath, start: TheStart = 0
) -> Part:
    """Returns what a call holds at a path, from a letter, an item or a field on.

    The steps of the path are given one by one, from `inputs`, `output`, `attributes`, `summary` or
    `otel` on.
    """
    return part(held(bodies_of(store.call(project, call_id)), path), path, start)


@router.get("/calls/{call_id}/value", response_class=Response)
def call_value(store: TheStore, project: TheProject, call_id: str, path: ThePath) -> Response:
    """Returns what a call holds at a path as a file: a text as it is, else JSON."""
    value = held(bodies_of(store.call(project, call_id)), path)
    return value_file(value, f"{call_id}-{path[0]}")


@router.delete("/calls/{call_id}")
def delete_call(store: TheStore, scored: TheScored, project: TheProject, call_id: str) -> Deleted:
    """Deletes a call and all below it, for good."""
    deleted = store.delete_calls(project, [call_id])
    scored.forget()  # it may have been a cell of a run that is remembered
    return Deleted(deleted=deleted)


@dataclass(slots=True)
class NewFeedback:
    """Is a reaction (an emoji) or a note (a text) to add."""

    type: Literal["reaction", "note"]
    value: str


@router.post("/calls/{call_id}/feedback")
def add_feedback(
    store: TheStore, privacy: ThePrivacy, project: TheProject, call_id: str, new: NewFeedback
) -> Feedback:
    """Attaches a reaction or a note to a call."""
    kind, key = (REACTION, "emoji") if new.type == "reaction" else (NOTE, "note")
    return store.add_feedback(
        FeedbackWrite(
            id=fresh_uuid(),
            project=project,
            call_id=call_id,
            type=kind,
            payload={key: privacy.note(new.value)},
            creator=None,
            created_ns=time.time_ns(),
        )
    )


@router.delete("/feedback/{feedback_id}")
def delete_feedback(store: TheStore, project: TheProject, feedback_id: str) -> Deleted:
    """Takes feedback back."""
    return Deleted(deleted=store.delete_feedback(project, feedback_id))
