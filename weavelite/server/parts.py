"""What routes take from a request: the store, and the project in the path."""

from typing import Annotated

from fastapi import Depends, Request

from weavelite.refs import parse_project
from weavelite.server.private import Privacy
from weavelite.store.base import Store


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _project(entity: str, project: str) -> str:
    return str(parse_project(f"{entity}/{project}"))


def _privacy(request: Request) -> Privacy:
    privacy: Privacy = request.app.state.privacy
    return privacy


TheStore = Annotated[Store, Depends(_store)]
ThePrivacy = Annotated[Privacy, Depends(_privacy)]
TheProject = Annotated[str, Depends(_project)]

IN_PROJECT = "/api/projects/{entity}/{project}"
