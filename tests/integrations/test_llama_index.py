"""LlamaIndex: engines, retrievers, agents, workflows, tools and model calls become calls."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import weavelite
from weavelite import Call

from .conftest import Programs, tree
from .fake_openai import TEXT, FakeOpenAI
from .needs import needs

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
core = needs("llama_index.core")
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent  # noqa: E402
from llama_index.core.instrumentation import get_dispatcher  # noqa: E402
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock  # noqa: E402
from llama_index.core.tools import FunctionTool  # noqa: E402
from llama_index.core.workflow import StartEvent, StopEvent, Workflow, step  # noqa: E402
from llama_index.llms.openai import OpenAI  # noqa: E402

from weavelite_integrations import _llama_index_handler, llama_index  # noqa: E402

Calls = Callable[[], list[Call]]
ASKED = [ChatMessage(role="user", content="Weather?")]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def make(server: FakeOpenAI, client: Any) -> Iterator[Callable[..., Any]]:
    """Makes models; at the end no span may have stayed open."""
    weavelite.patch("openai")
    weavelite.patch("llama-index")
    weavelite.patch("llama_index")
    yield lambda **more: OpenAI(
        model="gpt-4o", api_base=server.base_url, api_key="secret-key", max_retries=0, **more
    )
    gc.collect()
    assert not _llama_index_handler.RUNS
    llama_index.unpatch()


@pytest.fixture
def llm(make: Callable[..., Any]) -> Any:
    return make()


@pytest.fixture
def index(make: Any) -> Any:
    embed = core.MockEmbedding(embed_dim=3)
    llama_index.unpatch()  # what it takes to make the index is not asked about
    made = core.VectorStoreIndex.from_documents(
        [core.Document(text="It rains in Paris.", metadata={"page": 1})], embed_model=embed
    )
    llama_index.patch()
    return made


def names(calls: list[Call]) -> Any:
    return tree(calls, lambda call: call.op_name.removeprefix("llama_index."))


def get_weather(city: str, unit: str) -> str:
    """Tells the weather."""
    return look_up(city)


@weavelite.op
def look_up(city: str) -> str:
    return f"rain in {city}"


QUERY = [
    "RetrieverQueryEngine.query",
    ["VectorIndexRetriever.retrieve", ["MockEmbedding.get_query_embedding"],
     "CompactAndRefine.synthesize", ["OpenAI.chat"]],
]  # fmt: skip


def test_a_query_is_a_tree(llm: Any, index: Any, calls: Calls) -> None:
    """A query is a tree of what was found, embedded, made of it and asked, below its op."""

    @weavelite.op
    def ask() -> str:
        return str(index.as_query_engine(llm=llm).query("Weather?"))

    assert ask() == TEXT
    assert names(calls()) == ["ask", QUERY]
    found = {call.op_name.rpartition(".")[2]: call for call in calls()}
    query, retriever = found["query"], found["retrieve"]
    assert query.output["response"] == TEXT
    assert query.output["source_nodes"] == retriever.output
    [document] = retriever.output
    assert (document["page_content"], document["metadata"]) == ("It rains in Paris.", {"page": 1})
    kinds = [found[name].kind for name in ("query", "retrieve", "get_query_embedding", "chat")]
    assert kinds == ["chain", "retriever", "embedding", "llm"]
    assert found["get_query_embedding"].output == {"embeddings": 1, "dimensions": 3}
    assert "secret" not in "".join(f"{one.inputs} {one.attributes}" for one in calls())


def test_a_model_call(llm: Any, server: FakeOpenAI, only: Callable[[], Call]) -> None:
    """A model call has messages, parameters, answer and usage; the SDK beneath tells none of it."""
    server.asked.clear()
    assert str(llm.chat(ASKED, top_p=0.5)) == f"assistant: {TEXT}"
    call = only()
    assert len(server.asked) == 1
    assert call.inputs == {"messages": [{"role": "user", "content": "Weather?"}],
                           "model": "gpt-4o", "temperature": 0.1, "top_p": 0.5}  # fmt: skip
    assert call.output == {"role": "assistant", "content": TEXT, "finish_reason": "stop"}
    assert (call.kind, call.model) == ("llm", "gpt-4o-2026-01-01")
    assert (call.input_tokens, call.output_tokens) == (57, 17)
    [used] = call.summary["usage"].values()
    assert used["prompt_tokens_details"]["cached_tokens"] == 32


def test_completions(llm: Any, calls: Calls) -> None:
    """A prompt that is completed is a model call, too; a prediction is the call that it makes."""
    assert str(llm.complete("Weather?")) == TEXT
    assert llm.predict(core.PromptTemplate("{x}?"), x="Weather") == TEXT
    completed, predicted = calls()
    assert (completed.inputs["prompt"], completed.output) == ("Weather?", TEXT)
    assert (completed.input_tokens, completed.output_tokens) == (57, 17)
    assert predicted.inputs["messages"] == [{"role": "user", "content": "Weather?"}]


def test_messages_of_parts(llm: Any, only: Callable[[], Call]) -> None:
    """A message of text and an image keeps both, the image as content."""
    picture = ImageBlock(image=b"\x89PNG-bytes", image_mimetype="image/png")
    llm.chat([ChatMessage(role="user", blocks=[TextBlock(text="What?"), picture])])
    text, image = only().inputs["messages"][0]["content"]
    assert text == {"type": "text", "text": "What?"}
    assert image["type"] == "image_url" and "image_url" in image


def test_async(llm: Any, index: Any, calls: Calls) -> None:
    """Awaited queries that run side by side are trees of their own."""
    engine = index.as_query_engine(llm=llm)

    @weavelite.op
    async def ask(question: str) -> str:
        return str(await engine.aquery(question))

    async def both() -> list[str]:
        return await asyncio.gather(ask("one"), ask("two"))

    assert asyncio.run(both()) == [TEXT, TEXT]
    query = [
        "RetrieverQueryEngine.aquery",
        ["VectorIndexRetriever.aretrieve", ["MockEmbedding.aget_query_embedding"],
         "CompactAndRefine.asynthesize", ["OpenAI.achat"]],
    ]  # fmt: skip
    assert names(calls()) == ["ask", query, "ask", query]
    assert all(call.status == "success" for call in calls())


def test_a_stream(make: Any, calls: Calls) -> None:
    """A streamed answer is one call, whole when it has been read, with usage where it is asked."""
    llm = make(additional_kwargs={"stream_options": {"include_usage": True}})

    async def awaited() -> Any:
        return [piece async for piece in await make().astream_chat(ASKED)]

    assert list(llm.stream_chat(ASKED))[-1].message.content == TEXT
    assert list(llm.stream_complete("Weather?"))[-1].text == TEXT
    assert asyncio.run(awaited())[-1].message.content == TEXT
    chat, completion, last = calls()
    assert chat.output["content"] == completion.output == last.output["content"] == TEXT
    assert (chat.input_tokens, chat.output_tokens) == (57, 17)
    assert all(call.attributes["time_to_first_token_s"] > 0 for call in calls())


def test_a_stream_that_is_left(make: Any, calls: Calls) -> None:
    """A stream that is left keeps what came; one that is never read, or breaks, ends as well."""
    next(stream := make().stream_chat(ASKED))
    stream.close()
    make().stream_chat(ASKED)
    with pytest.raises(Exception, match="incomplete chunked read"):
        list(make(additional_kwargs={"model": "breaks"}).stream_chat(ASKED))
    gc.collect()
    left, unread, broken = calls()
    assert left.attributes["abandoned"] and unread.attributes["abandoned"]
    assert (left.status, unread.status, broken.status) == ("success", "success", "error")


def test_streams_of_engines(llm: Any, make: Any, index: Any, calls: Calls) -> None:
    """A query and a chat last until their answers have been read, and the model is below them."""
    answer = index.as_query_engine(llm=llm, streaming=True).query("Weather?")
    assert "".join(answer.response_gen) == TEXT
    chat = index.as_chat_engine(llm=llm, chat_mode="context").stream_chat("Weather?")
    assert "".join(chat.response_gen).strip() == TEXT

    async def awaited() -> str:
        engine = index.as_query_engine(llm=make(), streaming=True)
        answer = await engine.aquery("Weather?")
        return "".join([piece async for piece in answer.async_response_gen()])

    assert asyncio.run(awaited()) == TEXT
    roots = [call for call in calls() if call.parent_id is None]
    assert [call.output["response"] for call in roots] == [TEXT] * 3
    models = [call for call in calls() if call.kind == "llm"]
    assert [call.output["content"] for call in models] == [TEXT] * 3
    ends = {call.trace_id: call.ended_at for call in roots}
    assert all(call.parent_id and ends[call.trace_id] >= call.ended_at for call in models)


def test_a_chat_engine(llm: Any, index: Any, calls: Calls) -> None:
    """A chat is a tree with its retrieval and its model call."""
    engine = index.as_chat_engine(llm=llm, chat_mode="context")
    assert str(engine.chat("Weather?")) == TEXT
    [name, below] = names(calls())
    assert (name, below[0]) == ("ContextChatEngine.chat", "VectorIndexRetriever.retrieve")
    assert calls()[0].output["response"] == TEXT


@pytest.mark.parametrize("streaming", [False, True])
def test_an_agent_with_tools(make: Any, calls: Calls, streaming: bool) -> None:
    """An agent has its model calls and tools below it, and ops below the tools that call them."""

    async def run() -> str:
        tools = [FunctionTool.from_defaults(get_weather)]
        agent = FunctionAgent(name="weather", tools=tools, llm=make(), streaming=streaming)
        return str(await agent.run("Weather?"))

    assert asyncio.run(run()) == TEXT
    asks = "OpenAI.astream_chat" if streaming else "OpenAI.achat"
    tool = ["FunctionTool.acall", ["look_up"]]
    assert names(calls()) == ["FunctionAgent.run", [asks, *tool, *tool, asks]]
    agent, asked, called = calls()[:3]
    assert (agent.kind, agent.display_name) == ("agent", "weather")
    assert agent.output["response"]["content"] == TEXT
    assert (called.kind, called.display_name) == ("tool", "get_weather")
    assert (called.inputs, called.output) == ({"city": "Paris", "unit": "c"}, "rain in Paris")
    assert [one["function"]["name"] for one in asked.output["tool_calls"]] == ["get_weather"] * 2
    assert asked.inputs["tools"][0]["function"]["name"] == "get_weather"


def test_several_agents(make: Any, calls: Calls) -> None:
    """In a workflow of agents it shows whose turn it was."""

    async def run() -> str:
        agent = FunctionAgent(name="weather", description="knows", llm=make(), streaming=False)
        return str(await AgentWorkflow(agents=[agent], root_agent="weather").run("Weather?"))

    assert asyncio.run(run()) == TEXT
    turn = ["AgentWorkflow.run_agent_step", ["OpenAI.achat"]]
    assert names(calls()) == ["AgentWorkflow.run", turn]
    assert [(call.kind, call.display_name) for call in calls()][1] == ("agent", "weather")


class Flow(Workflow):
    @step
    async def first(self, ev: StartEvent) -> StopEvent:
        if ev.city == "nowhere":
            raise ValueError("no such city")
        return StopEvent(result=look_up(ev.city))


def test_workflows(make: Any, calls: Calls) -> None:
    """A workflow of the user's has its steps below it, and ops below these; an error is theirs."""

    async def run() -> None:
        assert await Flow().run(city="Paris") == "rain in Paris"
        with pytest.raises(Exception, match="no such city"):
            await Flow().run(city="nowhere")

    asyncio.run(run())
    assert names(calls()) == [
        "Flow.run", ["Flow.first", ["look_up"]], "Flow.run", ["Flow.first"]
    ]  # fmt: skip
    good, bad = (call for call in calls() if call.parent_id is None)
    assert (good.output, good.status, bad.status) == ("rain in Paris", "success", "error")
    assert "no such city" in str(calls()[-1].exception)


