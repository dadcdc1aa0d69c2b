"""A chain on a real model and a tool-calling agent, traced by one environment variable.

Nothing of weavelite is imported here. Run it with the name of a project:

    WEAVELITE_PROJECT=virtual-worlds python examples/virtual_worlds.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Literal

from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough
from langchain_core.tools import BaseTool, tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from local_model import Endpoint, local_model
from pydantic import SecretStr

os.environ["LANGCHAIN_WANDB_TRACING"] = "true"

WORLDS = {
    "calm": "Lumen Reef, a sunlit city under the sea",
    "stormy": "Gale Spire, a tower that sails on the wind",
    "dark": "Hollow Moon, a mine with its own stars",
}


def hero_chain(endpoint: Endpoint) -> Runnable[dict[str, str], dict[str, str]]:
    """Builds the chain: pick a virtual world, then describe a hero who lives in it."""
    model = ChatOpenAI(
        model=endpoint.model,
        base_url=endpoint.base_url,
        api_key=SecretStr(endpoint.api_key),
        temperature=0,
        seed=7,
        max_completion_tokens=60,
    )
    pick_world = ChatPromptTemplate.from_template(
        "Invent a virtual world about {theme}. Answer with its name and one short sentence."
    )
    describe_hero = ChatPromptTemplate.from_template(
        "World: {world}\n\nDescribe a hero who lives in this world, in two short sentences."
    )
    return RunnablePassthrough.assign(
        world=pick_world | model | StrOutputParser()
    ) | RunnablePassthrough.assign(hero=describe_hero | model | StrOutputParser())


@tool
def world_picker(mood: Literal["calm", "stormy", "dark"]) -> str:
    """Pick the virtual world that fits a mood: calm, stormy or dark."""
    return WORLDS[mood]


@tool
def name_validator(name: str) -> str:
    """Say whether a hero's name is one capitalised word of at most eight letters."""
    if name.isalpha() and name.istitle() and len(name) <= 8:
        return f"{name} is a valid name."
    return f"{name} is not valid: use one capitalised word of at most eight letters."


class ScriptedChatModel(BaseChatModel):
    """A stand-in that plays written replies in order, because the small model calls no tools."""

    replies: list[AIMessage]

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Accepts tools as a hosted chat model does."""
        schemas = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=schemas, tool_choice=tool_choice, **kwargs)

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        # How far the script has come is read from the conversation, so an instance has no state.
        turn = sum(isinstance(message, AIMessage) for message in messages)
        return ChatResult(generations=[ChatGeneration(message=self.replies[turn])])


def calls(tool_: BaseTool, **arguments: str) -> AIMessage:
    """Writes a reply that calls one tool."""
    identity = "-".join(["call", tool_.name, *arguments.values()])
    return AIMessage("", tool_calls=[{"name": tool_.name, "args": arguments, "id": identity}])


SCRIPT = [
    calls(world_picker, mood="stormy"),
    calls(name_validator, name="Captain Windermere"),
    calls(name_validator, name="Wren"),
    AIMessage("Wren keeps the sails of Gale Spire whole, and knows every storm by its voice."),
]


def main() -> None:
    """Runs the chain on the real model, then the agent on the scripted one."""
    with local_model() as endpoint:
        print(f"Chain (real model, {endpoint.model}):")
        story = hero_chain(endpoint).invoke({"theme": "gardens in the sky"})
    print(f"  world: {story['world']}")
    print(f"  hero:  {story['hero']}")

    print("Agent (scripted model: its replies are written in this file; the tools are real):")
    agent = create_agent(ScriptedChatModel(replies=SCRIPT), [world_picker, name_validator])
    wish = HumanMessage("Find a stormy world and name its hero.")
    for message in agent.invoke({"messages": [wish]})["messages"]:
        print(f"  {message.type:>5}: {shown(message)}")


def shown(message: BaseMessage) -> str:
    """Returns what a message says, or the tools that it calls."""
    requests = message.tool_calls if isinstance(message, AIMessage) else []
    return ", ".join(f"{r['name']}({r['args']})" for r in requests) or message.text


if __name__ == "__main__":
    main()
