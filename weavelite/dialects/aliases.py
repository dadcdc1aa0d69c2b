"""Which attributes say what, as data: the first that a span has counts.

Own attributes come first, then the GenAI conventions of OpenTelemetry, current and legacy, then
OpenInference, Langfuse, MLflow, the Vercel AI SDK, OpenLLMetry, and the rest. A name that ends in
`.N.` stands for numbered attributes (`llm.input_messages.0.message.role`), which are put together.
"""

from collections.abc import Mapping
from typing import Any

MESSAGES_IN = (
    "gen_ai.input.messages", "llm.input_messages.N.", "ai.prompt.messages",
    "pydantic_ai.all_messages", "all_messages_events", "events", "gen_ai.prompt.N.",
    "weavelite.asked", "llm.prompts.N.", "gcp.vertex.agent.llm_request",
)  # fmt: skip
"""Hold what a model or an agent was asked, as messages; `weavelite.asked` is made of events."""
MESSAGES_OUT = (
    "gen_ai.output.messages", "llm.output_messages.N.", "gen_ai.completion.N.",
    "weavelite.answered", "llm.choices.N.", "gcp.vertex.agent.llm_response",
)  # fmt: skip
SYSTEM = ("gen_ai.system_instructions", "gen_ai.system.instructions", "llm.system_prompt")
VALUES_IN = (
    "input.value", "langfuse.observation.input", "mlflow.spanInputs", "ai.toolCall.args",
    "ai.prompt", "gen_ai.prompt", "traceloop.entity.input", "gen_ai.tool.call.arguments",
    "tool_arguments", "spring.ai.tool.call.arguments", "spring.ai.tool.call.input",
    "gcp.vertex.agent.tool_call_args", "mcp.request.argument",
    "gen_ai.retrieval.query.text", "gen_ai.retrieval.query", "db.vector.query.content",
    "ai.values", "ai.value", "spring.ai.chat.client.user.text", "langfuse.trace.input",
    "reranker.query", "gen_ai.request.prompt", "gen_ai.embeddings.input", "input", "inputs",
)  # fmt: skip
"""Hold what went in, whole, in whatever shape the sender has it."""
VALUES_OUT = (
    "output.value", "langfuse.observation.output", "mlflow.spanOutputs", "ai.toolCall.result",
    "ai.response.object", "ai.result.object", "ai.embeddings", "ai.embedding", "gen_ai.completion",
    "traceloop.entity.output", "gen_ai.tool.call.result", "tool_response",
    "spring.ai.tool.call.result", "spring.ai.tool.call.output", "gcp.vertex.agent.tool_response",
    "gen_ai.retrieval.documents", "db.vector.query.response.documents", "final_result",
    "ai.ranking", "mcp.tool.result", "langfuse.trace.output", "gen_ai.evaluation.explanation",
    "output", "outputs",
)  # fmt: skip
QUERY = ("gen_ai.retrieval.query.text", "reranker.query", "db.vector.query.content")
TEXTS_IN = ("embedding.embeddings.N.", "reranker.input_documents.N.")
DOCUMENTS = ("retrieval.documents.N.", "reranker.output_documents.N.",
             "gen_ai.retrieval.documents", "db.vector.query.response.documents",
             "weavelite.found")  # fmt: skip
TOOLS = ("gen_ai.tool.definitions", "llm.tools.N.", "llm.request.functions.N.", "ai.prompt.tools",
         "mlflow.chat.tools", "gen_ai.request.tools.N.", "gen_ai.request.tools",
         "gen_ai.agent.tools")  # fmt: skip
"""Hold which tools a model could call."""

MODEL = ("gen_ai.response.model", "ai.response.model", "llm.response.model_name",
         "gen_ai.request.model", "llm.model_name", "llm.request.model_name", "ai.model.id",
         "embedding.model_name", "reranker.model_name", "langfuse.observation.model.name",
         "mlflow.llm.model", "langsmith.metadata.ls_model_name",
         "model_name", "llm.model")  # fmt: skip
ASKED_MODEL = ("gen_ai.request.model", "llm.request.model_name", "ai.model.id", "llm.request.model")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system",
            "ai.model.provider", "langsmith.metadata.ls_provider",
            "mlflow.llm.provider")  # fmt: skip
USAGE_REPORTS = ("gen_ai.usage.raw", "langsmith.metadata.usage_metadata",
                 "gen_ai.usage_metadata", "mlflow.chat.tokenUsage",
                 "langfuse.observation.usage_details")  # fmt: skip
"""Attributes that hold a provider's report whole, as JSON; others tell each count by itself."""
THREAD_KEYS = ("thread_id", "session_id", "conversation_id", "threadId", "sessionId",
               "conversationId", "chat_id")  # fmt: skip
