"""What the openai patch and the LangChain handler cost, beside the same program untraced.

The provider is a function in the same process, so that nothing is measured but the libraries and
weavelite: CPU time of the calling thread, which other programs do not disturb. Rounds of traced and
untraced runs alternate; the medians of their means are shown.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import openai
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda

import weavelite
from weavelite_integrations import langchain as langchain_integration
from weavelite_integrations import openai as openai_integration

MESSAGES: list[Any] = [{"role": "user", "content": "x" * 650} for _ in range(6)]
HEAD = {"id": "c", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 57, "completion_tokens": 17, "total_tokens": 74}
WHOLE = json.dumps(
    {
        **HEAD,
        "object": "chat.completion",
        "usage": USAGE,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "y" * 900},
            }
        ],
    }
).encode()
PIECES = [
    {
        **HEAD,
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}],
    }
    for _ in range(100)
]
STREAM = "".join(f"data: {json.dumps(piece)}\n\n" for piece in PIECES).encode()
STREAM += b"data: [DONE]\n\n"
KINDS = {False: (WHOLE, "application/json"), True: (STREAM, "text/event-stream")}


def answer(request: Any) -> Any:
    content, kind = KINDS[bool(json.loads(request.content).get("stream"))]
    return httpx2.Response(200, content=content, headers={"content-type": kind})


@contextmanager
def openai_traced() -> Iterator[None]:
    openai_integration.patch()
    yield
    openai_integration.unpatch()


@contextmanager
def langchain_traced() -> Iterator[None]:
    langchain_integration.patch(explicit=True)
    yield
    langchain_integration.unpatch()


def measure(run: Callable[[], Any], traced: Any, times: int) -> tuple[float, float]:
    """Gives microseconds of a run, untraced and traced."""

    def mean() -> float:
        started = time.thread_time()
        for _ in range(times):
            run()
        return (time.thread_time() - started) / times * 1e6

    mean()
    bare, ours = [], []
    for _ in range(7):
        bare.append(mean())
        with traced():
            ours.append(mean())
    return statistics.median(bare), statistics.median(ours)


def main() -> None:
    transport = httpx2.MockTransport(answer)
    client = openai.OpenAI(api_key="k", http_client=httpx2.Client(transport=transport))
    create = client.chat.completions.create
    prompt = ChatPromptTemplate.from_template("say {x}")
    model = FakeListChatModel(responses=["hello"])
    chain = prompt | model | StrOutputParser()
    one = RunnableLambda(lambda x: x)
    openai_integration.unpatch()
    rows = [
        ("openai, a completion", lambda: create(model="m", messages=MESSAGES), openai_traced, 150),
        (
            "openai, a stream of 100 chunks",
            lambda: list(create(model="m", messages=MESSAGES, stream=True)),
            openai_traced,
            30,
        ),
        ("LangChain, one runnable", lambda: one.invoke(1), langchain_traced, 500),
        (
            "LangChain, prompt, model and parser (4 runs)",
            lambda: chain.invoke({"x": "hi"}),
            langchain_traced,
            100,
        ),
    ]
    print(f"{'microseconds':48}{'untraced':>10}{'traced':>10}{'more':>8}{'ratio':>8}")
    for name, run, traced, times in rows:
        bare, ours = measure(run, traced, times)
        print(f"{name:48}{bare:10.0f}{ours:10.0f}{ours - bare:8.0f}{ours / bare:8.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WEAVELITE_HOME"] = folder
        os.environ["WEAVELITE_PRINT_LINK"] = "false"
        weavelite.init("benchmark")
        main()
        weavelite.finish()
