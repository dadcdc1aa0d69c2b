"""A trace of a store as a tree that can be compared with another."""

from weavelite.differences import Node, tree_of
from weavelite.errors import NotFoundError
from weavelite.query import CallQuery
from weavelite.store.base import Store


def read_tree(store: Store, project: str, text: str) -> Node:
    """Reads the whole trace of a trace's or a call's id; raises NotFoundError."""
    trace_id = text.replace("-", "").lower()
    calls = list(store.details(CallQuery(project=project, trace_ids=[trace_id])))
    if not calls:
        try:
            trace_id = store.call(project, text).trace_id
        except NotFoundError:
            raise NotFoundError(
                f"There is no trace or call {text} in {project}: `weavelite ls` prints their ids."
            ) from None
        calls = list(store.details(CallQuery(project=project, trace_ids=[trace_id])))
    parents = {call.id: call.parent_id for call in calls}
    nodes = [
        Node(
            id=call.id,
            name=call.op_name,
            inputs=call.inputs,
            output=call.output,
            error=call.error,
            start_us=call.start_us,
            end_us=call.end_us,
        )
        for call in calls
    ]
    return tree_of(nodes, parents)
