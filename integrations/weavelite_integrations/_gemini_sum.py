"""What Gemini is asked and answers, as JSON and content, whole and in streams."""

from enum import Enum
from typing import Any

from weavelite import Content
from weavelite.instrument import Result

# Said by the SDK about the answer, not by the model; or of no use without the connection.
LEFT_OUT = {"sdk_http_response", "http_options", "automatic_function_calling_history", "parsed"}


def plain(value: Any) -> Any:
    """Makes JSON of what the SDK takes and gives, with images and sound as content."""
    if hasattr(value, "model_dump") and not isinstance(value, type):
        told = {name: getattr(value, name, None) for name in type(value).model_fields}
        return plain({name: item for name, item in told.items() if item is not None})
    if isinstance(value, dict):
        kind = value.get("mime_type")
        return {
            name: _content(item, kind) if isinstance(item, bytes) else plain(item)
            for name, item in value.items()
            if name not in LEFT_OUT
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, type):
        schema = getattr(value, "model_json_schema", None)
        return {"name": value.__name__, "schema": schema()} if schema else value.__name__
    if isinstance(value, Enum):
        return value.value
    return getattr(value, "__name__", value) if callable(value) else value


def _content(data: bytes, mimetype: Any) -> Any:
    if isinstance(mimetype, str):
        return Content(data, mimetype=mimetype)
    return f"<{len(data)} bytes>"  # a signature of what the model thought


def told(value: Any) -> Result:
    """Gives an answer, its usage and its model."""
    said = plain(value)
    return said, said.get("usage_metadata"), said.get("model_version")


class GeminiSum:
    """Adds the chunks of a stream up to the answer that they are."""

    def __init__(self, counts: bool = True) -> None:
        self.spoke = False
        self._counts = counts
        self._whole: dict[str, Any] = {}
        self._candidates: dict[int, dict[str, Any]] = {}

    def add(self, item: Any) -> None:
        """Takes one chunk."""
        said = plain(item)
        for candidate in said.pop("candidates", None) or ():
            self._add_candidate(candidate)
        self._whole.update(said)

    def _add_candidate(self, candidate: dict[str, Any]) -> None:
        index = candidate.get("index") or 0
        content = candidate.pop("content", None) or {}
        known = self._candidates.setdefault(index, {"content": {"parts": [], "role": "model"}})
        known.update(candidate)
        parts = known["content"]["parts"]
        for part in content.get("parts") or ():
            self.spoke = True
            last = parts[-1] if parts else {}
            if _is_text(part) and _is_text(last) and last.get("thought") == part.get("thought"):
                last["text"] += part["text"]
            else:
                parts.append(part)

    def complete(self) -> bool:
        """Tells whether each candidate has a reason to be over."""
        reasons = [candidate.get("finish_reason") for candidate in self._candidates.values()]
        return bool(reasons) and all(reasons)

    def result(self) -> Result:
        """Gives the answer as far as it came."""
        candidates = [self._candidates[index] for index in sorted(self._candidates)]
        whole = {**self._whole, "candidates": candidates}
        usage = whole.get("usage_metadata") if self._counts else None
        return whole, usage, whole.get("model_version") if self._counts else None


def _is_text(part: dict[str, Any]) -> bool:
    return isinstance(part.get("text"), str) and part.keys() <= {"text", "thought"}
