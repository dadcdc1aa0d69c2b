"""Saved views: searches of traces that have a name, kept as Weave's SavedView objects."""

import json
import time
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from weavelite.errors import NotFoundError
from weavelite.ids import digest, digest_json
from weavelite.objects import kind_of
from weavelite.query import search_query
from weavelite.records.answers import ObjectVersion
from weavelite.records.writes import Batch, ObjectWrite
from weavelite.refs import object_name
from weavelite.server.answers import Deleted, SavedView, SavedViews
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore
from weavelite.store.base import Store

router = APIRouter(prefix=IN_PROJECT)

CLASS_NAME = "SavedView"
DELETED = "deleted"
"""The tag on the version of a view with which it was taken away; what it was is kept."""


@dataclass(slots=True)
class NewView:
    """Is a view to save; one with its label is followed by it as a new version."""

    label: Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]
    search: str = ""
    all: bool = False
    columns: dict[str, Any] = field(default_factory=dict)


@router.get("/views")
def views(store: TheStore, project: TheProject) -> SavedViews:
    """Lists saved views by label."""
    names = [item.name for item in store.objects(project) if item.class_name == CLASS_NAME]
    latest = [store.object_version(project, name, "latest") for name in names]
    found = [_view(version) for version in latest if DELETED not in version.tags]
    return SavedViews(views=sorted(found, key=lambda view: view.label.lower()))


@router.post("/views")
def save_view(store: TheStore, project: TheProject, new: NewView) -> SavedView:
    """Saves a view."""
    now_ns = time.time_ns()
    search_query(project, new.search, now_ns=now_ns)
    label = new.label.strip()
    definition = {"search": new.search, "all": new.all, "columns": new.columns,
                  "saved_ns": now_ns}  # fmt: skip
    record = {"_type": CLASS_NAME, "name": label, "description": None, "view_type": "traces",
              "label": label, "definition": definition, "_class_name": CLASS_NAME,
              "_bases": ["BaseObject", "BaseModel"]}  # fmt: skip
    kind, class_name = kind_of(record)
    # Labels that differ in marks only are not to be versions of each other.
    name = object_name(f"view-{label}")[:100] + "-" + digest(label.encode())[:8]
    write = ObjectWrite(
        project=project,
        name=name,
        digest=digest_json(record),
        kind=kind,
        class_name=class_name,
        val=json.dumps(record),
        created_ns=now_ns,
    )
    store.ingest(Batch(objects=[write]))
    return _view(store.object_version(project, name, "latest"))


@router.delete("/views/{name}")
def delete_view(store: TheStore, project: TheProject, name: str) -> Deleted:
    """Takes a view from the list; its versions are kept, as those of all objects."""
    version = _latest_view(store, project, name)
    store.set_tag(project, name, version.digest, DELETED)
    return Deleted(deleted=int(DELETED not in version.tags))


def _latest_view(store: Store, project: str, name: str) -> ObjectVersion:
    found = store.object_version(project, name, "latest")
    if found.class_name != CLASS_NAME:
        raise NotFoundError(f"{name!r} is no saved view.")
    return found


def _view(version: ObjectVersion) -> SavedView:
    """Reads a view; one that Weave saved may lack what ours have."""
    value = version.value if isinstance(version.value, dict) else {}
    found = value.get("definition")
    definition = found if isinstance(found, dict) else {}
    columns = definition.get("columns")
    return SavedView(
        name=version.name,
        label=str(value.get("label") or version.name),
        search=str(definition.get("search") or ""),
        all=bool(definition.get("all")),
        columns=columns if isinstance(columns, dict) else {},
        created_us=version.created_us,
    )
