import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

import weavelite
from weavelite import Call
from weavelite_integrations import openai as integration

from .fake_openai import ARGUMENTS, JSON_TEXT, TEXT, USAGE, FakeOpenAI
from .needs import needs

openai = needs("openai")
from .openai_clients import Weather, usage, with_async_client  # noqa: E402

Only = Callable[[], Call]
Calls = Callable[[], list[Call]]
MESSAGES: list[Any] = [{"role": "user", "content": "What is the weather?"}]
BROKEN = "Connection error|peer closed connection"  # openai 3 says the former, 2 the latter
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
]


def said(call: Call) -> Any:
    return call.output["choices"][0]["message"]["content"]


def test_a_completion_is_a_call(ai: Any, only: Only) -> None:
    """A request is a call of kind llm with its inputs, answer, model and tokens."""
    answer = ai.chat.completions.create(model="m", messages=MESSAGES, temperature=0.5)
    call = only()
    assert (call.op_name, call.kind) == ("openai.chat.completions.create", "llm")
    assert call.inputs == {"model": "m", "messages": MESSAGES, "temperature": 0.5}
    assert said(call) == answer.choices[0].message.content == TEXT
    assert (call.model, call.input_tokens, call.output_tokens) == ("m-2026-01-01", 57, 17)


def test_usage_is_kept_word_for_word(ai: Any, only: Only) -> None:
    """What the provider reports of tokens is kept with all its details."""
    ai.chat.completions.create(model="m", messages=MESSAGES)
    assert usage(only()).items() >= USAGE.items()


def test_secrets_stay_out(ai: Any, only: Only) -> None:
    """Neither the API key nor headers of a request are recorded."""
    ai.chat.completions.create(model="m", messages=MESSAGES, extra_headers={"x-auth": "secret-h"})
    call = only()
    assert "secret" not in f"{call.inputs} {call.attributes} {call.summary} {call.output}"


def test_arguments_not_given_are_not_inputs(ai: Any, only: Only) -> None:
    """The SDK's marks for "nothing was given" do not become inputs."""
    ai.chat.completions.create(model="m", messages=MESSAGES, stop=openai.NOT_GIVEN, n=openai.omit)
    assert set(only().inputs) == {"model", "messages"}


def test_answers_can_be_sent_back(ai: Any, calls: Calls) -> None:
    """A message object of the SDK among the messages is recorded as what it says."""
    first = ai.chat.completions.create(model="m", messages=MESSAGES, tools=TOOLS)
    history = [*MESSAGES, first.choices[0].message]
    ai.chat.completions.create(model="m", messages=history)
    recorded = calls()[1].inputs["messages"][1]
    assert recorded["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": ARGUMENTS}


def test_parse_records_schema_and_parsed_value(ai: Any, only: Only) -> None:
    """A parsed completion shows the schema that was asked for and the value that came."""
    answer = ai.chat.completions.parse(model="m", messages=MESSAGES, response_format=Weather)
    call = only()
    assert answer.choices[0].message.parsed == Weather(city="Paris", celsius=14)
    assert call.op_name == "openai.chat.completions.parse"
    assert call.inputs["response_format"]["schema"]["title"] == "Weather"
    assert call.output["choices"][0]["message"]["parsed"] == {"city": "Paris", "celsius": 14}


def test_a_completion_that_cannot_be_parsed_is_still_paid_for(ai: Any, only: Only) -> None:
    """When the answer is too short to be parsed, the error is recorded with answer and usage."""
    with pytest.raises(openai.LengthFinishReasonError):
        ai.chat.completions.parse(model="short", messages=MESSAGES, response_format=Weather)
    call = only()
    assert (call.status, said(call), call.output_tokens) == ("error", JSON_TEXT, 17)


def test_errors_are_recorded_and_raised(ai: Any, only: Only) -> None:
    """An error of the provider reaches the program unchanged, and the call."""
    with pytest.raises(openai.NotFoundError):
        ai.chat.completions.create(model="missing", messages=MESSAGES)
    call = only()
    assert call.status == "error"
    assert "NotFoundError" in (call.error or "")


