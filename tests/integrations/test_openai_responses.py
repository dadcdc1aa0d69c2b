"""The openai SDK's responses and embeddings."""

from collections.abc import Callable
from typing import Any

from weavelite import Call

from .fake_openai import ARGUMENTS, JSON_TEXT, RESPONSE_USAGE, TEXT, FakeOpenAI
from .needs import needs

needs("openai")
from .openai_clients import Weather, usage, with_async_client  # noqa: E402

Only = Callable[[], Call]
Calls = Callable[[], list[Call]]


def test_embeddings_are_recorded_by_size(ai: Any, only: Only) -> None:
    """An embedding is a call with its texts and the size of its vectors, not their numbers."""
    answer = ai.embeddings.create(model="e", input=["a", "b"])
    call = only()
    assert answer.data[0].embedding == [0.5, 0.25, 1.0]
    assert (call.op_name, call.kind) == ("openai.embeddings.create", "embedding")
    assert call.output["data"] == {"embeddings": 2, "dimensions": 3}
    assert call.input_tokens == 9


def test_responses(ai: Any, calls: Calls) -> None:
    """The Responses API is traced, plain and streamed, with the same output and usage."""
    ai.responses.create(model="m", input="hello")
    list(ai.responses.create(model="m", input="hello", stream=True))
    for call in calls():
        assert (call.op_name, call.model) == ("openai.responses.create", "m-2026-01-01")
        assert call.output["output"][0]["content"][0]["text"] == TEXT
        assert usage(call).items() >= RESPONSE_USAGE.items()


def test_responses_that_are_parsed(ai: Any, calls: Calls) -> None:
    """A parsed response has the schema that was asked for, and the value that came."""
    answer = ai.responses.parse(model="json", input="hello", text_format=Weather)
    with ai.responses.stream(model="json", input="hello", text_format=Weather) as stream:
        assert {event.type for event in stream} >= {"response.output_text.delta"}
        streamed = stream.get_final_response()
    assert answer.output_parsed == streamed.output_parsed == Weather(city="Paris", celsius=14)
    parsed, created = calls()
    assert parsed.op_name == "openai.responses.parse"
    assert parsed.inputs["text_format"]["schema"]["title"] == "Weather"
    assert parsed.output["output"][0]["content"][0]["parsed"] == {"city": "Paris", "celsius": 14}
    assert created.output["output"][0]["content"][0]["text"] == JSON_TEXT
    assert created.output_tokens == 17


def test_tools_of_responses(ai: Any, calls: Calls) -> None:
    """The Responses API's tools and tool calls are recorded, plain and streamed."""
    tools = [{"type": "function", "name": "get_weather", "parameters": {"type": "object"}}]
    ai.responses.create(model="m", input="hello", tools=tools)
    list(ai.responses.create(model="m", input="hello", tools=tools, stream=True))
    for call in calls():
        assert call.inputs["tools"] == tools
        (asked,) = call.output["output"]
        assert (asked["name"], asked["arguments"]) == ("get_weather", ARGUMENTS)


def test_raw_responses_of_each(ai: Any, calls: Calls) -> None:
    """Raw responses of the Responses API and of embeddings are the SDK's own, and recorded."""
    raw = ai.responses.with_raw_response.create(model="m", input="hello")
    assert raw.parse().output_text == TEXT
    stream = ai.responses.with_raw_response.create(model="m", input="hello", stream=True).parse()
    assert [event.type for event in stream][-1] == "response.completed"
    with ai.responses.with_streaming_response.create(model="m", input="hello") as lines:
        assert TEXT in "".join(lines.iter_lines())
    vectors = ai.embeddings.with_raw_response.create(model="e", input="a")
    assert vectors.parse().data[0].embedding == [0.5, 0.25, 1.0]
    *answers, embedded = calls()
    for call in answers:
        assert call.output["output"][0]["content"][0]["text"] == TEXT
        assert usage(call).items() >= RESPONSE_USAGE.items()
    assert embedded.output["data"] == {"embeddings": 1, "dimensions": 3}


def test_async_responses_and_embeddings(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """The async client's responses and embeddings are recorded as the sync one's."""

    async def use(ai: Any) -> None:
        await ai.responses.create(model="m", input="hello")
        await ai.responses.parse(model="json", input="hello", text_format=Weather)
        events = await ai.responses.create(model="m", input="hello", stream=True)
        assert [event.type async for event in events][-1] == "response.completed"
        async with ai.responses.stream(model="m", input="hello") as stream:
            assert (await stream.get_final_response()).output_text == TEXT
        await ai.embeddings.create(model="e", input="a")
        raw = await ai.responses.with_raw_response.create(model="m", input="hello")
        assert raw.parse().output_text == TEXT

    with_async_client(server, use)
    names = [call.op_name.removeprefix("openai.") for call in calls()]
    create = "responses.create"
    assert names == [create, "responses.parse", create, create, "embeddings.create", create]
    assert {call.input_tokens for call in calls()} == {57, 9}


def test_a_stream_of_events_that_is_left(ai: Any, only: Only) -> None:
    """A response stream that is left is a call with the text that came."""
    with ai.responses.create(model="m", input="hello", stream=True) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                break
    call = only()
    assert call.output["output"][0]["content"][0]["text"] == "It "
    assert call.attributes["abandoned"] is True
