"""What LlamaIndex hands around, as JSON: messages, documents, answers, and the tokens they took.

Its classes are told apart by what they have, so that nothing of the library is imported here.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from weavelite_integrations._streams import dumped

HIDDEN = {"self", "ctx", "init_state", "tags", "api_key", "api_base", "headers", "memory",
          "show_progress"}  # fmt: skip
PARAMETERS = ("temperature", "max_tokens", "max_output_tokens", "top_p")
_MIMETYPES = {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}


def plain(value: Any) -> Any:
    """Makes JSON of a value of the library; of a component, which may hold keys, only its name."""
    if value is None or isinstance(value, str | bool | int | float):
        return getattr(value, "value", value)  # a text that is of an enumeration
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items() if name not in HIDDEN}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    for attributes, make in _KNOWN:
        if all(hasattr(value, name) for name in attributes):
            return make(value)
    return _object(value)


def given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Makes JSON of the arguments of a method, those by keyword among the others."""
    named = dict(arguments)
    more = named.pop("kwargs", None) or {}
    return {
        name: made
        for name, value in {**named, **more}.items()
        if name not in HIDDEN and (made := plain(value)) not in (None, [], {})
    }


def asked_of_model(llm: Any, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the inputs of a model call: messages or a prompt, the model, and parameters."""
    asked = given(arguments)
    positional = asked.pop("args", None)
    if positional and not asked.keys() & {"messages", "prompt"}:
        asked["prompt"] = positional[0]
    set_up = {name: getattr(llm, name, None) for name in ("model", *PARAMETERS)}
    return {**{k: v for k, v in set_up.items() if isinstance(v, str | int | float)}, **asked}


def model_of(component: Any) -> str | None:
    """Says which model a component asks."""
    found = getattr(component, "model", None) or getattr(component, "model_name", None)
    return found if isinstance(found, str) else None


def answer_of(response: Any) -> Any:
    """Makes the output of a model call: the message that it answered, or its text."""
    said = plain(response)
    reason = _told(_told(response, "raw"), "choices")
    reason = _told(reason[0], "finish_reason") if isinstance(reason, list) and reason else None
    return {**said, "finish_reason": reason} if reason and isinstance(said, dict) else said


def answering_model(response: Any) -> str | None:
    """Says which model answered."""
    found = _told(_told(response, "raw"), "model")
    return found if isinstance(found, str) else None


def usage_of(response: Any) -> dict[str, Any] | None:
    """Finds what the provider reports about tokens: beside the answer, as it came."""
    raw = _told(response, "raw")
    for name in ("usage", "usage_metadata", "usageMetadata"):
        found = dumped(_told(raw, name))
        if isinstance(found, dict) and found:
            return found
    more = _told(response, "additional_kwargs") or {}
    counts = {name: count for name, count in more.items() if name.endswith("_tokens")}
    return counts or None


def sizes(vectors: Any) -> Any:
    """Gives of embeddings the size, not the numbers."""
    if not isinstance(vectors, list) or not vectors:
        return None
    many = vectors if isinstance(vectors[0], list | dict) else [vectors]
    return {"embeddings": len(many), "dimensions": len(many[0])}


def _told(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


def _message(one: Any) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    calls: list[Any] = []
    thoughts: list[str] = []
    for block in one.blocks:
        kind = getattr(block, "block_type", "")
        if kind == "tool_call":
            calls.append(_tool_call(block))
        elif kind == "thinking":
            thoughts.append(block.content or "")
        else:
            parts.append(_part(kind, block))
    texts = [part["text"] for part in parts if part["type"] == "text"]
    more = one.additional_kwargs
    made = {
        "role": plain(one.role),
        "content": ("\n".join(texts) or None) if len(texts) == len(parts) else parts,
        "reasoning_content": "\n".join(thoughts),
        "tool_calls": calls or [dumped(call) for call in more.get("tool_calls") or ()],
        "tool_call_id": more.get("tool_call_id"),
        "name": more.get("name"),
    }
    return {name: value for name, value in made.items() if value or name == "content"}


def _tool_call(block: Any) -> dict[str, Any]:
    arguments = block.tool_kwargs
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, default=str)
    function = {"name": block.tool_name, "arguments": text}
    return {"id": block.tool_call_id, "type": "function", "function": function}


def _part(kind: str, block: Any) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": block.text}
    url = getattr(block, "url", None)
    data = getattr(block, kind, None) or getattr(block, "data", None)
    if url is None and isinstance(data, bytes):
        mimetype = getattr(block, f"{kind}_mimetype", None) or _MIMETYPES.get(kind, "")
        url = f"data:{mimetype};base64,{_as_base64(data)}"
    address = str(url or getattr(block, "path", None) or "")
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": address}}
    return {"type": kind or "part", "url": address}


def _as_base64(data: bytes) -> str:
    """Writes bytes, which the library mostly keeps as base64 already."""
    try:
        base64.b64decode(data, validate=True)
    except ValueError:
        data = base64.b64encode(data)
    return data.decode()


def _document(node: Any, **more: Any) -> dict[str, Any]:
    return {"page_content": node.get_content(), "metadata": plain(node.metadata),
            "id": node.node_id, **more}  # fmt: skip


def _answer(response: Any) -> Any:
    """Gives an answer with its sources, an agent's with the tools that it called."""
    made = {"response": plain(response.response)}
    for name in ("source_nodes", "tool_calls"):
        if getattr(response, name, None):
            made[name] = plain(getattr(response, name))
    return made


def _event(event: Any) -> dict[str, Any]:
    fields = {name: getattr(event, name, None) for name in type(event).model_fields}
    return given({**fields, **(getattr(event, "_data", None) or {})})


def _object(value: Any) -> Any:
    names = {base.__name__ for base in type(value).__mro__}
    if "Event" in names:
        return _event(value)
    if type(value).__module__.startswith("llama_index"):
        return type(value).__name__
    if isinstance(value, type) or callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return dumped(value)


_KNOWN: list[tuple[tuple[str, ...], Callable[[Any], Any]]] = [
    (("role", "blocks", "additional_kwargs"), _message),
    (("node", "score"), lambda one: _document(one.node, score=one.score)),
    (("get_content", "node_id"), _document),
    (("query_str",), lambda query: query.query_str),
    (("message", "raw"), lambda response: plain(response.message)),
    (("text", "raw"), lambda response: response.text),
    (("raw_output", "tool_name"), lambda output: plain(output.raw_output)),
    (("response", "source_nodes"), _answer),
    (("response", "tool_calls", "raw"), _answer),
]
