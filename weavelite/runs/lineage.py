"""What a version was made of, and what was made with it: a graph of objects, ops and runs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from weavelite.errors import NotFoundError
from weavelite.records.answers import CallDetail, HeldRefs
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.reading import evaluate_calls
from weavelite.store.base import Store

MOST_NODES = 60
RUN = "run"


@dataclass(slots=True, kw_only=True)
class LineageNode:
    """Is a version of an object or an op by its ref, or a run of an evaluation by its id."""

    id: str
    kind: str
    name: str
    digest: str | None = None
    version: int | None = None
    at_us: int | None = None


@dataclass(slots=True, kw_only=True)
class LineageEdge:
    """Says that a version is part of another one, or went into a run."""

    source: str
    target: str


@dataclass(slots=True, kw_only=True)
class Lineage:
    """Is what is around a version; `more` were left out, since a graph of them could not be read.

    Only the newest objects and runs were looked at.
    """

    nodes: list[LineageNode] = field(default_factory=list)
    edges: list[LineageEdge] = field(default_factory=list)
    more: int = 0


def lineage(store: Store, project: str, ref: str) -> Lineage:
    """Finds all that a version holds, and all that holds it, over any number of steps."""
    holders = store.held_refs(project)
    runs = evaluate_calls(store, project)
    graph = _Graph(project, holders, runs)
    found = list(graph.around(ref))
    chosen = found[:MOST_NODES]
    kept = set(chosen)
    nodes = [graph.node(store, each) for each in chosen]
    edges = [
        LineageEdge(source=source, target=target)
        for target in chosen
        for source in graph.parts.get(target, ())
        if source in kept
    ]
    return Lineage(nodes=nodes, edges=edges, more=len(found) - len(chosen))


class _Graph:
    """Knows what each version and run holds, and what holds it."""

    def __init__(
        self, project: str, holders: Sequence[HeldRefs], runs: Sequence[CallDetail]
    ) -> None:
        self._project = project
        self._objects = {
            f"weave:///{project}/object/{each.name}:{each.digest}": each for each in holders
        }
        self._runs = {call.id: call for call in runs}
        self.parts: dict[str, list[str]] = {
            ref: _versions(each.refs) for ref, each in self._objects.items()
        }
        for call in runs:
            inputs = call.inputs if isinstance(call.inputs, Mapping) else {}
            given = [inputs.get("self"), inputs.get("model")]
            self.parts[call.id] = _versions([text for text in given if isinstance(text, str)])
        self._wholes: defaultdict[str, list[str]] = defaultdict(list)
        for whole, parts in self.parts.items():
            for part in parts:
                self._wholes[part].append(whole)

    def around(self, ref: str) -> Iterator[str]:
        """Yields a version, what it holds and what holds it, the nearest first.

        What a run was given beside it comes last: the model of its evaluation, and the like.
        """
        seen = {ref: None}
        for step in (self.parts, self._wholes):
            at = [ref]
            while at:
                at = [each for one in at for each in step.get(one, ()) if each not in seen]
                seen |= dict.fromkeys(at)
        beside = [part for one in seen if one in self._runs for part in self.parts[one]]
        yield from dict.fromkeys([*seen, *beside])

    def node(self, store: Store, id: str) -> LineageNode:
        """Describes a version or a run."""
        if id in self._runs:
            call = self._runs[id]
            name = call.display_name or call.op_name
            return LineageNode(id=id, kind=RUN, name=name, at_us=call.start_us)
        ref, held = parse_ref(id), self._objects.get(id)
        made = LineageNode(id=id, kind=ref.kind, name=ref.name, digest=ref.version)
        if held is not None:
            made.kind, made.version, made.at_us = held.kind, held.version, held.created_us
        elif str(ref.project) == self._project:
            _look_up(store, self._project, made)
        return made


def _look_up(store: Store, project: str, node: LineageNode) -> None:
    """Adds the number of a version that holds no refs; of one that is gone there is none."""
    assert node.digest is not None  # runs are not looked up
    with suppress(NotFoundError):
        if node.kind == "op":
            op = store.op_version(project, node.name, node.digest)
            node.version, node.at_us = op.version, op.created_us
        else:
            found = store.object_version(project, node.name, node.digest)
            node.kind, node.version, node.at_us = found.kind, found.version, found.created_us


def _versions(refs: Sequence[str]) -> list[str]:
    """Keeps refs of versions of objects and ops; the rows of a table are its dataset's."""
    return [
        f"weave:///{ref.project}/{ref.kind}/{ref.name}:{ref.version}"
        for ref in (parse_ref(text) for text in refs if is_ref(text))
        if ref.kind in ("object", "op") and ref.version
    ]
