"""The server, its projects, and whether anything has changed."""

from fastapi import APIRouter, Request

from weavelite.server.answers import Projects, Revision, ServerInfo
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.version import __version__

router = APIRouter()


@router.get("/api/server")
def server(request: Request) -> ServerInfo:
    """Says which weavelite answers, and from which store."""
    state = request.app.state
    return ServerInfo(version=__version__, store=str(state.store_path), started_us=state.started_us)


@router.get("/api/projects")
def projects(store: TheStore) -> Projects:
    """Lists projects, the one with the newest call first."""
    return Projects(projects=store.projects())


@router.get(IN_PROJECT + "/revision")
def revision(store: TheStore, project: TheProject) -> Revision:
    """Changes when anything in the store does."""
    return Revision(revision=store.revision())
