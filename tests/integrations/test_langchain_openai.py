"""LangChain over the openai SDK, both traced: one request, one call."""

import asyncio
from collections.abc import Callable
from typing import Any

import openai
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

import weavelite
from weavelite import Call

from .fake_openai import TEXT, FakeOpenAI
from .scripted import named

Read = Callable[[], list[Call]]
Shown = Callable[[], list[Any]]
pytestmark = pytest.mark.usefixtures("langchain_traced")


@pytest.fixture
def chat(server: FakeOpenAI) -> ChatOpenAI:
    return ChatOpenAI(
        base_url=server.base_url, api_key="k", model="m", stream_usage=True, max_retries=0
    )


def test_a_request_is_recorded_once(chat: ChatOpenAI, calls: Read) -> None:
    """ChatOpenAI over the traced openai client is one call of kind llm a run, however it runs."""

    class City(BaseModel):
        city: str

    async def run() -> None:
        await chat.ainvoke("x")
        [chunk async for chunk in chat.astream("x")]
        await asyncio.gather(chat.ainvoke("x"), chat.ainvoke("x"))

    chat.invoke("x")
    list(chat.stream("x"))
    chat.batch(["x", "y"])
    chat.with_structured_output(City).invoke("x")
    asyncio.run(run())
    models = [call for call in calls() if call.kind == "llm"]
    assert len(models) == 9
    assert {call.op_name for call in models} == {"langchain.ChatOpenAI"}
    assert {(call.input_tokens, call.output_tokens) for call in models} == {(57, 17)}


def test_a_request_beside_a_run_is_recorded(
    chat: ChatOpenAI, server: FakeOpenAI, traced_tree: Shown
) -> None:
    """The program's own requests are recorded: in a chain, after a run, and while it reads one."""
    request = "openai.chat.completions.create"
    with openai.OpenAI(base_url=server.base_url, api_key="k") as ai:

        def ask(_: Any) -> str:
            messages: Any = [{"role": "user", "content": "x"}]
            return str(ai.chat.completions.create(model="m", messages=messages).id)

        chat.invoke("x")
        ask(0)
        named(ask, "asks").invoke(0)
        for number, _ in enumerate(chat.stream("x")):
            if number == 1:
                ask(0)
    assert traced_tree() == ["ChatOpenAI", request, "asks", [request], "ChatOpenAI", request]


def test_an_op_inside_a_model_shows_its_requests(server: FakeOpenAI, traced_tree: Shown) -> None:
    """A model of the user's own that asks a provider in an op has the request below the op."""
    ai = openai.OpenAI(base_url=server.base_url, api_key="k")

    @weavelite.op
    def ask() -> None:
        ai.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])

    class Own(GenericFakeChatModel):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            ask()
            return super()._generate(*args, **kwargs)

    Own(messages=iter(["hello"])).invoke("x")
    ai.close()
    assert traced_tree() == ["Own", ["ask", ["openai.chat.completions.create"]]]


def test_an_error_of_the_provider(chat: ChatOpenAI, calls: Read) -> None:
    """An error of the provider is recorded with the model run, and raised."""
    chat.model_name = "missing"
    with pytest.raises(openai.NotFoundError):
        chat.invoke("x")
    (call,) = calls()
    assert (call.status, call.output) == ("error", None)


def test_what_the_model_said(chat: ChatOpenAI, calls: Read) -> None:
    """The output of a model run over a provider is the message, and the model the one that ran."""
    chat.invoke("x")
    (call,) = calls()
    assert call.output == {"role": "assistant", "content": TEXT}
    assert call.model == "m-2026-01-01"
