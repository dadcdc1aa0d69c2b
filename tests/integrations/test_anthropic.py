"""Calls of the anthropic SDK are traced in every form, and what the user gets is the SDK's own."""

import asyncio
import base64

import anthropic
import pydantic
import pytest

import weavelite
from weavelite_integrations import anthropic as integration

from .fake_anthropic import ARGUMENTS, TEXT, THOUGHT, USAGE, running
from .fake_openai_media import PICTURE

ASK = {
    "model": "claude-small",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Weather in Paris?"}],
}
TOOLS = [{"name": "get_weather", "description": "Tells it.", "input_schema": {"type": "object"}}]


@pytest.fixture
def server():
    with running() as served:
        yield served


@pytest.fixture(autouse=True)
def patched(client):
    integration.patch()
    yield
    integration.unpatch()


@pytest.fixture
def sync(server):
    with anthropic.Anthropic(api_key="none", base_url=server.address, max_retries=0) as made:
        yield made


def tasks(server):
    return anthropic.AsyncAnthropic(api_key="none", base_url=server.address, max_retries=0)


def only(client):
    [call] = client.get_calls()
    return call


def check(call, content, name="anthropic.messages.create"):
    assert (call.op_name, call.kind, call.status) == (name, "llm", "success")
    assert call.model == "claude-small-20260101"
    assert call.output["content"] == content
    assert call.inputs["messages"] == ASK["messages"]
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert call.summary["usage"]["claude-small-20260101"]["cache_read_input_tokens"] == 32


TEXT_BLOCK = [{"type": "text", "text": TEXT}]


def test_a_message_is_a_call(client, sync):
    """Messages, answer, model and tokens, cached ones among them, are on the call."""
    answer = sync.messages.create(**ASK, system="Be terse.")
    assert answer.content[0].text == TEXT
    call = only(client)
    check(call, TEXT_BLOCK)
    assert call.inputs["system"] == "Be terse."
    assert call.output["usage"] == USAGE
    assert call.attributes["provider"] == "127.0.0.1"


def test_a_message_of_a_coroutine_is_a_call(client, server):
    """The async client is traced alike, below the op that awaits it."""

    @weavelite.op
    async def ask():
        async with tasks(server) as made:
            return (await made.messages.create(**ASK)).content[0].text

    assert asyncio.run(ask()) == TEXT
    above, call = client.get_calls()
    check(call, TEXT_BLOCK)
    assert call.parent_id == above.id


def test_tools_and_thinking(client, sync):
    """The call of a tool has its arguments, and thinking stands before the answer."""
    sync.messages.create(**ASK, tools=TOOLS)
    sync.messages.create(**ASK, thinking={"type": "enabled", "budget_tokens": 1024})
    tool, thought = client.get_calls()
    assert tool.output["content"][0]["input"] == ARGUMENTS
    assert tool.inputs["tools"] == TOOLS
    assert thought.output["content"][0]["thinking"] == THOUGHT


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ({}, TEXT_BLOCK),
        (
            {"tools": TOOLS},
            [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": ARGUMENTS}],
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1024}},
            [{"type": "thinking", "thinking": THOUGHT, "signature": "sig"}, *TEXT_BLOCK],
        ),
    ],
    ids=["text", "tools", "thinking"],
)
@pytest.mark.parametrize("form", ["raw", "helper", "raw async", "helper async"])
def test_streams_are_added_up(client, server, sync, form, more, content):
    """However a stream is read, its call has the whole message and its tokens."""

    async def read_async(made):
        async with made:
            if form.startswith("raw"):
                return [
                    event async for event in await made.messages.create(**ASK, **more, stream=True)
                ]
            async with made.messages.stream(**ASK, **more) as stream:
                return [event async for event in stream]

    if form == "raw":
        events = list(sync.messages.create(**ASK, **more, stream=True))
    elif form == "helper":
        with sync.messages.stream(**ASK, **more) as stream:
            events = list(stream)
            assert stream.get_final_message().usage.output_tokens == 17
    else:
        events = asyncio.run(read_async(tasks(server)))
    assert events[-1].type == "message_stop"
    name = "anthropic.messages.stream" if "helper" in form else "anthropic.messages.create"
    check(only(client), content, name)
    assert only(client).attributes["time_to_first_token_s"] > 0


def test_a_stream_that_is_left_keeps_what_came(client, sync):
    """Who leaves the block early has the text so far on the call, and that it was left."""
    with sync.messages.stream(**ASK) as stream:
        next(iter(stream.text_stream))
    call = only(client)
    assert call.output["content"] == [{"type": "text", "text": TEXT[:7]}]
    assert call.attributes["abandoned"] is True


