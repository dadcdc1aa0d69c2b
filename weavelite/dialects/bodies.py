"""What went into a span and what came out of it, in whichever dialect that is told.

A dialect that tells it whole wins over one that tells it in parts: `llm.input_messages.0.message.…`
of OpenInference and `gen_ai.prompt.0.…` of older instrumentors are put together where nothing else
is there, and so is the answer of the Vercel AI SDK, whose text and tool calls are told apart.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from weavelite.dialects import aliases

INDEXED_IN = ("llm.input_messages.", "gen_ai.prompt.", "llm.prompts.", "embedding.embeddings.",
              "reranker.input_documents.")  # fmt: skip
INDEXED_OUT = ("llm.output_messages.", "gen_ai.completion.", "llm.choices.",
               "retrieval.documents.", "reranker.output_documents.")  # fmt: skip
_WRAPPERS = frozenset({"message", "tool_call", "message_content", "document", "embedding", "prompt",
                       "completion"})  # fmt: skip
"""Are the steps by which OpenInference names what an item of a list is."""
_MOST_ITEMS, _MOST_STEPS = 10_000, 16


def inputs_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns inputs by name: messages under that name, other values under `input`."""
    whole = loads(aliases.first(attributes, aliases.INPUTS))
    if whole is None:
        whole = indexed(attributes, INDEXED_IN) or None
    if whole is None or isinstance(whole, dict):
        return whole or {}
    return {"messages" if _are_messages(whole) else "input": whole}


def _are_messages(value: Any) -> bool:
    known = {"role", "parts", "lc", "event.name"}
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and not known.isdisjoint(item) for item in value
    )


def output_of(attributes: Mapping[str, Any]) -> Any:
    """Returns what came out; None when the span does not tell."""
    whole = loads(aliases.first(attributes, aliases.OUTPUT))
    if whole is None:
        whole = _vercel(attributes)
    return whole if whole is not None else indexed(attributes, INDEXED_OUT) or None


def loads(value: Any) -> Any:
    """Reads JSON in a text, or in the texts of a list; other texts stay."""
    if isinstance(value, list):
        return [loads(item) for item in value]
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return value


def _vercel(attributes: Mapping[str, Any]) -> Any:
    text = attributes.get("ai.response.text")
    calls = loads(attributes.get("ai.response.toolCalls"))
    reasoning = attributes.get("ai.response.reasoning")
    if not isinstance(calls, list) and reasoning is None:
        return text
    made: dict[str, Any] = {"role": "assistant", "content": text}
    if reasoning is not None:
        made["reasoning"] = reasoning
    found = [call for call in calls or () if isinstance(call, Mapping)]
    if found:
        made["tool_calls"] = [
            {
                "id": call.get("toolCallId"),
                "type": "function",
                "function": {
                    "name": call.get("toolName"),
                    "arguments": call.get("input", call.get("args")),
                },
            }
            for call in found
        ]
    return [made]


def indexed(attributes: Mapping[str, Any], prefixes: tuple[str, ...]) -> list[Any]:
    """Puts a list together of attributes named `prefix.N.rest`, in the order of N."""
    for prefix in prefixes:
        tree: dict[str, Any] = {}
        for name, value in attributes.items():
            if name.startswith(prefix):
                _plant(tree, name[len(prefix) :].split("."), value)
        if tree:
            found = _harvest(tree)
            return found if isinstance(found, list) else [found]
    return []


def _plant(tree: dict[str, Any], steps: list[str], value: Any) -> None:
    if len(steps) > _MOST_STEPS:
        return
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):  # a value stands where others have a branch
            return
        tree = below
    tree.setdefault(steps[-1], value)


def _harvest(tree: Any) -> Any:
    """Makes lists of branches whose steps are numbers, with holes left out."""
    if not isinstance(tree, dict):
        return tree
    if all(step.isascii() and step.isdigit() and int(step) < _MOST_ITEMS for step in tree):
        return [_harvest(tree[step]) for step in sorted(tree, key=int)]
    if len(tree) == 1 and (only := next(iter(tree))) in _WRAPPERS and isinstance(tree[only], dict):
        return _harvest(tree[only])
    return dict(_named(tree))


def _named(tree: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for step, below in tree.items():
        yield step, _harvest(below)