def test_a_mistake_of_the_caller_raises_as_the_sdk_does(ai: Any) -> None:
    """A call that lacks an argument gets the SDK's own TypeError."""
    with pytest.raises(TypeError, match="Missing required arguments"):
        ai.chat.completions.create(model="m")


def test_a_stream_is_one_call(ai: Any, only: Only) -> None:
    """A stream is one call, with the chunks added up to one completion."""
    stream = ai.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    call = only()
    assert type(stream) is openai.Stream
    assert said(call) == text == TEXT
    assert call.output["object"] == "chat.completion"
    assert call.output["choices"][0]["finish_reason"] == "stop"
    assert call.attributes["time_to_first_token_s"] > 0
    assert "abandoned" not in call.attributes


def test_streamed_choices_are_kept_apart(ai: Any, only: Only) -> None:
    """Several choices of one stream are added up each by itself."""
    list(ai.chat.completions.create(model="m", messages=MESSAGES, stream=True, n=2))
    contents = [choice["message"]["content"] for choice in only().output["choices"]]
    assert contents == [TEXT, TEXT]


def test_streamed_tool_calls_are_put_together(ai: Any, only: Only) -> None:
    """Tool calls that come in pieces are recorded whole, in the shape of a completion."""
    list(ai.chat.completions.create(model="m", messages=MESSAGES, tools=TOOLS, stream=True))
    function = {"name": "get_weather", "arguments": ARGUMENTS}
    assert only().output["choices"][0]["message"]["tool_calls"] == [
        {"id": f"call_{number}", "type": "function", "function": function} for number in (1, 2)
    ]


def test_usage_of_a_stream_is_asked_of_openai_only(ai: Any, server: FakeOpenAI, only: Only) -> None:
    """A server that is not OpenAI's is asked for nothing that the program did not ask for."""
    list(ai.chat.completions.create(model="m", messages=MESSAGES, stream=True))
    assert "stream_options" not in server.asked[-1]
    assert only().input_tokens is None


def test_usage_of_a_stream_of_openai(server: FakeOpenAI, client: Any, only: Only) -> None:
    """OpenAI is asked for the usage of a stream, and the program does not see the extra chunk."""
    # The request goes to the fake by way of a proxy, so that its host is OpenAI's.
    http = openai.DefaultHttpxClient(proxy=server.address)
    with openai.OpenAI(base_url="http://api.openai.com/v1", api_key="k", http_client=http) as ai:
        chunks = list(ai.chat.completions.create(model="m", messages=MESSAGES, stream=True))
    assert server.asked[-1]["stream_options"] == {"include_usage": True}
    assert all(chunk.choices for chunk in chunks)
    assert (only().input_tokens, only().output_tokens) == (57, 17)


