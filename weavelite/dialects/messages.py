"""Messages in any shape that a provider or a convention has, as those of chat completions.

`{"role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content", "finish_reason"}`:
content is a text, or parts where it is more; arguments of calls are JSON texts. It is the shape
that weavelite's own integrations record, so that everything that reads messages reads these.
Shapes are told by their look, not by their sender: conventions change, and carry each other's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from weavelite.dialects.langchain import is_constructor, plain
from weavelite.dialects.parts import Said, text_in, tool_call, tool_result
from weavelite.dialects.reading import loads

Message = dict[str, Any]

ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "function": "tool",
         "chat": "user", "chatbot": "assistant", "bot": "assistant", "remove": "system",
         "humanmessage": "user", "aimessage": "assistant", "systemmessage": "system",
         "toolmessage": "tool", "aimessagechunk": "assistant"}  # fmt: skip
_KNOWN_ROLES = frozenset({*ROLES, "user", "assistant", "system", "tool", "developer"})
EVENTS = {"gen_ai.system.message": "system", "gen_ai.user.message": "user",
          "gen_ai.assistant.message": "assistant", "gen_ai.tool.message": "tool",
          "gen_ai.choice": "assistant"}  # fmt: skip
"""Are the roles of the events by which older conventions tell messages."""
_ITEMS = frozenset({"function_call", "function_call_output", "reasoning", "message",
                    "web_search_call", "file_search_call", "computer_call", "mcp_call",
                    "code_interpreter_call", "custom_tool_call",
                    "custom_tool_call_output"})  # fmt: skip
"""Are types of the items that OpenAI's responses are made of."""
SYSTEM = ("system", "instructions", "system_instruction", "systemInstruction", "system_prompt")
ASKED = ("messages", "contents", "input", "prompt", "chat_history", "prompts", "history")
_DEEPEST = 6


def system_message(value: Any) -> list[Message]:
    """Makes the message of instructions that are told apart from the messages."""
    text = text_in(loads(value))
    return [{"role": "system", "content": text}] if text else []


def asked(value: Any, depth: int = _DEEPEST) -> list[Message] | None:
    """Finds what was asked in inputs of any shape; None where they hold no messages."""
    value = _opened(value)
    if isinstance(value, list):
        return _list(value)
    if not isinstance(value, dict) or not depth:
        return None
    if _is_message(value):
        return one(value)
    apart = value["config"] if isinstance(value.get("config"), dict) else value
    system = [m for key in SYSTEM if key in apart for m in system_message(apart[key])]
    for key in ASKED:
        held = value.get(key)
        if isinstance(held, str) and key in ("input", "prompt") and held:
            return [*system, {"role": "user", "content": held}]
        found = asked(held, depth - 1) if held else None
        if found:
            return [*system, *found]
    return None


def answered(value: Any, depth: int = _DEEPEST) -> list[Message] | None:
    """Finds what was answered in an output of any shape; None where it holds no messages."""
    value = _opened(value)
    if isinstance(value, list):
        return joined(found) if (found := _list(value, "assistant")) else None
    if not isinstance(value, dict) or not depth:
        return None
    for key, read in _HOLDERS.items():
        held = value.get(key)
        if isinstance(held, list) and held:
            found = [m for each in _flat(held) for m in read(each)]
            if found:
                return joined(found) if key == "output" else found
    if _is_message(value):
        return one(value)
    if isinstance(content := value.get("content"), dict) and "parts" in content:
        return _candidate(value)
    for key in ("message", "output", "outputs", "messages", "response"):
        if isinstance(value.get(key), dict | list):
            found = answered(value[key], depth - 1)
            if found:
                return found
    return None


def _opened(value: Any) -> Any:
    value = loads(value)
    return plain(value) if isinstance(value, dict | list) else value


def _choice(value: Any) -> list[Message]:
    """Reads a choice of chat completions, or of older completions, which are text."""
    if not isinstance(value, Mapping):
        return []
    message = value.get("message", value.get("delta"))
    if message is None:
        text = value.get("text", value.get("completion"))
        made = [{"role": "assistant", "content": text_in(text)}] if text is not None else []
    else:
        made = one(message) if isinstance(message, Mapping) else []
    return _finished(made, value)


