"""MCP's client and server are one trace, in one program and in two."""

import asyncio
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .conftest import PROJECT
from .needs import needs

mcp = needs("mcp")
from mcp.client.client import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters  # noqa: E402
from mcp.server.mcpserver import MCPServer  # noqa: E402

from weavelite_integrations import mcp as integration  # noqa: E402

Calls = Callable[[], list[Call]]
pytestmark = pytest.mark.filterwarnings("ignore")

SERVER = '''
import weavelite
weavelite.init("integrations", store="STORE")
from mcp.server.mcpserver import MCPServer

server = MCPServer("Weather")

@weavelite.op
def look(city: str) -> str:
    return f"rain in {city}"

@server.tool()
def get_weather(city: str) -> str:
    """Tells the weather."""
    return look(city)

server.run("stdio")
'''


@pytest.fixture(autouse=True)
def patched(client: Any) -> Iterator[None]:
    integration.patch()
    yield
    integration.unpatch()


@weavelite.op
def look(city: str) -> str:
    if city == "nowhere":
        raise ZeroDivisionError("no such city")
    return f"rain in {city}"


def weather() -> Any:
    server = MCPServer("Weather")

    @server.tool()
    def get_weather(city: str) -> str:
        """Tells the weather."""
        return str(look(city))

    @server.prompt()
    def ask(city: str) -> str:
        """Asks for it."""
        return f"Weather in {city}?"

    @server.resource("weather://paris")
    def paris() -> str:
        """Has it."""
        return "rain"

    return server


def use(*asks: Callable[[Any], Any], server: Any = None) -> list[Any]:
    async def run() -> list[Any]:
        async with Client(server or weather()) as client:
            return [await ask(client) for ask in asks]

    return asyncio.run(run())


def chain(calls: list[Call]) -> list[str]:
    """Shows calls that are each below the one before."""
    for above, below in itertools.pairwise(calls):
        assert below.parent_id == above.id and below.trace_id == above.trace_id
    return [call.op_name for call in calls]


def test_a_tool_is_one_trace(calls: Calls) -> None:
    """A tool's call is below the client's op, and what the tool calls is below the server's."""

    @weavelite.op
    def ask() -> Any:
        return use(lambda client: client.call_tool("get_weather", {"city": "Paris"}))[0]

    assert ask().content[0].text == "rain in Paris"
    assert chain(calls()) == ["ask", "mcp.client.call_tool", "mcp.server.tools/call", "look"]
    _, asked, answered, _ = calls()
    for call in (asked, answered):
        assert (call.kind, call.display_name) == ("tool", "get_weather")
        assert call.inputs == {"name": "get_weather", "arguments": {"city": "Paris"}}
        assert call.output["content"][0]["text"] == "rain in Paris"


def test_prompts_and_resources(calls: Calls) -> None:
    """Prompts and resources are told, too."""
    use(
        lambda client: client.get_prompt("ask", {"city": "Paris"}),
        lambda client: client.read_resource("weather://paris"),
    )
    kinds = [(call.op_name, call.kind) for call in calls()]
    assert kinds == [
        ("mcp.client.get_prompt", "prompt"),
        ("mcp.server.prompts/get", "prompt"),
        ("mcp.client.read_resource", "retriever"),
        ("mcp.server.resources/read", "retriever"),
    ]
    assert "Weather in Paris?" in str(calls()[0].output)
    assert "rain" in str(calls()[2].output)


def test_a_tool_that_fails(calls: Calls) -> None:
    """A tool's failure is a result to the client, as ever, and an error of the calls."""
    (result,) = use(lambda client: client.call_tool("get_weather", {"city": "nowhere"}))
    assert result.is_error
    assert [call.status for call in calls()] == ["error"] * 3
    assert "ZeroDivisionError" in str(calls()[2].error)


def test_an_error_of_the_protocol(calls: Calls) -> None:
    """An error that the SDK raises is raised as it is, and on the call."""

    async def refused(client: Any) -> None:
        with pytest.raises(mcp.MCPError, match="Unknown resource"):
            await client.read_resource("weather://nowhere")

    use(refused)
    assert {call.status for call in calls()} == {"error"}


def test_clients_that_ask_at_once(calls: Calls) -> None:
    """Requests that are gathered have each their own trace."""

    async def run() -> None:
        async with Client(weather()) as client:
            cities = ("Paris", "Oslo", "Rome")
            await asyncio.gather(
                *(client.call_tool("get_weather", {"city": city}) for city in cities)
            )

    asyncio.run(run())
    by_trace: dict[Any, list[Call]] = {}
    for call in calls():
        by_trace.setdefault(call.trace_id, []).append(call)
    assert len(by_trace) == 3
    for trace in by_trace.values():
        assert len(chain(trace)) == 3
        assert trace[0].inputs["arguments"]["city"] == trace[2].inputs["city"]


def test_two_programs_are_one_trace(tmp_path: Path, calls: Calls) -> None:
    """A server that is another program, traced into the same store, is below its client."""
    program = tmp_path / "server.py"
    program.write_text(SERVER.replace("STORE", str(tmp_path / "weavelite.db")))
    started = StdioServerParameters(command=sys.executable, args=[str(program)])
    use(lambda client: client.call_tool("get_weather", {"city": "Paris"}), server=started)
    weavelite.finish()
    reader = weavelite.init(PROJECT, store=tmp_path / "weavelite.db")
    found = sorted(reader.get_calls(), key=lambda call: call.started_at)
    assert chain(found) == ["mcp.client.call_tool", "mcp.server.tools/call", "look"]


def test_what_a_program_says_in_meta_is_kept(calls: Calls) -> None:
    """A `traceparent` that the program gives itself is not replaced."""
    other = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    asked = {"city": "Paris"}
    use(lambda client: client.call_tool("get_weather", asked, meta={"traceparent": other}))
    traces = {call.op_name: call.trace_id for call in calls()}
    assert traces["mcp.server.tools/call"].replace("-", "") == "1" * 32
    assert traces["mcp.client.call_tool"] != traces["mcp.server.tools/call"]


def test_it_can_be_taken_back(calls: Calls) -> None:
    """After unpatch the methods are those that were before, and nothing is traced."""
    integration.unpatch()
    before = [vars(owner)[name] for owner, name, _ in integration._methods()]
    integration.patch()
    integration.patch()
    integration.unpatch()
    now = [vars(owner)[name] for owner, name, _ in integration._methods()]
    assert len(now) == 4 and all(one is other for one, other in zip(now, before, strict=True))
    use(lambda client: client.call_tool("get_weather", {"city": "Paris"}))
    assert [call.op_name for call in calls()] == ["look"]
