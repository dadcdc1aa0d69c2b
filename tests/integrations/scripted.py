"""A scripted chat model, a tool and two ops, for runs without a provider."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool

import weavelite

USAGE: Any = {
    "input_tokens": 10,
    "output_tokens": 5,
    "total_tokens": 15,
    "input_token_details": {"cache_read": 3},
}


class Scripted(GenericFakeChatModel):
    """Says what its script says, whole or word by word, tool calls included."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """Takes tools, as agents give them."""
        return self.bind(tools=[convert_to_openai_tool(item) for item in tools], **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        said: Any = next(self.messages)
        calls = [
            {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": at}
            for at, call in enumerate(said.tool_calls)
        ]
        parts = [AIMessageChunk("", tool_call_chunks=calls)] if calls else []
        parts += [AIMessageChunk(f"{word} ") for word in said.content.split()]
        parts.append(
            AIMessageChunk(
                "", usage_metadata=said.usage_metadata, response_metadata=said.response_metadata
            )
        )
        for part in parts:
            chunk = ChatGenerationChunk(message=part)
            if run_manager:
                run_manager.on_llm_new_token(part.content, chunk=chunk)
            yield chunk


def model(*says: str | list[str]) -> Scripted:
    """Makes a model that says these texts in turn; a list calls the weather tool for each city."""

    def message(said: str | list[str]) -> AIMessage:
        cities = said if isinstance(said, list) else []
        calls: Any = [
            {"name": "weather", "args": {"city": city}, "id": f"call_{city}"} for city in cities
        ]
        return AIMessage(
            "" if cities else str(said),
            tool_calls=calls,
            usage_metadata=USAGE,
            response_metadata={"model_name": "scripted-1", "finish_reason": "stop"},
        )

    return Scripted(messages=iter([message(said) for said in says]))


@tool
def weather(city: str) -> str:
    """Tells the weather."""
    return f"rain in {city}"


@weavelite.op
def inner(x: Any) -> str:
    return f"inner {x}"


@weavelite.op
async def ainner(x: Any) -> str:
    await asyncio.sleep(0.001)
    return f"inner {x}"


def named(call: Callable[..., Any], name: str) -> Any:
    return RunnableLambda(call, name=name)
