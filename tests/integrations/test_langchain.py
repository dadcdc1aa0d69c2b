import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypedDict

import pytest
from langchain.agents import create_agent
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableParallel
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel

import weavelite
from weavelite import Call
from weavelite_integrations import _langchain_handler

from .scripted import USAGE, ainner, inner, model, named, weather

Read = Callable[[], list[Call]]
Shown = Callable[[], list[Any]]
pytestmark = pytest.mark.usefixtures("langchain_traced")
QUESTION: Any = {"messages": [("user", "weather in Paris and Oslo?")]}


def llm(*says: str) -> Any:
    return model(*(says or ("a b c",) * 9))


def the(calls: list[Call], name: str) -> Call:
    (found,) = [call for call in calls if call.display_name == name]
    return found


# What a run becomes


def test_a_chain_is_a_tree(traced_tree: Shown, calls: Read) -> None:
    """A chain is a trace of its prompt, model and parser, each of its kind."""
    chain = ChatPromptTemplate.from_template("say {x}") | llm("hello") | StrOutputParser()
    assert chain.invoke({"x": "hi"}) == "hello"
    assert traced_tree() == [
        "RunnableSequence",
        ["ChatPromptTemplate", "Scripted", "StrOutputParser"],
    ]
    assert [call.kind for call in calls()] == ["chain", "prompt", "llm", "parser"]


def test_a_model_run(calls: Read) -> None:
    """A model run has messages as a chat API has them, the answer, the model and the usage."""
    llm("hello").invoke([SystemMessage("be brief"), HumanMessage("hi")], stop=["."])
    (call,) = calls()
    assert call.inputs["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hi"},
    ]
    assert call.output == {"role": "assistant", "content": "hello"}
    assert (call.model, call.input_tokens, call.output_tokens) == ("scripted-1", 10, 5)
    assert call.summary["usage"]["scripted-1"].items() >= USAGE.items()
    assert call.attributes["invocation_params"] == {"stop": ["."]}
    assert call.attributes["finish_reason"] == "stop"


def test_tools_and_tool_calls(calls: Read) -> None:
    """A model run shows the tools it was offered and those it called, with their arguments."""
    model(["Paris"]).bind_tools([weather]).invoke("hi")
    (call,) = calls()
    assert call.inputs["tools"][0]["function"]["name"] == "weather"
    assert call.output["tool_calls"] == [
        {
            "id": "call_Paris",
            "type": "function",
            "function": {"name": "weather", "arguments": '{"city": "Paris"}'},
        }
    ]


def test_a_text_model_and_a_prompt(calls: Read) -> None:
    """A model that completes text has a prompt and a text, not messages."""
    from langchain_core.language_models import FakeListLLM

    (PromptTemplate.from_template("say {x}") | FakeListLLM(responses=["done"])).invoke({"x": "hi"})
    call = the(calls(), "FakeListLLM")
    assert (call.inputs, call.output) == ({"prompt": "say hi"}, "done")


def test_a_retriever_gives_documents(calls: Read) -> None:
    """A retriever's call has the query, and the documents with their metadata."""

    class Shelf(BaseRetriever):
        def _get_relevant_documents(self, query: str, **_: Any) -> list[Document]:
            return [Document("a page", metadata={"source": "book"})]

    Shelf().invoke("where?")
    (call,) = calls()
    assert (call.kind, call.inputs) == ("retriever", {"query": "where?"})
    assert call.output == [{"page_content": "a page", "metadata": {"source": "book"}}]


def test_tags_metadata_and_thread(calls: Read) -> None:
    """Tags and metadata of the user are kept, LangChain's own are not, and a thread is a thread."""
    chain = named(str, "one") | named(str, "two")
    chain.invoke(1, {"tags": ["prod"], "metadata": {"user": "u1", "session_id": "s1"}})
    for call in calls():
        assert call.thread_id == "s1"
        assert call.attributes["tags"] == ["prod"]
        assert call.attributes["metadata"] == {"user": "u1"}


def test_values_are_told_plainly(calls: Read) -> None:
    """Values that JSON does not know are told by what they hold, secrets and tools by a mark."""
    from pydantic import SecretStr

    class Order(BaseModel):
        note: HumanMessage
        key: SecretStr
        means: Any = weather
        parts: tuple[int, ...] = (1, 2)

    named(lambda order: order, "pass").invoke(Order(note=HumanMessage("x"), key=SecretStr("abc")))
    (call,) = calls()
    assert call.output == {
        "note": {"role": "user", "content": "x"},
        "key": "**********",
        "means": "<StructuredTool weather>",
        "parts": [1, 2],
    }


def test_an_error_is_the_runs_and_its_parents(calls: Read) -> None:
    """An error is recorded with the run that raised it and those around it, and raised."""
    with pytest.raises(ZeroDivisionError):
        (named(str, "fine") | named(lambda _: 1 / 0, "fails")).invoke(1)
    states = {call.display_name: call.status for call in calls()}
    assert states == {"RunnableSequence": "error", "fine": "success", "fails": "error"}