def test_a_stream_that_breaks_is_an_error(client, sync):
    """The error reaches the user, and is on the call with what came before it."""
    with pytest.raises(anthropic.APIStatusError):
        list(sync.messages.create(**{**ASK, "model": "breaks"}, stream=True))
    call = only(client)
    assert call.status == "error" and call.output["content"] == TEXT_BLOCK


@pytest.mark.parametrize("form", ["create", "stream"])
def test_a_refusal_is_an_error(client, sync, form):
    """An unknown model raises what it would have raised, and the call says so."""
    asked = {**ASK, "model": "missing"}
    with pytest.raises(anthropic.NotFoundError):
        if form == "create":
            sync.messages.create(**asked)
        else:
            with sync.messages.stream(**asked):
                pass
    assert "NotFoundError" in only(client).error


def test_raw_responses_and_the_beta_resource(client, sync):
    """A raw response is the SDK's own, and the beta resource is traced too."""
    raw = sync.messages.with_raw_response.create(**ASK)
    assert raw.parse().content[0].text == TEXT
    sync.beta.messages.create(**ASK)
    first, second = client.get_calls()
    check(first, TEXT_BLOCK)
    check(second, TEXT_BLOCK)


def test_a_stream_that_is_not_entered_asks_nothing(client, server, sync):
    """The helper asks when its block begins; until then there is no call."""
    sync.messages.stream(**ASK)
    assert not list(client.get_calls()) and not server.asked


def test_it_can_be_taken_back(client, sync):
    """After unpatch nothing is traced, and patching twice traces once."""
    integration.patch()
    sync.messages.create(**ASK)
    assert len(list(client.get_calls())) == 1
    integration.unpatch()
    sync.messages.create(**ASK)
    with sync.messages.stream(**ASK) as stream:
        stream.until_done()
    assert len(list(client.get_calls())) == 1


def test_every_form_of_the_beta_resource(client, server, sync):
    """Streams of the beta resource are traced by the helper, raw, and awaited."""

    async def read(made):
        async with made, made.beta.messages.stream(**ASK) as stream:
            assert (await stream.get_final_message()).content[0].text == TEXT

    with sync.beta.messages.stream(**ASK) as stream:
        assert stream.get_final_message().content[0].text == TEXT
    assert list(sync.beta.messages.create(**ASK, stream=True))[-1].type == "message_stop"
    asyncio.run(read(tasks(server)))
    names = ["stream", "create", "stream"]
    for call, name in zip(client.get_calls(), names, strict=True):
        check(call, TEXT_BLOCK, f"anthropic.messages.{name}")


def test_a_message_that_is_parsed(client, sync):
    """A parsed message has the schema that was asked for and what came."""

    class Weather(pydantic.BaseModel):
        city: str

    answer = sync.messages.parse(**{**ASK, "model": "json"}, output_format=Weather)
    assert answer.parsed_output == Weather(city="Paris")
    call = only(client)
    assert call.op_name == "anthropic.messages.parse"
    assert call.inputs["output_format"]["schema"]["title"] == "Weather"
    assert call.output_tokens == 17


def test_the_sdk_runs_tools(client, server, sync):
    """The SDK's own loop over tools is a call for each request, and what tools call is recorded."""

    @weavelite.op
    def look(city: str) -> str:
        return f"rain in {city}"

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Tells the weather.

        Args:
            city: Where.

        """
        return look(city)

    runner = sync.beta.messages.tool_runner(**ASK, tools=[get_weather])
    assert runner.until_done().content[0].text == TEXT
    names = [call.op_name for call in client.get_calls()]
    assert sorted(names) == ["anthropic.messages.create", "anthropic.messages.create", "look"]


def test_responses_that_are_read_as_they_come(client, sync):
    """`with_streaming_response` is recorded with what the program read of it."""
    methods = sync.messages.with_streaming_response
    with methods.create(**ASK) as read:
        assert read.parse().content[0].text == TEXT
    with methods.create(**ASK, stream=True) as streamed:
        assert list(streamed.parse())[-1].type == "message_stop"
    for call in client.get_calls():
        check(call, TEXT_BLOCK)


def test_images_are_kept_as_content(client, sync, tmp_path):
    """An image in a message is read back as it was, and not kept as text."""
    data = base64.b64encode(PICTURE).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    messages = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    sync.messages.create(**{**ASK, "messages": messages})
    assert only(client).inputs["messages"] == messages
    weavelite.finish()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert data[:400].encode() not in stored
