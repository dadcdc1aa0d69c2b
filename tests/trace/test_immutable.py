"""A call that has ended does not change."""

import inspect

import pytest

import weavelite
from weavelite import instrument
from weavelite.server.app import create_app
from weavelite.store.base import Store
from weavelite.trace.call import Call
from weavelite.trace.client import Client

WRITES = {
    "ingest", "delete_calls", "add_feedback", "delete_feedback", "set_alias", "set_tag",
    "add_price", "purge_prices", "estimate", "index", "close",
}  # fmt: skip


@weavelite.op
def work(x):
    return {"x": x}


def test_an_ended_call_takes_no_changes(client):
    """Ending again, annotating, noting and changing what it gave out leave a call as it was."""
    _, call = work.call(1)
    before = client.get_call(call.id).to_dict()
    call.output["x"] = 2
    call.inputs["x"] = 2
    call.summary["late"] = True
    call.attributes["late"] = True
    instrument.annotate(call, {"late": True})
    instrument.end(call, "other", error=ValueError("late"), usage={"input_tokens": 1})
    assert client.get_call(call.id).to_dict() == before
    assert (call.output, call.summary, call.attributes) == ({"x": 1}, {}, {})


@pytest.mark.parametrize("name", ["id", "inputs", "output", "started_at", "status", "summary"])
def test_a_calls_parts_cannot_be_assigned(client, name):
    """What a user reads of a call cannot be set."""
    _, call = work.call(1)
    with pytest.raises(AttributeError):
        setattr(call, name, None)


def test_the_store_has_no_method_that_changes_a_call():
    """Of the store's methods, those that write add, or delete; none takes a call to change.

    Only what a span of OpenTelemetry means is read anew, from the span as it was sent.
    """
    maps = {"join_events", "renew_mapped"}
    methods = {name for name, _ in inspect.getmembers(Store, inspect.isfunction)}
    reads = {
        "position", "calls", "count", "find_feedback",
        "details", "call", "trace", "stats", "feedback", "projects", "ops",
        "op_versions", "op_version", "objects", "object_versions", "object_version", "table_rows",
        "rows", "row_digests", "file", "revision", "prices", "counters", "aliases", "tags",
        "label_changes", "held_refs", "op_neighbours", "facets", "count_below", "bounds",
        "scores", "overview", "columns", "spend", "spend_of", "threads", "thread", "turns",
        "packed_trace", "users", "cells", "cells_by_id", "trace_state",
    }  # fmt: skip
    assert {name for name in methods if not name.startswith("_")} == reads | maps | WRITES


def test_the_client_and_calls_offer_no_change():
    """No public name of a client or a call speaks of changing a call."""
    public = [name for cls in (Client, Call) for name in dir(cls) if not name.startswith("_")]
    assert not [name for name in public if name.startswith(("set_", "update", "edit", "replace"))
                and name not in ("set_alias", "set_tag")]  # fmt: skip


def test_no_route_changes_a_call(store, store_path):
    """Routes that are not GET add and take back feedback and labels, publish, or delete calls."""
    paths = create_app(store, store_path).openapi()["paths"]
    changing = {
        (method, path.rpartition("{project}")[2])
        for path, item in paths.items()
        for method in item
        if method != "get"
    }
    assert changing == {
        ("delete", "/calls/{call_id}"),
        ("post", "/calls/delete"),
        ("post", "/calls/{call_id}/annotations"),
        ("post", "/evaluations/baseline"),
        ("post", "/sql"),  # reads only; the statement is too long for an address
        ("post", "/views"),
        ("delete", "/views/{name}"),
        ("post", "/calls/{call_id}/feedback"),
        ("delete", "/feedback/{feedback_id}"),
        ("post", "/labels"),
        ("post", "/datasets/{name}"),
        ("post", "/datasets/{name}/calls"),
        ("post", "/rows/preview"),  # reads only; it names many calls
    }
