"""Spans of senders that were not captured, as their conventions and sources say they are."""

import json

import pytest

from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import Event, Sent, Span

WEATHER = '{"city":"Paris"}'
CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "get_weather", "arguments": WEATHER},
}
ASKED = [{"role": "system", "content": "be terse"}, {"role": "user", "content": "Weather?"}]


def read(attributes, events=(), name="span", **fields):
    """Maps one span; returns its kind and the call, with bodies as values."""
    span = Span(b"\1" * 16, b"\2" * 8, b"", name, 1, 0, 10**18, 10**18 + 10**9, attributes)
    span.events = list(events)
    for field, value in fields.items():
        setattr(span, field, value)
    batch = read_spans([Sent({"service.name": "s"}, "", span)]).batch
    [op], [call] = batch.ops, batch.calls
    output = None if call.output is None else json.loads(call.output)
    return op.kind, json.loads(call.inputs), output, call


def lc(name, **kwargs):
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name],
            "kwargs": kwargs}  # fmt: skip


LANGSMITH = {
    "langsmith.span.kind": "llm",
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.prompt": json.dumps(
        {"messages": [[lc("SystemMessage", content="be terse"),
                       lc("HumanMessage", content="Weather?")]]}
    ),
    "gen_ai.completion": json.dumps(
        {"generations": [[{
            "text": "", "generation_info": {"finish_reason": "tool_calls"},
            "message": lc("AIMessage", content="", tool_calls=[
                {"name": "get_weather", "args": {"city": "Paris"}, "id": "c1",
                 "type": "tool_call"}]),
        }]], "llm_output": {}}
    ),
    "gen_ai.usage.input_tokens": 57,
    "gen_ai.usage.output_tokens": 17,
    "gen_ai.usage.input_token_details": '{"cache_read": 32}',
    "langsmith.metadata.thread_id": "t1",
    "langsmith.metadata.user_id": "u1",
    "langsmith.metadata.team": "red",
    "langsmith.metadata.LANGSMITH_PROJECT": "p",
    "langsmith.span.tags": "prod, seq:step:1",
}  # fmt: skip


def test_langsmith_s_model():
    """LangChain's messages in LangSmith's attributes are opened; its own tags are dropped."""
    kind, inputs, output, call = read(LANGSMITH)
    assert (kind, inputs["messages"], inputs["model"]) == ("llm", ASKED, "gpt-5")
    assert (output["tool_calls"], output["finish_reason"]) == ([CALL], "tool_calls")
    assert call.rest["tokens"].cache_read == 32 and call.rest["tokens"].total == 74
    assert call.rest["thread_id"] == "t1"
    about = call.rest["attributes"]
    assert (about["user_id"], about["tags"]) == ("u1", ["prod"])
    assert about["metadata"] == {"thread_id": "t1", "user_id": "u1", "team": "red"}


def test_langsmith_s_others():
    """Tools, retrievers and wrapped clients of LangSmith have their values, without wrappings."""
    kind, inputs, output, _ = read(
        {"langsmith.span.kind": "tool", "gen_ai.prompt": WEATHER, "gen_ai.tool.name": "get_weather",
         "gen_ai.completion": json.dumps({"output": lc("ToolMessage", content='{"temp": 14}',
                                                        tool_call_id="c1")})}
    )  # fmt: skip
    assert (kind, inputs, output) == ("tool", {"city": "Paris"}, {"temp": 14})
    found = {"documents": [{"lc": 1, "type": "constructor", "id": ["x", "Document"],
                            "kwargs": {"page_content": "a", "metadata": {"n": 1}}}]}  # fmt: skip
    kind, inputs, output, _ = read(
        {"langsmith.span.kind": "retriever", "gen_ai.prompt": '{"query": "q"}',
         "gen_ai.completion": json.dumps(found)}
    )  # fmt: skip
    assert (kind, inputs) == ("retriever", {"query": "q"})
    assert output == [{"page_content": "a", "metadata": {"n": 1}}]
    wrapped = {"choices": [{"message": {"role": "assistant", "content": "hi"},
                            "finish_reason": "stop"}], "usage": {}}  # fmt: skip
    kind, inputs, output, _ = read(
        {"langsmith.span.kind": "llm", "gen_ai.completion": json.dumps(wrapped),
         "gen_ai.prompt": json.dumps({"messages": ASKED, "temperature": 0.2})}
    )  # fmt: skip
    assert inputs == {"temperature": 0.2, "messages": ASKED}
    assert output == {"role": "assistant", "content": "hi", "finish_reason": "stop"}


