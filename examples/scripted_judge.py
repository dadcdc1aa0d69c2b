"""A stand-in for a language model that judges: an OpenAI-compatible server on loopback.

It goes by rules, so that the example runs offline and says the same each time: as many models do,
it takes a fluent answer with a figure in it for a right one, unless it is told to compare.

    with scripted_judge() as endpoint:
        judge = LLMJudge(model=endpoint.model, base_url=endpoint.base_url, ...)
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_model import Endpoint, endpoint_from_environment

MODEL = "scripted-judge"
_TEXT = re.compile(r"<(\w+)-[0-9a-f]{16}>\n(.*?)\n</", re.DOTALL)
_FIGURE = re.compile(r"\d+")


@contextmanager
def scripted_judge() -> Iterator[Endpoint]:
    """Yields the endpoint named by the environment, or that of a judge that goes by rules."""
    configured = endpoint_from_environment()
    if configured is not None:
        yield configured
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", "not-needed", MODEL)
        server.shutdown()


def judge(system: str, shown: dict[str, str]) -> dict[str, Any]:
    """Judges an answer as the criteria in the prompt say."""
    figures, wanted = _FIGURE.findall(shown["output"]), _FIGURE.findall(shown.get("answer", ""))
    if "same figure" in system:
        passes = bool(figures) and figures[-1:] == wanted[-1:]
        return {"explanation": f"It says {figures}, and {wanted} is right.", "score": passes}
    return {"explanation": f"It answers with {figures or 'no figure'}.", "score": bool(figures)}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Is quiet."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        system, question = asked["messages"][0]["content"], asked["messages"][-1]["content"]
        said = json.dumps(judge(system, dict(_TEXT.findall(question))))
        tokens = [len(text) // 4 for text in (system + question, said)]
        message = {"role": "assistant", "content": said}
        body = json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 0,
                "model": asked["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {
                    "prompt_tokens": tokens[0],
                    "completion_tokens": tokens[1],
                    "total_tokens": sum(tokens),
                },
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
