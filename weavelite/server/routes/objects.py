"""Ops with their code, objects with their versions, tables with their rows."""

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Query

from weavelite.records.answers import (
    ObjectVersion,
    OpVersion,
    TablePage,
)
from weavelite.refs import is_ref, parse_ref
from weavelite.server.answers import (
    ObjectDetail,
    Objects,
    ObjectVersions,
    Ops,
    OpVersions,
    TableRef,
)
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.store.base import Store

router = APIRouter()


@router.get(IN_PROJECT + "/ops")
def ops(store: TheStore, project: TheProject) -> Ops:
    """Lists ops by name."""
    return Ops(ops=store.ops(project))


@router.get(IN_PROJECT + "/op")  # the name stands in the query: it may have slashes in it
def op_versions(store: TheStore, project: TheProject, name: str) -> OpVersions:
    """Lists the versions of an op, newest first."""
    versions = store.op_versions(project, name)
    return OpVersions(name=name, kind=versions[0].kind, versions=versions)


@router.get(IN_PROJECT + "/op/version")
def op_version(store: TheStore, project: TheProject, name: str, version: str) -> OpVersion:
    """Returns one version of an op with its code."""
    return store.op_version(project, name, version)


@router.get(IN_PROJECT + "/objects")
def objects(store: TheStore, project: TheProject) -> Objects:
    """Lists objects by name."""
    return Objects(objects=store.objects(project))


@router.get(IN_PROJECT + "/objects/{name}")
def object_versions(store: TheStore, project: TheProject, name: str) -> ObjectVersions:
    """Lists the versions of an object, newest first."""
    versions = store.object_versions(project, name)
    return ObjectVersions(name=name, kind=versions[0].kind, versions=versions)


@router.get(IN_PROJECT + "/objects/{name}/{version}")
def object_version(store: TheStore, project: TheProject, name: str, version: str) -> ObjectDetail:
    """Returns one version of an object with its value."""
    found = store.object_version(project, name, version)
    return ObjectDetail(**_fields(found), table=_table(store, found.value))


def _fields(version: ObjectVersion) -> dict[str, Any]:
    return {field.name: getattr(version, field.name) for field in dataclasses.fields(version)}


def _table(store: Store, value: Any) -> TableRef | None:
    rows = str(value.get("rows")) if isinstance(value, dict) else ""
    if not is_ref(rows):
        return None
    ref = parse_ref(rows)
    if ref.kind != "table":
        return None
    return TableRef(digest=ref.name, rows=store.table_rows(ref.name, limit=1).total)


@router.get("/api/tables/{digest}/rows")
def table_rows(
    store: TheStore,
    digest: str,
    after: Annotated[int, Query(ge=-1, le=1 << 40)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TablePage:
    """Returns the rows of a table that come after an index."""
    return store.table_rows(digest, after, limit)
