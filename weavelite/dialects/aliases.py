"""Which attributes say what, as data: the first that a span has counts.

Own attributes come first, then the GenAI conventions, current and legacy, then OpenInference.
"""

from collections.abc import Mapping
from typing import Any

INPUTS = ("weavelite.inputs", "gen_ai.input.messages", "input.value", "langfuse.observation.input",
          "langfuse.trace.input", "mlflow.spanInputs", "ai.prompt.messages", "ai.prompt",
          "ai.toolCall.args", "ai.values", "ai.value", "gen_ai.prompt", "traceloop.entity.input",
          "gen_ai.tool.call.arguments", "tool_arguments", "pydantic_ai.all_messages",
          "all_messages_events", "events")  # fmt: skip
OUTPUT = ("weavelite.output", "gen_ai.output.messages", "output.value",
          "langfuse.observation.output", "langfuse.trace.output", "mlflow.spanOutputs",
          "ai.toolCall.result", "ai.response.object", "ai.embeddings", "ai.embedding",
          "gen_ai.completion", "traceloop.entity.output", "gen_ai.tool.call.result",
          "tool_response", "final_result")  # fmt: skip
MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.response.model",
         "ai.model.id", "embedding.model_name", "langfuse.observation.model.name")  # fmt: skip
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system",
            "ai.model.provider", "langsmith.metadata.ls_provider")  # fmt: skip
USAGE_REPORTS = ("gen_ai.usage.raw", "langsmith.metadata.usage_metadata",
                 "gen_ai.usage_metadata", "mlflow.chat.tokenUsage",
                 "langfuse.observation.usage_details")  # fmt: skip
"""Attributes that hold a provider's report whole, as JSON; others tell each count by itself."""
THREAD = ("gen_ai.conversation.id", "session.id", "thread.id", "langfuse.session.id",
          "ai.telemetry.metadata.sessionId", "traceloop.association.properties.session_id",
          "traceloop.association.properties.thread_id", "traceloop.association.properties.chat_id",
          "langsmith.metadata.session_id", "langsmith.metadata.thread_id",
          "langsmith.metadata.conversation_id", "wandb.thread_id")  # fmt: skip
KIND = ("weavelite.kind", "gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind",
        "llm.request.type", "langsmith.span.kind", "langfuse.observation.type", "ai.operationId",
        "mlflow.spanType")  # fmt: skip
PROJECT = ("weavelite.project", "openinference.project.name")

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
    "span": "op",
    "event": "op",
    "evaluator": "scorer",
    "ai.toolcall": "tool",
}
"""What a kind is called elsewhere; other words are taken in lower case."""

ENDINGS = {
    ".dogenerate": "llm",
    ".dostream": "llm",
    ".doembed": "embedding",
    "ai.generatetext": "chain",
    "ai.streamtext": "chain",
    "ai.generateobject": "chain",
    "ai.streamobject": "chain",
    "ai.embed": "chain",
    "ai.embedmany": "chain",
}
"""What a kind is whose word ends so: operations of the Vercel AI SDK."""

NAMESPACES = ("aws.", "azure.", "gcp.", "x.", "z.")
"""Begin the names of providers that have a dot of their own."""
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
    value = str(loaded_text(first(attributes, KIND)) or "op").lower()
    for ending, kind in ENDINGS.items():
        if value.endswith(ending):
            return kind
    return KINDS.get(value, value)


def loaded_text(value: Any) -> Any:
    """Reads a text that is in quotes, as MLflow writes all of its values."""
    quoted = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


def provider_of(attributes: Mapping[str, Any]) -> str | None:
    """Says who served a model; frameworks that name themselves there say nothing."""
    value = first(attributes, PROVIDER)
    if not isinstance(value, str) or value.lower() in NO_PROVIDER:
        return None
    name = value.lower()
    return name if name.startswith(NAMESPACES) else name.partition(".")[0]
