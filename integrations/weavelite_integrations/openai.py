"""The openai SDK: each request becomes a call, with what was asked, the answer and its usage."""

from typing import Any

from weavelite.instrument import Result
from weavelite_integrations._openai_media import ImageSum, TranscriptionSum, images_told
from weavelite_integrations._openai_sums import ChatSum, ResponseSum, TextSum
from weavelite_integrations._stainless import Endpoint, Sdk, host_of

USAGE_HOST = "api.openai.com"  # others are known to answer 400 to stream_options


def _vectors_told(told: dict[str, Any]) -> Result:
    """Gives of embeddings the size, not the numbers."""
    vectors = [item.get("embedding") or () for item in told.get("data") or ()]
    size = {"embeddings": len(vectors), "dimensions": _dimensions(vectors[0]) if vectors else 0}
    return {**told, "data": size}, told.get("usage"), told.get("model")


def _dimensions(vector: Any) -> int:
    """Counts the numbers of a vector, which a raw response has as base64 of four bytes each."""
    return len(vector.rstrip("=")) * 3 // 4 // 4 if isinstance(vector, str) else len(vector)


CHAT = "openai.resources.chat.completions"
RESPONSES = "openai.resources.responses"
BETA = "openai.resources.beta.chat.completions"
AUDIO = "openai.resources.audio"
CREATE = Endpoint("openai.chat.completions.create", "llm", ChatSum)
PARSE = Endpoint("openai.chat.completions.parse", "llm")
RESPOND = Endpoint("openai.responses.create", "llm", lambda _: ResponseSum())
TEXT = Endpoint("openai.completions.create", "llm", lambda _: TextSum())
TRANSCRIBE = Endpoint("openai.audio.transcriptions.create", "llm", lambda _: TranscriptionSum())
EMBED = Endpoint("openai.embeddings.create", "embedding", told=_vectors_told)


def _image(method: str) -> tuple[str, str, str, Endpoint]:
    endpoint = Endpoint(f"openai.images.{method}", "llm", lambda _: ImageSum(), images_told)
    return "openai.resources", "Images", method, endpoint


METHODS: list[tuple[str, str, str, Endpoint]] = [
    (CHAT, "Completions", "create", CREATE),
    (CHAT, "Completions", "parse", PARSE),
    (BETA, "Completions", "parse", PARSE),
    (RESPONSES, "Responses", "create", RESPOND),
    (RESPONSES, "Responses", "parse", Endpoint("openai.responses.parse", "llm")),
    (RESPONSES, "Responses", "compact", Endpoint("openai.responses.compact", "llm")),
    ("openai.resources", "Completions", "create", TEXT),
    ("openai.resources", "Embeddings", "create", EMBED),
    ("openai.resources", "Moderations", "create", Endpoint("openai.moderations.create", "op")),
    *map(_image, ("generate", "edit", "create_variation")),
    (AUDIO, "Speech", "create", Endpoint("openai.audio.speech.create", "llm")),
    (AUDIO, "Transcriptions", "create", TRANSCRIBE),
    (AUDIO, "Translations", "create", Endpoint("openai.audio.translations.create", "llm")),
]


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


SDK = Sdk(METHODS, about=_about, sent=_with_usage)
patch, unpatch = SDK.patch, SDK.unpatch
