"""Which attributes say what, as data: the first that a span has counts.

Own attributes come first, then the GenAI conventions, current and legacy, then OpenInference.
"""

from collections.abc import Mapping
from typing import Any

INPUTS = ("weavelite.inputs", "gen_ai.input.messages", "input.value", "gen_ai.prompt",
          "traceloop.entity.input", "gen_ai.tool.call.arguments")  # fmt: skip
OUTPUT = ("weavelite.output", "gen_ai.output.messages", "output.value", "gen_ai.completion",
          "traceloop.entity.output", "gen_ai.tool.call.result")  # fmt: skip
MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.response.model",
         "ai.model.id", "embedding.model_name", "langfuse.observation.model.name")  # fmt: skip
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system",
            "ai.model.provider", "langsmith.metadata.ls_provider")  # fmt: skip
USAGE_REPORTS = ("gen_ai.usage.raw", "langsmith.metadata.usage_metadata",
                 "gen_ai.usage_metadata", "mlflow.chat.tokenUsage",
                 "langfuse.observation.usage_details")  # fmt: skip
"""Attributes that hold a provider's report whole, as JSON; others tell each count by itself."""
THREAD = ("gen_ai.conversation.id", "session.id", "thread.id")
KIND = ("weavelite.kind", "gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind",
        "llm.request.type", "langsmith.span.kind")  # fmt: skip

KINDS = {
    "chat": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "embeddings": "embedding",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "retrieval": "retriever",
    "workflow": "chain",
    "task": "chain",
    "invoke_workflow": "chain",
    "completion": "llm",
    "generation": "llm",
    "chat_model": "llm",
}
"""What a kind is called elsewhere; other words are taken in lower case."""

NO_PROVIDER = {"", "langchain", "langgraph", "langsmith", "unknown", "llamaindex", "litellm"}


def first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Returns the first attribute that is there; None when none is."""
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def kind_of(attributes: Mapping[str, Any]) -> str:
    """Says what kind of call a span is; `op` when it does not say."""
    value = str(first(attributes, KIND) or "op").lower()
    return KINDS.get(value, value)


def provider_of(attributes: Mapping[str, Any]) -> str | None:
    """Says who served a model; frameworks that name themselves there say nothing."""
    value = first(attributes, PROVIDER)
    if not isinstance(value, str) or value.lower() in NO_PROVIDER:
        return None
    return value.lower()