PARTS = [
    {"role": "user", "parts": [
        {"type": "text", "content": "Look"},
        {"type": "uri", "modality": "image", "uri": "https://x/y.png"},
        {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "AAAA"},
        {"type": "file", "file_id": "f1"}]},
    {"role": "assistant", "parts": [
        {"type": "reasoning", "content": "hm"},
        {"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": WEATHER}]},
    {"role": "user", "parts": [
        {"type": "tool_call_response", "id": "c1", "result": {"temp": 14}}]},
]  # fmt: skip


SAID = [{"role": "assistant", "parts": [{"type": "text", "content": text}],
         "finish_reason": "stop"} for text in ("one", "two")]  # fmt: skip


@pytest.mark.parametrize("sent", [json.dumps, lambda value: value], ids=["text", "structured"])
def test_parts_of_the_current_conventions(sent):
    """Text, images, sounds, files, thoughts, calls and results are told in one form."""
    kind, inputs, output, call = read(
        {"gen_ai.operation.name": "chat", "gen_ai.input.messages": sent(PARTS),
         "gen_ai.output.messages": sent(SAID),
         "gen_ai.system_instructions": sent([{"type": "text", "content": "be terse"}]),
         "gen_ai.request.temperature": 0.2, "gen_ai.request.choice.count": 2,
         "gen_ai.conversation.id": "t1", "gen_ai.response.finish_reasons": ["stop", "stop"]}
    )  # fmt: skip
    system, look, thought, result = inputs["messages"]
    assert system == ASKED[0]
    assert look["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f1"}},
    ]
    assert thought == {"role": "assistant", "content": None, "reasoning_content": "hm",
                       "tool_calls": [CALL]}  # fmt: skip
    assert result == {"role": "tool", "tool_call_id": "c1", "content": {"temp": 14}}
    assert [message["content"] for message in output] == ["one", "two"]
    assert (inputs["temperature"], inputs["n"]) == (0.2, 2)
    assert (kind, call.rest["thread_id"]) == ("llm", "t1")


def test_events_on_spans():
    """Older conventions tell messages in events, their content in the event's own attributes."""
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5"}
    made = [
        Event("gen_ai.system.message", 1, {"content": "be terse"}),
        Event("gen_ai.user.message", 2, {"gen_ai.event.content": '{"content": "Weather?"}'}),
        Event("gen_ai.choice", 3, {"finish_reason": "tool_calls", "index": 0,
              "message": json.dumps({"role": "assistant", "tool_calls": [CALL]})}),
    ]  # fmt: skip
    _, inputs, output, _ = read(attributes, made)
    assert inputs["messages"] == ASKED
    assert (output["tool_calls"], output["finish_reason"]) == ([CALL], "tool_calls")


def test_events_of_strands():
    """Strands has parts of Bedrock as JSON in its events: text, calls of tools, results."""
    used = [{"text": "ok"}, {"toolUse": {"toolUseId": "c1", "name": "get_weather",
                                          "input": {"city": "Paris"}}}]  # fmt: skip
    made = [
        Event("gen_ai.user.message", 1, {"content": '[{"text": "Weather?"}]'}),
        Event("gen_ai.tool.message", 2, {"role": "tool", "id": "c0", "content": json.dumps(
            [{"toolResult": {"toolUseId": "c0", "content": [{"text": "14 C"}]}}])}),
        Event("gen_ai.choice", 3, {"finish_reason": "tool_use", "message": json.dumps(used)}),
    ]  # fmt: skip
    _, inputs, output, _ = read({"gen_ai.operation.name": "chat"}, made)
    assert inputs["messages"] == [
        ASKED[1],
        {"role": "tool", "tool_call_id": "c0", "content": "14 C"},
    ]
    assert (output["content"], output["tool_calls"]) == ("ok", [CALL])


