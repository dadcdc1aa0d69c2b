"""LiteLLM's functions and Router are traced, and what they ask other SDKs is not traced twice."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call

from . import fake_anthropic
from .fake_openai import ARGUMENTS, TEXT, FakeOpenAI
from .fake_openai_media import HEARD, PICTURE, SPOKEN
from .needs import needs

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it fetches one
litellm = needs("litellm")
from weavelite_integrations import litellm as integration  # noqa: E402
from weavelite_integrations import openai as openai_integration  # noqa: E402

Only = Callable[[], Call]
Calls = Callable[[], list[Call]]
MESSAGES = [{"role": "user", "content": "What is the weather?"}]
TOOLS = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
]
pytestmark = pytest.mark.filterwarnings("ignore")  # LiteLLM's own, of pydantic and of open sockets


@pytest.fixture(autouse=True)
def patched() -> Iterator[None]:
    """The openai SDK beneath is traced as well."""
    openai_integration.patch()
    integration.patch()
    yield
    integration.unpatch()


@pytest.fixture
def asked(server: FakeOpenAI, client: Any) -> dict[str, Any]:
    return {
        "model": "openai/m",
        "messages": MESSAGES,
        "api_base": server.base_url,
        "api_key": "secret-key",
    }


@pytest.fixture
def router(server: FakeOpenAI, client: Any) -> Any:
    def deployment(name: str, model: str) -> dict[str, Any]:
        params = {"model": model, "api_base": server.base_url, "api_key": "secret-key"}
        return {"model_name": name, "litellm_params": params}

    listed = [deployment("good", "openai/m"), deployment("bad", "openai/missing")]
    return litellm.Router(model_list=listed, fallbacks=[{"bad": ["good"]}], num_retries=0)


def said(call: Call) -> Any:
    return call.output["choices"][0]["message"]["content"]


def test_a_completion_is_one_call(asked: dict[str, Any], only: Only) -> None:
    """A completion is one call with messages, answer, model, tokens and provider, and no secret."""
    answer = litellm.completion(**asked, temperature=0.5)
    call = only()
    assert (call.op_name, call.kind) == ("litellm.completion", "llm")
    assert call.inputs == {"model": "openai/m", "messages": MESSAGES, "temperature": 0.5}
    assert said(call) == answer.choices[0].message.content == TEXT
    assert (call.model, call.input_tokens, call.output_tokens) == ("m-2026-01-01", 57, 17)
    assert call.attributes["provider"] == "openai"
    assert "secret" not in f"{call.inputs} {call.attributes} {call.output}"


def test_arguments_by_place(asked: dict[str, Any], only: Only) -> None:
    """Arguments that are given by place are recorded by name."""
    model, messages = asked.pop("model"), asked.pop("messages")
    litellm.completion(model, messages, **asked)
    assert only().inputs == {"model": "openai/m", "messages": MESSAGES}


def test_an_async_completion(asked: dict[str, Any], only: Only) -> None:
    """A completion that is awaited is one call, too, though it runs the other one in a thread."""
    asyncio.run(litellm.acompletion(**asked))
    assert (only().op_name, said(only())) == ("litellm.completion", TEXT)


def test_tools(asked: dict[str, Any], calls: Calls) -> None:
    """The tools that are offered and called are recorded, whole or streamed."""
    litellm.completion(**asked, tools=TOOLS)
    list(litellm.completion(**asked, tools=TOOLS, stream=True))
    for call in calls():
        assert call.inputs["tools"] == TOOLS
        tool_calls = call.output["choices"][0]["message"]["tool_calls"]
        assert [one["function"]["arguments"] for one in tool_calls] == [ARGUMENTS] * 2


def test_a_stream(asked: dict[str, Any], only: Only) -> None:
    """A stream is LiteLLM's own to its reader, and one call with what it came to."""
    options = {"include_usage": True}
    stream = litellm.completion(**asked, stream=True, stream_options=options)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    call = only()
    assert isinstance(stream, litellm.CustomStreamWrapper)
    assert text == said(call) == TEXT
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert call.attributes["time_to_first_token_s"] > 0
    assert "abandoned" not in call.attributes