def test_usage_that_the_program_asks_for_is_its_own(ai: Any, only: Only) -> None:
    """A program that asks for the usage chunk gets it, and so does the call."""
    stream = ai.chat.completions.create(
        model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    assert [chunk.usage for chunk in stream][-1] is not None
    assert only().output_tokens == 17


def leave_the_loop(ai: Any) -> None:
    with ai.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content:
                break


def close_the_stream(ai: Any) -> None:
    stream = ai.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    next(stream), next(stream)
    stream.close()


def forget_the_stream(ai: Any) -> None:
    stream = ai.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    next(stream), next(stream)
    stream.response.close()
    del stream
    gc.collect()


def leave_the_helper(ai: Any) -> None:
    with ai.chat.completions.stream(model="m", messages=MESSAGES) as stream:
        for event in stream:
            if event.type == "content.delta" and event.delta:
                break


@pytest.mark.parametrize(
    "leave", [leave_the_loop, close_the_stream, forget_the_stream, leave_the_helper]
)
def test_a_stream_that_is_left_is_ended(leave: Callable[[Any], None], ai: Any, only: Only) -> None:
    """A stream that is not read to its end is a call with what came, and no error."""
    leave(ai)
    call = only()
    assert call.status == "success"
    assert call.attributes["abandoned"] is True
    assert said(call) == "It"


def test_a_stream_that_breaks_is_an_error(ai: Any, only: Only) -> None:
    """When the connection breaks, the program gets the SDK's error and the call what came."""
    with pytest.raises(Exception, match=BROKEN):
        list(ai.chat.completions.create(model="breaks", messages=MESSAGES, stream=True))
    call = only()
    assert (call.status, said(call)) == ("error", "It rains")


def test_an_error_in_the_loop_is_the_programs_own(ai: Any, only: Only) -> None:
    """What the program raises while it reads a stream does not make the request a failure."""
    with (
        pytest.raises(ZeroDivisionError),
        ai.chat.completions.create(model="m", messages=MESSAGES, stream=True) as stream,
    ):
        for _ in stream:
            raise ZeroDivisionError
    assert only().status == "success"


def test_the_stream_helper_is_one_call(ai: Any, only: Only) -> None:
    """`.stream()` gives the program its events and final completion, and is recorded once."""
    with ai.chat.completions.stream(
        model="m", messages=MESSAGES, response_format=Weather
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "content.delta" in kinds
    assert final.choices[0].message.parsed == Weather(city="Paris", celsius=14)
    assert said(only()) == JSON_TEXT


def test_a_raw_response_is_recorded(ai: Any, only: Only) -> None:
    """`with_raw_response` gives what it gives, and the call has the answer."""
    raw = ai.chat.completions.with_raw_response.create(model="m", messages=MESSAGES)
    assert raw.headers["content-type"] == "application/json"
    assert raw.parse().choices[0].message.content == TEXT
    call = only()
    assert (said(call), call.output_tokens) == (TEXT, 17)


def test_a_raw_stream_is_recorded(ai: Any, only: Only) -> None:
    """A stream behind a raw response is read along, parsed once or twice."""
    raw = ai.chat.completions.with_raw_response.create(model="m", messages=MESSAGES, stream=True)
    stream = raw.parse()
    assert raw.parse() is stream
    assert len(list(stream)) == 7
    assert said(only()) == TEXT


def test_a_streaming_response_is_recorded_when_read(ai: Any, calls: Calls) -> None:
    """`with_streaming_response` is recorded with what the program read of it."""
    methods = ai.chat.completions.with_streaming_response
    with methods.create(model="m", messages=MESSAGES) as read:
        assert read.parse().choices[0].message.content == TEXT
    with methods.create(model="m", messages=MESSAGES):
        pass
    with methods.create(model="m", messages=MESSAGES, stream=True) as streamed:
        assert len(list(streamed.parse())) == 7
    read_call, unread_call, streamed_call = calls()
    assert said(read_call) == said(streamed_call) == TEXT
    assert (unread_call.status, unread_call.output) == ("success", None)


def test_async_requests(server: FakeOpenAI, client: Any, only: Only) -> None:
    """The async client is traced as the sync one."""
    with_async_client(server, lambda ai: ai.chat.completions.create(model="m", messages=MESSAGES))
    call = only()
    assert (call.op_name, said(call)) == ("openai.chat.completions.create", TEXT)


def test_async_parse(server: FakeOpenAI, client: Any, only: Only) -> None:
    """The async client parses as the sync one."""
    with_async_client(
        server,
        lambda ai: ai.chat.completions.parse(model="m", messages=MESSAGES, response_format=Weather),
    )
    assert only().output["choices"][0]["message"]["parsed"]["city"] == "Paris"


def test_async_streams(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """Async streams are one call each: read to the end, left, by the helper, raw."""

    async def use(ai: Any) -> None:
        create, asked = ai.chat.completions.create, {"model": "m", "messages": MESSAGES}
        whole: Any = await create(**asked, stream=True)
        assert type(whole) is openai.AsyncStream
        assert len([chunk async for chunk in whole]) == 7
        async with await create(**asked, stream=True) as left:
            async for chunk in left:
                if chunk.choices[0].delta.content:
                    break
        async with ai.chat.completions.stream(model="m", messages=MESSAGES) as helper:
            assert (await helper.get_final_completion()).choices[0].message.content == TEXT
        raw: Any = ai.chat.completions.with_streaming_response
        async with raw.create(**asked, stream=True) as streamed:
            assert len([chunk async for chunk in await streamed.parse()]) == 7
        async with raw.create(**asked) as plain:
            await plain.parse()

    with_async_client(server, use)
    assert [said(call) for call in calls()] == [TEXT, "It", TEXT, TEXT, TEXT]


def test_an_async_stream_that_breaks(server: FakeOpenAI, client: Any, only: Only) -> None:
    """When the connection of an async stream breaks, the call has the error and what came."""

    async def use(ai: Any) -> None:
        stream: Any = await ai.chat.completions.create(
            model="breaks", messages=MESSAGES, stream=True
        )
        with pytest.raises(Exception, match=BROKEN):
            [chunk async for chunk in stream]

    with_async_client(server, use)
    assert (only().status, said(only())) == ("error", "It rains")


def test_requests_nest_under_ops(ai: Any, traced_tree: Callable[[], Any]) -> None:
    """A request made in an op is a child of its call, streamed or not."""

    @weavelite.op
    def answer() -> str:
        ai.chat.completions.create(model="m", messages=MESSAGES)
        list(ai.chat.completions.create(model="m", messages=MESSAGES, stream=True))
        return "done"

    answer()
    request = "openai.chat.completions.create"
    assert traced_tree() == ["answer", [request, request]]


def test_async_errors(server: FakeOpenAI, client: Any, only: Only) -> None:
    """An error of the provider reaches the coroutine unchanged, and the call."""

    async def use(ai: Any) -> None:
        with pytest.raises(openai.NotFoundError):
            await ai.chat.completions.create(model="missing", messages=MESSAGES)

    with_async_client(server, use)
    assert "NotFoundError" in str(only().error)


def test_a_request_that_is_cancelled(server: FakeOpenAI, client: Any, only: Only) -> None:
    """A coroutine that is cancelled while it waits ends its call with the cancellation."""

    async def use(ai: Any) -> None:
        task = asyncio.create_task(ai.chat.completions.create(model="slow", messages=MESSAGES))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with_async_client(server, use)
    assert (only().status, "CancelledError" in str(only().error)) == ("error", True)


def test_unpatched_is_untraced(ai: Any, calls: Calls) -> None:
    """`unpatch` puts the SDK's methods back, and `patch` twice is as good as once."""
    integration.unpatch()
    try:
        ai.chat.completions.create(model="m", messages=MESSAGES)
        assert calls() == []
    finally:
        integration.patch()
        integration.patch()
    ai.chat.completions.create(model="m", messages=MESSAGES)
    assert len(calls()) == 1


def test_unpatch_gives_the_originals_back() -> None:
    """After `unpatch` each method of the SDK is the very object that it was before `patch`."""

    def methods() -> list[Any]:
        known = [*integration.SDK.known(""), *integration.SDK.known("Async")]
        return [vars(owner)[name] for owner, name, _ in known]

    integration.unpatch()
    before = methods()
    integration.patch()
    try:
        assert len(before) > 25
        assert not any(now is then for now, then in zip(methods(), before, strict=True))
        integration.unpatch()
        assert all(now is then for now, then in zip(methods(), before, strict=True))
    finally:
        integration.patch()


def test_without_a_client_nothing_happens(server: FakeOpenAI) -> None:
    """A patched SDK in a program that does not trace works as ever."""
    with openai.OpenAI(base_url=server.base_url, api_key="k") as ai:
        answer = ai.chat.completions.create(model="m", messages=MESSAGES)
        stream = ai.chat.completions.create(model="m", messages=MESSAGES, stream=True)
        assert answer.choices[0].message.content == TEXT
        assert len(list(stream)) == 7


@pytest.mark.parametrize("first", ["weavelite", "openai"])
def test_the_order_of_imports_does_not_matter(
    first: str, server: FakeOpenAI, programs: Any
) -> None:
    """The SDK is traced when it is imported before `init`, and when after."""
    lines = ["import openai", "import weavelite; weavelite.init('integrations')"]
    program = "\n".join(
        [
            *(lines if first == "openai" else reversed(lines)),
            f"ai = openai.OpenAI(base_url={server.base_url!r}, api_key='k')",
            f"ai.chat.completions.create(model='m', messages={MESSAGES!r})",
        ]
    )
    programs.run(program)
    assert programs.tree() == ["openai.chat.completions.create"]
