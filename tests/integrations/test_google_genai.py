"""Gemini's SDK is traced in every form: whole, streamed, with tools that the SDK itself calls."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import weavelite
from weavelite import Call, Content

from .fake_gemini import TEXT, USAGE, FakeGemini, running
from .fake_openai_media import PICTURE
from .needs import needs

genai = needs("google.genai")
from weavelite_integrations import google_genai as integration  # noqa: E402

Calls = Callable[[], list[Call]]
Only = Callable[[], Call]
GENERATE = "google_genai.models.generate_content"
pytestmark = pytest.mark.filterwarnings("ignore")  # of methods that are to go, and of open sockets


@pytest.fixture
def gemini() -> Iterator[FakeGemini]:
    with running() as server:
        yield server


@pytest.fixture
def ai(gemini: FakeGemini, client: Any) -> Any:
    integration.patch()
    options = {"base_url": gemini.address, "retry_options": {"attempts": 1}}
    yield genai.Client(api_key="secret-key", http_options=options)
    integration.unpatch()


def said(call: Call) -> str:
    return "".join(part["text"] for part in call.output["candidates"][0]["content"]["parts"])


def test_an_answer_is_a_call(ai: Any, only: Only) -> None:
    """A request is a call with contents, configuration, answer, model and tokens; no secret."""
    config = {"temperature": 0.5, "system_instruction": "Be terse."}
    answer = ai.models.generate_content(model="m", contents="Weather?", config=config)
    call = only()
    assert answer.text == said(call) == TEXT
    assert (call.op_name, call.kind) == (GENERATE, "llm")
    assert (call.inputs["model"], call.inputs["contents"]) == ("m", "Weather?")
    assert call.inputs["config"]["temperature"] == 0.5
    assert (call.model, call.input_tokens, call.output_tokens) == ("gemini-small-001", 57, 17)
    assert call.attributes["provider"] == "google"
    assert "secret" not in f"{call.inputs} {call.attributes} {call.output}"


def test_async(ai: Any, calls: Calls) -> None:
    """Requests that are awaited, and streams of them, are recorded alike, below their op."""

    @weavelite.op
    async def ask() -> None:
        await ai.aio.models.generate_content(model="m", contents="Weather?")
        stream = await ai.aio.models.generate_content_stream(model="m", contents="Weather?")
        assert len([chunk async for chunk in stream]) == 6

    asyncio.run(ask())
    above, whole, streamed = calls()
    assert said(whole) == TEXT and said(streamed).strip() == TEXT
    assert {call.parent_id for call in (whole, streamed)} == {above.id}
    assert streamed.input_tokens == 57


def test_a_stream(ai: Any, only: Only) -> None:
    """A stream is one call, with its chunks added up."""
    chunks = list(ai.models.generate_content_stream(model="m", contents="Weather?"))
    call = only()
    assert "".join(chunk.text or "" for chunk in chunks) == said(call)
    assert len(call.output["candidates"][0]["content"]["parts"]) == 1
    assert call.output["candidates"][0]["finish_reason"] == "STOP"
    assert call.output["usage_metadata"]["thoughts_token_count"] == USAGE["thoughtsTokenCount"]
    assert call.attributes["time_to_first_token_s"] > 0


def test_a_stream_that_is_left(ai: Any, only: Only) -> None:
    """Who leaves a stream has what came on the call, and no error."""
    for _ in ai.models.generate_content_stream(model="m", contents="Weather?"):
        break
    call = only()
    assert (call.status, call.attributes["abandoned"], said(call)) == ("success", True, "It ")


def test_tools_that_the_sdk_calls(ai: Any, calls: Calls) -> None:
    """Python functions as tools make a chain over each request and what the functions call."""

    @weavelite.op
    def look(city: str) -> str:
        return f"rain in {city}"

    def get_weather(city: str) -> str:
        """Tells the weather."""
        return str(look(city))

    answer = ai.models.generate_content(
        model="m", contents="Weather?", config={"tools": [get_weather]}
    )
    assert answer.text == TEXT
    chain, asked, looked, told = calls()
    assert (chain.kind, asked.kind, looked.op_name, told.kind) == ("chain", "llm", "look", "llm")
    assert {call.parent_id for call in (asked, looked, told)} == {chain.id}
    call = asked.output["candidates"][0]["content"]["parts"][0]["function_call"]
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    assert (chain.input_tokens, told.input_tokens) == (None, 57)


def test_tools_that_the_program_calls(ai: Any, only: Only) -> None:
    """Declared functions are recorded as they were offered and called."""
    tool = {"function_declarations": [{"name": "get_weather", "description": "Tells it."}]}
    ai.models.generate_content(model="m", contents="Weather?", config={"tools": [tool]})
    call = only()
    declared = call.inputs["config"]["tools"][0]["function_declarations"][0]
    assert declared["name"] == "get_weather"
    assert "function_call" in call.output["candidates"][0]["content"]["parts"][0]


def test_images_are_content(ai: Any, gemini: FakeGemini, calls: Calls) -> None:
    """Images that go in and come out are kept as images."""
    part = genai.types.Part.from_bytes(data=PICTURE, mime_type="image/png")
    ai.models.generate_content(
        model="m", contents=["Draw.", part], config={"response_modalities": ["IMAGE"]}
    )
    options = {"base_url": gemini.address}
    vertex = genai.Client(vertexai=True, api_key="k", http_options=options)
    vertex.models.generate_images(model="imagen", prompt="rain")
    spoken, drawn = calls()
    assert drawn.attributes["provider"] == "gcp.vertex_ai"
    given = spoken.inputs["contents"][1]["inline_data"]["data"]
    made = spoken.output["candidates"][0]["content"]["parts"][0]["inline_data"]["data"]
    image = drawn.output["generated_images"][0]["image"]["image_bytes"]
    for content in (given, made, image):
        assert isinstance(content, Content)
        assert (content.data, content.mimetype) == (PICTURE, "image/png")


def test_a_schema(ai: Any, only: Only) -> None:
    """A schema that is asked for is recorded."""

    class Weather(BaseModel):
        city: str

    config = {"response_mime_type": "application/json", "response_schema": Weather}
    ai.models.generate_content(model="m", contents="Weather?", config=config)
    assert "city" in str(only().inputs["config"]["response_schema"])


def test_embeddings(ai: Any, only: Only) -> None:
    """Embeddings are recorded by their size."""
    ai.models.embed_content(model="e", contents=["a", "b"])
    call = only()
    assert call.kind == "embedding"
    assert call.output["embeddings"] == {"embeddings": 2, "dimensions": 3}


def test_chats(ai: Any, calls: Calls) -> None:
    """The requests of a chat are calls, with what was said before."""
    chat = ai.chats.create(model="m")
    chat.send_message("Weather?")
    chat.send_message("And tomorrow?")
    first, second = calls()
    assert said(first) == said(second) == TEXT
    assert len(second.inputs["contents"]) == 3


def test_an_error(ai: Any, calls: Calls) -> None:
    """An error of the provider is raised as it is, and on the call: plain, streamed, async."""
    asked = {"model": "missing", "contents": "x"}
    with pytest.raises(genai.errors.ClientError):
        ai.models.generate_content(**asked)
    with pytest.raises(genai.errors.ClientError):
        list(ai.models.generate_content_stream(**asked))
    with pytest.raises(genai.errors.ClientError):
        asyncio.run(ai.aio.models.generate_content(**asked))
    assert ["ClientError" in str(call.error) for call in calls()] == [True] * 3


def test_it_can_be_taken_back(ai: Any, calls: Calls) -> None:
    """After unpatch the methods are those that were before, and nothing is traced."""
    from google.genai.models import AsyncModels, Models

    def methods() -> list[Any]:
        names = [name for name, _ in integration.METHODS]
        return [vars(owner)[name] for owner in (Models, AsyncModels) for name in names]

    integration.unpatch()
    before = methods()
    integration.patch()
    integration.patch()
    ai.models.generate_content(model="m", contents="x")
    assert len(calls()) == 1
    integration.unpatch()
    assert all(now is then for now, then in zip(methods(), before, strict=True))
    ai.models.generate_content(model="m", contents="x")
    assert len(calls()) == 1


def test_it_is_traced_when_imported(gemini: FakeGemini, programs: Any) -> None:
    """A program that imports the SDK after `init` is traced."""
    options = {"base_url": gemini.address}
    programs.run(
        f"""
        import weavelite; weavelite.init('integrations')
        from google import genai
        ai = genai.Client(api_key="k", http_options={options!r})
        ai.models.generate_content(model="m", contents="x")
        """
    )
    assert programs.tree() == [GENERATE]
