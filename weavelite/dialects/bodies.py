"""What went into a span and what came out of it, in whichever dialect that is told.

Calls of models have messages, in one form whatever their sender's; others have the values that
they were given. A dialect that tells something whole wins over one that tells it in parts.
"""

from collections.abc import Mapping
from typing import Any

from weavelite.dialects import aliases
from weavelite.dialects.langchain import plain
from weavelite.dialects.messages import (
    ASKED,
    SYSTEM,
    Message,
    answered,
    asked,
    joined,
    system_message,
)
from weavelite.dialects.parts import tool_call
from weavelite.dialects.reading import loads
from weavelite.dialects.tools import asked_model, parameters_of, tools_of

MODELS = ("llm", "embedding", "reranker")
SPEAKING = ("llm", "agent")
Told = Mapping[str, Any]
"""Is what `events.told` and `reading.collect` make of a span."""


def inputs_of(told: Told, kind: str) -> dict[str, Any]:
    """Returns inputs by name, as the arguments of the call would be."""
    own = loads(told.get("weavelite.inputs"))
    if own is not None:
        return own if isinstance(own, dict) else {"input": own}
    if kind == "llm":
        return {**_model(told), **_conversation(told), **_asked_for(told)}
    if kind in ("embedding", "reranker"):
        return {**_model(told), **_texts(told, kind), **parameters_of(told)}
    value = _value(told, aliases.VALUES_IN)
    if value is None:
        messages = _messages_in(told, kind)
        tools = tools_of(told)
        return {"messages": messages, **({"tools": tools} if tools else {})} if messages else {}
    return _named(value, kind)


def _model(told: Told) -> dict[str, Any]:
    model = aliases.text_of(told, aliases.ASKED_MODEL) or asked_model(told)
    return {} if model is None else {"model": model}


def _asked_for(told: Told) -> dict[str, Any]:
    tools = tools_of(told)
    return {**({"tools": tools} if tools else {}), **parameters_of(told)}


def _conversation(told: Told) -> dict[str, Any]:
    messages = _messages_in(told, "llm")
    if messages:
        return {"messages": messages}
    value = _value(told, aliases.VALUES_IN)
    if value is None:  # what cannot be read, since it was cut, is better than nothing
        value = loads(aliases.first(told, aliases.MESSAGES_IN))
    if value is None:
        return {}
    found = asked(value)
    if isinstance(value, dict):
        others = {key: v for key, v in value.items() if key not in (*ASKED, *SYSTEM)}
        return {**others, "messages": found} if found else value
    if found:
        return {"messages": found}
    if isinstance(value, str):
        return {"messages": [{"role": "user", "content": value}]}
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return {"messages": [{"role": "user", "content": each} for each in value]}
    return {"input": value}


def _messages_in(told: Told, kind: str) -> list[Message]:
    found: list[Message] = []
    for name in aliases.MESSAGES_IN:
        held = told.get(name)
        if held is None:
            continue
        found = asked(_whole(held, name, "user")) or []
        if not found and name == "llm.prompts.N.":
            found = [{"role": "user", "content": each["text"]} for each in held
                     if isinstance(each, dict) and isinstance(each.get("text"), str)]  # fmt: skip
        if name in _WITH_ANSWERS:
            found = _before_answer(found, told, name, kind)
        if found:
            break
    if found and found[0]["role"] != "system":
        told_apart = aliases.first(told, aliases.SYSTEM)
        found = [*(system_message(told_apart) if told_apart is not None else ()), *found]
    return found


_WITH_ANSWERS = ("pydantic_ai.all_messages", "all_messages_events", "events")
"""Have the answers after the questions."""


def _before_answer(found: list[Message], told: Told, name: str, kind: str) -> list[Message]:
    if name == "events":
        return found[:-1] if len(found) > 1 and found[-1]["role"] == "assistant" else found
    start = told.get("pydantic_ai.new_message_index")
    start = start if isinstance(start, int) and kind == "agent" else 0
    for place, message in enumerate(found):
        if place >= start and message["role"] == "assistant":
            return found[:place]
    return found


def _whole(held: Any, name: str, role: str) -> Any:
    """Completes messages of numbered attributes, of which a sender's limit may have left parts."""
    if not name.endswith(".N."):
        return held
    items = _letters(held) if name in ("gen_ai.prompt.N.", "gen_ai.completion.N.") else held
    return [
        {"role": role, **item} if isinstance(item, dict) and not _SAYS.isdisjoint(item) else item
        for item in items
    ]


_SAYS = frozenset({"content", "contents", "tool_calls"})


def _letters(items: list[Any]) -> list[Any]:
    """Opens contents that are JSON texts, which older instrumentors of OpenLLMetry sent."""
    return [
        {**item, "content": loads(item["content"])}
        if isinstance(item, dict) and isinstance(item.get("content"), str)
        and item["content"][:2] in ('""', '[{', '"\\') else item
        for item in items
    ]  # fmt: skip


def _texts(told: Told, kind: str) -> dict[str, Any]:
    """Returns what was embedded, or ranked."""
    listed = aliases.first(told, aliases.TEXTS_IN)
    if kind == "reranker" and listed is not None:
        documents = [document(each) for each in listed]
        return {"query": told.get("reranker.query"), "documents": documents}
    if listed is not None:
        texts = [each.get("text") for each in listed if isinstance(each, dict)]
        if any(text is not None for text in texts):
            return {"input": texts}
    value = _value(told, aliases.VALUES_IN)
    if isinstance(value, dict):
        return value
    if value is None:
        value = [message["content"] for message in _messages_in(told, kind)] or None
    return {} if value is None else {"input": value}


