"""Spans of real instrumentors look as if they were made for weavelite.

The payloads were sent by the instrumentors of their names to a small server that always answers the
same: 57 tokens in, 17 out, a call of `get_weather`, and then a sentence.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.dialects.aliases import kind_of, provider_of
from weavelite.dialects.bodies import indexed, inputs_of, output_of
from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import from_json

PAYLOADS = Path(__file__).parent / "payloads"
ANSWER = "The weather in Paris is rainy, 14 C."
MODEL = "gpt-4o-mini-2026-01-01"
CHATS = ["otel-openai-v2-latest-chat_tool", "openinference-openai-chat_tool",
         "otel-genai-openai-chat_tool", "traceloop-openai-chat_tool", "pydantic-ai-v5-agent_tool",
         "pydantic-ai-v2-agent_tool", "vercel-ai-v6-generate_text_tool", "vercel-ai-v6-stream_text",
         "traceloop-langchain-0.40-legacy-rag", "langfuse-app"]  # fmt: skip


def calls_of(name):
    """Gives the calls of a payload as pairs of their kind and what they hold."""
    mapped = read_spans(from_json(json.loads((PAYLOADS / f"{name}.json").read_text())))
    kinds = {op.key: op.kind for op in mapped.batch.ops}
    return [(kinds[call.op_key], call) for call in mapped.batch.calls]


@pytest.mark.parametrize("name", CHATS)
def test_calls_of_models_are_whole(name):
    """Each call of a model has its model, tokens, messages, and a tool call or the answer."""
    found = [call for kind, call in calls_of(name) if kind == "llm"]
    assert found
    for call in found:
        assert call.rest["model"] == MODEL
        assert (call.rest["input_tokens"], call.rest["output_tokens"]) == (57, 17)
        asked = json.loads(call.inputs)
        assert asked.get("messages") or asked.get("tools")
        assert ANSWER in call.output or ("get_weather" in call.output and "Paris" in call.output)


@pytest.mark.parametrize(
    "name",
    ["pydantic-ai-v5-agent_tool", "pydantic-ai-v2-agent_tool", "vercel-ai-v6-generate_text_tool"],
)
def test_calls_of_tools_are_whole(name):
    """A call of a tool has its arguments and its result."""
    [tool] = [call for kind, call in calls_of(name) if kind == "tool"]
    assert json.loads(tool.inputs) == {"city": "Paris", "unit": "c"}
    assert json.loads(tool.output) == {"temp_c": 14, "sky": "rain"}


def test_kinds_of_the_vercel_sdk():
    """The leaf is the call of the model, what is around it a chain; embeddings are told apart."""
    assert [kind for kind, _ in calls_of("vercel-ai-v6-generate_text_tool")] == [
        "llm", "tool", "llm", "chain",
    ]  # fmt: skip
    assert [kind for kind, _ in calls_of("vercel-ai-v6-embed_many")] == ["embedding", "chain"]
    [embedding, _] = calls_of("vercel-ai-v6-embed_many")
    assert json.loads(embedding[1].inputs) == {"input": ["a", "b"]}
    assert len(json.loads(embedding[1].output)) == 2


def test_kinds_of_langfuse():
    """Observations are what they say they are."""
    kinds = [kind for kind, _ in calls_of("langfuse-app")]
    assert kinds == ["retriever", "tool", "llm", "llm", "agent", "op"]


@pytest.mark.parametrize("name", ["langfuse-app", "vercel-ai-v6-stream_text"])
def test_conversations_are_known(name):
    """The session of the sender is the thread."""
    threads = {call.rest.get("thread_id") for _, call in calls_of(name)}
    assert "sess-1" in threads


@pytest.mark.parametrize("name", ["logfire-openai-error", "vercel-ai-v6-error"])
def test_errors_are_errors(name):
    """A call that failed says why, and has no output."""
    failed = [call for kind, call in calls_of(name) if kind == "llm"]
    assert failed and all(call.failed and call.output is None for call in failed)
    assert all("bad-model" in call.rest["error"] for call in failed)


def test_messages_in_parts_are_put_together():
    """Numbered attributes of OpenInference make messages with tool calls, in their order."""
    attributes = {
        "llm.output_messages.10.message.role": "assistant",
        "llm.output_messages.2.message.role": "user",
        "llm.output_messages.2.message.contents.0.message_content.text": "hi",
        "llm.output_messages.10.message.tool_calls.0.tool_call.id": "c1",
        "llm.output_messages.10.message.tool_calls.0.tool_call.function.name": "f",
    }
    assert output_of(attributes) == [
        {"role": "user", "contents": [{"text": "hi"}]},
        {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "f"}}]},
    ]


def test_what_is_told_whole_wins():
    """Numbered attributes beside a whole value are passed over."""
    attributes = {"gen_ai.prompt.0.content": "part", "gen_ai.input.messages": '[{"role": "user"}]'}
    assert inputs_of(attributes) == {"messages": [{"role": "user"}]}


STEPS = st.lists(
    st.sampled_from(["0", "1", "-1", "07", "x", "message", ""]), min_size=1, max_size=6
)


@given(st.dictionaries(STEPS.map(lambda steps: "gen_ai.prompt." + ".".join(steps)), st.integers()))
def test_hostile_names_of_attributes_are_survived(attributes):
    """Whatever the numbered names are, they make a list, and it is JSON."""
    json.dumps(indexed(attributes, ("gen_ai.prompt.",)))
    json.dumps(inputs_of(attributes))


@pytest.mark.parametrize(
    ("told", "provider"),
    [("openai.chat", "openai"), ("aws.bedrock", "aws.bedrock"), ("Langchain", None)],
)
def test_providers_have_their_own_names(told, provider):
    """What a framework adds to a provider's name is dropped."""
    assert provider_of({"gen_ai.system": told}) == provider


def test_mlflow_s_quotes_are_read():
    """MLflow writes its kinds as JSON texts."""
    assert kind_of({"mlflow.spanType": '"CHAT_MODEL"'}) == "llm"