def test_events_of_semantic_kernel():
    """Semantic Kernel has whole prompts in events, and roles in capital letters."""
    made = [
        Event("gen_ai.content.prompt", 1, {"gen_ai.prompt": json.dumps(
            [{"role": "System", "content": "be terse"}, {"role": "User", "content": "Weather?"}])}),
        Event("gen_ai.content.completion", 2, {"gen_ai.completion": json.dumps(
            [{"role": "Assistant", "content": "", "tool_calls": [CALL]}])}),
    ]  # fmt: skip
    kind, inputs, output, _ = read({"gen_ai.operation.name": "chat.completions"}, made)
    assert (kind, inputs["messages"], output["tool_calls"]) == ("llm", ASKED, [CALL])


def test_exceptions_in_events():
    """The exception of an event says what failed, also where the status says nothing."""
    raised = {"exception.type": "app.errors.RateLimit", "exception.message": "slow down",
              "exception.stacktrace": "Traceback..."}  # fmt: skip
    *_, call = read({}, [Event("exception", 1, raised)], status=2)
    assert call.failed and call.rest["error"] == "RateLimit: slow down"
    assert call.rest["exception"] == "Traceback..."


def test_java_s_numbers_are_texts():
    """Spring AI sends all as text: tokens and parameters are numbers all the same."""
    kind, inputs, _, call = read(
        {"gen_ai.operation.name": "chat", "gen_ai.system": "openai",
         "gen_ai.request.model": "gpt-5", "gen_ai.request.temperature": "0.7",
         "gen_ai.response.finish_reasons": '["STOP"]', "gen_ai.usage.input_tokens": "57",
         "gen_ai.usage.output_tokens": "17", "gen_ai.usage.total_tokens": "74"}
    )  # fmt: skip
    assert (kind, inputs["temperature"]) == ("llm", 0.7)
    assert (call.rest["input_tokens"], call.rest["output_tokens"]) == (57, 17)
    kind, inputs, output, call = read(
        {"spring.ai.kind": "tool_call", "gen_ai.operation.name": "framework",
         "spring.ai.tool.definition.name": "get_weather",
         "spring.ai.tool.call.arguments": WEATHER, "spring.ai.tool.call.result": '{"temp": 14}'}
    )  # fmt: skip
    assert (kind, inputs, output) == ("tool", {"city": "Paris"}, {"temp": 14})
    assert call.rest["display_name"] == "get_weather"
    kind, inputs, _, _ = read(
        {"spring.ai.kind": "vector_store", "db.vector.query.content": "q", "db.system": "pgvector"}
    )
    assert (kind, inputs) == ("retriever", {"query": "q"})


def test_vercel_s_pieces():
    """The Vercel AI SDK's thoughts, calls and files; names of older versions too."""
    prompt = [{"role": "user", "content": [
        {"type": "text", "text": "Weather?"},
        {"type": "file", "mediaType": "image/png", "data": "iVBOR"},
    ]}, {"role": "tool", "content": [{"type": "tool-result", "toolCallId": "c0", "toolName": "f",
                                      "output": {"type": "json", "value": {"t": 1}}}]}]  # fmt: skip
    kind, inputs, output, call = read(
        {"ai.operationId": "ai.streamText.doStream", "ai.prompt.messages": json.dumps(prompt),
         "ai.response.reasoning": "hm", "ai.settings.maxOutputTokens": 9,
         "ai.prompt.tools": ['{"type":"function","name":"f","inputSchema":{"type":"object"}}'],
         "ai.response.toolCalls": json.dumps([
             {"toolCallId": "c1", "toolName": "get_weather", "input": WEATHER}]),
         "ai.model.id": "gpt-5", "ai.model.provider": "azure.openai", "ai.usage.inputTokens": 57,
         "ai.usage.cachedInputTokens": 32, "ai.usage.outputTokens": 17,
         "ai.response.msToFirstChunk": 250, "ai.telemetry.functionId": "fn"}
    )  # fmt: skip
    assert kind == "llm"
    assert inputs["messages"][0]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBOR"
    assert inputs["messages"][1] == {"role": "tool", "tool_call_id": "c0", "content": {"t": 1},
                                     "name": "f"}  # fmt: skip
    assert inputs["tools"][0]["function"] == {"name": "f", "parameters": {"type": "object"}}
    assert (inputs["max_tokens"], output["reasoning_content"]) == (9, "hm")
    assert output["tool_calls"] == [CALL]
    assert call.rest["attributes"]["time_to_first_token_s"] == 0.25
    _, _, output, _ = read({"ai.operationId": "ai.generateText.doGenerate", "ai.result.text": "hi"})
    assert output == {"role": "assistant", "content": "hi"}


