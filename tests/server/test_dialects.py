"""Spans of real instrumentors look as if they were made for weavelite.

The payloads were sent by the instrumentors of their names to a small server that always answers the
same: 57 tokens in, 32 of them cached, 17 out, 5 of them thought; a call of `get_weather`, and then
a sentence.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.golden import GOLDEN, PAYLOADS, mapped, names
from weavelite.dialects.aliases import NUMBERED, provider_of
from weavelite.dialects.bodies import inputs_of, output_of
from weavelite.dialects.otlp import read_span, read_spans
from weavelite.dialects.reading import collect
from weavelite.dialects.spans import Sent, Span, from_json
from weavelite.query import CallQuery

ANSWER = "The weather in Paris is rainy, 14 C."
MODELS = ("gpt-4o-mini-2026-01-01", "gpt-5-mini-2026-01-01")
CALLED = {"name": "get_weather", "arguments": {"city": "Paris", "unit": "c"}}
BUCKETS = {"input": 25, "cache_read": 32, "output": 12, "reasoning": 5}
BLIND = ("traceloop-openai-chat_multimodal", "otel-openai-v2-latest-chat_multimodal")
"""Leave out what was asked when there is an image in it."""
LESS_TOLD = ("otel-openai-v2-latest", "traceloop-langchain", "vercel-ai-v6-generate_object",
             "traceloop-openai-chat_stream")  # fmt: skip
"""Tell tokens, but not which of them were cached, or thought."""


@pytest.mark.parametrize("name", names())
def test_payloads_are_mapped_as_they_were_read(name):
    """What a captured payload becomes changes only on purpose: `python -m tests.server.golden`."""
    assert mapped(name) == json.loads((GOLDEN / f"{name}.json").read_text())


CALLS = [
    pytest.param(name, call, id=f"{name}-{place}")
    for name in names()
    for place, call in enumerate(mapped(name))
    if call["kind"] == "llm" and not call["failed"]
]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_calls_of_models_are_whole(name, call):
    """Each call of a model has its model, messages and answer, or the tool that it calls."""
    if call["output"] is None:  # Logfire tells of a stream twice: as it begins, and as it ends
        assert "stream" in name or "async" in name
        return
    assert call["model"] in MODELS or "stream" in name or "streaming" in call["op"]
    if name not in BLIND:
        assert call["inputs"]["messages"][-1]["role"] in ("user", "tool")
    said = call["output"]
    if "generate_object" in name:
        assert said == {"city": "Paris", "temp_c": 14}
        return
    assert said["role"] == "assistant"
    for made in said.get("tool_calls", ()):
        function = made["function"]
        assert made["type"] == "function" and made["id"] in ("call_abc1", "fc_1")
        if function["name"] == "get_weather":
            assert {**function, "arguments": json.loads(function["arguments"])} == CALLED
    text = said["content"] or ""
    assert "tool_calls" in said or text.strip() == ANSWER or json.loads(text)["city"] == "Paris"


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_tokens_come_in_buckets(name, call):
    """Each call of a model has its tokens, in disjoint buckets where they are told apart."""
    if "tokens" not in call and ("stream" in name or "async" in name):
        return  # the stream was not asked for them
    assert sum(call["tokens"].values()) == 57 + 17
    if not name.startswith(LESS_TOLD):
        assert call["tokens"] == BUCKETS


@pytest.mark.parametrize("name", names())
def test_no_token_counts_twice(name, store):
    """A trace has the tokens of the requests that were made, whoever else reports them again."""
    store.ingest(read_spans(from_json(payload(name))).batch)
    [project] = store.projects()
    roots = CallQuery(project=f"{project.entity}/{project.name}", trace_roots_only=True)
    total = sum(root.sum_tokens or 0 for root in store.calls(roots).calls)
    calls = [call for call in mapped(name) if call["kind"] in ("llm", "embedding")]
    assert total == sum(sum(call.get("tokens", {}).values()) for call in calls)


def payload(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def of_kind(name, kind):
    return [call for call in mapped(name) if call["kind"] == kind]


@pytest.mark.parametrize(
    "name", [name for name in names() if "agent_tool" in name or "generate_text_tool" in name]
)
def test_calls_of_tools_are_whole(name):
    """A call of a tool has its arguments, its result, its name, and whose wish it was."""
    [tool] = of_kind(name, "tool")
    assert tool["inputs"] == {"city": "Paris", "unit": "c"}
    assert tool["output"] == {"temp_c": 14, "sky": "rain"}
    assert tool["display_name"] == "get_weather"
    assert tool["attributes"]["tool_call_id"] == "call_abc1"


@pytest.mark.parametrize("name", [name for name in names() if "chat_tool" in name])
def test_requests_have_tools_and_parameters(name):
    """What a model was offered and how it was to answer are inputs of its call."""
    first = of_kind(name, "llm")[0]["inputs"]
    assert first["temperature"] == 0.2
    if "otel-openai-v2" in name:  # which leaves them out
        return
    assert first["tools"][0]["type"] == "function"
    assert first["tools"][0]["function"]["name"] == "get_weather"
    assert "city" in first["tools"][0]["function"]["parameters"]["properties"]


@pytest.mark.parametrize(
    "name", [name for name in names() if "multimodal" in name and name not in BLIND]
)
def test_images_are_parts_of_messages(name):
    """An image in a message is one, wherever its sender puts it."""
    [call] = of_kind(name, "llm")
    [text, image] = call["inputs"]["messages"][0]["content"]
    assert text == {"type": "text", "text": "What is in this image?"}
    assert image["type"] == "image_url"
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_kinds_of_the_vercel_sdk():
    """The leaf is the call of the model, what is around it a chain; embeddings are told apart."""
    assert [call["kind"] for call in mapped("vercel-ai-v6-generate_text_tool")] == [
        "llm", "tool", "llm", "chain",
    ]  # fmt: skip
    [inner, outer] = mapped("vercel-ai-v6-embed_many")
    assert (inner["kind"], outer["kind"]) == ("embedding", "chain")
    assert inner["inputs"]["input"] == ["a", "b"] and len(inner["output"]) == 2


def test_kinds_of_langfuse():
    """Observations are what they say they are."""
    kinds = [call["kind"] for call in mapped("langfuse-app")]
    assert kinds == ["retriever", "tool", "llm", "llm", "agent", "op"]


@pytest.mark.parametrize(
    ("name", "thread", "user"),
    [
        ("langfuse-app", "sess-1", "user-42"),
        ("openinference-openai-chat_tool", "sess-1", "user-42"),
        ("vercel-ai-v6-stream_text", "sess-1", "user-42"),
        ("pydantic-ai-v5-agent_tool", "conv-1", None),
        ("traceloop-langchain-0.40-legacy-agent", "t-1", "u9"),
    ],
)
def test_conversations_and_users_are_known(name, thread, user):
    """The session of the sender is the thread, and its user an attribute."""
    calls = mapped(name)
    assert thread in {call.get("thread_id") for call in calls}
    assert user in {call.get("attributes", {}).get("user_id") for call in calls}


@pytest.mark.parametrize("name", [name for name in names() if name.endswith("-error")])
def test_errors_are_errors(name):
    """A call that failed says why in a line that begins with the error's name."""
    failed = of_kind(name, "llm")
    assert failed and all(call["failed"] and call["output"] is None for call in failed)
    for call in failed:
        assert call["model"] == "bad-model" and "bad-model" in call["error"]
        assert call["error"].startswith(("NotFoundError: ", "AI_APICallError: "))