def _candidate(value: Any) -> list[Message]:
    """Reads a candidate of Gemini."""
    content = value.get("content") if isinstance(value, Mapping) else None
    return _finished(one({"role": "model", **content}), value) if isinstance(content, dict) else []


def _generation(value: Any) -> list[Message]:
    """Reads a generation of LangChain's LLMResult."""
    if not isinstance(value, Mapping):
        return []
    if isinstance(value.get("message"), Mapping):
        return _finished(one({"role": "assistant", **value["message"]}), _info(value))
    text = value.get("text")
    return [{"role": "assistant", "content": text}] if isinstance(text, str) else []


def _info(generation: Mapping[str, Any]) -> Mapping[str, Any]:
    info = generation.get("generation_info")
    return info if isinstance(info, Mapping) else {}


def _item(value: Any) -> list[Message]:
    known = isinstance(value, Mapping) and (_is_message(value) or "text" in value)
    return one(value, "assistant") if known else []


_HOLDERS = {"choices": _choice, "candidates": _candidate, "generations": _generation,
            "output": _item}  # fmt: skip


def _finished(made: list[Message], holder: Mapping[str, Any]) -> list[Message]:
    reason = holder.get("finish_reason") or holder.get("finishReason")
    if reason and made:
        made[-1].setdefault("finish_reason", reason)
    return made


def _list(value: list[Any], role: str | None = None) -> list[Message] | None:
    items = _flat(value)
    if not items or not all(_is_message(item) for item in items):
        return None
    return [message for item in items for message in one(item, role)]


def _flat(items: list[Any]) -> list[Any]:
    """Opens lists of lists of messages, as LangChain has them; pairs of role and text stay."""
    flat: list[Any] = []
    for item in items:
        flat += item if isinstance(item, list) and not _is_pair(item) else [item]
    return flat


def _is_pair(item: Any) -> bool:
    match item:
        case [str(role), str() | list()]:
            return role in _KNOWN_ROLES
    return False


def _word(item: Mapping[str, Any], key: str) -> str:
    found = item.get(key)
    return found if isinstance(found, str) else ""


def _is_message(item: Any) -> bool:
    if _is_pair(item):
        return True
    if not isinstance(item, Mapping):
        return False
    if isinstance(item.get("role"), str):
        return not item.keys().isdisjoint(_SAYS)
    kind = _word(item, "type")
    return (
        _word(item, "event.name") in EVENTS
        or kind in _ITEMS
        or (kind in _KNOWN_ROLES and ("content" in item or "data" in item))
        or is_constructor(item)
    )


_SAYS = frozenset({"content", "parts", "contents", "tool_calls", "tool_call_id", "text", "refusal",
                   "function_call", "reasoning", "reasoning_content", "message", "toolCalls",
                   "audio", "role"})  # fmt: skip


def one(item: Any, role: str | None = None) -> list[Message]:
    """Reads one message, which is several where a user's holds the results of tools."""
    if _is_pair(item):
        item = {"role": item[0], "content": item[1]}
    event = _word(item, "event.name")
    if event in EVENTS:
        item = _of_event(item, EVENTS[event])
    kind = _word(item, "type")
    if isinstance(item.get("data"), Mapping) and kind in _KNOWN_ROLES:
        item = {"role": kind, **item["data"]}
    if kind in _ITEMS and kind != "message" and "role" not in item:
        return _of_item(item, kind)
    told = item.get("role") or (kind if kind in _KNOWN_ROLES else None) or role or "user"
    return _sorted(item, _role(str(told)))


def _role(told: str) -> str:
    word = told.lower()
    return ROLES.get(word, word if word in _KNOWN_ROLES else told)


def _of_event(item: Mapping[str, Any], role: str) -> dict[str, Any]:
    message = loads(item.get("message"))
    inner = message if isinstance(message, dict) else {}
    content = item.get("content", message if isinstance(message, str | list) else None)
    made = {"role": role, **item, **inner}
    if "content" not in inner and "parts" not in made:
        made["content"] = content
    if role == "tool":
        made["tool_call_id"] = item.get("id") or item.get("tool_call_id")
    return made