def test_what_cannot_be_read_does_not_break_the_run(traced_tree: Shown, calls: Read) -> None:
    """A value that defies being read is a mark in the call, and the run and its children go on."""

    class Evil(BaseModel):
        def __iter__(self) -> Any:
            raise RuntimeError("no")

    assert named(lambda x: inner("x"), "evil").invoke(Evil()) == "inner x"
    assert traced_tree() == ["evil", ["inner"]]
    assert calls()[0].inputs == {"input": "<Evil that cannot be read>"}


# How runs and ops nest


def test_ops_and_runs_nest_both_ways(traced_tree: Shown) -> None:
    """An op in a chain in an op, and a chain in a tool in a chain, are below what they are in."""

    @weavelite.op
    def middle(x: Any) -> Any:
        return (named(inner, "lam2") | named(str.upper, "upper")).invoke(x)

    @tool
    def calls_middle(x: str) -> str:
        """Calls an op."""
        return str(middle(x))

    @weavelite.op
    def outer() -> str:
        chain = named(inner, "lam1") | named(lambda v: calls_middle.invoke({"x": v}), "runs_tool")
        return inner(chain.invoke("x"))

    outer()
    in_tool = ["middle", ["RunnableSequence", ["lam2", ["inner"], "upper"]]]
    in_chain = ["lam1", ["inner"], "runs_tool", ["calls_middle", in_tool]]
    assert traced_tree() == ["outer", ["RunnableSequence", in_chain, "inner"]]


def test_parallel_branches_and_batches_in_threads(traced_tree: Shown) -> None:
    """Branches are below their run, and the runs of a batch are siblings."""

    @weavelite.op
    def outer() -> None:
        RunnableParallel(a=named(inner, "A"), b=named(str, "B")).invoke("x")
        named(inner, "each").batch([1, 2, 3])

    outer()
    (root, below) = traced_tree()
    assert root == "outer"
    assert below[0] == "RunnableParallel"
    assert sorted(map(str, below[1])) == sorted(map(str, ["A", ["inner"], "B"]))
    assert below[2:] == ["each", ["inner"]] * 3


def test_async_runs_side_by_side(traced_tree: Shown) -> None:
    """Async runs that are gathered keep their own children."""

    @weavelite.op
    async def outer() -> None:
        await asyncio.gather(*(named(ainner, f"n{i}").ainvoke(i) for i in range(3)))

    asyncio.run(outer())
    (root, below) = traced_tree()
    assert root == "outer"
    assert sorted(below[::2]) == ["n0", "n1", "n2"]
    assert below[1::2] == [["ainner"]] * 3


def test_the_reader_of_a_stream_is_outside_of_it(traced_tree: Shown) -> None:
    """An op called between the chunks of a stream is below the reader, not below the stream."""

    @weavelite.op
    def outer() -> None:
        for _ in (ChatPromptTemplate.from_template("say {x}") | llm("one two")).stream({"x": 1}):
            inner("reader")

    outer()
    (root, below) = traced_tree()
    assert (root, below[0], below[1]) == (
        "outer",
        "RunnableSequence",
        ["ChatPromptTemplate", "Scripted"],
    )
    assert set(below[2:]) == {"inner"}


def test_the_reader_of_an_async_stream_is_outside_of_it(traced_tree: Shown) -> None:
    """The same holds for async streams."""

    @weavelite.op
    async def outer() -> None:
        async for _ in llm("one two").astream("x"):
            await ainner("reader")

    asyncio.run(outer())
    (root, below) = traced_tree()
    assert (root, below[0]) == ("outer", "Scripted")
    assert set(below[1:]) == {"ainner"}


def test_a_stream_that_is_left(calls: Read) -> None:
    """A stream that is not read to its end is a call with what came, and no error."""
    stream = llm("one two three").stream("x")
    next(stream)
    stream.close()
    (call,) = calls()
    assert (call.status, call.output["content"]) == ("success", "one ")
    assert call.attributes["abandoned"] is True


def test_streams_tell_the_time_to_the_first_token(calls: Read) -> None:
    """A streamed model run has the time to its first token, its whole text and its usage."""
    list(llm("one two").stream("x"))
    (call,) = calls()
    assert call.attributes["time_to_first_token_s"] > 0
    assert call.output == {"role": "assistant", "content": "one two "}
    assert call.output_tokens == 5


def test_what_runs_in_a_thread_nests(traced_tree: Shown) -> None:
    """What runs in a bare thread is below the call that started the thread, with its children."""

    @weavelite.op
    def outer() -> None:
        thread = threading.Thread(target=named(inner, "in_thread").invoke, args=("x",))
        thread.start()
        thread.join()

    outer()
    assert traced_tree() == ["outer", ["in_thread", ["inner"]]]


# Agents and graphs


