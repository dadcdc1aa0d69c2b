"""A small server that speaks Anthropic's Messages API on loopback.

What it answers follows from the request: tools are called, the model `missing` is unknown, and the
stream of the model `breaks` breaks.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TEXT = "It rains in Paris today."
THOUGHT = "Paris. Weather."
USAGE = {
    "input_tokens": 20,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 32,
    "output_tokens": 17,
}
ARGUMENTS = {"city": "Paris"}


class FakeAnthropic(ThreadingHTTPServer):
    """Answers requests on a free port of loopback, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        """Is what a client is given as `base_url`."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps quiet about clients that went away in the middle of a stream, as tests do."""


@contextmanager
def running() -> Iterator[FakeAnthropic]:
    """Serves while the block runs."""
    with FakeAnthropic() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def blocks_for(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Gives the content of the answer."""
    if asked.get("tools"):
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
        "stop_reason": "tool_use" if asked.get("tools") else "end_turn",
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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeAnthropic

    def log_message(self, format: str, *args: Any) -> None:
        """Is quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(asked)
        if asked["model"] == "missing":
            error = {"type": "not_found_error", "message": "model: missing"}
            self._send(404, "application/json", json.dumps({"type": "error", "error": error}))
        elif asked.get("stream"):
            events = [
                f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events_for(asked)
            ]
            self._send(200, "text/event-stream", "".join(events))
        else:
            self._send(200, "application/json", json.dumps(message_for(asked)))

    def _send(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
