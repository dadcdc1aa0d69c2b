"""Calls and feedback."""

import time
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from weavelite.ids import fresh_uuid
from weavelite.query import CallQuery
from weavelite.records.answers import (
    CallDetail,
    CallPage,
    Feedback,
    Stats,
)
from weavelite.records.words import (
    NOTE,
    REACTION,
)
from weavelite.records.writes import (
    FeedbackWrite,
)
from weavelite.server.answers import Deleted
from weavelite.server.parts import IN_PROJECT, ThePrivacy, TheProject, TheStore

router = APIRouter(prefix=IN_PROJECT)

PAGE_LIMIT = 500


@dataclass(slots=True)
class Filter:
    """Is the filter of a list of calls, as a query string has it."""

    op: str | None = None
    status: str | None = None
    text: Annotated[str | None, Query(max_length=1000)] = None
    trace_roots_only: bool = True


def _query(project: str, chosen: Filter, **page: object) -> CallQuery:
    return CallQuery(
        project=project,
        op_names=[chosen.op] if chosen.op else (),
        statuses=[chosen.status] if chosen.status else (),
        text=chosen.text or None,
        trace_roots_only=chosen.trace_roots_only,
        **page,  # type: ignore[arg-type]
    )


TheFilter = Annotated[Filter, Depends()]


@router.get("/calls")
def calls(
    store: TheStore,
    project: TheProject,
    chosen: TheFilter,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
) -> CallPage:
    """Returns a page of calls, newest first; `next` is the key of the page after it."""
    return store.calls(_query(project, chosen, before=before, limit=limit))


@router.get("/stats")
def stats(store: TheStore, project: TheProject, chosen: TheFilter) -> Stats:
    """Sums up the calls that a filter finds."""
    return store.stats(_query(project, chosen))


@router.get("/calls/{call_id}")
def call(store: TheStore, project: TheProject, call_id: str) -> CallDetail:
    """Returns a whole call."""
    return store.call(project, call_id, costs=True)


@router.delete("/calls/{call_id}")
def delete_call(store: TheStore, project: TheProject, call_id: str) -> Deleted:
    """Deletes a call and all below it, for good."""
    return Deleted(deleted=store.delete_calls(project, [call_id]))


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
