"""Objects: their versions, aliases, tags, who used them, and what they are made of."""

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from weavelite.datasets import table_of
from weavelite.query import CallQuery, Literal, Operation, call_field
from weavelite.records.answers import ObjectVersion
from weavelite.refs import Ref, alias_name, label_name, parse_ref
from weavelite.runs.lineage import Lineage, lineage
from weavelite.server.answers import (
    LabelChanges,
    ObjectDetail,
    Objects,
    ObjectVersions,
    Part,
    TableRef,
    Uses,
)
from weavelite.server.downloads import value_file
from weavelite.server.parts import IN_PROJECT, ThePath, TheProject, TheStart, TheStore
from weavelite.server.shortening import VALUE, held, part, shortened
from weavelite.store.base import Store

router = APIRouter(prefix=IN_PROJECT)

MOST_COUNTED = 1_000
"""Calls that are counted of those that use a version."""
MOST_MAKERS = 5
MAKING = 600
"""Seconds before a publication in which the calls started that are looked at for its maker."""


@router.get("/objects")
def objects(store: TheStore, project: TheProject) -> Objects:
    """Lists objects by name."""
    return Objects(objects=store.objects(project))


@router.get("/objects/{name}")
def object_versions(store: TheStore, project: TheProject, name: str) -> ObjectVersions:
    """Lists the versions of an object, newest first."""
    versions = store.object_versions(project, name)
    return ObjectVersions(name=name, kind=versions[0].kind, versions=versions)


@router.get("/objects/{name}/{version}")
def object_version(
    store: TheStore, project: TheProject, name: str, version: str, in_parts: bool = False
) -> ObjectDetail:
    """Returns one version of an object with its value: whole, or the start of what is large."""
    found = store.object_version(project, name, version)
    short, sizes, cuts = shortened({VALUE: found.value}) if in_parts else ({}, {}, [])
    shown = _fields(found) | short
    return ObjectDetail(**shown, table=_table(store, found.value), cuts=cuts, sizes=sizes)


@router.get("/objects/{name}/{version}/part")
def object_part(
    store: TheStore,
    project: TheProject,
    name: str,
    version: str,
    path: ThePath,
    start: TheStart = 0,
) -> Part:
    """Returns what a version holds at a path that starts with `value`, from a place on."""
    found = store.object_version(project, name, version)
    return part(held({VALUE: found.value}, path), path, start)


@router.get("/objects/{name}/{version}/value", response_class=Response)
def object_value(
    store: TheStore, project: TheProject, name: str, version: str, path: ThePath
) -> Response:
    """Returns what a version holds at a path as a file: a text as it is, else JSON."""
    found = store.object_version(project, name, version)
    return value_file(held({VALUE: found.value}, path), f"{name}-v{found.version}")


def _fields(version: ObjectVersion) -> dict[str, Any]:
    return {field.name: getattr(version, field.name) for field in dataclasses.fields(version)}


def _table(store: Store, value: Any) -> TableRef | None:
    digest = table_of(value)
    if digest is None:
        return None
    return TableRef(digest=digest, rows=store.table_rows(digest, limit=1).total)


@router.get("/labels")
def label_changes(store: TheStore, project: TheProject, name: str) -> LabelChanges:
    """Tells how the aliases and tags of an object came to be as they are, newest first."""
    store.object_version(project, name, "latest")  # is there
    return LabelChanges(changes=store.label_changes(project, name))


@dataclass(slots=True)
class NewLabel:
    """Points an alias at a version or puts a tag on it, or takes it away; the history is kept."""

    name: str
    kind: Annotated[str, Field(pattern="^(alias|tag)$")]
    label: str
    version: str
    is_set: bool = True


@router.post("/labels")
def set_label(store: TheStore, project: TheProject, new: NewLabel) -> LabelChanges:
    """Sets an alias or a tag, or takes it away."""
    found = store.object_version(project, new.name, new.version)
    if new.kind == "tag":
        store.set_tag(project, new.name, found.digest, label_name(new.label), new.is_set)
    elif new.is_set:
        store.set_alias(project, new.name, alias_name(new.label), found.digest)
    elif new.label in found.aliases:
        store.set_alias(project, new.name, alias_name(new.label), None)
    return label_changes(store, project, new.name)


@router.get("/uses")
def uses(store: TheStore, project: TheProject, ref: str) -> Uses:
    """Counts the calls that a version or a row of it went into, up to a limit.

    Finds those that gave it back among the calls of the minutes before it was published.
    """
    parsed = parse_ref(ref)
    query = CallQuery(project=project, input_refs=[ref + "*"], limit=MOST_COUNTED + 1)
    count = store.count(query)
    made = CallQuery(
        project=project,
        output_refs=[ref],
        where=_around(_published(store, project, parsed)),
        limit=MOST_MAKERS,
    )
    return Uses(
        calls=min(count, MOST_COUNTED),
        more=count > MOST_COUNTED,
        made_by=store.calls(made).calls,
    )


def _published(store: Store, project: str, ref: Ref) -> int:
    if ref.kind == "op":
        return store.op_version(project, ref.name, ref.version).created_us
    return store.object_version(project, ref.name, ref.version).created_us


def _around(published_us: int) -> Operation:
    started = call_field("started_at")
    bounds = (("$gte", published_us / 1e6 - MAKING), ("$lte", published_us / 1e6))
    return Operation("$and", tuple(Operation(way, (started, Literal(at))) for way, at in bounds))


@router.get("/lineage")
def lineage_of(store: TheStore, project: TheProject, ref: str) -> Lineage:
    """Tells what a version was made of, and what was made with it."""
    parse_ref(ref)
    return lineage(store, project, ref)
