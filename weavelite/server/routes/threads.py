"""Conversations: the list of them, and the turns of one."""

from typing import Annotated

from fastapi import APIRouter, Query

from weavelite.records.answers import CallPage, ThreadPage, ThreadSummary
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore

router = APIRouter(prefix=IN_PROJECT)

MOST = 200
TheLimit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/threads")
def threads(
    store: TheStore,
    project: TheProject,
    q: str = "",
    before: str | None = None,
    limit: TheLimit = 50,
) -> ThreadPage:
    """Lists threads, the one with the newest call first; those that have a text, if `q` is one."""
    return store.threads(project, q.strip(), before, limit)


@router.get("/thread")
def thread(store: TheStore, project: TheProject, id: str) -> ThreadSummary:
    """Returns what is told of one thread: an id is not in the path, since it may be any text."""
    return store.thread(project, id)


@router.get("/thread/turns")
def turns(
    store: TheStore,
    project: TheProject,
    id: str,
    before: str | None = None,
    limit: TheLimit = 20,
) -> CallPage:
    """Returns the turns of a thread, newest first."""
    return store.turns(project, id, before, limit)
