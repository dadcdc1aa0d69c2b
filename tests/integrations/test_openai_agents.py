"""The OpenAI Agents SDK is traced by its own interface, over the traced openai SDK."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .conftest import tree
from .fake_openai import ARGUMENTS, TEXT, FakeOpenAI
from .needs import needs

agents = needs("agents")
import openai  # noqa: E402

from weavelite_integrations import _agents_processor  # noqa: E402
from weavelite_integrations import openai_agents as integration  # noqa: E402

Calls = Callable[[], list[Call]]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def traced(client: Any) -> Iterator[None]:
    """Keeps the SDK from sending its traces to OpenAI; no run may stay open."""
    integration.patch()
    agents.set_trace_processors([])
    yield
    integration.unpatch()
    assert not _agents_processor.RUNS


@agents.function_tool
def get_weather(city: str, unit: str) -> str:
    """Tells the weather."""
    return str(look(city))


@weavelite.op
def look(city: str) -> str:
    return f"rain in {city}"


@agents.function_tool(failure_error_function=None)
def broken(city: str, unit: str) -> str:
    """Fails."""
    raise ZeroDivisionError("no weather")


def model(server: FakeOpenAI, api: str = "responses", name: str = "m") -> Any:
    ai = openai.AsyncOpenAI(base_url=server.base_url, api_key="k", max_retries=0)
    if api == "responses":
        return agents.OpenAIResponsesModel(name, ai)
    return agents.OpenAIChatCompletionsModel(name, ai)


def shown(calls: list[Call]) -> list[Any]:
    return tree(calls, lambda call: f"{call.kind} {call.op_name.removeprefix('openai_agents.')}")


def test_an_agent_with_a_tool(server: FakeOpenAI, calls: Calls) -> None:
    """A run is a chain over its agent, over model calls and tools, over what the tools call."""
    agent = agents.Agent("Helper", instructions="Help.", tools=[get_weather], model=model(server))
    done = agents.Runner.run_sync(agent, "Weather?")
    assert done.final_output == TEXT
    assert shown(calls()) == [
        "chain run",
        [
            "agent Helper",
            ["llm response", "tool get_weather", ["op look"], "llm response"],
        ],
    ]
    run, one, asked, tool, _, answered = calls()
    assert run.display_name == "Agent workflow"
    assert one.attributes["tools"] == ["get_weather"]
    assert tool.inputs == {"city": "Paris", "unit": "c"}
    assert tool.output == "rain in Paris"
    assert asked.output["output"][0]["arguments"] == ARGUMENTS
    assert answered.output["output"][0]["content"][0]["text"] == TEXT
    for call in (run, one):
        assert call.inputs["input"][0]["content"] == "Weather?"
        assert call.output == TEXT


def test_tokens_count_once(server: FakeOpenAI, calls: Calls) -> None:
    """Each request has its tokens and model, and no other call has them again."""
    agent = agents.Agent("Helper", model=model(server))
    agents.Runner.run_sync(agent, "Weather?")
    counted = [call for call in calls() if call.input_tokens is not None]
    assert [(call.op_name, call.input_tokens) for call in counted] == [
        ("openai_agents.response", 57)
    ]
    assert counted[0].model == "m-2026-01-01"
    assert counted[0].output["usage"]["input_tokens_details"] == {"cached_tokens": 32}


def test_chat_completions(server: FakeOpenAI, calls: Calls) -> None:
    """An agent over chat completions is the same tree, with messages and tokens."""
    agent = agents.Agent("Helper", instructions="Help.", model=model(server, "chat"))
    agents.Runner.run_sync(agent, "Weather?")
    assert shown(calls()) == ["chain run", ["agent Helper", ["llm generation"]]]
    said = calls()[2]
    assert said.inputs["messages"][-1] == {"role": "user", "content": "Weather?"}
    assert said.output["content"] == TEXT
    assert (said.model, said.input_tokens, said.output_tokens) == ("m", 57, 17)


def test_streams(server: FakeOpenAI, calls: Calls) -> None:
    """A run that is streamed is the same tree."""

    async def read() -> None:
        for api in ("responses", "chat"):
            agent = agents.Agent("Helper", model=model(server, api))
            running = agents.Runner.run_streamed(agent, "Weather?")
            assert [event async for event in running.stream_events()]
            assert running.final_output == TEXT

    asyncio.run(read())
    assert shown(calls()) == [
        *("chain run", ["agent Helper", ["llm response"]]),
        *("chain run", ["agent Helper", ["llm generation"]]),
    ]
    assert [call.status for call in calls()] == ["success"] * 6


def test_nesting_both_ways(server: FakeOpenAI, calls: Calls) -> None:
    """Runs that are gathered in an op are below it, each with its children and thread."""
    agent = agents.Agent("Helper", tools=[get_weather], model=model(server))

    @weavelite.op
    async def both() -> None:
        config = agents.RunConfig(workflow_name="Flow", group_id="t1", trace_metadata={"a": "b"})
        await asyncio.gather(
            agents.Runner.run(agent, "One?", run_config=config),
            agents.Runner.run(agent, "Two?", run_config=config),
        )

    asyncio.run(both())
    run = [
        "chain run",
        ["agent Helper", ["llm response", "tool get_weather", ["op look"], "llm response"]],
    ]
    assert shown(calls()) == ["op both", [*run, *run]]
    flow = calls()[1]
    assert (flow.display_name, flow.thread_id) == ("Flow", "t1")
    assert flow.attributes["metadata"] == {"a": "b"}


def test_handoffs_and_guardrails(server: FakeOpenAI, calls: Calls) -> None:
    """A handoff is told with who gives and who takes, and guardrails with their verdict."""

    @agents.input_guardrail
    def checks(context: Any, agent: Any, given: Any) -> Any:
        return agents.GuardrailFunctionOutput(output_info=None, tripwire_triggered=False)

    second = agents.Agent("Second", model=model(server))
    first = agents.Agent("First", model=model(server), handoffs=[second], input_guardrails=[checks])
    agents.Runner.run_sync(first, "Weather?")
    names = [call.op_name.removeprefix("openai_agents.") for call in calls()]
    assert sorted(names) == sorted(
        ["run", "First", "checks", "response", "handoff", "Second", "response"]
    )
    by_name = {name: call for name, call in zip(names, calls(), strict=True)}
    assert by_name["handoff"].output == {"from_agent": "First", "to_agent": "Second"}
    assert by_name["checks"].output == {"triggered": False}


def test_errors(server: FakeOpenAI, calls: Calls) -> None:
    """Errors of a tool and of the provider are raised as they are, and on the calls."""
    agent = agents.Agent("Helper", tools=[broken], model=model(server))
    with pytest.raises(agents.exceptions.UserError, match="no weather"):
        agents.Runner.run_sync(agent, "Weather?")
    failed = [call for call in calls() if call.status == "error"]
    assert "no weather" in str(next(call for call in failed if call.kind == "tool").error)
    with pytest.raises(openai.NotFoundError):
        agents.Runner.run_sync(agents.Agent("Helper", model=model(server, name="missing")), "x")
    asked = [call for call in calls() if call.kind == "llm"][-1]
    assert asked.status == "error"


def test_it_stays_where_processors_are_replaced(server: FakeOpenAI, calls: Calls) -> None:
    """Replacing the processors leaves weavelite, and `unpatch` takes it out, and only it."""
    multi = integration._multi()
    other = agents.tracing.processors.ConsoleSpanExporter
    assert multi._processors == (_agents_processor.PROCESSOR,)
    own = agents.tracing.processors.BatchTraceProcessor(other())
    agents.set_trace_processors([own])
    integration.patch()
    assert multi._processors == (own, _agents_processor.PROCESSOR)
    integration.unpatch()
    assert multi._processors == (own,)
    agents.set_trace_processors([])
    agents.Runner.run_sync(agents.Agent("Helper", model=model(server)), "x")
    assert [call.op_name for call in calls()] == ["openai.responses.create"]


def test_a_package_of_that_name(programs: Any) -> None:
    """A package of the user's own that is named agents is left alone, without a word."""
    (programs.folder / "agents.py").write_text("MINE = 1\n")
    done = programs.run(
        """
        import sys; sys.path.insert(0, "")
        import weavelite; weavelite.init('integrations')
        import agents
        assert agents.MINE == 1
        """
    )
    assert "cannot trace" not in done.stderr