def test_mlflow_s_values():
    """MLflow writes every value as JSON, texts in quotes."""
    kind, inputs, output, call = read(
        {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.llm.model": '"gpt-5"',
         "mlflow.spanInputs": json.dumps({"messages": ASKED, "temperature": 0.2}),
         "mlflow.spanOutputs": json.dumps({"choices": [
             {"message": {"role": "assistant", "content": None, "tool_calls": [CALL]}}]}),
         "mlflow.chat.tokenUsage":
             '{"input_tokens": 57, "output_tokens": 17, "total_tokens": 74}'}
    )  # fmt: skip
    assert (kind, call.rest["model"], inputs["messages"]) == ("llm", "gpt-5", ASKED)
    assert output["tool_calls"] == [CALL] and call.rest["input_tokens"] == 57
    langchain = [[{"content": "Weather?", "type": "human"}]]
    made = {"generations": [[{"text": "hi", "message": {"content": "hi", "type": "ai"}}]]}
    _, inputs, output, _ = read(
        {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": json.dumps(langchain),
         "mlflow.spanOutputs": json.dumps(made)}
    )  # fmt: skip
    assert inputs["messages"] == ASKED[1:] and output == {"role": "assistant", "content": "hi"}
    kind, inputs, output, _ = read(
        {"mlflow.spanType": '"TOOL"', "mlflow.spanInputs": WEATHER, "mlflow.spanOutputs": '"rain"'}
    )
    assert (kind, inputs, output) == ("tool", {"city": "Paris"}, "rain")


def test_openinference_s_documents():
    """Retrievers, rerankers and tools of OpenInference; plain texts stay texts."""
    kind, inputs, output, _ = read(
        {"openinference.span.kind": "RETRIEVER", "input.value": "42", "input.mime_type":
         "text/plain", "retrieval.documents.0.document.content": "a",
         "retrieval.documents.0.document.score": 0.5,
         "retrieval.documents.0.document.metadata": '{"n": 1}',
         "retrieval.documents.2.document.content": "b", "retrieval.documents.2.document.id": "d2"}
    )  # fmt: skip
    assert (kind, inputs) == ("retriever", {"query": "42"})
    assert output == [{"page_content": "a", "score": 0.5, "metadata": {"n": 1}},
                      {"page_content": "b", "id": "d2"}]  # fmt: skip
    kind, inputs, output, _ = read(
        {"openinference.span.kind": "RERANKER", "reranker.query": "q", "reranker.top_k": 1,
         "reranker.model_name": "m", "reranker.input_documents.0.document.content": "a",
         "reranker.output_documents.0.document.content": "a",
         "reranker.output_documents.0.document.score": 0.9}
    )  # fmt: skip
    assert (kind, inputs["query"]) == ("reranker", "q")
    assert inputs["documents"] == [{"page_content": "a"}]
    assert output == [{"page_content": "a", "score": 0.9}]
    kind, inputs, output, call = read(
        {"openinference.span.kind": "TOOL", "tool.name": "get_weather", "input.value": WEATHER,
         "input.mime_type": "application/json", "output.value": "rain"}, name="FunctionTool"
    )  # fmt: skip
    assert (kind, inputs, output) == ("tool", {"city": "Paris"}, "rain")
    assert call.rest["display_name"] == "get_weather"


