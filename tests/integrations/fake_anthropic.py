"""A small server that speaks Anthropic's Messages API on loopback.

What it answers follows from the request: tools are called, the model `missing` is unknown, and the
stream of the model `breaks` breaks.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from tests.loopback import JsonHandler, Loopback, serving

TEXT = "It rains in Paris today."
THOUGHT = "Paris. Weather."
USAGE = {
    "input_tokens": 20,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 32,
    "output_tokens": 17,
}
ARGUMENTS = {"city": "Paris"}


class FakeAnthropic(Loopback):
    """Answers requests on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(_Handler)


def running() -> AbstractContextManager[FakeAnthropic]:
    """Serves while the block runs."""
    return serving(FakeAnthropic())


def blocks_for(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Gives the content of the answer."""
    if asked["model"] == "json":
        return [{"type": "text", "text": json.dumps(ARGUMENTS)}]
    if asked.get("tools") and "tool_result" not in str(asked["messages"]):
        return [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": ARGUMENTS}]
    text = {"type": "text", "text": TEXT}
    if asked.get("thinking"):
        return [{"type": "thinking", "thinking": THOUGHT, "signature": "sig"}, text]
    return [text]


def message_for(asked: dict[str, Any]) -> dict[str, Any]:
    """Gives the answer."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": f"{asked['model']}-20260101",
        "content": blocks_for(asked),
        "stop_reason": "tool_use" if blocks_for(asked)[0]["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
    }


def events_for(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Gives the answer in pieces."""
    whole = message_for(asked)
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    for index, block in enumerate(whole["content"]):
        match block["type"]:
            case "text":
                empty, deltas = {**block, "text": ""}, [("text_delta", "text", TEXT)]
            case "thinking":
                empty = {**block, "thinking": "", "signature": ""}
                deltas = [("thinking_delta", "thinking", THOUGHT)]
                deltas.append(("signature_delta", "signature", "sig"))
            case _:
                empty = {**block, "input": {}}
                deltas = [("input_json_delta", "partial_json", json.dumps(ARGUMENTS))]
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for kind, field, text in deltas:
            for piece in (text[:7], text[7:]):
                if piece:
                    delta = {"type": kind, field: piece}
                    yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    if asked["model"] == "breaks":
        error = {"type": "overloaded_error", "message": "Overloaded"}
        yield {"type": "error", "error": error}
        return
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 17}}
    yield {"type": "message_stop"}


class _Handler(JsonHandler):
    server: FakeAnthropic

    def do_POST(self) -> None:
        asked = self.read_json()
        self.server.asked.append(asked)
        if asked["model"] == "missing":
            error = {"type": "not_found_error", "message": "model: missing"}
            self.send(404, json.dumps({"type": "error", "error": error}).encode())
        elif asked.get("stream"):
            events = [
                f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events_for(asked)
            ]
            self.send(200, "".join(events).encode(), "text/event-stream")
        else:
            self.send(200, json.dumps(message_for(asked)).encode())
