"""The openai SDK: each request becomes a call, with the messages, the answer and its usage."""

from typing import Any

from weavelite_integrations._openai_sums import ChatSum, ResponseSum
from weavelite_integrations._stainless import Endpoint, Sdk, host_of
from weavelite_integrations._streams import Result, Sum

USAGE_HOST = "api.openai.com"  # others are known to answer 400 to stream_options

CHAT = "openai.resources.chat.completions"
RESPONSES = "openai.resources.responses"
BETA = "openai.resources.beta.chat.completions"
PARSE = Endpoint("openai.chat.completions.parse", "llm")
CREATE = Endpoint("openai.chat.completions.create", "llm")
METHODS: list[tuple[str, str, str, Endpoint]] = [
    (CHAT, "Completions", "create", CREATE),
    (CHAT, "Completions", "parse", PARSE),
    (BETA, "Completions", "parse", PARSE),
    (RESPONSES, "Responses", "create", Endpoint("openai.responses.create", "llm")),
    (RESPONSES, "Responses", "parse", Endpoint("openai.responses.parse", "llm")),
    ("openai.resources", "Embeddings", "create", Endpoint("openai.embeddings.create", "embedding")),
]


def _told(told: dict[str, Any]) -> Result:
    """Gives output, usage and model of a response; of embeddings the size, not the numbers."""
    usage, model = told.get("usage"), told.get("model")
    if told.get("object") != "list":
        return told, usage, model
    vectors = [item.get("embedding") or () for item in told.get("data") or ()]
    size = {"embeddings": len(vectors), "dimensions": len(vectors[0]) if vectors else 0}
    return {**told, "data": size}, usage, model


def _about(client: Any) -> dict[str, Any]:
    host, server = host_of(client)
    azure = type(client).__name__.endswith("AzureOpenAI")
    provider = "azure" if azure else "openai" if host in (None, USAGE_HOST) else host
    return {"provider": provider, "server": server}


def _with_usage(endpoint: Endpoint, client: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Asks for the usage of a stream, where that is safe and the user said nothing about it."""
    options = kwargs.get("stream_options") or {}
    safe = endpoint is CREATE and host_of(client)[0] == USAGE_HOST
    if not kwargs.get("stream") or not safe or "include_usage" in options:
        return kwargs
    return {**kwargs, "stream_options": {**options, "include_usage": True}}


def _total(endpoint: Endpoint, asks_for_usage: bool) -> Sum:
    chat = endpoint.name.startswith("openai.chat.")
    return ChatSum(hide_usage=asks_for_usage) if chat else ResponseSum()


SDK = Sdk(METHODS, told=_told, about=_about, sent=_with_usage, total=_total)
patch, unpatch = SDK.patch, SDK.unpatch
