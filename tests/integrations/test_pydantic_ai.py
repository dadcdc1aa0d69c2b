"""Pydantic AI is traced by its own instrumentation, over the traced openai SDK, each call once."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .conftest import tree
from .fake_openai import TEXT, FakeOpenAI
from .needs import needs

pydantic_ai = needs("pydantic_ai")
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel  # noqa: E402
from pydantic_ai.providers.openai import OpenAIProvider  # noqa: E402

from weavelite_integrations import openai as openai_integration  # noqa: E402
from weavelite_integrations import pydantic_ai as integration  # noqa: E402

Calls = Callable[[], list[Call]]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def traced(client: Any) -> Iterator[None]:
    openai_integration.patch()
    integration.patch()
    yield
    integration.unpatch()


@weavelite.op
def look(city: str) -> str:
    return f"rain in {city}"


def agent(server: FakeOpenAI, name: str = "m", kind: Any = OpenAIChatModel) -> Any:
    provider = OpenAIProvider(base_url=server.base_url, api_key="secret-key")
    return pydantic_ai.Agent(kind(name, provider=provider), instructions="Help.", name="helper")


def with_tool(made: Any) -> Any:
    @made.tool_plain
    def get_weather(city: str, unit: str) -> str:
        """Tells the weather."""
        return str(look(city))

    return made


def shown(calls: list[Call]) -> list[Any]:
    return tree(calls, lambda call: call.kind)


ONCE = ["agent", ["llm"]]


def test_an_agent_is_a_tree(server: FakeOpenAI, calls: Calls) -> None:
    """A run is an agent over its model calls and tools, and an op that a tool calls is below it."""
    assert with_tool(agent(server)).run_sync("Weather?").output == TEXT
    tool = ["tool", ["op"]]
    assert shown(calls()) == ["agent", ["llm", *tool, *tool, "llm"]]
    run, asked, called, *_ = calls()
    assert (run.display_name, run.output) == ("helper", TEXT)
    assert asked.inputs["messages"][-1] == {"role": "user", "content": "Weather?"}
    assert asked.inputs["tools"][0]["function"]["name"] == "get_weather"
    assert (called.inputs, called.output) == ({"city": "Paris", "unit": "c"}, "rain in Paris")
    assert "secret" not in "".join(f"{one.inputs} {one.attributes} {one.output}" for one in calls())


@pytest.mark.parametrize("kind", [OpenAIChatModel, OpenAIResponsesModel])
def test_tokens_count_once(server: FakeOpenAI, calls: Calls, kind: Any) -> None:
    """A request is one call with its tokens, though the SDK beneath is traced as well."""
    agent(server, kind=kind).run_sync("Weather?")
    assert shown(calls()) == ONCE
    run, request = calls()
    assert (request.input_tokens, request.output_tokens) == (57, 17)
    assert run.input_tokens is None
    assert request.model == "m-2026-01-01"


def test_a_stream(server: FakeOpenAI, calls: Calls) -> None:
    """A run that is streamed is the same tree."""

    async def read() -> None:
        async with agent(server).run_stream("Weather?") as stream:
            assert [piece async for piece in stream.stream_text()][-1] == TEXT

    asyncio.run(read())
    assert shown(calls()) == ONCE
    assert calls()[1].output["content"] == TEXT


def test_nesting(server: FakeOpenAI, calls: Calls) -> None:
    """Runs that are gathered in an op are below it, each with its own calls."""

    @weavelite.op
    async def both() -> None:
        made = agent(server)
        await asyncio.gather(made.run("One?"), made.run("Two?"))

    asyncio.run(both())
    assert shown(calls()) == ["op", [*ONCE, *ONCE]]


def test_errors(server: FakeOpenAI, calls: Calls) -> None:
    """An error of the provider is raised as it is, and on the calls."""
    with pytest.raises(pydantic_ai.exceptions.ModelHTTPError):
        agent(server, "missing").run_sync("Weather?")
    assert [call.status for call in calls()] == ["error", "error"]
    assert "The model `missing` does not exist" in str(calls()[1].error)


def test_requests_of_the_program_go_on(server: FakeOpenAI, calls: Calls) -> None:
    """After a run, the program's own requests are recorded as ever."""
    import openai

    agent(server).run_sync("Weather?")
    with openai.OpenAI(base_url=server.base_url, api_key="k") as ai:
        ai.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert calls()[-1].op_name == "openai.chat.completions.create"


def test_it_can_be_taken_back(server: FakeOpenAI, calls: Calls) -> None:
    """After unpatch agents have no instrumentation, and the program's own is left alone."""
    integration.unpatch()
    assert pydantic_ai.Agent._instrument_default is False
    agent(server).run_sync("Weather?")
    assert [call.op_name for call in calls()] == ["openai.chat.completions.create"]
    pydantic_ai.Agent.instrument_all(True)
    try:
        integration.patch()
        assert pydantic_ai.Agent._instrument_default is True
    finally:
        pydantic_ai.Agent.instrument_all(False)


def test_it_is_traced_when_imported(server: FakeOpenAI, programs: Any) -> None:
    """A program that imports Pydantic AI after `init` is traced."""
    programs.run(
        f"""
        import weavelite; weavelite.init('integrations')
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider
        provider = OpenAIProvider(base_url={server.base_url!r}, api_key="k")
        Agent(OpenAIChatModel("m", provider=provider)).run_sync("x")
        """
    )
    assert [call.kind for call in programs.calls()] == ["agent", "llm"]