@pytest.mark.parametrize("path", sorted((PAYLOADS / "wire").glob("*.json")), ids=lambda p: p.stem)
def test_what_javascript_sends_is_read_the_same(path):
    """The JSON that the JavaScript exporter itself wrote gives the calls of the other forms."""
    sent = read_spans(from_json(json.loads(path.read_text())))
    assert sent == read_spans(from_json(payload(path.stem)))


@pytest.mark.parametrize(
    ("told", "provider"),
    [("openai.chat", "openai"), ("aws.bedrock", "aws.bedrock"), ("Langchain", None)],
)
def test_providers_have_their_own_names(told, provider):
    """What a framework adds to a provider's name is dropped."""
    assert provider_of({"gen_ai.system": told}) == provider


STEPS = st.lists(
    st.sampled_from(
        ["0", "1", "7", "-1", "07", "10001", "x", "message", "tool_calls", "tool_call", "content",
         "contents", "message_content", "role", "function", "arguments", "document", ""]
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["user", '[{"type": "text"}]', '{"role": 1}', "[[", '"x"', "[1]"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["role", "content", "parts", "type", "text", "messages", "tool_calls", "function",
             "arguments", "name", "id", "lc", "kwargs", "choices", "message", "event.name",
             "generations", "output", "image_url", "url", "data", "source", "input", "args",
             "kwargs", "outputs", "inputs", "documents", "json_schema", "usage", "metadata"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=6,
)  # fmt: skip
NUMBERED_NAMES = st.tuples(st.sampled_from(NUMBERED), STEPS).map(
    lambda pair: pair[0] + ".".join(pair[1])
)


@given(st.dictionaries(NUMBERED_NAMES, VALUES, max_size=4))
def test_hostile_names_of_attributes_are_survived(attributes):
    """Whatever the numbered names are, they make lists, and calls that are JSON."""
    for kind in ("llm", "tool", "embedding", "retriever", "agent"):
        known = collect(attributes)
        json.dumps(inputs_of(known, kind)), json.dumps(output_of(known, kind))


def told_names():
    from weavelite.dialects import aliases

    tables = [value for name, value in vars(aliases).items() if name.isupper()]
    found = {name for table in tables if isinstance(table, tuple) for name in table
             if isinstance(name, str)}  # fmt: skip
    return sorted(found | {each + "x" for each in aliases.PARAMETERS_UNDER})


@given(st.dictionaries(st.sampled_from(told_names()), VALUES, max_size=4))
def test_any_values_of_known_attributes_are_survived(attributes):
    """Attributes that have a meaning may have any value: the span becomes a call all the same."""
    span = Span(b"\1" * 16, b"\2" * 8, b"", "s", 1, 0, 1, 2, attributes)
    _, call = read_span(Sent({}, "", span), "local/p")
    assert isinstance(json.loads(call.inputs), dict)