def test_openinference_when_the_sender_has_cut_it():
    """What a sender's limit left of numbered messages is not the whole: the input is, if it came.

    Without numbered messages those of the whole input are taken.
    """
    whole = json.dumps({"model": "claude", "system": "be terse", "max_tokens": 9,
                        "messages": [{"role": "user", "content": "Weather?"}]})  # fmt: skip
    _, inputs, output, _ = read(
        {"openinference.span.kind": "LLM", "input.value": whole, "input.mime_type":
         "application/json", "output.value": json.dumps(
             {"role": "assistant", "stop_reason": "tool_use", "content": [
                 {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "ok"},
                 {"type": "tool_use", "id": "c1", "name": "get_weather",
                  "input": {"city": "Paris"}}]})}
    )  # fmt: skip
    assert (inputs["messages"], inputs["max_tokens"]) == (ASKED, 9)
    assert output == {"role": "assistant", "content": "ok", "reasoning_content": "hm",
                      "tool_calls": [CALL], "finish_reason": "tool_use"}  # fmt: skip


def test_chains_keep_their_values():
    """A chain that has messages beside its own values keeps the values."""
    kind, inputs, output, _ = read(
        {"openinference.span.kind": "CHAIN", "input.value": '{"q": 1}',
         "llm.input_messages.0.message.role": "user", "output.value": '{"a": 2}'}
    )  # fmt: skip
    assert (kind, inputs, output) == ("chain", {"q": 1}, {"a": 2})


def test_langfuse_s_levels():
    """An observation of level ERROR has failed, with its message; observed arguments are named."""
    kind, inputs, _, call = read(
        {"langfuse.observation.type": "tool", "langfuse.observation.level": "ERROR",
         "langfuse.observation.status_message": "no such city",
         "langfuse.observation.input": '{"args": [], "kwargs": {"city": "Paris"}}'}
    )  # fmt: skip
    assert (kind, inputs) == ("tool", {"city": "Paris"})
    assert call.failed and call.rest["error"] == "no such city"


def test_openllmetry_s_numbered_messages():
    """Older messages in pieces, with parts, calls of tools and quotes as JSON in their texts."""
    kind, inputs, output, call = read(
        {"llm.request.type": "chat", "gen_ai.system": "Anthropic",
         "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": json.dumps(
             [{"type": "text", "text": "Weather?"}, {"type": "image", "source": {
                 "type": "base64", "media_type": "image/png", "data": "iVBOR"}}]),
         "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": '""',
         "gen_ai.completion.0.tool_calls.0.name": "get_weather",
         "gen_ai.completion.0.tool_calls.0.id": "c1",
         "gen_ai.completion.0.tool_calls.0.arguments": WEATHER,
         "gen_ai.usage.prompt_tokens": 57, "gen_ai.usage.completion_tokens": 17,
         "traceloop.association.properties.user_id": "u1",
         "traceloop.association.properties.chat_id": "t1"}
    )  # fmt: skip
    assert kind == "llm"
    assert inputs["messages"][0]["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBOR"
    assert (output["content"] or "") == "" and output["tool_calls"] == [CALL]
    assert (call.rest["thread_id"], call.rest["attributes"]["user_id"]) == ("t1", "u1")


def test_vector_databases():
    """What a vector database found stands in events."""
    found = [Event("db.query.result", 1, {"db.query.result.id": str(n), "db.query.result.score":
             0.5, "db.query.result.document": f"text {n}"}) for n in range(2)]  # fmt: skip
    kind, _, output, _ = read({"db.system": "chroma", "db.operation": "query"}, found)
    assert kind == "retriever"
    assert output[1] == {"page_content": "text 1", "id": "1", "score": 0.5}


def test_the_agent_development_kit():
    """Google's kit has whole requests and answers of Gemini."""
    request = {"model": "gemini-3", "config": {"system_instruction": "be terse"},
               "contents": [{"role": "user", "parts": [{"text": "Weather?"}]}]}  # fmt: skip
    answer = {"content": {"role": "model", "parts": [
        {"text": "hm", "thought": True},
        {"function_call": {"id": "c1", "name": "get_weather", "args": {"city": "Paris"}}}]},
        "finish_reason": "STOP"}  # fmt: skip
    kind, inputs, output, call = read(
        {"gen_ai.system": "gcp.vertex.agent", "gen_ai.request.model": "gemini-3",
         "gcp.vertex.agent.llm_request": json.dumps(request),
         "gcp.vertex.agent.session_id": "t1",
         "gcp.vertex.agent.llm_response": json.dumps(answer)}, name="call_llm"
    )  # fmt: skip
    assert (kind, inputs["messages"], call.rest["thread_id"]) == ("llm", ASKED, "t1")
    assert output["tool_calls"] == [CALL] and output["reasoning_content"] == "hm"


def test_agents_tools_and_retrieval_of_the_current_conventions():
    """Agents, tools, retrieval and MCP have their names, arguments, results and documents."""
    kind, inputs, output, call = read(
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "bot",
         "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text",
                                                                "content": "Weather?"}]}],
         "gen_ai.output.messages": [{"role": "assistant", "parts": [
             {"type": "text", "content": "rain"}], "finish_reason": "stop"}]},
        name="invoke_agent bot",
    )  # fmt: skip
    assert (kind, inputs["messages"], output["content"]) == ("agent", ASKED[1:], "rain")
    assert call.rest["display_name"] == "bot"
    kind, inputs, output, _ = read(
        {"mcp.method.name": "tools/call", "gen_ai.tool.name": "get_weather",
         "gen_ai.tool.call.arguments": {"city": "Paris"}, "gen_ai.tool.call.result": "rain"}
    )  # fmt: skip
    assert (kind, inputs, output) == ("tool", {"city": "Paris"}, "rain")
    kind, inputs, output, _ = read(
        {"gen_ai.operation.name": "retrieval", "gen_ai.retrieval.query.text": "q",
         "gen_ai.retrieval.documents": '[{"id": "d1", "score": 0.5}]'}
    )  # fmt: skip
    assert (kind, inputs, output) == ("retriever", {"query": "q"}, [{"id": "d1", "score": 0.5}])


