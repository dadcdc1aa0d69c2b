"""What routes take from a request: the store, and the project in the path."""

from typing import Annotated

from fastapi import Depends, Query, Request

from weavelite.privacy import Privacy
from weavelite.refs import parse_project
from weavelite.runs.scored import Scored
from weavelite.store.base import Store


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _project(entity: str, project: str) -> str:
    return str(parse_project(f"{entity}/{project}"))


def _privacy(request: Request) -> Privacy:
    privacy: Privacy = request.app.state.privacy
    return privacy


def _scored(request: Request) -> Scored:
    scored: Scored = request.app.state.scored
    return scored


TheStore = Annotated[Store, Depends(_store)]
ThePrivacy = Annotated[Privacy, Depends(_privacy)]
TheScored = Annotated[Scored, Depends(_scored)]
TheProject = Annotated[str, Depends(_project)]
ThePath = Annotated[list[str], Query(alias="path")]
"""Is where in a value something is: its steps one by one."""
TheStart = Annotated[int, Query(alias="start", ge=0)]

IN_PROJECT = "/api/projects/{entity}/{project}"