THREAD = ("gen_ai.conversation.id", "session.id", "thread.id", "langfuse.session.id",
          "wandb.thread_id", "gcp.vertex.agent.session_id", "mlflow.trace.session",
          "spring.ai.chat.client.conversation.id",
          "ai.telemetry.metadata.threadId", "ai.telemetry.metadata.sessionId",
          "ai.telemetry.metadata.conversationId",
          "traceloop.association.properties.thread_id",
          "traceloop.association.properties.session_id",
          "traceloop.association.properties.conversation_id",
          "traceloop.association.properties.chat_id",
          "langsmith.metadata.thread_id", "langsmith.metadata.session_id",
          "langsmith.metadata.conversation_id")  # fmt: skip
USER_KEYS = ("user_id", "userId", "user")
USER = ("user.id", "enduser.id", "langfuse.user.id", "ai.telemetry.metadata.userId",
        "traceloop.association.properties.user_id", "langsmith.metadata.user_id",
        "mlflow.trace.user", "gen_ai.user", "llm.user", "ai.telemetry.metadata.user",
        "gen_ai.request.user", "user_id")  # fmt: skip
METADATA = ("metadata", "langfuse.observation.metadata", "langfuse.trace.metadata",
            "mlflow.trace.metadata")  # fmt: skip
"""Hold what the user noted, as JSON in one attribute."""
METADATA_UNDER = ("metadata.", "langfuse.trace.metadata.", "langfuse.observation.metadata.",
                  "ai.telemetry.metadata.", "traceloop.association.properties.",
                  "langsmith.metadata.", "mlflow.traceTag.")  # fmt: skip
"""Begin the names of attributes that each hold one thing that the user noted."""
NOT_METADATA = ("ls_", "LANGSMITH_", "LANGCHAIN_", "langgraph_", "usage_metadata",
                "checkpoint_ns", "tags",
                "revision_id", "__")  # fmt: skip
TAGS = ("tag.tags", "langfuse.trace.tags", "langfuse.tags", "logfire.tags", "langsmith.span.tags",
        "ai.telemetry.metadata.tags")  # fmt: skip
INNER_TAGS = ("seq:step:", "graph:step:", "map:key:", "LLM")
"""Begin tags that frameworks set for themselves."""
KIND = ("weavelite.kind", "weave.span.kind", "openinference.span.kind", "traceloop.span.kind",
        "langsmith.span.kind", "langfuse.observation.type", "mlflow.spanType",
        "gen_ai.operation.name", "ai.operationId", "spring.ai.kind", "llm.request.type",
        "mcp.method.name")  # fmt: skip
PROJECT = ("weavelite.project", "openinference.project.name")
SHOWN = ("wandb.display_name", "langsmith.trace.name", "logfire.msg", "gen_ai.tool.name",
         "ai.toolCall.name", "tool.name", "spring.ai.tool.definition.name",
         "ai.telemetry.functionId", "mlflow.traceName")  # fmt: skip
"""Name a call for people, where the span's name is the same for all of its sort."""
TOOL_NAME = ("gen_ai.tool.name", "ai.toolCall.name", "tool.name",
             "spring.ai.tool.definition.name", "traceloop.entity.name", "mcp.tool.name",
             "mlflow.spanFunctionName")  # fmt: skip
TOOL_CALL_ID = ("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id", "tool.id")
AGENT_NAME = ("gen_ai.agent.name", "agent.name", "agent_name")
FINISH = ("gen_ai.response.finish_reasons", "llm.finish_reason", "ai.response.finishReason",
          "ai.finishReason", "ai.result.finishReason", "gen_ai.response.finish_reason",
          "langfuse.observation.metadata.finish_reason", "finish_reason")  # fmt: skip
FIRST_TOKEN_S = ("gen_ai.response.time_to_first_chunk",
                 "gen_ai.client.operation.time_to_first_chunk",
                 "gen_ai.server.time_to_first_token")  # fmt: skip
FIRST_TOKEN_MS = ("ai.response.msToFirstChunk", "ai.stream.msToFirstChunk")
FIRST_TOKEN_AT = ("langfuse.observation.completion_start_time",)
FIRST_TOKEN_EVENTS = ("First Token Stream Event", "ai.stream.firstChunk", "gen_ai.first_token")
PROMPT = ("llm.prompt_template.template", "llm.prompt_template.version",
          "llm.prompt_template.variables", "gen_ai.prompt.name", "prompt.id",
          "traceloop.prompt.key", "traceloop.prompt.version", "traceloop.prompt.template",
          "traceloop.prompt.template_variables", "langfuse.observation.prompt.name",
          "langfuse.observation.prompt.version", "mlflow.linkedPrompts")  # fmt: skip
"""Say which prompt a call used; the last step of the name is what they say of it."""

PARAMETERS_WHOLE = ("llm.invocation_parameters", "embedding.invocation_parameters",
                    "langfuse.observation.model.parameters", "ai.request.parameters")  # fmt: skip
BODIES_WHOLE = ("mlflow.spanOutputs", "mlflow.spanInputs", "output.value", "input.value",
                "langfuse.observation.output", "langfuse.observation.input")  # fmt: skip
"""May hold a provider's answer or request as it was, with the model in it."""
PARAMETERS_UNDER = ("gen_ai.request.", "ai.settings.", "llm.request.parameters.",
                    "gen_ai.openai.request.", "openai.request.", "llm.chat.")  # fmt: skip
