"""What routes take from a request: the store, and the project in the path."""

from typing import Annotated

from fastapi import Depends, Request

from weavelite.refs import parse_project
from weavelite.store.base import Store


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _project(entity: str, project: str) -> str:
    return str(parse_project(f"{entity}/{project}"))


TheStore = Annotated[Store, Depends(_store)]
TheProject = Annotated[str, Depends(_project)]

IN_PROJECT = "/api/projects/{entity}/{project}"