def _of_item(item: Mapping[str, Any], kind: str) -> list[Message]:
    if kind.endswith("_output"):
        return [tool_result(item)]
    if kind == "reasoning":
        thought = text_in(item.get("summary") or item.get("content"))
        return [{"role": "assistant", "content": None, "reasoning_content": thought}]
    named = item if item.get("name") else {**item, "name": kind.removesuffix("_call")}
    return [{"role": "assistant", "content": None, "tool_calls": [tool_call(named)]}]


def _sorted(item: Mapping[str, Any], role: str) -> list[Message]:
    said = Said()
    for part in _parts(item):
        said.add(part)
    for call in _calls(item):
        made = tool_call(call)
        if made["function"] not in [known["function"] for known in said.calls]:
            said.calls.append(made)
    thought = item.get("reasoning_content") or item.get("reasoning") or item.get("thinking")
    if thought and not said.thoughts:
        said.thoughts.append(text_in(loads(thought)))
    for result in said.results:
        result.setdefault("name", item.get("name")) if item.get("name") else None
    alone = said.results and not (said.content or said.calls or said.thoughts)
    return said.results if alone else [*said.results, _message(item, role, said)]


def _message(item: Mapping[str, Any], role: str, said: Said) -> Message:
    made: Message = {"role": role, "content": _content(said.content)}
    if said.thoughts:
        made["reasoning_content"] = "\n\n".join(filter(None, said.thoughts))
    if said.calls:
        made["tool_calls"] = said.calls
    for name, keys in _KEPT.items():
        value = next((item[key] for key in keys if item.get(key)), None)
        if value is not None:
            made[name] = value
    if role != "tool":
        made.pop("tool_call_id", None)
    return made


_KEPT = {
    "name": ("name",),
    "tool_call_id": ("tool_call_id", "toolCallId", "tool_use_id"),
    "refusal": ("refusal",),
    "audio": ("audio",),
    "finish_reason": ("finish_reason", "finishReason", "stop_reason", "stopReason"),
}


def _parts(item: Mapping[str, Any]) -> Iterable[Any]:
    for key in ("parts", "contents", "content", "text"):
        held = item.get(key)
        if held is None or (key == "text" and not isinstance(held, str)):
            continue
        if isinstance(held, Mapping) and isinstance(held.get("parts"), list):
            held = held["parts"]  # Gemini's contents
        if isinstance(held, str):
            return [held]
        return held if isinstance(held, list) else [held]
    return ()


def _calls(item: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for key in ("tool_calls", "toolCalls", "function_call"):
        held = loads(item.get(key))
        if isinstance(held, Mapping):
            held = [held]
        if isinstance(held, list):
            return [loads(each) for each in held if isinstance(loads(each), Mapping)]
    if item.get("function_call_name"):
        arguments = item.get("function_call_arguments_json")
        return [{"name": item["function_call_name"], "arguments": arguments}]
    return ()


def _content(parts: list[Any]) -> Any:
    """Is a text where there is only text."""
    texts = [part["text"] for part in parts if isinstance(part, dict) and "text" in part]
    if len(texts) == len(parts):
        return "\n\n".join(filter(None, texts)) if parts else None
    return parts


def joined(messages: list[Message]) -> list[Message]:
    """Puts the pieces of one answer together: its thoughts, its words, its calls of tools."""
    made: list[Message] = []
    for message in messages:
        last = made[-1] if made else None
        if last is None or not _continues(last, message):
            made.append(message)
            continue
        merged = {**last, **{key: v for key, v in message.items() if v is not None}}
        merged["content"] = last["content"] if message["content"] is None else message["content"]
        thoughts = [m["reasoning_content"] for m in (last, message) if m.get("reasoning_content")]
        calls = [*last.get("tool_calls", ()), *message.get("tool_calls", ())]
        if thoughts:
            merged["reasoning_content"] = "\n\n".join(thoughts)
        if calls:
            merged["tool_calls"] = calls
        made[-1] = merged
    return made


def _continues(last: Message, message: Message) -> bool:
    both = last["role"] == message["role"] == "assistant"
    split = last["content"] is None or message["content"] is None
    return both and split and "finish_reason" not in last
