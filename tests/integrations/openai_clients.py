"""What the tests of the openai SDK share: an async client, a schema, what a call says it used."""

import asyncio
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from weavelite import Call

from .fake_openai import FakeOpenAI
from .needs import needs

openai = needs("openai")


class Weather(BaseModel):
    city: str
    celsius: int


def with_async_client(server: FakeOpenAI, use: Callable[[Any], Any]) -> Any:
    """Runs a coroutine function on an async client; returns what it returns."""

    async def run() -> Any:
        async with openai.AsyncOpenAI(base_url=server.base_url, api_key="k", max_retries=0) as ai:
            return await use(ai)

    return asyncio.run(run())


def usage(call: Call) -> Any:
    (reported,) = call.summary["usage"].values()
    return reported