def test_an_agent(calls: Read, traced_tree: Shown) -> None:
    """An agent is a call of kind agent over its model and tool runs, with the thread it is in."""
    agent = create_agent(model(["Paris", "Oslo"], "Rainy in both."), [weather])
    agent.invoke(QUESTION, {"configurable": {"thread_id": "t1"}})
    ran = calls()
    root = ran[0]
    assert (root.kind, root.thread_id) == ("agent", "t1")
    assert root.output["messages"][-1] == {"role": "assistant", "content": "Rainy in both."}
    assert [call.kind for call in ran].count("llm") == 2
    tools = [call for call in ran if call.kind == "tool"]
    tools.sort(key=lambda call: str(call.inputs), reverse=True)  # they ran in threads
    assert [(call.inputs, call.output) for call in tools] == [
        ({"city": "Paris"}, "rain in Paris"),
        ({"city": "Oslo"}, "rain in Oslo"),
    ]
    assert tools[0].attributes["tool_call_id"] == "call_Paris"
    by_model, by_tool = ["model", ["Scripted"]], ["tools", ["weather"]]
    assert traced_tree() == ["LangGraph", [*by_model, *by_tool, *by_tool, *by_model]]


def test_an_agent_async_and_streamed(traced_tree: Shown) -> None:
    """An agent run by ainvoke and by astream has the same tree as by invoke."""

    async def run() -> None:
        await create_agent(model(["Paris"], "Rainy."), [weather]).ainvoke(QUESTION)
        agent = create_agent(model(["Paris"], "Rainy."), [weather])
        async for _ in agent.astream(QUESTION, stream_mode="messages"):
            pass

    asyncio.run(run())
    one = ["LangGraph", ["model", ["Scripted"], "tools", ["weather"], "model", ["Scripted"]]]
    assert traced_tree() == one + one


class State(TypedDict):
    x: str


def graph(**nodes: Any) -> Any:
    built: Any = StateGraph(State)
    for name, node in nodes.items():
        built.add_node(name, node)
    built.add_edge(START, next(iter(nodes)))
    return built


def test_a_tool_that_fails(calls: Read) -> None:
    """A tool's error is an error of its call."""

    @tool
    def fails(x: str) -> str:
        """Fails."""
        raise ValueError("no such place")

    with pytest.raises(ValueError, match="no such place"):
        fails.invoke({"x": "y"})
    (call,) = calls()
    assert (call.kind, call.status) == ("tool", "error")


def test_an_interrupt_is_not_an_error(calls: Read) -> None:
    """A graph that stops to ask a person has not failed, and shows what it asks."""
    made = graph(ask=lambda _: {"x": interrupt({"q": "go on?"})}).compile(
        checkpointer=InMemorySaver(), name="asks"
    )
    config: Any = {"configurable": {"thread_id": "t2"}}
    made.invoke({"x": ""}, config)
    assert made.invoke(Command(resume="yes"), config) == {"x": "yes"}
    ran = calls()
    assert {call.status for call in ran} == {"success"}
    asked = ran[1].output["GraphInterrupt"][0][0]["Interrupt"]
    assert asked["value"] == {"q": "go on?"}
    assert {call.thread_id for call in ran} == {"t2"}


def test_what_steers_a_graph_is_readable(calls: Read) -> None:
    """Command and Send are recorded by their name and what they hold."""

    def route(state: State) -> Any:
        return Command(update={"x": "new"}, goto=Send("last", {"x": "sent"}))

    made = graph(route=route, last=lambda s: {"x": inner(s["x"])}).add_edge("last", END)
    made.compile(name="steered").invoke({"x": ""})
    ran = calls()
    assert the(ran, "route").output["Command"] == {
        "update": {"x": "new"},
        "goto": {"Send": {"node": "last", "arg": {"x": "sent"}}},
    }
    assert [call.kind for call in ran] == ["agent", "chain", "chain", "op"]


# Asking for it


def test_the_variable_is_looked_at_in_each_run(
    monkeypatch: pytest.MonkeyPatch, traced_tree: Shown
) -> None:
    """Tracing goes on and off with the variable, also for those who write "off"."""
    for number, value in enumerate(("false", "true", "off", "1", "no", "")):
        monkeypatch.setenv("WEAVELITE_TRACE_LANGCHAIN", value)
        named(str, f"run{number}").invoke(1)
    assert traced_tree() == ["run1", "run3"]


def test_patch_traces_without_a_variable(
    monkeypatch: pytest.MonkeyPatch, traced_tree: Shown
) -> None:
    """`weavelite.patch("langchain")` traces whatever the variables say, once; `unpatch` ends it."""
    from weavelite_integrations import langchain

    monkeypatch.delenv("WEAVELITE_TRACE_LANGCHAIN")
    named(str, "before").invoke(1)
    weavelite.patch("langchain")
    named(str, "patched").invoke(1)
    monkeypatch.setenv("WEAVELITE_TRACE_LANGCHAIN", "true")
    named(str, "both").invoke(1)
    monkeypatch.delenv("WEAVELITE_TRACE_LANGCHAIN")
    langchain.unpatch()
    named(str, "after").invoke(1)
    assert traced_tree() == ["patched", "both"]


def test_unknown_callbacks_are_welcome() -> None:
    """A callback that a later LangChain may have is taken without a word."""
    _langchain_handler.HANDLER.on_something_new(1, two=3)
    with pytest.raises(AttributeError):
        _ = _langchain_handler.HANDLER.something_else
