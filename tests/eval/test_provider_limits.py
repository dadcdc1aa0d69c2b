"""Against a provider that allows only so many requests, every row is answered in the end."""

import asyncio
import json
import time

import openai
import pytest

import weavelite
from tests.loopback import JsonHandler, Loopback, serving
from weavelite.eval.pace import Patience

ALLOWED = 20
"""Requests a second."""


class LimitedProvider(Loopback):
    """Answers chats, and refuses what comes above its limit, as OpenAI does."""

    def __init__(self):
        super().__init__(_Handler)
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


class _Handler(JsonHandler):
    def do_POST(self):
        self.read_json()
        if self.server.allows():
            self.send(200, _REPLY)
        else:
            self.send(429, _REFUSAL, retry_after_ms="200")


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


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_rows_and_judgements_are_all_had_under_a_limit(client, kind):
    """Model and judge share what one provider allows, wait as it asks, and no row is lost."""
    with serving(LimitedProvider()) as server:
        options = {
            "api_key": "none",
            "base_url": server.base_url,
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
    with serving(LimitedProvider()) as server:
        endpoint = openai.OpenAI(
            api_key="none",
            base_url=server.base_url,
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
