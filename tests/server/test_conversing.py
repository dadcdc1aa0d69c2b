"""Large bodies in a conversation: only their start comes, and no message is lost or mistaken."""

import httpx
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.server.conversing import said

texts = st.text(max_size=9) | st.integers(1, 40_000).map("w".__mul__)
messages = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": texts})


@given(st.lists(messages, min_size=1, max_size=60), messages, st.integers(0, 400_000))
def test_a_message_is_cut_alike_in_each_turn(history, added, other):
    """Whatever stands before it or beside it, a message is the same: it is known again."""
    bodies = (
        {"messages": history},
        {"documents": "d" * other, "messages": [*history, added]},
        {"state": {"messages": [history, [added]]}},
    )
    first, second, third = (said(body, ["inputs"], "llm") for body in bodies)
    assert second[0]["messages"][:-1] == first[0]["messages"] == third[0]["state"]["messages"][0]
    assert len(second[0]["messages"]) == len(history) + 1
    known = {(cut.total, cut.digest) for cut in first[1]}
    assert known <= {(cut.total, cut.digest) for cut in second[1]}


def test_texts_that_differ_behind_the_cut_are_told_apart():
    """The digest is that of the whole text."""
    one, other = (
        said([{"role": "user", "content": "w" * 50_000 + end}], ["output"], "llm") for end in "ab"
    )
    assert one[0] == other[0]
    assert one[1][0].digest != other[1][0].digest


def test_what_a_tool_gave_is_cut_as_any_value():
    """Only of messages all are told: a tool's list of a hundred thousand documents is not."""
    found = [{"content": f"document {n}", "type": "page"} for n in range(100_000)]
    short, (cut,) = said(found, ["output"], "tool")
    assert (cut.path, cut.total, cut.next) == (["output"], 100_000, len(short))
    assert len(said({"messages": found}, ["inputs"], "agent")[0]["messages"]) == 100_000


def test_a_conversation_asks_for_the_start_of_what_is_large(client, server):
    """Asked in parts, a large turn is a small answer, which says where more is."""

    @weavelite.op(kind="llm")
    def chat(messages):
        return {"role": "assistant", "content": "short"}

    call = chat.call([{"role": "user", "content": "w" * 3_000_000}])[1]
    client.finish()
    url = f"{server.url}/api/projects/local/test/bodies"
    whole, short = (
        httpx.get(url, params={"ids": call.id, **more}) for more in ({}, {"in_parts": "true"})
    )
    assert len(whole.content) > 3_000_000
    assert whole.json()["calls"][0]["cuts"] == []
    assert len(short.content) < 30_000
    (cut,) = short.json()["calls"][0]["cuts"]
    assert (cut["path"], cut["total"]) == (["inputs", "messages", "0", "content"], 3_000_000)
