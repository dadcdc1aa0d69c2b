"""A small server that speaks the OpenAI API on loopback, and remembers what it was asked.

What it answers follows from the request: tools are called, a response format is filled, the model
`missing` is unknown, and the stream of the model `breaks` breaks.
"""

import base64
import json
import struct
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from tests.loopback import JsonHandler, Loopback, serving

TEXT = "It rains in Paris today."
JSON_TEXT = '{"city": "Paris", "celsius": 14}'
ARGUMENTS = '{"city": "Paris", "unit": "c"}'
USAGE = {
    "prompt_tokens": 57,
    "completion_tokens": 17,
    "total_tokens": 74,
    "prompt_tokens_details": {"cached_tokens": 32},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
RESPONSE_USAGE = {
    "input_tokens": 57,
    "output_tokens": 17,
    "total_tokens": 74,
    "input_tokens_details": {"cached_tokens": 32},
    "output_tokens_details": {"reasoning_tokens": 5},
}
HEAD = {"id": "chatcmpl-1", "created": 1_764_000_000, "system_fingerprint": "fp_1"}


class FakeOpenAI(Loopback):
    """Answers requests on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(_Handler)


def running() -> AbstractContextManager[FakeOpenAI]:
    """Serves while the block runs."""
    return serving(FakeOpenAI())


class _Handler(JsonHandler):
    server: FakeOpenAI

    def do_POST(self) -> None:
        asked = self.read_json()
        self.server.asked.append(asked)
        path = urlsplit(self.path).path  # a proxied request names the host, too
        if asked["model"] == "missing":
            error = {"message": "The model `missing` does not exist", "code": "model_not_found"}
            self._answer({"error": error}, status=404)
        elif path.endswith("/embeddings"):
            self._answer(_embeddings(asked))
        elif path.endswith("/responses"):
            self._answer(_response(asked), _response_events(asked))
        else:
            self._answer(_completion(asked), _chunks(asked))

    def _answer(
        self, answer: dict[str, Any], events: list[dict[str, Any]] | None = None, status: int = 200
    ) -> None:
        asked = self.server.asked[-1]
        if events is not None and asked.get("stream"):
            self._stream(events, breaks=asked["model"] == "breaks")
            return
        self.send(status, json.dumps(answer).encode())

    def _stream(self, events: list[dict[str, Any]], breaks: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events[:3] if breaks else events:
            name = f"event: {event['type']}\n" if "type" in event else ""
            self._chunk(f"{name}data: {json.dumps(event)}\n\n".encode())
        if breaks:
            self.close_connection = True
            return
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _model(asked: dict[str, Any]) -> str:
    return f"{asked['model']}-2026-01-01"


def _said(asked: dict[str, Any]) -> tuple[str | None, list[dict[str, Any]]]:
    if asked.get("tools") and asked["messages"][-1]["role"] == "user":
        name = asked["tools"][0]["function"]["name"]
        function = {"name": name, "arguments": ARGUMENTS}
        return None, [
            {"id": f"call_{number}", "type": "function", "function": function} for number in (1, 2)
        ]
    return (JSON_TEXT if "response_format" in asked else TEXT), []


def _completion(asked: dict[str, Any]) -> dict[str, Any]:
    content, calls = _said(asked) if "messages" in asked else (None, [])
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    reason = "length" if asked["model"] == "short" else "tool_calls" if calls else "stop"
    choices = [
        {"index": index, "message": message, "finish_reason": reason, "logprobs": None}
        for index in range(asked.get("n") or 1)
    ]
    head = {**HEAD, "model": _model(asked), "object": "chat.completion"}
    return {**head, "choices": choices, "usage": USAGE}


def _chunks(asked: dict[str, Any]) -> list[dict[str, Any]]:
    content, calls = _said(asked)
    head = {**HEAD, "model": _model(asked), "object": "chat.completion.chunk"}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if calls else ""}]
    for index, call in enumerate(calls):
        begun = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        deltas.append({"tool_calls": [begun]})
        for at in range(0, len(ARGUMENTS), 7):
            piece = {"arguments": ARGUMENTS[at : at + 7]}
            deltas.append({"tool_calls": [{"index": index, "function": piece}]})
    words = (content or "").split(" ")
    deltas += [
        {"content": word if at == 0 else f" {word}"} for at, word in enumerate(words) if content
    ]
    chunks = [
        {**head, "choices": [{"index": index, "delta": delta, "finish_reason": None}]}
        for delta in deltas
        for index in range(asked.get("n") or 1)
    ]
    chunks += [
        {
            **head,
            "choices": [
                {"index": index, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"}
            ],
        }
        for index in range(asked.get("n") or 1)
    ]
    if (asked.get("stream_options") or {}).get("include_usage"):
        chunks.append({**head, "choices": [], "usage": USAGE})
    return chunks


def _embeddings(asked: dict[str, Any]) -> dict[str, Any]:
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    vector: Any = [0.5, 0.25, 1.0]
    if asked.get("encoding_format") == "base64":
        vector = base64.b64encode(struct.pack("<3f", *vector)).decode()
    data = [
        {"object": "embedding", "index": index, "embedding": vector} for index in range(len(texts))
    ]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return {"object": "list", "model": asked["model"], "data": data, "usage": usage}


def _response(asked: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "output_text", "text": TEXT, "annotations": []}
    message = {
        "id": "msg_1",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_764_000_000,
        "status": "completed",
        "model": _model(asked),
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": RESPONSE_USAGE,
    }


def _response_events(asked: dict[str, Any]) -> list[dict[str, Any]]:
    done = _response(asked)
    begun = {**done, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
    for word in TEXT.split(" "):
        events.append({"type": "response.output_text.delta", "delta": f"{word} ", **place})
    events.append({"type": "response.completed", "response": done})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]
