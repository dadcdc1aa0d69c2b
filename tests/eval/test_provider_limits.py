"""Against a provider that allows only so many requests, every row is answered in the end."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openai
import pytest

import weavelite
from weavelite.eval.pace import Patience

ALLOWED = 20
"""Requests a second."""


class LimitedProvider(ThreadingHTTPServer):
    """Answers chats, and refuses what comes above its limit, as OpenAI does."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.tokens, self.at = float(ALLOWED), time.monotonic()
        self.answered = self.refused = 0

    def allows(self):
        with self.lock:
            now = time.monotonic()
            self.tokens = min(float(ALLOWED), self.tokens + (now - self.at) * ALLOWED)
            self.at = now
            if self.tokens < 1:
                self.refused += 1
                return False
            self.tokens -= 1
            self.answered += 1
            return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        allowed = self.server.allows()
        body = _REPLY if allowed else _REFUSAL
        self.send_response(200 if allowed else 429)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if not allowed:
            self.send_header("retry-after-ms", "200")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


_REPLY = json.dumps(
    {
        "id": "1", "object": "chat.completion", "created": 1, "model": "small",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "yes"},
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    }
).encode()  # fmt: skip
_REFUSAL = json.dumps({"error": {"message": "Too many requests", "code": "rate_limit"}}).encode()


@contextmanager
def running():
    server = LimitedProvider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_rows_and_judgements_are_all_had_under_a_limit(client, kind):
    """Model and judge share what one provider allows, wait as it asks, and no row is lost."""
    with running() as server:
        options = {
            "api_key": "none",
            "base_url": f"http://127.0.0.1:{server.server_address[1]}/v1",
            "max_retries": 0,
        }
        sync, tasks = openai.OpenAI(**options), openai.AsyncOpenAI(**options)
        asked = {"model": "small", "messages": [{"role": "user", "content": "?"}]}

        def ask(i):
            return sync.chat.completions.create(**asked).choices[0].message.content

        def judge(output):
            return sync.chat.completions.create(**asked).choices[0].message.content == output

        async def ask_async(i):
            reply = await tasks.chat.completions.create(**asked)
            return reply.choices[0].message.content

        async def judge_async(output):
            return await ask_async(0) == output

        model, scorer = (ask, judge) if kind == "sync" else (ask_async, judge_async)
        evaluation = weavelite.Evaluation(
            dataset=[{"i": n} for n in range(40)], scorers=[scorer], name="limited"
        )

        async def main():
            try:
                return await evaluation.evaluate(model)
            finally:
                sync.close()
                await tasks.close()

        started = time.monotonic()
        summary = asyncio.run(main())
        took = time.monotonic() - started
    assert "errors" not in summary
    assert summary[scorer.__name__]["true_count"] == 40
    assert server.answered == 80
    assert server.refused < 80, "it asks at the pace that is allowed, and does not hammer"
    assert took < 60


def test_without_patience_a_limit_is_nobody_s_fault(client):
    """With retries off what is refused is an error of the infrastructure, and no score."""
    assert Patience(retries=0).retries == 0
    with running() as server:
        endpoint = openai.OpenAI(
            api_key="none",
            base_url=f"http://127.0.0.1:{server.server_address[1]}/v1",
            max_retries=0,
        )

        def model(i):
            asked = [{"role": "user", "content": str(i)}]
            reply = endpoint.chat.completions.create(model="small", messages=asked)
            return reply.choices[0].message.content

        evaluation = weavelite.Evaluation(
            dataset=[{"i": n} for n in range(60)], scorers=[lambda output: output == "yes"]
        )
        summary = asyncio.run(evaluation.evaluate(model, retries=0))
        endpoint.close()
    lost = summary["errors"]["infrastructure"]["model"]
    assert 0 < lost == server.refused
    assert summary["errors"]["model"] == 0
    assert summary["lambda"] == {"true_count": 60 - lost, "true_fraction": 1.0}
