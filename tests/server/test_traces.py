"""What the page of a trace reads beside its tree: previews and bodies of some calls."""

import httpx
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

import weavelite
from weavelite.server.routes.traces import MOST_IDS, SHARED, _brief


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


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("ab"), values), max_size=3))
def test_what_is_shared_can_be_put_back(bodies):
    """Whatever bodies hold, even our own marks, they come back from their short form."""
    shared = {}
    brief = orjson.loads(orjson.dumps([_brief(body, shared) for body in bodies]))
    items = [orjson.loads(text) for text in shared]
    assert [expanded(body, items) for body in brief] == bodies


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
