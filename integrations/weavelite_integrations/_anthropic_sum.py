"""Adds the events of a stream of the anthropic SDK up to the message that they are."""

import json
from typing import Any

from weavelite.instrument import Result
from weavelite_integrations._streams import dumped

_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_ARGUMENTS = "input_json_delta"


class MessageSum:
    """Takes events in, and gives a Message as far as it came."""

    def __init__(self) -> None:
        self.spoke = False
        self._message: dict[str, Any] = {}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._pieces: dict[tuple[int, str], list[str]] = {}
        self._usage: dict[str, Any] = {}
        self._stopped = False

    def add(self, item: Any) -> bool:
        """Takes one event; nothing is hidden from the user."""
        match getattr(item, "type", None):
            case "message_start":
                self._message = dumped(item.message)
                self._note_usage(self._message.pop("usage", None))
            case "content_block_start":
                self._blocks[item.index] = dumped(item.content_block)
            case "content_block_delta":
                self.spoke = True
                self._add_delta(item.index, item.delta)
            case "message_delta":
                self._message.update(dumped(item.delta) or {})
                self._note_usage(dumped(getattr(item, "usage", None)))
            case "message_stop":
                self._stopped = True
        return False

    def _add_delta(self, index: int, delta: Any) -> None:
        field = _TEXTS.get(delta.type)
        if field is not None:
            self._pieces.setdefault((index, field), []).append(getattr(delta, field))
        elif delta.type == _ARGUMENTS:
            self._pieces.setdefault((index, "input"), []).append(delta.partial_json)
        elif delta.type == "citations_delta":
            block = self._blocks.setdefault(index, {})
            block["citations"] = [*(block.get("citations") or ()), dumped(delta.citation)]

    def _note_usage(self, usage: dict[str, Any] | None) -> None:
        """Takes what is told of tokens: the counts of a later event are the whole ones."""
        told = {name: value for name, value in (usage or {}).items() if value is not None}
        self._usage.update(told)

    def complete(self) -> bool:
        """Tells whether the server said that it was done."""
        return self._stopped

    def result(self) -> Result:
        """Gives the message, its usage and its model."""
        content = [self._block(index) for index in sorted(self._blocks)]
        told = {**self._message, "content": content, "usage": self._usage}
        return told, self._usage or None, self._message.get("model")

    def _block(self, index: int) -> dict[str, Any]:
        block = dict(self._blocks[index])
        for (at, field), pieces in self._pieces.items():
            if at == index:
                text = "".join(pieces)
                block[field] = _arguments(text) if field == "input" else text
        return block


def _arguments(text: str) -> Any:
    """Reads the arguments of a tool; those of a stream that broke off stay text."""
    try:
        return json.loads(text) if text else {}
    except json.JSONDecodeError:
        return text
