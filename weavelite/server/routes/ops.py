"""Ops with their code, how their versions did, and what is around them in traces."""

from fastapi import APIRouter

from weavelite.query import CallQuery
from weavelite.records.answers import OpNeighbours, OpVersion, OpVersions
from weavelite.server.answers import OpActivity, Ops, VersionActivity
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore

router = APIRouter(prefix=IN_PROJECT)

MOST_VERSIONS = 12
"""Versions whose calls are summed up, the newest."""


@router.get("/ops")
def ops(store: TheStore, project: TheProject) -> Ops:
    """Lists ops by name."""
    return Ops(ops=store.ops(project))


@router.get("/op")  # the name stands in the query: it may have slashes in it
def op_versions(store: TheStore, project: TheProject, name: str) -> OpVersions:
    """Lists the versions of an op, newest first."""
    return store.op_versions(project, name)


@router.get("/op/version")
def op_version(store: TheStore, project: TheProject, name: str, version: str) -> OpVersion:
    """Returns one version of an op with its code."""
    return store.op_version(project, name, version)


@router.get("/op/activity")
def op_activity(store: TheStore, project: TheProject, name: str) -> OpActivity:
    """Sums up the calls of each of the newest versions of an op."""
    versions = store.op_versions(project, name).versions[:MOST_VERSIONS]
    return OpActivity(
        versions=[
            VersionActivity(
                digest=each.digest,
                version=each.version,
                stats=store.stats(
                    CallQuery(project=project, op_names=[f"{each.name}:{each.digest}"])
                ),
            )
            for each in versions
        ]
    )


@router.get("/op/neighbours")
def op_neighbours(store: TheStore, project: TheProject, name: str) -> OpNeighbours:
    """Counts callers and callees of an op in the newest traces that it is in."""
    return store.op_neighbours(project, name)
