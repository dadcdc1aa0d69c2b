"""Parts of messages: text, thoughts, calls of tools and their results, images, files.

Each provider and each convention has its own words for them; here they become those of OpenAI's
chat completions. A part that nobody knows stays as it came.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weavelite.dialects.reading import loads
from weavelite.serialize import encode_json

TEXTS = frozenset({"text", "input_text", "output_text", "refusal", "summary_text"})
THOUGHTS = frozenset({"reasoning", "thinking", "thought"})
CALLS = frozenset({"tool_call", "tool_use", "tool-call", "function_call", "server_tool_call",
                   "server_tool_use", "mcp_tool_use", "toolUse"})  # fmt: skip
RESULTS = frozenset({"tool_call_response", "tool_result", "tool-result", "function_call_output",
                     "server_tool_call_response", "mcp_tool_result", "toolResult",
                     "function_response"})  # fmt: skip
_IDS = ("id", "call_id", "toolCallId", "tool_call_id", "tool_use_id", "toolUseId")
_ANSWERED = ("tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "call_id", "id")
_ARGUMENTS = ("arguments", "args", "input", "arguments_json", "parameters", "server_tool_call")
_ANSWERS = ("response", "result", "output", "content", "server_tool_call_response")
_TEXT_KEYS = ("text", "content", "thinking", "reasoning", "refusal", "summary", "reasoningText")
_IMAGES, _AUDIOS = ("image", "image-url", "image_url", "input_image"), ("audio", "input_audio")


@dataclass(slots=True)
class Said:
    """Is what the parts of one message say, sorted."""

    content: list[Any] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    def add(self, part: Any) -> None:
        """Takes a part in."""
        if isinstance(part, str):
            self.content.append({"type": "text", "text": part})
        elif isinstance(part, Mapping):
            self._add(part, str(part.get("type") or _type_of(part)))
        elif part is not None:
            self.content.append(part)

    def _add(self, part: Mapping[str, Any], kind: str) -> None:
        if kind in TEXTS and part.get("thought") is not True:
            self.content.append({"type": "text", "text": text_in(part)})
        elif kind in THOUGHTS or part.get("thought") is True:
            self.thoughts.append(text_in(part))
        elif kind in CALLS:
            self.calls.append(tool_call(part))
        elif kind in RESULTS:
            self.results.append(tool_result(part))
        else:
            self.content.append(_media(part, kind))


def _type_of(part: Mapping[str, Any]) -> str:
    """Tells the type of a part that names none: those of Gemini and of Bedrock."""
    for name, kind in _UNTYPED.items():
        if name in part:
            return kind
    return ""


_UNTYPED = {
    "functionCall": "tool_call",
    "function_call": "tool_call",
    "toolUse": "tool_call",
    "functionResponse": "tool_result",
    "function_response": "tool_result",
    "toolResult": "tool_result",
    "reasoningContent": "reasoning",
    "text": "text",
    "inlineData": "blob",
    "inline_data": "blob",
    "fileData": "file",
    "file_data": "file",
    "image": "image",
}


def text_in(value: Any) -> str:
    """Finds the text in a part, in a list of parts, or in JSON of one."""
    if isinstance(value, list):
        return "\n\n".join(filter(None, map(text_in, value)))
    if isinstance(value, Mapping):
        inner = value.get("reasoningContent", value)
        if inner is not value:
            return text_in(inner)
        found = next((value[key] for key in _TEXT_KEYS if value.get(key) is not None), "")
        return text_in(loads(found) if str(found).startswith('[{"') else found)
    return value if isinstance(value, str) else "" if value is None else str(value)


def tool_call(given: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a call of a tool as chat completions have it, of any provider's."""
    inner = next((given[key] for key in ("functionCall", "function_call", "toolUse", "tool_call")
                  if isinstance(given.get(key), Mapping)), given)  # fmt: skip
    target = inner["function"] if isinstance(inner.get("function"), Mapping) else inner
    arguments = next((target[key] for key in _ARGUMENTS if target.get(key) is not None), None)
    name = target.get("name") or target.get("toolName") or target.get("tool_name")
    made = {
        "id": next((inner[key] for key in _IDS if inner.get(key)), None),
        "type": "function",
        "function": {"name": name, "arguments": as_text(arguments)},
    }
    return made