def _value(told: Told, names: tuple[str, ...]) -> Any:
    for name in names:
        held = told.get(name)
        if held is None or held == "":
            continue
        if name in ("input.value", "output.value") and _is_plain(told, name):
            return held
        value = plain(loads(held))
        return _unwrapped(value) if name.startswith(_WRAPPING) else value
    return None


_WRAPPING = ("traceloop.", "langfuse.", "gen_ai.completion")


def _is_plain(told: Told, name: str) -> bool:
    mime = told.get(name.replace("value", "mime_type"))
    return isinstance(mime, str) and "json" not in mime


def _unwrapped(value: Any) -> Any:
    """Takes off what senders put around the values of a call."""
    match value:
        case {"inputs": inner, **others} if _ABOUT.issuperset(others):
            return inner
        case {"outputs": inner, **others} | {"output": inner, **others} if _ABOUT.issuperset(
            others
        ):
            return inner
        case {"input_str": str(text), **others} if _ABOUT.issuperset(others):
            return others.get("inputs") or loads(text)
        case {"args": list(args), "kwargs": dict(kwargs)} if len(value) == 2:
            return {**({"args": args} if args else {}), **kwargs}
    return value


_ABOUT = frozenset({"tags", "metadata", "kwargs", "inputs"})


def _named(value: Any, kind: str) -> dict[str, Any]:
    if isinstance(value, dict):
        if isinstance(value.get("role"), str):
            return {"input": _read(value)}
        found = asked(value["messages"]) if isinstance(value.get("messages"), list) else None
        return {**value, "messages": found} if found else value
    found = asked(value) if isinstance(value, list) else None
    if found:
        return {"messages": found}
    return {"query" if kind in ("retriever", "reranker") else "input": value}


def output_of(told: Told, kind: str) -> Any:
    """Returns what came out; None when the span does not tell."""
    own = loads(told.get("weavelite.output"))
    if own is not None:
        return own
    if kind == "llm":
        return _answer(told)
    listed = aliases.first(told, aliases.DOCUMENTS)
    if listed is not None and kind in ("retriever", "reranker", "op", "chain", "tool"):
        found = loads(listed)
        return [document(each) for each in found] if isinstance(found, list) else found
    value = _value(told, aliases.VALUES_OUT)
    if kind == "embedding":
        vectors = [each["vector"] for each in told.get("embedding.embeddings.N.") or ()
                   if isinstance(each, dict) and "vector" in each]  # fmt: skip
        return vectors or value
    if kind == "retriever":
        return _found(value)
    if value is None:
        return _single(_messages_out(told))
    if kind == "tool" and isinstance(value, dict) and value.get("role") == "tool":
        return loads(value.get("content"))
    return _read(value)


def _answer(told: Told) -> Any:
    messages = _messages_out(told)
    if messages is not None:
        return _single(messages)
    value = _value(told, aliases.VALUES_OUT)
    if value is None:
        value = loads(aliases.first(told, aliases.MESSAGES_OUT))
    if isinstance(value, str):
        return {"role": "assistant", "content": value}
    found = answered(value) if isinstance(value, dict | list) else None
    return _single(found) if found else value


def _single(messages: list[Message] | None) -> Any:
    return messages[0] if messages and len(messages) == 1 else messages


def _read(value: Any) -> Any:
    """Reads the messages in an output, where it is nothing but messages."""
    match value:
        case [*_] | {"role": str()}:
            found = answered(value)
            return value if not found else found if isinstance(value, list) else _single(found)
        case {"messages": [*_] as held}:
            return {**value, "messages": asked(held) or held}
    return value


def _messages_out(told: Told) -> list[Message] | None:
    for name in aliases.MESSAGES_OUT:
        held = told.get(name)
        if held is None:
            continue
        found = answered(_whole(held, name, "assistant"))
        if not found and name == "llm.choices.N.":
            found = [{"role": "assistant", "content": each.get("text")} for each in held
                     if isinstance(each, dict)]  # fmt: skip
        if found:
            return found
    for name in _WITH_ANSWERS:
        found = asked(told.get(name))
        if found and found[-1]["role"] == "assistant":
            return found[-1:]
    made = _vercel(told)
    return joined([made]) if made else None


def _vercel(told: Told) -> Message | None:
    """Puts the answer of the Vercel AI SDK together, whose parts are told apart."""
    get = aliases.first
    text = get(told, ("ai.response.text", "ai.result.text"))
    calls = loads(get(told, ("ai.response.toolCalls", "ai.result.toolCalls")))
    thought = told.get("ai.response.reasoning")
    found = [tool_call(c) for c in calls if isinstance(c, dict)] if isinstance(calls, list) else []
    if text is None and not found and thought is None:
        return None
    made: Message = {"role": "assistant", "content": text}
    if thought is not None:
        made["reasoning_content"] = thought
    if found:
        made["tool_calls"] = found
    return made


def _found(value: Any) -> Any:
    """Lists the documents in what a retriever gave back."""
    match value:
        case {"documents": [*items]} | [*items]:
            return [document(item) for item in items]
    return value


def document(item: Any) -> Any:
    """Makes a document as LangChain has it: `page_content`, `metadata`, `id`, `score`."""
    item = loads(item)
    if not isinstance(item, dict):
        return item
    text = next((item[key] for key in ("page_content", "content", "pageContent", "text")
                 if isinstance(item.get(key), str)), None)  # fmt: skip
    if text is None:
        return {key: loads(value) for key, value in item.items()}
    others = {key: loads(value) for key, value in item.items() if value is not text}
    return {"page_content": text, **others}
