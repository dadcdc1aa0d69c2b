"""Libraries without an integration are traced by instrumentors of others, when asked."""

from collections.abc import Callable
from typing import Any

import pytest

import weavelite
from weavelite import Call
from weavelite.errors import NotFoundError

from .conftest import tree
from .fake_openai import TEXT, FakeOpenAI
from .needs import needs

needs("openinference.instrumentation.groq")
groq = needs("groq")
smolagents = needs("smolagents")
Calls = Callable[[], list[Call]]
MESSAGES = [{"role": "user", "content": "Weather?"}]
pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_library_is_traced_when_asked(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """`weavelite.patch("groq")` wires an instrumentor to weavelite: calls nest, once each."""
    ai = groq.Groq(base_url=server.address, api_key="k", max_retries=0)
    weavelite.patch("groq")
    weavelite.patch("groq")

    @weavelite.op
    def ask() -> Any:
        return ai.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.content

    assert ask() == TEXT
    above, call = calls()
    assert (call.kind, call.parent_id) == ("llm", above.id)
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    assert call.inputs["messages"] == MESSAGES
    assert call.output["content"] == TEXT


def test_an_error_is_the_librarys_own(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """An error is raised as it is, and on the call."""
    weavelite.patch("groq")
    ai = groq.Groq(base_url=server.address, api_key="k", max_retries=0)
    with pytest.raises(groq.NotFoundError):
        ai.chat.completions.create(model="missing", messages=MESSAGES)
    assert calls()[0].status == "error"


def test_a_framework_and_the_sdk_beneath(server: FakeOpenAI, client: Any, calls: Calls) -> None:
    """A model of smolagents over the traced openai SDK tells each request once."""
    weavelite.patch("smolagents")
    model = smolagents.OpenAIServerModel("m", api_base=server.base_url, api_key="k")
    model.generate([{"role": "user", "content": [{"type": "text", "text": "Weather?"}]}])
    assert tree(calls(), lambda call: call.kind) == ["llm"]
    assert calls()[0].input_tokens == 57


def test_what_is_missing_is_named(client: Any) -> None:
    """A library whose instrumentor is not installed is told with what to install."""
    with pytest.raises(NotFoundError, match="pip install openinference-instrumentation-crewai"):
        weavelite.patch("crewai")