def test_an_error(make: Any, index: Any, calls: Calls) -> None:
    """A refusal of the provider is raised, and the error of the model call and of all above it."""
    llm = make(additional_kwargs={"model": "missing"})  # the library itself knows no such model
    with pytest.raises(Exception, match="does not exist"):
        index.as_query_engine(llm=llm).query("Weather?")
    failed = [call.op_name for call in calls() if call.status == "error"]
    assert [name.rpartition(".")[2] for name in failed] == ["query", "synthesize", "chat"]


def test_spans_of_the_user(make: Any, llm: Any, calls: Calls) -> None:
    """A function that the user decorates for LlamaIndex is a call, too."""

    @get_dispatcher().span
    def plan(city: str) -> str:
        return str(llm.complete(city))

    assert plan("Paris") == TEXT
    outer, inner = calls()
    assert (outer.inputs, outer.output, inner.parent_id) == ({"city": "Paris"}, TEXT, outer.id)


def test_it_is_traced_when_imported(programs: Programs) -> None:
    """A program that imports LlamaIndex is traced, and needs to call nothing."""
    program = """
        import weavelite
        weavelite.init("integrations")
        from llama_index.core import MockEmbedding
        MockEmbedding(embed_dim=2).get_text_embedding("rain")
    """
    programs.run(program, "-W", "ignore")
    assert names(programs.calls()) == ["MockEmbedding.get_text_embedding"]


def test_unpatched(llm: Any, calls: Calls) -> None:
    """After `unpatch` the dispatcher has the handlers that it had."""
    llama_index.unpatch()
    handlers = get_dispatcher().span_handlers
    assert llama_index.SPANS not in handlers and handlers
    llm.chat(ASKED)
    assert [call.op_name for call in calls()] == ["openai.chat.completions.create"]