def as_text(value: Any) -> str:
    """Writes arguments as the JSON text that they are for OpenAI; a text is one already."""
    if isinstance(value, str):
        return value
    return "" if value is None else encode_json(value).decode()


def tool_result(part: Mapping[str, Any]) -> dict[str, Any]:
    """Makes the message in which a tool answers."""
    inner = next((part[key] for key in ("functionResponse", "function_response", "toolResult")
                  if isinstance(part.get(key), Mapping)), part)  # fmt: skip
    answer = next((inner[key] for key in _ANSWERS if inner.get(key) is not None), None)
    name = inner.get("name") or inner.get("toolName")
    made = {
        "role": "tool",
        "tool_call_id": next((inner[key] for key in _ANSWERED if inner.get(key)), None),
        "content": _answer(answer),
    }
    return {**made, "name": name} if name else made


def _answer(value: Any) -> Any:
    """Reads what a tool answered: a text, or any value; texts in parts are one text."""
    match value:
        case {"type": "text" | "json" | "content" | "error-text" | "error-json", "value": inner}:
            return _answer(inner)
        case [*parts] if parts and all(_is_text(part) for part in parts):
            return text_in(parts)
        case [{"json": inner}] | {"json": inner}:
            return inner
    return value


def _is_text(part: Any) -> bool:
    if not isinstance(part, Mapping):
        return False
    return part.get("type", "text") in TEXTS and isinstance(part.get("text"), str)


def _media(part: Mapping[str, Any], kind: str) -> Any:
    """Makes an image, a sound or a file of a part; what is none of them stays."""
    told = next((str(part[key]) for key in ("mime_type", "mimeType", "media_type", "mediaType")
                 if part.get(key)), "")  # fmt: skip
    url, mime = _source(part, kind, told)
    if url is None:
        if kind == "file" and part.get("file_id"):
            return {"type": "file", "file": {"file_id": part["file_id"]}}
        return dict(part)
    modality = str(part.get("modality") or "")
    data = url.startswith("data:")
    if kind in _IMAGES or modality == "image" or mime.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    if data and (kind in _AUDIOS or modality == "audio" or mime.startswith("audio/")):
        name = mime.rpartition("/")[2].removeprefix("x-") or str(part.get("format") or "wav")
        sound = {"data": url.partition(",")[2], "format": name}
        return {"type": "input_audio", "input_audio": sound}
    file: dict[str, Any] = {"file_data" if data else "file_url": url}
    called = part.get("filename") or part.get("name")
    return {"type": "file", "file": {**file, "filename": called} if called else file}


_ADDRESSES = ("url", "uri", "file_uri", "fileUri", "image_url", "file_url", "image", "audio_url")
_BYTES = ("data", "content", "bytes", "base64", "file_data")
_HOLDERS = ("image_url", "image", "source", "inlineData", "inline_data", "fileData", "input_audio",
            "file_data", "file", "audio", "document", "video")  # fmt: skip


def _source(part: Mapping[str, Any], kind: str, told: str, depth: int = 3) -> tuple[Any, str]:
    """Finds where content is: its address, or a `data:` address of it; and its media type."""
    mime = next((str(part[key]) for key in ("mime_type", "mimeType", "media_type", "mediaType")
                 if part.get(key)), told)  # fmt: skip
    form = part.get("format")
    if not mime and isinstance(form, str):
        mime = f"{'audio' if kind in _AUDIOS else 'image'}/{form}"
    for key in _ADDRESSES:
        url = part.get(key)
        if isinstance(url, str) and (":" in url[:12] or url.startswith("/")) and len(url) > 4:
            return url, mime or (url[5:].partition(";")[0] if url.startswith("data:") else "")
    for key in (*_BYTES, "image"):
        data = part.get(key)
        if isinstance(data, str) and data:
            if data.startswith(("data:", "http")):
                return data, mime or data[5:].partition(";")[0]
            return f"data:{mime or 'application/octet-stream'};base64,{data}", mime
    for key in _HOLDERS if depth else ():
        inner = part.get(key)
        if isinstance(inner, Mapping):
            found, of = _source(inner, kind, mime, depth - 1)
            if found is not None:
                return found, of
    return None, mime