PARAMETERS = {"gen_ai.output.type": "output_type", "gen_ai.is_streaming": "stream",
              "llm.is_streaming": "stream", "llm.top_k": "top_k",
              "llm.frequency_penalty": "frequency_penalty",
              "llm.presence_penalty": "presence_penalty", "llm.temperature": "temperature",
              "llm.top_p": "top_p", "ai.prompt.toolChoice": "tool_choice",
              "gen_ai.embeddings.dimension.count": "dimensions"}  # fmt: skip
PARAMETER_NAMES = {"maxOutputTokens": "max_tokens", "maxTokens": "max_tokens", "topP": "top_p",
                   "topK": "top_k", "frequencyPenalty": "frequency_penalty",
                   "presencePenalty": "presence_penalty", "stopSequences": "stop_sequences",
                   "maxRetries": "max_retries", "maxSteps": "max_steps",
                   "choice.count": "n"}  # fmt: skip
NO_PARAMETERS = frozenset({"model", "model_name", "messages", "tools", "prompt", "user",
                           "is_stream", "type", "functions", "system", "instructions",
                           "input"})  # fmt: skip

NUMBERED = tuple(
    name.removesuffix("N.")
    for names in (MESSAGES_IN, MESSAGES_OUT, TEXTS_IN, DOCUMENTS, TOOLS)
    for name in names
    if name.endswith(".N.")
)

KINDS = {
    "chat": "llm",
    "chat.completions": "llm",
    "text.completions": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "completion": "llm",
    "generation": "llm",
    "chat_model": "llm",
    "responses": "llm",
    "image_generation": "llm",
    "embeddings": "embedding",
    "execute_tool": "tool",
    "orchestrate_tools": "chain",
    "tools/call": "tool",
    "tool_call": "tool",
    "ai.toolcall": "tool",
    "function": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "agent_step": "chain",
    "retrieval": "retriever",
    "vector_store": "retriever",
    "rerank": "reranker",
    "workflow": "chain",
    "task": "chain",
    "invoke_workflow": "chain",
    "execute_task": "chain",
    "plan": "chain",
    "chat_client": "chain",
    "advisor": "chain",
    "framework": "op",
    "span": "op",
    "event": "op",
    "unknown": "op",
    "evaluator": "scorer",
    "evaluation": "scorer",
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
    ".dorerank": "reranker",
    "ai.rerank": "chain",
}
"""What a kind is whose word ends so: operations of the Vercel AI SDK."""

HINTS = (
    ("gen_ai.tool.call.id", "tool"), ("gen_ai.tool.name", "tool"), ("ai.toolCall.name", "tool"),
    ("spring.ai.tool.definition.name", "tool"), ("embedding.model_name", "embedding"),
    ("db.vector.query.content", "retriever"), ("gen_ai.retrieval.query.text", "retriever"),
    ("weavelite.found", "retriever"), ("retrieval.documents.N.", "retriever"),
    ("llm.token_count.prompt", "llm"), ("gen_ai.usage.input_tokens", "llm"),
    ("gen_ai.usage.prompt_tokens", "llm"), ("gen_ai.request.model", "llm"),
    ("weavelite.answered", "llm"),
    ("pydantic_ai.all_messages", "agent"), ("all_messages_events", "agent"),
)  # fmt: skip
"""Attributes that give a kind away where none is told; messages alone do not, chains have them."""

NAMESPACES = ("aws.", "azure.", "gcp.", "x.", "z.", "ibm.")
"""Begin the names of providers that have a dot of their own."""
NO_PROVIDER = {"", "langchain", "langgraph", "langsmith", "unknown", "llamaindex", "litellm",
               "spring_ai", "_other", "other"}  # fmt: skip


def first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Returns the first attribute that is there; None when none is."""
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def kind_of(attributes: Mapping[str, Any]) -> str:
    """Says what kind of call a span is; `op` when it does not say."""
    for name in KIND:
        told = attributes.get(name)
        if told is None:
            continue
        kind = _known_kind(str(loaded_text(told)).lower())
        if kind != "op":
            return kind
    return next((kind for name, kind in HINTS if name in attributes), "op")


def _known_kind(word: str) -> str:
    for ending, kind in ENDINGS.items():
        if word.endswith(ending):
            return kind
    return KINDS.get(word, word) or "op"


def loaded_text(value: Any) -> Any:
    """Reads a text that is in quotes, as MLflow writes all of its values."""
    quoted = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if quoted else value


def text_of(attributes: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Returns the first attribute that is a text, or a number, that says something."""
    for name in names:
        value = attributes.get(name)
        if value is None:  # nearly always
            continue
        value = loaded_text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value
    return None


def provider_of(attributes: Mapping[str, Any]) -> str | None:
    """Says who served a model; frameworks that name themselves there say nothing."""
    for name in PROVIDER:
        value = attributes.get(name)
        if value is None:
            continue
        value = loaded_text(value)
        if isinstance(value, str) and value.lower() not in NO_PROVIDER:
            known = value.lower()
            return known if known.startswith(NAMESPACES) else known.partition(".")[0]
    return None
