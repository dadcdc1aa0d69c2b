"""Traces acme_llm: its chats become calls, whole or streamed, plain or awaited."""

import sys
from typing import Any

from weavelite import instrument


class Words:
    """Adds the pieces of a streamed reply up."""

    def __init__(self) -> None:
        self.spoke = False
        self.text, self.usage = "", None

    def add(self, piece: Any) -> None:
        self.spoke = True
        self.text, self.usage = self.text + piece.text, piece.usage

    def complete(self) -> bool:
        return self.usage is not None

    def result(self) -> instrument.Result:
        return {"text": self.text.strip()}, self.usage, None


CHAT = instrument.Method(
    name="acme.chat",
    kind="llm",
    inputs=lambda given: {"messages": given["messages"], "stream": given.get("stream", False)},
    model=lambda given: given["model"],
    told=lambda reply: ({"text": reply.text}, reply.usage, None),
    total=Words,
    requests=True,
)


def patch() -> None:
    for client in (sys.modules["acme_llm"].Client, sys.modules["acme_llm"].AsyncClient):
        instrument.trace(client, "chat", CHAT)


def unpatch() -> None:
    for client in (sys.modules["acme_llm"].Client, sys.modules["acme_llm"].AsyncClient):
        instrument.unwrap(client, "chat")