def test_pydantic_ai_s_first_version():
    """Its events hold questions and the answer; the agent's hold the whole conversation."""
    events = [
        {"event.name": "gen_ai.system.message", "content": "be terse", "role": "system"},
        {"event.name": "gen_ai.user.message", "content": "Weather?", "role": "user"},
        {"event.name": "gen_ai.choice", "index": 0,
         "message": {"role": "assistant", "tool_calls": [CALL]}},
    ]  # fmt: skip
    kind, inputs, output, _ = read(
        {"gen_ai.operation.name": "chat", "events": json.dumps(events)}, name="chat gpt-5"
    )
    assert (kind, inputs["messages"], output["tool_calls"]) == ("llm", ASKED, [CALL])
    whole = [*events[:2], {"event.name": "gen_ai.assistant.message", "role": "assistant",
                           "content": "rain"}]  # fmt: skip
    kind, inputs, output, _ = read(
        {"agent_name": "bot", "all_messages_events": json.dumps(whole), "final_result": "rain"}
    )
    assert (kind, inputs, output) == ("agent", {"messages": ASKED}, "rain")


def test_texts_that_cannot_be_read_are_kept():
    """Messages whose JSON the sender has cut are kept as the text that came."""
    cut = '[{"role": "user", "parts": [{"type": "te'
    _, inputs, output, _ = read(
        {"gen_ai.operation.name": "chat", "gen_ai.input.messages": cut,
         "gen_ai.output.messages": cut}
    )  # fmt: skip
    assert inputs == {"messages": [{"role": "user", "content": cut}]}
    assert output == {"role": "assistant", "content": cut}


def test_a_model_is_found_in_the_answer_where_no_attribute_names_it():
    """What a provider answered says more of the model than what was asked."""
    asked = json.dumps({"messages": ASKED, "model": "gpt-5"})
    answered = json.dumps({"choices": [], "model": "gpt-5-2026"})
    of_model = {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": asked}
    assert read(of_model)[3].rest["model"] == "gpt-5"
    assert read({**of_model, "mlflow.spanOutputs": answered})[3].rest["model"] == "gpt-5-2026"
    _, _, _, chain = read({"mlflow.spanType": '"CHAIN"', "mlflow.spanInputs": asked})
    assert "model" not in chain.rest
