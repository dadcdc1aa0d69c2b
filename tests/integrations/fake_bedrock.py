"""A small server that speaks Bedrock's runtime API on loopback, event streams among it."""

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import unquote

from tests.loopback import JsonHandler, Loopback, serving

TEXT = "It rains in Paris today."
USAGE = {
    "inputTokens": 20,
    "outputTokens": 17,
    "totalTokens": 74,
    "cacheReadInputTokens": 32,
    "cacheWriteInputTokens": 5,
}
BODY = {
    "content": [{"type": "text", "text": TEXT}],
    "usage": {"input_tokens": 57, "output_tokens": 17},
}
ARGUMENTS = {"city": "Paris"}


class FakeBedrock(Loopback):
    """Answers requests on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(_Handler)


def running() -> AbstractContextManager[FakeBedrock]:
    """Serves while the block runs."""
    return serving(FakeBedrock())


def event(kind: str, told: dict[str, Any], message: str = "event") -> bytes:
    """Writes an event as AWS frames it: lengths, checksum, headers, payload, checksum."""
    headers = b""
    named = "exception" if message == "exception" else "event"
    for name, value in (
        (f":{named}-type", kind),
        (":content-type", "application/json"),
        (":message-type", message),
    ):
        text = value.encode()
        headers += (
            bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(text)) + text
        )
    payload = json.dumps(told).encode()
    lengths = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    prelude = lengths + struct.pack(">I", zlib.crc32(lengths))
    whole = prelude + headers + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def _converse_events(asked: dict[str, Any], breaks: bool) -> Iterator[bytes]:
    yield event("messageStart", {"role": "assistant"})
    if asked.get("toolConfig"):
        tool = {"toolUseId": "t1", "name": "get_weather"}
        yield event("contentBlockStart", {"start": {"toolUse": tool}, "contentBlockIndex": 0})
        text = json.dumps(ARGUMENTS)
        for piece in (text[:6], text[6:]):
            delta = {"toolUse": {"input": piece}}
            yield event("contentBlockDelta", {"delta": delta, "contentBlockIndex": 0})
    else:
        for piece in (TEXT[:7], TEXT[7:]):
            yield event("contentBlockDelta", {"delta": {"text": piece}, "contentBlockIndex": 0})
            if breaks:
                told = {"message": "Too many"}
                yield event("throttlingException", told, "exception")
                return
    yield event("contentBlockStop", {"contentBlockIndex": 0})
    yield event(
        "messageStop", {"stopReason": "tool_use" if asked.get("toolConfig") else "end_turn"}
    )
    yield event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 5}})


def _chunks() -> Iterator[bytes]:
    metrics = {"inputTokenCount": 57, "outputTokenCount": 17}
    for told in (
        {"type": "content_block_delta", "delta": {"text": TEXT}},
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics},
    ):
        yield event("chunk", {"bytes": base64.b64encode(json.dumps(told).encode()).decode()})


class _Handler(JsonHandler):
    server: FakeBedrock

    def do_POST(self) -> None:
        asked = self.read_json()
        self.server.asked.append(asked)
        path = unquote(self.path)
        if "missing" in path:
            told = {"message": "The provided model identifier is invalid."}
            headers = {"x-amzn-errortype": "ValidationException"}
            self.send(400, json.dumps(told).encode(), **headers)
        elif path.endswith("converse-stream"):
            events = b"".join(_converse_events(asked, "breaks" in path))
            self.send(200, events, "application/vnd.amazon.eventstream")
        elif path.endswith("invoke-with-response-stream"):
            self.send(200, b"".join(_chunks()), "application/vnd.amazon.eventstream")
        elif path.endswith("invoke"):
            self.send(200, json.dumps(BODY).encode())
        else:
            content: list[dict[str, Any]] = [{"text": TEXT}]
            if asked.get("toolConfig"):
                tool = {"toolUseId": "t1", "name": "get_weather", "input": ARGUMENTS}
                content = [{"toolUse": tool}]
            message = {"role": "assistant", "content": content}
            told = {"output": {"message": message}, "usage": USAGE, "stopReason": "end_turn"}
            self.send(200, json.dumps({**told, "metrics": {"latencyMs": 5}}).encode())
