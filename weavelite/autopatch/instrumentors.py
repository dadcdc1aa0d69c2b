"""Libraries that instrumentors of others know: which package has one, and how it is switched on."""

from typing import NamedTuple


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
    "dspy": _openinference("dspy", "DSPy"),
    "google.adk": _openinference("google-adk", "GoogleADK"),
    "groq": _openinference("groq", "Groq"),
    "guardrails": _openinference("guardrails", "Guardrails"),
    "haystack": _openinference("haystack", "Haystack"),
    "instructor": _openinference("instructor", "Instructor"),
    "llama_index": _openinference("llama-index", "LlamaIndex"),
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
