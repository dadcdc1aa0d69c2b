"""What an agent did: read from its messages, or from the calls below its own."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from weavelite.errors import EvaluationError
from weavelite.eval.applying import JUDGED
from weavelite.eval.cell import PREDICTED
from weavelite.trace.context import CURRENT

if TYPE_CHECKING:
    from weavelite.trace.call import Call

MESSAGES = ("messages", "new_messages", "history", "output")
"""Where an output keeps its messages, where it is not a list of them."""

_STEPS = ("llm", "tool")
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Is a tool that was called, and with what."""

    name: str
    arguments: Any = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Is what an agent did, in its order; `steps` are turns of the model and calls of tools."""

    tools: list[ToolCall] = field(default_factory=list)
    steps: int = 0


def trajectory_of(output: Any) -> Trajectory:
    """Reads what led to an output: its messages, else the calls below the one that made it.

    Raises EvaluationError where there is neither.
    """
    messages = messages_in(output)
    if messages is not None:
        return from_messages(messages)
    call = judged_call()
    if call is None:
        raise EvaluationError(
            "The output holds no messages, and the call that made it was not traced: call "
            "weavelite.init(), or return the agent's messages."
        )
    return from_calls(call)


def messages_in(output: Any) -> list[Any] | None:
    """Finds messages in an output: a list of them, or one under a name; else None."""
    if isinstance(output, list | tuple) and output and all(map(_is_message, output)):
        return list(output)
    if _is_message(output):
        return [output]
    for name in MESSAGES:
        held = _get(output, name)
        if isinstance(held, list | tuple) and held and all(map(_is_message, held)):
            return list(held)
    return None


def _get(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None) if not isinstance(value, str | bytes) else None


def _is_message(value: Any) -> bool:
    if isinstance(_get(value, "role") or _get(value, "type"), str):
        return any(_get(value, name) is not None for name in ("content", "tool_calls", "name"))
    return False


def from_messages(messages: Iterable[Any]) -> Trajectory:
    """Reads messages as OpenAI, Anthropic and LangChain write them."""
    tools: list[ToolCall] = []
    turns = 0
    for message in messages:
        said_by = _get(message, "role") or _get(message, "type")
        if said_by in ("assistant", "ai", "AIMessage", "AIMessageChunk", "model", "function_call"):
            turns += 1
            tools += _called(message)
    return Trajectory(tools, turns + len(tools))


def _called(message: Any) -> Iterator[ToolCall]:
    if _get(message, "type") == "function_call":
        yield ToolCall(str(_get(message, "name")), _arguments(_get(message, "arguments")))
        return
    listed = _get(message, "tool_calls") or ()
    for call in listed:
        function = _get(call, "function") or call
        arguments = _get(function, "arguments")
        arguments = _get(function, "args") if arguments is None else arguments
        yield ToolCall(str(_get(function, "name")), _arguments(arguments))
    content = _get(message, "content")
    if not listed and isinstance(content, list | tuple):
        for block in content:
            if _get(block, "type") == "tool_use":
                yield ToolCall(str(_get(block, "name")), _arguments(_get(block, "input")))


def _arguments(value: Any) -> Any:
    """Reads arguments, which OpenAI writes as a text; what is no JSON stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def judged_call() -> "Call | None":
    """Finds the call whose output is scored here; None where nothing is traced."""
    judged = JUDGED.get()
    if judged is not None:
        return judged if judged.client is not None else None
    scoring = CURRENT.get()
    cell = scoring.parent if scoring is not None else None
    if cell is None or cell.client is None or PREDICTED not in cell.memo:
        return None
    return cell.client.get_call(cell.memo[PREDICTED])


def from_calls(call: "Call") -> Trajectory:
    """Reads the calls below a call: of tools, and of language models."""
    steps = [below for below in descendants(call) if below.kind in _STEPS]
    tools = [ToolCall(tool_name(below), below.inputs) for below in steps if below.kind == "tool"]
    return Trajectory(tools, len(steps))


def descendants(call: "Call") -> "list[Call]":
    """Reads the calls below a call, one level at a time, in the order in which they started."""
    assert call.client is not None
    found: list[Call] = []
    level = [call.id]
    for _ in range(_DEEPEST):
        if not level:
            break
        calls = list(call.client.get_calls({"parent_ids": level}))
        found += calls
        level = [below.id for below in calls]
    return sorted(found, key=lambda below: (below.start_ns, below.id))


def tool_name(call: "Call") -> str:
    """Is what a tool is called: the last part of the name of its call."""
    return (call.display_name or call.op_name).rpartition(".")[2]
