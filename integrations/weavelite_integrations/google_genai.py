"""The google-genai SDK (Gemini): each request becomes a call, and those of a tool loop a tree."""

import functools
import sys
from collections.abc import Callable
from typing import Any

from weavelite import Content, instrument
from weavelite_integrations._gemini_sum import GeminiSum, plain, told


def _inputs(given: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in given.items() if value is not None}


def _about(given: dict[str, Any]) -> dict[str, Any]:
    client = getattr(given.get("self"), "_api_client", None)
    return {"provider": "gcp.vertex_ai" if getattr(client, "vertexai", False) else "google"}


def _model(given: dict[str, Any]) -> Any:
    return given.get("model")


def _vectors(value: Any) -> instrument.Result:
    """Gives of embeddings the size, not the numbers."""
    said = plain(value)
    vectors = said.get("embeddings") or []
    numbers = len(vectors[0].get("values") or ()) if vectors else 0
    return {**said, "embeddings": {"embeddings": len(vectors), "dimensions": numbers}}, None, None


def _images(value: Any) -> instrument.Result:
    said = plain(value)
    for made in said.get("generated_images") or said.get("images") or ():
        image = made.get("image")
        if isinstance(image, dict) and isinstance(image.get("image_bytes"), bytes):
            image["image_bytes"] = Content(image["image_bytes"], mimetype=image.get("mime_type"))
    return said, None, None


def _asked(name: str, kind: str, **more: Any) -> instrument.Method:
    return instrument.Method(
        name=f"google_genai.models.{name}",
        kind=kind,
        inputs=_inputs,
        about=_about,
        model=_model,
        requests=True,
        **more,
    )


def _calls_tools(given: dict[str, Any]) -> bool:
    """Tells whether the SDK itself calls functions that the model asks for."""
    config = given.get("config")
    tools = config.get("tools") if isinstance(config, dict) else getattr(config, "tools", None)
    return any(callable(tool) or hasattr(tool, "call_tool") for tool in tools or ())


def _loop(name: str) -> instrument.Method:
    return instrument.Method(
        name=f"google_genai.models.{name}",
        kind="chain",
        inputs=_inputs,
        told=lambda value: (told(value)[0], None, None),
        total=functools.partial(GeminiSum, counts=False),
        when=_calls_tools,
    )


GENERATE = _asked("generate_content", "llm", told=told, total=GeminiSum)
# The public methods call functions and ask again; the others make one request each.
METHODS: list[tuple[str, instrument.Method]] = [
    ("generate_content", _loop("generate_content")),
    ("generate_content_stream", _loop("generate_content_stream")),
    ("_generate_content", GENERATE),
    ("_generate_content_stream", GENERATE),
    ("embed_content", _asked("embed_content", "embedding", told=_vectors)),
    ("generate_images", _asked("generate_images", "llm", told=_images)),
    ("edit_image", _asked("edit_image", "llm", told=_images)),
    ("upscale_image", _asked("upscale_image", "llm", told=_images)),
]


def _each(act: Callable[..., Any]) -> None:
    models = sys.modules.get("google.genai.models")
    for owner in (getattr(models, "Models", None), getattr(models, "AsyncModels", None)):
        for name, method in METHODS:
            if owner is not None and name in vars(owner):
                act(owner, name, method)


def patch() -> None:
    """Traces every client of google-genai; may be called any number of times."""
    _each(instrument.trace)


def unpatch() -> None:
    """Puts the SDK's own methods back."""
    _each(lambda owner, name, _: instrument.unwrap(owner, name))