def test_an_async_stream(asked: dict[str, Any], only: Only) -> None:
    """An async stream is recorded alike."""

    async def read() -> None:
        stream = await litellm.acompletion(**asked, stream=True)
        assert isinstance(stream, litellm.CustomStreamWrapper)
        assert len([chunk async for chunk in stream]) == 7

    asyncio.run(read())
    assert said(only()) == TEXT


def test_a_stream_that_is_left(asked: dict[str, Any], calls: Calls) -> None:
    """Who stops reading has what came on the call, and no error."""
    stream = litellm.completion(**asked, stream=True)
    next(stream), next(stream)
    del stream
    deadline = time.monotonic() + 10
    while (
        not any(call.ended_at for call in calls()) and time.monotonic() < deadline
    ):  # LiteLLM's threads hold it
        gc.collect()  # when the threads of LiteLLM have let go of it
        time.sleep(0.05)
    (call,) = calls()
    assert (call.status, call.attributes["abandoned"]) == ("success", True)
    assert TEXT.startswith(said(call)) and said(call) != TEXT


def test_an_error(asked: dict[str, Any], calls: Calls) -> None:
    """An error is LiteLLM's own, and on the call."""
    missing = {**asked, "model": "openai/missing"}
    with pytest.raises(litellm.NotFoundError):
        litellm.completion(**missing)
    with pytest.raises(litellm.NotFoundError):
        asyncio.run(litellm.acompletion(**missing))
    assert ["NotFoundError" in str(call.error) for call in calls()] == [True, True]


def test_a_stream_that_breaks(asked: dict[str, Any], only: Only) -> None:
    """When the connection breaks, the reader gets LiteLLM's error, and the call what came."""
    with pytest.raises(Exception, match="peer closed connection"):
        list(litellm.completion(**{**asked, "model": "openai/breaks"}, stream=True))
    assert only().status == "error"
    assert said(only()) == "It rains"


def test_nesting(asked: dict[str, Any], calls: Calls) -> None:
    """A completion is below the op that asks for it."""

    @weavelite.op
    def answer() -> Any:
        return litellm.completion(**asked).choices[0].message.content

    assert answer() == TEXT
    above, call = calls()
    assert (call.parent_id, above.op_name) == (above.id, "answer")


def test_embeddings(asked: dict[str, Any], calls: Calls) -> None:
    """Embeddings are recorded by their size, sync and async."""
    del asked["messages"]
    litellm.embedding(**{**asked, "model": "openai/e"}, input=["a", "b"])
    asyncio.run(litellm.aembedding(**{**asked, "model": "openai/e"}, input=["a", "b"]))
    for call in calls():
        assert (call.op_name, call.kind) == ("litellm.embedding", "embedding")
        assert call.output["data"] == {"embeddings": 2, "dimensions": 3}
        assert call.input_tokens == 9


def test_the_other_functions(asked: dict[str, Any], calls: Calls) -> None:
    """Text, images, sound, moderations and responses are calls with what they gave."""
    del asked["messages"]
    litellm.text_completion(**{**asked, "model": "text-completion-openai/m"}, prompt="x")
    litellm.image_generation(**asked, prompt="rain")
    assert litellm.speech(**asked, input="x", voice="alloy").content == SPOKEN
    litellm.transcription(**asked, file=("said.mp3", SPOKEN))
    litellm.moderation(input="x", model="omni", api_key="k", api_base=asked["api_base"])
    litellm.responses(**asked, input="x")
    text, image, sound, heard, judged, response = calls()
    assert text.output["choices"][0]["text"] == TEXT
    assert image.output["data"][0]["b64_json"].data == PICTURE
    assert sound.output.data == SPOKEN
    assert (heard.output["text"], heard.inputs["file"].data) == (HEARD, SPOKEN)
    assert judged.output["results"][0]["flagged"] is True
    assert response.output["output"][0]["content"][0]["text"] == TEXT
    assert response.output_tokens == 17


