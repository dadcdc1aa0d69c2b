"""LangChain's values as plain JSON for people to read: messages, documents, commands."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, Generation, LLMResult
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable
from pydantic import BaseModel

DEPTH = 16
ROLES = {"human": "user", "ai": "assistant"}
# Provider extras that hold what the model said, not how it was said.
SAID = ("refusal", "reasoning_content", "audio")
SCALARS = (str, int, float, bool, type(None))


def plain(value: Any, depth: int = DEPTH) -> Any:
    """Turns what LangChain hands around into dicts, lists and scalars; the unknown stays as is."""
    if isinstance(value, SCALARS) or depth == 0:
        return value
    if isinstance(value, BaseMessage):
        return message(value)
    if isinstance(value, dict):
        return {key: plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth - 1) for item in value]
    try:
        return _object(value, depth - 1)
    except Exception:  # the user's objects may do anything when they are read
        return f"<{type(value).__name__} that cannot be read>"


def _object(value: Any, depth: int) -> Any:
    for kind, told in TOLD:
        if isinstance(value, kind):
            return told(value)
    if hasattr(value, "get_secret_value"):
        return "**********"
    named = _fields(value)
    if named is None:
        return value
    fields = {name: plain(item, depth) for name, item in named}
    if not type(value).__module__.startswith("langgraph."):
        return fields
    # Command, Send, Interrupt: what steers a graph is only readable with its name.
    empty = (type(None), list, tuple)
    said = {n: item for n, item in fields.items() if item or not isinstance(item, empty)}
    return {type(value).__name__: said}


def _fields(value: Any) -> Iterable[tuple[str, Any]] | None:
    if isinstance(value, BaseModel):
        return list(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    if type(value).__module__ == "langgraph.types":  # Send has slots and no fields
        slots: Iterable[str] = getattr(type(value), "__slots__", ())
        return [(name, getattr(value, name, None)) for name in slots]
    return None


def message(value: BaseMessage) -> dict[str, Any]:
    """Gives a message in the shape of a chat completion's, with its tool calls."""
    has = (
        value.__dict__
    )  # kinds of messages differ, and asking pydantic for what is not there is slow
    kind = value.type.removesuffix("MessageChunk").lower()  # what a stream adds up to is a chunk
    said: dict[str, Any] = {
        "role": has.get("role") or ROLES.get(kind, kind),
        "content": value.content,
    }
    if value.name:
        said["name"] = value.name
    if calls := has.get("tool_calls"):
        said["tool_calls"] = [_tool_call(call) for call in calls]
    if invalid := has.get("invalid_tool_calls"):
        said["invalid_tool_calls"] = [dict(call) for call in invalid]
    if has.get("tool_call_id") is not None:
        said["tool_call_id"] = has["tool_call_id"]
    if has.get("artifact") is not None:
        said["artifact"] = plain(has["artifact"])
    if has.get("status") == "error":
        said["status"] = "error"
    for name in SAID if value.additional_kwargs else ():
        if value.additional_kwargs.get(name) is not None:
            said[name] = value.additional_kwargs[name]
    return said


def _tool_call(call: Any) -> dict[str, Any]:
    arguments = json.dumps(call["args"], ensure_ascii=False, default=repr)
    function = {"name": call["name"], "arguments": arguments}
    return {"id": call["id"], "type": "function", "function": function}


def _document(value: Document) -> dict[str, Any]:
    told = {"id": value.id} if value.id else {}
    return {**told, "page_content": value.page_content, "metadata": plain(value.metadata)}


def _runnable(value: Runnable[Any, Any]) -> str:
    """Gives a chain or tool as a value: its name, not its insides."""
    return f"<{type(value).__name__} {value.get_name()}>"


def prompt(value: PromptValue) -> Any:
    """Gives a filled prompt: its text, or its messages."""
    text = getattr(value, "text", None)
    if isinstance(text, str):
        return text
    return [message(item) for item in value.to_messages()]


def generation(value: Generation) -> Any:
    """Gives one answer of a model: a message, or the text of a completion."""
    return message(value.message) if isinstance(value, ChatGeneration) else value.text


def answer(result: LLMResult) -> Any:
    """Gives what a model answered: one message, or a list when several were asked for."""
    answers = [generation(item) for group in result.generations for item in group]
    return answers[0] if len(answers) == 1 else answers


def partial(result: LLMResult) -> Any:
    """Gives what a model had said when it failed; LangChain adds an empty message about that."""
    answers = [generation(item) for group in result.generations for item in group]
    said = [item for item in answers if item and (isinstance(item, str) or _says(item))]
    return said[0] if said else None


def _says(told: dict[str, Any]) -> bool:
    return bool(told.get("content") or told.get("tool_calls"))


def named_inputs(value: Any) -> dict[str, Any]:
    """Gives a run's input as the named inputs of a call."""
    told = plain(value)
    if isinstance(told, dict):
        return {str(name): item for name, item in told.items()}
    named = "messages" if isinstance(value, PromptValue) or _is_messages(value) else "input"
    return {named: told}


def _is_messages(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], BaseMessage)


TOLD: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (type, lambda value: value.__name__),
    (Document, _document),
    (PromptValue, prompt),
    (Generation, generation),
    (Runnable, _runnable),
)
