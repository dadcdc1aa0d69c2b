"""A small server that speaks Gemini's generateContent on loopback."""

import base64
import json
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from tests.loopback import JsonHandler, Loopback, serving

from .fake_openai_media import PICTURE

TEXT = "It rains in Paris today."
USAGE = {
    "promptTokenCount": 57,
    "candidatesTokenCount": 12,
    "thoughtsTokenCount": 5,
    "cachedContentTokenCount": 32,
    "totalTokenCount": 74,
}


class FakeGemini(Loopback):
    """Answers requests on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(_Handler)


def running() -> AbstractContextManager[FakeGemini]:
    """Serves while the block runs."""
    return serving(FakeGemini())


def _parts(asked: dict[str, Any]) -> list[dict[str, Any]]:
    last = asked["contents"][-1]["parts"]
    if asked.get("tools") and not any("functionResponse" in part for part in last):
        name = asked["tools"][0]["functionDeclarations"][0]["name"]
        return [{"functionCall": {"name": name, "args": {"city": "Paris"}}}]
    if asked.get("generationConfig", {}).get("responseModalities"):
        data = base64.b64encode(PICTURE).decode()
        return [{"inlineData": {"mimeType": "image/png", "data": data}}]
    return [{"text": TEXT}]


def _answer(parts: list[dict[str, Any]], done: bool = True) -> dict[str, Any]:
    candidate = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if not done:
        return {"candidates": [candidate], "modelVersion": "gemini-small-001"}
    candidate["finishReason"] = "STOP"
    about = {"modelVersion": "gemini-small-001", "responseId": "r1", "usageMetadata": USAGE}
    return {"candidates": [candidate], **about}


def _chunks(asked: dict[str, Any]) -> list[dict[str, Any]]:
    (part,) = _parts(asked)
    if "text" not in part:
        return [_answer([part])]
    return [_answer([{"text": f"{word} "}], done=False) for word in TEXT.split(" ")] + [
        _answer([{"text": ""}])
    ]


class _Handler(JsonHandler):
    server: FakeGemini

    def do_POST(self) -> None:
        asked = self.read_json()
        self.server.asked.append(asked)
        path = urlsplit(self.path).path
        if "missing" in path:
            error = {"code": 404, "message": "models/missing is not found", "status": "NOT_FOUND"}
            self.send(404, json.dumps({"error": error}).encode())
        elif path.endswith("streamGenerateContent"):
            events = [f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in _chunks(asked)]
            self.send(200, "".join(events).encode(), "text/event-stream")
        elif path.endswith("batchEmbedContents"):
            vectors = [{"values": [0.5, 0.25, 1.0]}] * len(asked["requests"])
            self.send(200, json.dumps({"embeddings": vectors}).encode())
        elif path.endswith("predict"):
            data = base64.b64encode(PICTURE).decode()
            image = {"mimeType": "image/png", "bytesBase64Encoded": data}
            self.send(200, json.dumps({"predictions": [image]}).encode())
        else:
            self.send(200, json.dumps(_answer(_parts(asked))).encode())
