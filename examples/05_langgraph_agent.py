"""A LangGraph agent with parallel tool calls, a retriever and a subgraph, as one trace.

Nothing in the graph knows weavelite. The model is scripted, so that this runs offline.
Needs: pip install "weavelite[langchain]" langgraph
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.documents import Document
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition

import weavelite

weavelite.init("examples")
weavelite.patch("langchain")


class ScriptedModel(GenericFakeChatModel):
    """Stands for a model: says its lines in turn."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self.bind(tools=[convert_to_openai_tool(item) for item in tools], **kwargs)


def line(text: str = "", **calls: Any) -> AIMessage:
    usage: Any = {"input_tokens": 120, "output_tokens": 24, "total_tokens": 144}
    asked: Any = [
        {"name": name.partition("__")[0], "args": args, "id": f"call_{name}"}
        for name, args in calls.items()
    ]
    about = {"model_name": "scripted-1", "finish_reason": "tool_calls" if calls else "stop"}
    return AIMessage(text, tool_calls=asked, usage_metadata=usage, response_metadata=about)


class Guides(BaseRetriever):
    """Finds what guides say of a city."""

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        said = {
            "Oslo": "The opera's roof is open to walkers.",
            "Paris": "Museums close on Tuesday.",
        }
        return [
            Document(text, metadata={"source": f"{city}.md"})
            for city, text in said.items()
            if city in query
        ]


@tool
def weather(city: str) -> str:
    """Tells the weather of a city."""
    return {"Oslo": "sunny, 4 °C", "Paris": "rain, 11 °C"}[city]


@tool
def flight_price(city: str) -> dict[str, Any]:
    """Tells what a flight to a city costs."""
    return {"city": city, "euros": {"Oslo": 140, "Paris": 95}[city]}


class Trip(TypedDict):
    """Is what the graph knows."""

    messages: Annotated[list[AnyMessage], add_messages]
    notes: str


tools = [weather, flight_price]
planner = ScriptedModel(
    messages=iter(
        [
            line(
                weather__oslo={"city": "Oslo"},
                weather__paris={"city": "Paris"},
                flight_price__oslo={"city": "Oslo"},
            ),
            line("Oslo: it is sunny, the flight is 140 euros, and you can walk on the opera."),
        ]
    )
).bind_tools(tools)
writer = ScriptedModel(messages=iter([line("Oslo: walk on the opera's roof. Paris: not Tuesday.")]))


def look_up(state: Trip) -> dict[str, Any]:
    found = Guides().invoke("Oslo or Paris")
    return {"notes": "\n".join(document.page_content for document in found)}


def summarise(state: Trip) -> dict[str, Any]:
    asked = [SystemMessage("Summarise for a traveller."), HumanMessage(state["notes"])]
    return {"notes": writer.invoke(asked).content}


def plan(state: Trip) -> dict[str, Any]:
    rule = SystemMessage(f"Plan a day. What guides say: {state['notes']}")
    return {"messages": [planner.invoke([rule, *state["messages"]])]}


research = StateGraph(Trip)
research.add_node("look_up", look_up)
research.add_node("summarise", summarise)
research.add_edge(START, "look_up")
research.add_edge("look_up", "summarise")

graph = StateGraph(Trip)
graph.add_node("research", research.compile(name="research"))
graph.add_node("plan", plan)
graph.add_node("tools", ToolNode(tools))
graph.add_edge(START, "research")
graph.add_edge("research", "plan")
graph.add_conditional_edges("plan", tools_condition, {"tools": "tools", END: END})
graph.add_edge("tools", "plan")
agent = graph.compile(name="travel_agent")

asked: Any = {"messages": [HumanMessage("Oslo or Paris tomorrow?")], "notes": ""}
told = agent.invoke(asked, {"configurable": {"thread_id": "trip-1"}})
print(told["messages"][-1].content)
print("See it: weavelite ui")
