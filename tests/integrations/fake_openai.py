"""A small server that speaks the OpenAI API on loopback, and remembers what it was asked.

What it answers follows from the request: tools are called, a response format is filled, the model
`missing` is unknown, and the stream of the model `breaks` breaks.
"""

import base64
import json
import struct
import time
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from tests.loopback import JsonHandler, Loopback, serving

from . import fake_openai_media as media

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
        kind = self.headers["content-type"]
        if kind.startswith("multipart/"):
            asked = media.form(kind, self.rfile.read(int(self.headers["content-length"])))
        else:
            asked = self.read_json()
        self.server.asked.append(asked)
        if asked.get("model") == "slow":
            time.sleep(1)
        path = urlsplit(self.path).path.removeprefix("/v1")  # a proxied request names the host, too
        if asked.get("model") == "missing":
            error = {"message": "The model `missing` does not exist", "code": "model_not_found"}
            self._answer({"error": error}, status=404)
        elif path == "/audio/speech":
            self.send(200, media.SPOKEN, "audio/mpeg")
        elif asked.get("response_format") == "text":
            self.send(200, media.HEARD.encode(), "text/plain")
        else:
            answer, events = ANSWERS.get(path, (_completion, _chunks))
            self._answer(answer(asked), events and events(asked))

    def _answer(
        self, answer: dict[str, Any], events: list[dict[str, Any]] | None = None, status: int = 200
    ) -> None:
        asked = self.server.asked[-1]
        if events and asked.get("stream"):
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
    return (JSON_TEXT if "response_format" in asked or asked["model"] == "json" else TEXT), []


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
    text = {"type": "output_text", "text": _response_text(asked), "annotations": []}
    output: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    if asked.get("tools") and "function_call_output" not in str(asked["input"]):
        called = {"name": asked["tools"][0]["name"], "arguments": ARGUMENTS, "call_id": "call_1"}
        output = {"id": "fc_1", "type": "function_call", "status": "completed", **called}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_764_000_000,
        "status": "completed",
        "model": _model(asked),
        "output": [output],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": RESPONSE_USAGE,
    }


def _response_text(asked: dict[str, Any]) -> str:
    return JSON_TEXT if asked["model"] == "json" else TEXT


def _response_events(asked: dict[str, Any]) -> list[dict[str, Any]]:
    done = _response(asked)
    begun = {**done, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    item = done["output"][0]
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
    ]
    if item["type"] == "message":
        part = {**item["content"][0], "text": ""}
        events.append({"type": "response.content_part.added", "part": part, **place})
        for word in _response_text(asked).split(" "):
            events.append({"type": "response.output_text.delta", "delta": f"{word} ", **place})
    events.append({"type": "response.completed", "response": done})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _text(asked: dict[str, Any]) -> dict[str, Any]:
    head = {**HEAD, "model": _model(asked), "object": "text_completion"}
    choice = {"index": 0, "text": TEXT, "finish_reason": "stop", "logprobs": None}
    return {**head, "choices": [choice], "usage": USAGE}


def _text_chunks(asked: dict[str, Any]) -> list[dict[str, Any]]:
    whole = _text(asked)
    head = {name: value for name, value in whole.items() if name not in ("choices", "usage")}
    pieces = [(f"{word} ", None) for word in TEXT.split(" ")] + [("", "stop")]
    chunks = [
        {**head, "choices": [{"index": 0, "text": text, "finish_reason": reason, "logprobs": None}]}
        for text, reason in pieces
    ]
    return [*chunks, {**head, "choices": [], "usage": USAGE}]


def _compacted(asked: dict[str, Any]) -> dict[str, Any]:
    output = [{"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}]
    about = {"id": "resp_1", "object": "response.compaction", "created_at": 1_764_000_000}
    return {**about, "output": output, "usage": RESPONSE_USAGE}


ANSWERS: dict[str, tuple[Any, Any]] = {
    "/embeddings": (_embeddings, None),
    "/responses": (_response, _response_events),
    "/responses/compact": (_compacted, None),
    "/completions": (_text, _text_chunks),
    "/moderations": (media.moderation, None),
    "/images/generations": (
        media.images,
        lambda asked: media.image_events(asked, "image_generation"),
    ),
    "/images/edits": (media.images, lambda asked: media.image_events(asked, "image_edit")),
    "/images/variations": (media.images, None),
    "/audio/transcriptions": (media.transcript, media.transcript_events),
    "/audio/translations": (media.transcript, None),
}
