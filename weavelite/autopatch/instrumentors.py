"""Libraries that instrumentors of others know: which package has one, and how it is switched on."""

import importlib
from typing import Any, NamedTuple

from weavelite.errors import NotFoundError


class Instrumentor(NamedTuple):
    """Is a class with `instrument(tracer_provider=...)` and `uninstrument()`, as OTel has them."""

    package: str
    """Is what to install."""
    module: str
    name: str


def _openinference(library: str, name: str) -> Instrumentor:
    module = library.replace("-", "_")
    package = f"openinference-instrumentation-{library}"
    return Instrumentor(package, f"openinference.instrumentation.{module}", f"{name}Instrumentor")


def _opentelemetry(library: str, name: str) -> Instrumentor:
    package = f"opentelemetry-instrumentation-{library}"
    return Instrumentor(package, f"opentelemetry.instrumentation.{library}", f"{name}Instrumentor")


INSTRUMENTORS: dict[str, Instrumentor] = {
    "agno": _openinference("agno", "Agno"),
    "autogen_agentchat": _openinference("autogen-agentchat", "AutogenAgentChat"),
    "beeai_framework": _openinference("beeai", "BeeAI"),
    "chromadb": _opentelemetry("chromadb", "Chroma"),
    "cohere": _opentelemetry("cohere", "Cohere"),
    "crewai": _openinference("crewai", "CrewAI"),
    "google.adk": _openinference("google-adk", "GoogleADK"),
    "groq": _openinference("groq", "Groq"),
    "guardrails": _openinference("guardrails", "Guardrails"),
    "haystack": _openinference("haystack", "Haystack"),
    "instructor": _openinference("instructor", "Instructor"),
    "mistralai": _openinference("mistralai", "MistralAI"),
    "ollama": _opentelemetry("ollama", "Ollama"),
    "pinecone": _opentelemetry("pinecone", "Pinecone"),
    "portkey_ai": _openinference("portkey", "Portkey"),
    "qdrant_client": _opentelemetry("qdrant", "Qdrant"),
    "replicate": _opentelemetry("replicate", "Replicate"),
    "smolagents": _openinference("smolagents", "Smolagents"),
    "together": _opentelemetry("together", "TogetherAi"),
    "vertexai": _openinference("vertexai", "VertexAI"),
    "weaviate": _opentelemetry("weaviate", "Weaviate"),
}
"""By the module of the library. An integration of weavelite's own, where there is one, wins."""


def known_as(library: str) -> Instrumentor | None:
    """Finds the instrumentor of a library, by its module or by the name of its package."""
    plain = library.replace("-", "_")
    for module, instrumentor in INSTRUMENTORS.items():
        if plain in (module, module.replace(".", "_"), instrumentor.module.rpartition(".")[2]):
            return instrumentor
    return None


def instrument(library: str, instrumentor: Instrumentor) -> None:
    """Switches an instrumentor on, so that its spans become calls; raises where it is missing."""
    try:
        module = importlib.import_module(instrumentor.module)
    except ModuleNotFoundError as error:
        raise NotFoundError(
            f"{library} is traced by a package that is not installed ({error.name} is missing): "
            f'pip install {instrumentor.package} "weavelite[otel]"'
        ) from None
    from weavelite.otel import tracer_provider

    made: Any = getattr(module, instrumentor.name)()
    if not getattr(made, "is_instrumented_by_opentelemetry", False):
        made.instrument(tracer_provider=tracer_provider())
    if not getattr(made, "is_instrumented_by_opentelemetry", True):
        wanted = ", ".join(made.instrumentation_dependencies())
        raise NotFoundError(
            f"{instrumentor.package} does not trace what is here: it is for {wanted}."
        )
