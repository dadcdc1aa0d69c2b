"""What the page of a trace reads beside its tree: previews and bodies of some calls."""

import contextlib

import httpx
import orjson
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

import weavelite
from weavelite.server import viewer
from weavelite.server.conversing import SHARED, brief
from weavelite.server.routes.traces import MOST_IDS

DEFAULTS = {
    "display_name": None, "status": "success", "model": None, "input_tokens": None,
    "output_tokens": None, "sum_tokens": None, "error": None, "thread_id": None, "sum_cost": None,
    "cost_partial": False, "estimated": False,
}  # fmt: skip
"""Is what a call has where a column does not tell."""


@weavelite.op(kind="llm")
def chat(messages):
    return {"role": "assistant", "content": f"answer {len(messages)}"}


def expanded(value, shared):
    if isinstance(value, list):
        return [
            shared[item[SHARED]]
            if isinstance(item, dict) and SHARED in item
            else expanded(item, shared)
            for item in value
        ]
    if isinstance(value, dict):
        return {key: expanded(item, shared) for key, item in value.items()}
    return value


texts = st.text(max_size=80) | st.just("long " * 30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([SHARED, "role", "content"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=200)
@given(st.lists(st.dictionaries(st.sampled_from("ab"), values), max_size=3))
def test_what_is_shared_can_be_put_back(bodies):
    """Whatever bodies hold, even our own marks, they come back from their short form."""
    shared = {}
    told = orjson.loads(orjson.dumps([brief(body, shared) for body in bodies]))
    items = [orjson.loads(text) for text in shared]
    assert [expanded(body, items) for body in told] == bodies


def test_bodies_tell_each_message_once(client, server):
    """The turns of a chat are answered in full, in about the bytes of what was said."""
    messages, calls = [], []
    for i in range(60):
        messages.append({"role": "user", "content": f"question {i} " + "and so on " * 30})
        calls.append(chat.call(list(messages))[1])
    client.finish()
    ids = ",".join(call.id for call in calls)
    answer = httpx.get(f"{server.url}/api/projects/local/test/bodies", params={"ids": ids})
    assert len(answer.content) < 3 * len(orjson.dumps(messages))
    found = answer.json()
    by_id = {call["id"]: expanded(call["inputs"], found["shared"]) for call in found["calls"]}
    assert by_id[calls[-1].id] == {"messages": messages}
    assert by_id[calls[0].id] == {"messages": messages[:1]}


def test_some_calls_are_named(client, server):
    """Previews and bodies are of the calls that are named; no call and too many are refused."""
    _, call = chat.call([{"role": "user", "content": "Why?"}])
    chat([])
    client.finish()
    for route in ("previews", "bodies"):
        url = f"{server.url}/api/projects/local/test/{route}"
        assert [each["id"] for each in httpx.get(url, params={"ids": call.id}).json()["calls"]] == [
            call.id
        ]
        for ids in ("", ",".join([call.id] * (MOST_IDS + 1)), "no id"):
            refused = httpx.get(url, params={"ids": ids})
            assert refused.status_code == 400, ids
            assert refused.json()["error"]


def unpacked(packed):
    """Reads columns as the viewer does."""
    spans = [id[19:23] + id[24:] for id in packed["id"]]
    for row, span in zip(*packed["span"].values(), strict=True):
        spans[row] = span
    calls = []
    for row, id in enumerate(packed["id"]):
        name, digest, kind = packed["ops"][packed["op"][row]].values()
        start = packed["first_us"] + packed["start"][row]
        took, parent = packed["took"][row], packed["parent"][row]
        told = {"op_name": name, "op_digest": digest, "kind": kind, "start_us": start}
        above = spans[parent] if isinstance(parent, int) else parent
        told |= {"id": id, "trace_id": packed["trace_id"], "span_id": spans[row]}
        told |= {"parent_span_id": above, "end_us": None if took is None else start + took}
        calls.append(DEFAULTS | told)
    for name, column in packed["others"].items():
        for row, value in zip(column["rows"], column["values"], strict=True):
            calls[row][name] = value
    return {"trace_id": packed["trace_id"], "calls": calls}


def test_a_packed_trace_is_the_trace(client, server):
    """The columns of a trace hold what its rows do."""

    @weavelite.op(call_display_name="a name of its own")
    def outer(fails):
        chat([])
        if fails:
            raise ValueError("no")

    for fails in (True, False):
        with contextlib.suppress(ValueError), weavelite.thread("t"):
            outer(fails)
    client.finish()
    traces = {call.trace_id for call in client.get_calls()}
    assert len(traces) == 2
    for trace_id in traces:
        url = f"{server.url}/api/projects/local/test/traces/{trace_id}"
        assert unpacked(httpx.get(f"{url}/packed").json()) == httpx.get(url).json()


def test_the_page_of_a_trace_names_what_it_will_ask_for(tmp_path):
    """A trace is on its way while the viewer loads; no other page, and no odd name, asks early."""
    (tmp_path / "index.html").write_text("the viewer, built")
    app = FastAPI()
    viewer.mount(app, tmp_path)
    trace = "local/some-project.v2/traces/" + "0a" * 16
    with TestClient(app) as http:
        early = http.get(f"/{trace}").headers.get("Link")
        assert early == f"</api/projects/{trace}/packed>; rel=preload; as=fetch; crossorigin"
        for other in ("local/p/traces", "local/p/traces/%3Eb", f"{trace}%22", "local/%3E/traces/1"):
            assert "Link" not in http.get(f"/{other}").headers
