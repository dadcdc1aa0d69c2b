"""Which attributes say what, as data: the first that a span has counts.

Own attributes come first, then the GenAI conventions, current and legacy, then OpenInference.
"""

from collections.abc import Mapping
from typing import Any

INPUTS = ("weavelite.inputs", "gen_ai.input.messages", "input.value", "gen_ai.prompt",
          "traceloop.entity.input", "gen_ai.tool.call.arguments")  # fmt: skip
OUTPUT = ("weavelite.output", "gen_ai.output.messages", "output.value", "gen_ai.completion",
          "traceloop.entity.output", "gen_ai.tool.call.result")  # fmt: skip
MODEL = ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name")
INPUT_TOKENS = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
OUTPUT_TOKENS = (
    "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"
)  # fmt: skip
THREAD = ("gen_ai.conversation.id", "session.id", "thread.id")
KIND = ("weavelite.kind", "gen_ai.operation.name", "openinference.span.kind", "traceloop.span.kind")

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
}
"""What a kind is called elsewhere; other words are taken in lower case."""


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