def test_another_provider(client: Any, calls: Calls) -> None:
    """A provider that LiteLLM asks by itself is recorded in the same shape, with cached tokens."""
    with fake_anthropic.running() as server:
        asked = {"model": "anthropic/claude-small", "messages": MESSAGES, "max_tokens": 9}
        asked |= {"api_base": server.address, "api_key": "k"}
        litellm.completion(**asked)
        list(litellm.completion(**asked, stream=True, stream_options={"include_usage": True}))
    for call in calls():
        assert said(call) == TEXT
        assert call.attributes["provider"] == "anthropic"
        assert (call.input_tokens, call.output_tokens) == (57, 17)


def names(found: list[Call]) -> list[Any]:
    return [(call.op_name, call.status, call.parent_id is not None) for call in found]


def test_the_router(router: Any, calls: Calls) -> None:
    """A request to the Router is a chain over each request that it makes, failed ones first."""
    router.completion("good", messages=MESSAGES)
    router.completion("bad", messages=MESSAGES)
    chain, call = ("litellm.Router.completion", "success"), ("litellm.completion", "success")
    assert names(calls()) == [
        (*chain, False),
        (*call, True),
        (*chain, False),
        ("litellm.completion", "error", True),
        (*call, True),
    ]
    routed, request, *_ = calls()
    assert routed.inputs == {"model": "good", "messages": MESSAGES}
    assert request.inputs == {"model": "openai/m", "messages": MESSAGES}
    assert (routed.input_tokens, request.input_tokens) == (None, 57)
    assert said(routed) == said(request) == TEXT
    assert "secret" not in "".join(f"{one.inputs} {one.attributes} {one.output}" for one in calls())


def test_the_router_async_and_streamed(router: Any, calls: Calls) -> None:
    """The Router's async and streamed requests are recorded alike."""

    async def use() -> None:
        await router.acompletion("good", messages=MESSAGES)
        stream = await router.acompletion("good", messages=MESSAGES, stream=True)
        assert len([chunk async for chunk in stream]) == 7
        await router.aembedding("good", input="x")

    asyncio.run(use())
    list(router.completion("good", messages=MESSAGES, stream=True))
    pairs = [calls()[at : at + 2] for at in range(0, len(calls()), 2)]
    assert len(pairs) == 4
    for chain, request in pairs:
        assert (chain.kind, chain.status, request.status) == ("chain", "success", "success")
        assert request.parent_id == chain.id
        if request.kind == "llm":
            assert said(chain) == said(request) == TEXT


def test_names_that_were_imported_before(asked: dict[str, Any], calls: Calls) -> None:
    """A module that had imported a function by its name is traced, until all is put back."""
    integration.unpatch()
    scope: dict[str, Any] = {}
    exec("from litellm import completion, acompletion", scope)
    original, inner = scope["completion"], litellm.main.completion
    module = type(weavelite)("users_own")
    module.completion = original  # type: ignore[attr-defined]
    sys.modules["users_own"] = module
    try:
        integration.patch()
        integration.patch()
        module.completion(**asked)  # type: ignore[attr-defined]
        assert len(calls()) == 1
        integration.unpatch()
        assert module.completion is original is litellm.completion  # type: ignore[attr-defined]
        assert inner is litellm.main.completion
        assert not hasattr(litellm.Router.completion, "__weavelite_original__")
    finally:
        del sys.modules["users_own"]
    openai_integration.unpatch()
    litellm.completion(**{**asked, "api_key": "another"})  # it keeps clients, by their keys
    assert len(calls()) == 1


def test_it_is_traced_when_imported(server: FakeOpenAI, programs: Any) -> None:
    """A program that had imported a function of LiteLLM before `init` is traced."""
    ask = f"completion('openai/m', {MESSAGES!r}, api_base={server.base_url!r}, api_key='k')"
    lines = ["from litellm import completion", "import weavelite", "weavelite.init('integrations')"]
    programs.run("\n".join([*lines, ask]), LITELLM_LOCAL_MODEL_COST_MAP="True")
    assert programs.tree() == ["litellm.completion"]
