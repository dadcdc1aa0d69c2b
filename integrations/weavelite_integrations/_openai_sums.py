"""Adds the streams of the openai SDK up to the responses that they are."""

from typing import Any

from weavelite.instrument import Result
from weavelite_integrations._streams import dumped

HEAD = ("id", "created", "model", "service_tier", "system_fingerprint")
# Said once, or again in each chunk by some servers; all other text comes in pieces.
WHOLE = frozenset({"index", "type", "role", "id", "name", "format", "finish_reason"})
ENDS = ("completed", "incomplete", "failed", "cancelled")
CONTENT_ONLY = {"content"}


class ChatSum:
    """Adds chunks of a chat completion up to the shape of a ChatCompletion."""

    def __init__(self, hide_usage: bool = False) -> None:
        self.spoke = False
        self._hide_usage = hide_usage
        self._head: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._content: dict[int, list[str]] = {}
        self._usage: dict[str, Any] | None = None

    def add(self, item: Any) -> bool:
        """Takes one chunk."""
        for name in HEAD:
            if (value := getattr(item, name, None)) is not None:
                self._head[name] = value
        usage = getattr(item, "usage", None)
        if usage is not None:
            self._usage = dumped(usage)
        choices = getattr(item, "choices", None) or ()
        for choice in choices:
            self._add_choice(choice)
        return self._hide_usage and usage is not None and not choices

    def _add_choice(self, choice: Any) -> None:
        index = choice.index
        known = self._choices.get(index)
        if known is None:
            known = {"index": index, "message": {}, "finish_reason": None}
            self._choices[index] = known
        if choice.finish_reason is not None:
            known["finish_reason"] = choice.finish_reason
        if (logprobs := getattr(choice, "logprobs", None)) is not None:
            merge(known.setdefault("logprobs", {}), dumped(logprobs))
        delta = choice.delta
        if delta is None:
            return
        if content := getattr(delta, "content", None):
            self.spoke = True
            self._content.setdefault(index, []).append(content)
        if delta.model_fields_set != CONTENT_ONLY:  # nearly all chunks hold only that
            self._add_rest(index, known["message"], dumped(delta))

    def _add_rest(self, index: int, message: dict[str, Any], delta: dict[str, Any]) -> None:
        if delta.pop("content", None) is not None:
            self._content.setdefault(index, [])
        self.spoke = self.spoke or any(delta[name] for name in delta if name != "role")
        merge(message, delta)

    def complete(self) -> bool:
        """Tells whether each choice has a reason to be over."""
        return bool(self._choices) and all(
            choice["finish_reason"] for choice in self._choices.values()
        )

    def result(self) -> Result:
        """Gives the chat completion as far as it came."""
        choices = []
        for index in sorted(self._choices):
            choice = self._choices[index]
            content = self._content.get(index)
            said = {"content": None if content is None else "".join(content)}
            message = {"role": "assistant", **said, **choice["message"]}
            for call in message.get("tool_calls") or ():
                call.pop("index", None)  # only the pieces of a call have one
            choices.append({**choice, "message": message})
        told = {**self._head, "object": "chat.completion", "choices": choices}
        if self._usage is not None:
            told["usage"] = self._usage
        return told, self._usage, self._head.get("model")


class TextSum:
    """Adds chunks of a completion of text up to it."""

    def __init__(self) -> None:
        self.spoke = False
        self._told: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}

    def add(self, item: Any) -> bool:
        """Takes one chunk."""
        told = dumped(item)
        for choice in told.pop("choices", None) or ():
            self.spoke = self.spoke or bool(choice.get("text"))
            merge(self._choices.setdefault(choice["index"], {}), choice)
        self._told.update({name: value for name, value in told.items() if value is not None})
        return False

    def complete(self) -> bool:
        """Tells whether each choice has a reason to be over."""
        reasons = [choice.get("finish_reason") for choice in self._choices.values()]
        return bool(reasons) and all(reasons)

    def result(self) -> Result:
        """Gives the completion as far as it came."""
        choices = [self._choices[index] for index in sorted(self._choices)]
        told = {**self._told, "choices": choices}
        return told, told.get("usage"), told.get("model")


class ResponseSum:
    """Takes the response out of the events of the Responses API; the last one has all of it."""

    def __init__(self) -> None:
        self.spoke = False
        self._response: Any = None
        self._text: list[str] = []

    def add(self, item: Any) -> bool:
        """Takes one event."""
        self._response = getattr(item, "response", None) or self._response
        kind = getattr(item, "type", "")
        if kind.endswith(".delta"):
            self.spoke = True
        if kind == "response.output_text.delta":
            self._text.append(item.delta)
        return False

    def complete(self) -> bool:
        """Tells whether the response has an end."""
        return getattr(self._response, "status", None) in ENDS

    def result(self) -> Result:
        """Gives the response, or what there is of its text when the end never came."""
        told = dumped(self._response) or {}
        if not told.get("output") and self._text:
            text = {"type": "output_text", "text": "".join(self._text)}
            told["output"] = [{"type": "message", "role": "assistant", "content": [text]}]
        return told, told.get("usage"), told.get("model")


def merge(known: dict[str, Any], delta: dict[str, Any]) -> None:
    """Adds a delta: text and lists grow, items with an index grow by it, the rest is replaced."""
    for name, value in delta.items():
        before = known.get(name)
        if before is None or value is None or name in WHOLE:
            if value is not None or name not in known:
                known[name] = value
        elif isinstance(value, dict) and isinstance(before, dict):
            merge(before, value)
        elif isinstance(value, list) and isinstance(before, list):
            _merge_lists(before, value)
        elif isinstance(value, str) and isinstance(before, str):
            known[name] = before + value
        else:
            known[name] = value


def _merge_lists(known: list[Any], delta: list[Any]) -> None:
    for item in delta:
        index = item.get("index") if isinstance(item, dict) else None
        found = [old for old in known if isinstance(old, dict) and old.get("index") == index]
        if index is not None and found:
            merge(found[0], item)
        else:
            known.append(item)
