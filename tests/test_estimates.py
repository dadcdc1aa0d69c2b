"""Tokens that no provider told are counted here, marked as estimates, and never fetched for."""

import hashlib
import socket

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite import instrument
from weavelite.estimates import URL, Estimator, cached_encoding, encoding_name, estimate
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

# A real encoding in which each byte is a token: what tiktoken would download is not at hand.
BYTES = tiktoken.Encoding(
    "bytes", pat_str=r".", mergeable_ranks={bytes([n]): n for n in range(256)}, special_tokens={}
)
MESSAGES = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}]
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}


def test_messages_and_answers_are_counted():
    """What is said is counted, with what a chat's format adds; not ids and addresses of images."""
    assert estimate(BYTES, {"messages": MESSAGES, "model": "m"}, ANSWER) == (7 + 5 + 6 + 3, 2)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    parts = [{"role": "user", "content": [{"type": "text", "text": "see"}, image]}]
    assert estimate(BYTES, {"messages": parts}, "no") == (3 + 3 + 3, 2)
    assert estimate(BYTES, {"prompt": "abc"}, {"text": "de"}) == (3, 2)


def test_what_has_no_text_is_not_estimated():
    """Where there is nothing to count there is no estimate."""
    for inputs, output in [({}, "x"), (None, "x"), ({"x": "y"}, "x"), ({"prompt": "p"}, None)]:
        assert estimate(BYTES, inputs, output) is None


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["messages", "content", "text", "x", "role"]), inner)
    ),
)


@given(st.none() | st.dictionaries(st.sampled_from(["messages", "prompt", "x"]), ANY), ANY)
def test_anything_can_be_counted(inputs, output):
    """No inputs and no output raise."""
    found = estimate(BYTES, inputs, output)
    assert found is None or min(found) > 0


def test_models_have_their_encodings():
    """Known models have theirs; others that of the newer ones."""
    assert encoding_name("gpt-3.5-turbo") == "cl100k_base"
    assert encoding_name("openai/gpt-4o-mini") == encoding_name("qwen2.5-0.5b") == "o200k_base"


def test_nothing_is_downloaded(tmp_path, monkeypatch):
    """An encoding that is not on this disk, or is not what it should be, is done without."""
    monkeypatch.setattr(socket, "socket", None)  # whoever connects would fail loudly
    environ = {"TIKTOKEN_CACHE_DIR": str(tmp_path)}
    assert cached_encoding("o200k_base", environ) is None
    name = hashlib.sha1(URL.format("o200k_base").encode()).hexdigest()
    (tmp_path / name).write_bytes(b"torn")
    assert cached_encoding("o200k_base", environ) is None
    assert (tmp_path / name).read_bytes() == b"torn"
    assert cached_encoding("nonsense", environ) is None


def ask(model: str, kind: str = "llm", output: object = ANSWER) -> None:
    call = instrument.start(
        "ask", {"messages": MESSAGES}, kind=kind, model=model, attributes={"provider": "openai"}
    )
    instrument.end(call, output)


@pytest.fixture
def counting(client, store_path):
    client.flush()
    store = SqliteStore(store_path, Estimator(lambda name: BYTES))
    yield store
    store.close()


def test_calls_without_usage_get_an_estimate(client, counting):
    """A call of a model without usage has counts that are marked, in the tree and its root."""
    parent = instrument.start("agent", {})
    with instrument.active(parent):
        ask("gpt-4o-mini")
    instrument.end(parent, "done")
    ask("m", kind="embedding")
    ask("m", output=None)
    client.flush()
    assert counting.estimate() == 1
    assert counting.estimate() == 0
    root, leaf = sorted(
        counting.details(CallQuery(project="local/test", sort=[("started_at", "asc")]), costs=True),
        key=lambda call: call.op_name,
    )[:2]
    assert (root.sum_tokens, leaf.sum_tokens) == (23, 23)
    assert root.estimated and leaf.estimated and leaf.input_tokens is None
    assert leaf.sum_cost == pytest.approx(21 * 0.15e-6 + 2 * 0.6e-6)
    assert leaf.usage[0].estimated and leaf.usage[0].provider == "openai"
    assert counting.stats(CallQuery(project="local/test", trace_roots_only=True)).tokens == 23


def test_without_an_encoding_there_is_no_estimate(client, store_path):
    """Nothing is said about tokens while no encoding is here; when one comes, it is."""
    ask("m")
    client.flush()
    store = SqliteStore(store_path, Estimator(lambda name: None))
    assert store.estimate() == 0
    store.close()
    later = SqliteStore(store_path, Estimator(lambda name: BYTES))
    assert later.estimate() == 1
    later.close()


def test_what_a_provider_tells_is_not_estimated(client, counting):
    """A call whose provider told its tokens keeps those."""
    call = instrument.start("ask", {"messages": MESSAGES}, kind="llm", model="m")
    instrument.end(call, ANSWER, usage={"prompt_tokens": 5, "completion_tokens": 1})
    client.flush()
    assert counting.estimate() == 0
    (found,) = weavelite.get_client().store.calls(CallQuery(project="local/test")).calls
    assert (found.sum_tokens, found.estimated) == (6, False)
