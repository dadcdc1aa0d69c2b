"""What Bedrock answers in streams and bodies, added up to what it answers at once."""

import json
from typing import Any

from weavelite.instrument import Result

METRICS = "amazon-bedrock-invocationMetrics"


def body(data: Any) -> Any:
    """Reads a body, which is JSON for nearly all models."""
    try:
        return json.loads(data)
    except (ValueError, TypeError):
        return data


class ConverseSum:
    """Adds the events of ConverseStream up to the answer of Converse."""

    def __init__(self) -> None:
        self.spoke = False
        self._role = "assistant"
        self._blocks: dict[int, dict[str, Any]] = {}
        self._told: dict[str, Any] = {}

    def add(self, item: Any) -> None:
        """Takes one event, which is a dict of one name."""
        for kind, event in item.items():
            match kind:
                case "messageStart":
                    self._role = event.get("role", self._role)
                case "contentBlockStart":
                    self._blocks[event["contentBlockIndex"]] = _begun(event.get("start") or {})
                case "contentBlockDelta":
                    self.spoke = True
                    block = self._blocks.setdefault(event["contentBlockIndex"], {})
                    _grow(block, event["delta"])
                case "messageStop" | "metadata":
                    self._told.update(event)

    def complete(self) -> bool:
        """Tells whether the model said why it stopped."""
        return "stopReason" in self._told

    def result(self) -> Result:
        """Gives the answer as far as it came."""
        content = [_read(self._blocks[index]) for index in sorted(self._blocks)]
        message = {"role": self._role, "content": content}
        told = {"output": {"message": message}, **self._told}
        return told, self._told.get("usage"), None


def _begun(start: dict[str, Any]) -> dict[str, Any]:
    return {name: {**value, "input": ""} for name, value in start.items()}


def _grow(block: dict[str, Any], delta: dict[str, Any]) -> None:
    for name, value in delta.items():
        if isinstance(value, dict):
            _grow(block.setdefault(name, {}), value)
        elif isinstance(value, str):
            block[name] = block.get(name, "") + value
        else:
            block[name] = value


def _read(block: dict[str, Any]) -> dict[str, Any]:
    """Gives a block whose tool has its arguments as JSON, unless they broke off."""
    tool = block.get("toolUse")
    if tool is None:
        return block
    return {**block, "toolUse": {**tool, "input": body(tool.get("input") or "{}")}}


class ChunkSum:
    """Keeps the chunks of InvokeModelWithResponseStream; their shape is the model's own."""

    def __init__(self) -> None:
        self.spoke = False
        self._chunks: list[Any] = []
        self._usage: dict[str, Any] | None = None

    def add(self, item: Any) -> None:
        """Takes one chunk."""
        chunk = body((item.get("chunk") or {}).get("bytes"))
        self.spoke = True
        metrics = chunk.pop(METRICS, None) if isinstance(chunk, dict) else None
        if metrics:
            counts = ("inputTokens", "inputTokenCount"), ("outputTokens", "outputTokenCount")
            self._usage = {name: metrics.get(counted) for name, counted in counts}
        self._chunks.append(chunk)

    def complete(self) -> bool:
        """Tells whether the count of tokens came, which is last."""
        return self._usage is not None

    def result(self) -> Result:
        """Gives the chunks as they came."""
        return self._chunks, self._usage, None


class BodySum:
    """Puts together what is read of the body of InvokeModel."""

    def __init__(self) -> None:
        self.spoke = False
        self._data = b""

    def add(self, item: Any) -> None:
        """Takes what was read at once."""
        self._data += item

    def complete(self) -> bool:
        """Tells whether the body is whole."""
        return not isinstance(body(self._data), bytes)

    def result(self) -> Result:
        """Gives the body, and the usage that most models tell in it."""
        told = body(self._data)
        usage = told.get("usage") if isinstance(told, dict) else None
        return told, usage if isinstance(usage, dict) else None, None
