"""What the page of a trace reads and writes: its tree, previews, bodies, answers of people."""

import time
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from weavelite.annotations import ANNOTATION, AnnotationSpec, check_answer
from weavelite.differences import Divergence, compare_traces
from weavelite.errors import QueryError
from weavelite.ids import fresh_uuid
from weavelite.query import CallQuery
from weavelite.records.answers import CallDetail, Feedback, PackedTrace, Trace
from weavelite.records.writes import FeedbackWrite
from weavelite.refs import Ref, parse_project
from weavelite.server.answers import (
    Bodies,
    FirstDifference,
    Previews,
    TraceComparison,
)
from weavelite.server.conversing import brief, said
from weavelite.server.parts import IN_PROJECT, ThePrivacy, TheProject, TheStore
from weavelite.store.trees import read_tree

router = APIRouter(prefix=IN_PROJECT)

MOST_IDS = 100


@router.get("/traces/{trace_id}", response_model=Trace)
def trace(store: TheStore, project: TheProject, trace_id: str) -> Response:
    """Returns the headers of all calls of a trace, by their start."""
    found = store.trace(project, trace_id)  # may be 30,000: FastAPI takes a second to check them
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/traces/{trace_id}/packed", response_model=PackedTrace)
def packed_trace(store: TheStore, project: TheProject, trace_id: str) -> Response:
    """Returns the headers of all calls of a trace as columns, for the viewer."""
    found = store.packed_trace(project, trace_id)
    return Response(orjson.dumps(found), media_type="application/json")


@router.get("/difference")
def difference(store: TheStore, project: TheProject, before: str, after: str) -> TraceComparison:
    """Finds the first call in which two traces diverge; each is named by its id or by a call's."""
    found = compare_traces(read_tree(store, project, before), read_tree(store, project, after))
    return TraceComparison(
        before=found.before,
        after=found.after,
        same=found.same,
        first=None if found.first is None else _first(found.first),
    )


def _first(found: Divergence) -> FirstDifference:
    ids = (None if node is None else node.id for node in (found.before, found.after))
    before_id, after_id = ids
    return FirstDifference(path=found.path, what=found.what, before_id=before_id, after_id=after_id)


def _ids(ids: Annotated[str, Query(max_length=50 * MOST_IDS)]) -> list[str]:
    asked = [id for id in ids.split(",") if id]
    if not 0 < len(asked) <= MOST_IDS:
        raise QueryError(f"ids names 1 to {MOST_IDS} calls, with commas between: ask in parts.")
    return asked


TheIds = Annotated[list[str], Depends(_ids)]


@router.get("/previews")
def previews(store: TheStore, project: TheProject, ids: TheIds) -> Previews:
    """Returns some calls as a list shows them; what is not there is left out."""
    query = CallQuery(project=project, call_ids=ids, limit=len(ids))
    return Previews(calls=store.calls(query).calls)


@router.get("/bodies", response_model=Bodies)
def bodies(store: TheStore, project: TheProject, ids: TheIds, in_parts: bool = False) -> Response:
    """Returns inputs and outputs of some calls; what is not there is left out.

    Each turn of a chat repeats those before it, so an item of a list that is an object stands in
    `shared` once, and where it was stands `{"~shared": index}`. Bodies are whole, or `in_parts`
    have the start of what is large, the same wherever it is said.
    """
    columns = ("id", "kind", "inputs", "output")
    query = CallQuery(project=project, call_ids=ids, limit=len(ids), columns=columns)
    shared: dict[bytes, int] = {}
    calls = [_body(call, in_parts, shared) for call in store.details(query)]
    answer = {"shared": [orjson.Fragment(text) for text in shared], "calls": calls}
    return Response(orjson.dumps(answer), media_type="application/json")


def _body(call: CallDetail, in_parts: bool, shared: dict[bytes, int]) -> dict[str, Any]:
    told: dict[str, Any] = {"id": call.id, "cuts": []}
    for name, body in (("inputs", call.inputs), ("output", call.output)):
        short, cuts = said(body, [name], call.kind) if in_parts else (body, [])
        told[name] = brief(short, shared)
        told["cuts"] += cuts
    return told


@dataclass(slots=True)
class NewAnnotation:
    """Is an answer to what an AnnotationSpec asks."""

    spec: str
    value: Any


@router.post("/calls/{call_id}/annotations")
def annotate(
    store: TheStore, privacy: ThePrivacy, project: TheProject, call_id: str, new: NewAnnotation
) -> Feedback:
    """Attaches an answer to a call; refuses a value that the latest version does not ask for."""
    spec = store.object_version(project, new.spec, "latest")
    if spec.class_name != AnnotationSpec.__name__:
        raise QueryError(f"{new.spec} is no AnnotationSpec, but a {spec.class_name}.")
    check_answer(new.spec, spec.value["field_schema"], new.value)
    value = privacy.note(new.value) if isinstance(new.value, str) else new.value
    ref = Ref(parse_project(project), "object", new.spec, spec.digest)
    return store.add_feedback(
        FeedbackWrite(
            id=fresh_uuid(),
            project=project,
            call_id=call_id,
            type=ANNOTATION + new.spec,
            payload={"value": value, "annotation_ref": str(ref)},
            creator=None,
            created_ns=time.time_ns(),
        )
    )
