"""Turns each run of LangChain into a call, nested with weavelite's ops in both directions.

The handler puts nothing on weavelite's context, because LangChain ends runs in other contexts than
it began them. Instead the parent is worked out when a call starts: LangChain knows its innermost
run here, weavelite its innermost call, and a run remembers which call it was opened under.
"""

import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain_core.callbacks.base import BaseCallbackHandler
from langchain_core.outputs import LLMResult
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tracers import context as tracers_context

from weavelite import instrument
from weavelite_integrations._langchain_hook import Hook
from weavelite_integrations._langchain_values import (
    answer,
    message,
    named_inputs,
    partial,
    plain,
)
from weavelite_integrations._runs import innermost

THREAD_KEYS = ("thread_id", "session_id", "conversation_id")
GRAPH_INTEGRATIONS = ("langgraph", "langchain_create_agent")
# LangChain's own bookkeeping: of use to its machinery, noise to a reader.
INNER_TAGS = ("seq:step:", "graph:step:", "map:key:", "langsmith:")
INNER_METADATA = ("ls_", "langgraph_checkpoint", "langgraph_path", "langgraph_triggers", "lc_")
INNER_KEYS = {"checkpoint_ns", "checkpoint_id", "checkpoint_map", "versions", *THREAD_KEYS}
# Model parameters that are said elsewhere, or must not be said.
INNER_PARAMS = {"_type", "tools", "functions", "model", "model_name", "stream", "api_key"}


@dataclass(slots=True, eq=False)
class Run:
    """Is an open run of LangChain: its call, and what was innermost on weavelite's side."""

    call: instrument.Call
    opened_under: instrument.Call | None
    started: float
    over: bool = False
    answering: bool = False  # a model run that has handed out something
    spoke: bool = False  # ... and that something had content

    def awaits(self, current: instrument.Call | None) -> bool:
        """Tells whether what happens here is this model run's own work.

        Not when it is over, not when its stream has begun to come (the code here is then the
        reader's), and not in an op inside the model, whose author wants to see what it calls.
        """
        return not self.over and not self.answering and current is self.opened_under


RUNS: dict[UUID, Run] = {}
# The innermost run of a model here; never reset, for LangChain ends runs in contexts of their own.
MODEL: ContextVar[Run | None] = ContextVar("weavelite_langchain_model", default=None)


def resolve_parent(current: instrument.Call | None) -> instrument.Call | None:
    """Tells weavelite, at each start of a call, what the call is inside of."""
    model = MODEL.get()
    if model is not None and model.awaits(current):  # LangChain sets no config inside of a model
        return model.call
    config = var_child_runnable_config.get()
    run_id = getattr(config.get("callbacks"), "parent_run_id", None) if config else None
    return innermost(RUNS.get(run_id), current) if run_id is not None else current


class Handler(Hook, BaseCallbackHandler):
    """Turns LangChain's callbacks into calls; one for the process, and never in the way."""

    # Async managers then call it in the caller's task and context, and in order.
    run_inline = True
    raise_error = False

    def __copy__(self) -> "Handler":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Handler":
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("on_"):  # a callback that LangChain has got since this was written
            return _ignore
        raise AttributeError(name)

    @instrument.quiet
    def on_chain_start(
        self,
        serialized: dict[str, Any] | None,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **told: Any,
    ) -> None:
        """Opens a chain, a prompt, a parser, a graph, a node or an agent."""
        name = _name(serialized, told)
        _open(_chain_kind(name, told), name, named_inputs(inputs), run_id, parent_run_id, told)

    @instrument.quiet
    def on_chat_model_start(
        self,
        serialized: dict[str, Any] | None,
        messages: list[list[Any]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **told: Any,
    ) -> None:
        """Opens a chat model, with its messages and tools."""
        said = [[message(item) for item in group] for group in messages]
        asked = {"messages": said[0] if len(said) == 1 else said}
        _open_model(serialized, asked, run_id, parent_run_id, told)

    @instrument.quiet
    def on_llm_start(
        self,
        serialized: dict[str, Any] | None,
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **told: Any,
    ) -> None:
        """Opens a model that completes text."""
        asked = {"prompt": prompts[0] if len(prompts) == 1 else prompts}
        _open_model(serialized, asked, run_id, parent_run_id, told)

    @instrument.quiet
    def on_tool_start(
        self,
        serialized: dict[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **told: Any,
    ) -> None:
        """Opens a tool, with its named arguments where it has them."""
        asked = named_inputs(input_str if inputs is None else inputs)
        _open("tool", _name(serialized, told), asked, run_id, parent_run_id, told)

    @instrument.quiet
    def on_retriever_start(
        self,
        serialized: dict[str, Any] | None,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **told: Any,
    ) -> None:
        """Opens a retriever."""
        name = _name(serialized, told)
        _open("retriever", name, {"query": query}, run_id, parent_run_id, told)

    @instrument.quiet
    def on_llm_new_token(self, token: Any, *, chunk: Any = None, run_id: UUID, **_: Any) -> None:
        """Notes when a streaming model began to speak."""
        run = RUNS.get(run_id)
        if run is None or run.spoke:
            return
        run.answering = True
        if token or getattr(getattr(chunk, "message", None), "tool_call_chunks", None):
            _speaks(run)

    @instrument.quiet
    def on_stream_event(self, event: Any, *, run_id: UUID, **_: Any) -> None:
        """Notes the same where the model streams events instead of tokens."""
        run = RUNS.get(run_id)
        if run is None or run.spoke:
            return
        run.answering = True
        if isinstance(event, dict) and "delta" in str(event.get("event")):
            _speaks(run)

    @instrument.quiet
    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Ends a model run, with what it said and used."""
        _close_model(RUNS.pop(run_id, None), response, None)

    @instrument.quiet
    def on_llm_error(self, error: BaseException, *, run_id: UUID, **told: Any) -> None:
        """Ends a model run that failed, or whose stream was abandoned, with what there is of it."""
        _close_model(RUNS.pop(run_id, None), told.get("response"), error)

    @instrument.quiet
    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        """Ends a chain."""
        _close(RUNS.pop(run_id, None), plain(outputs))

    @instrument.quiet
    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        """Ends a tool, with what it gave; of a tool message, the content."""
        told = plain(output)
        if isinstance(told, dict) and told.keys() <= {"role", "content", "name", "tool_call_id"}:
            told = told.get("content", told)
        _close(RUNS.pop(run_id, None), told)

    @instrument.quiet
    def on_retriever_end(self, documents: Sequence[Any], *, run_id: UUID, **_: Any) -> None:
        """Ends a retriever."""
        _close(RUNS.pop(run_id, None), plain(list(documents)))

    @instrument.quiet
    def _on_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        _close(RUNS.pop(run_id, None), None, error)

    on_chain_error = on_tool_error = on_retriever_error = _on_error


def _ignore(*_: Any, **__: Any) -> None:
    """Takes any callback."""


def _open(
    kind: str,
    name: str,
    asked: dict[str, Any],
    run_id: UUID,
    parent_run_id: UUID | None,
    told: dict[str, Any],
    model: str | None = None,
) -> Run | None:
    outer = RUNS.get(parent_run_id) if parent_run_id is not None else None
    if outer is None and not instrument.ensure_started():
        return None
    current = instrument.current()
    call = instrument.start(
        f"langchain.{name.partition('<')[0]}",
        asked,
        kind=kind,
        display_name=name,
        attributes=_attributes(run_id, told),
        parent=resolve_parent(current) if outer is None else innermost(outer, current),
        model=model,
    )
    if call is None:
        return None
    run = RUNS[run_id] = Run(call, current, time.perf_counter())
    return run


def _open_model(
    serialized: dict[str, Any] | None,
    asked: dict[str, Any],
    run_id: UUID,
    parent_run_id: UUID | None,
    told: dict[str, Any],
) -> None:
    params = told.get("invocation_params") or {}
    if tools := params.get("tools") or params.get("functions"):
        asked["tools"] = plain(tools)
    run = _open(
        "llm",
        _name(serialized, told),
        asked,
        run_id,
        parent_run_id,
        told,
        (told.get("metadata") or {}).get("ls_model_name")
        or params.get("model")
        or params.get("model_name"),
    )
    if run is not None:
        MODEL.set(run)
        instrument.records_provider(lambda: run.awaits(instrument.current()))


def _speaks(run: Run) -> None:
    run.spoke = True
    waited = time.perf_counter() - run.started
    instrument.annotate(run.call, {"time_to_first_token_s": round(waited, 6)})


def _close(
    run: Run | None,
    output: Any,
    error: BaseException | None = None,
    usage: Any = None,
    model: str | None = None,
) -> None:
    if run is None:
        return
    run.over = True
    if isinstance(error, GeneratorExit):  # nobody wanted the rest of the stream
        instrument.annotate(run.call, {"abandoned": True})
        error = None
    elif error is not None and _steers(error):
        output, error = {type(error).__name__: plain(list(error.args))}, None
    instrument.end(run.call, output, error=error, usage=usage, model=model)


def _steers(error: BaseException) -> bool:
    """Tells whether LangGraph raised it to steer the graph (an interrupt, say): nothing failed."""
    return any(kind.__name__ == "GraphBubbleUp" for kind in type(error).__mro__)


def _close_model(run: Run | None, response: Any, error: BaseException | None) -> None:
    if run is None:
        return
    if not isinstance(response, LLMResult) or not any(response.generations):
        _close(run, None, error)
        return
    first = next(group[0] for group in response.generations if group)
    said = getattr(first, "message", None)
    about = {**(first.generation_info or {}), **(getattr(said, "response_metadata", None) or {})}
    summed = response.llm_output or {}
    if reason := about.get("finish_reason") or about.get("stop_reason"):
        instrument.annotate(run.call, {"finish_reason": reason})
    _close(
        run,
        answer(response) if error is None else partial(response),
        error,
        getattr(said, "usage_metadata", None)
        or summed.get("token_usage")
        or about.get("token_usage")
        or about.get("usage"),
        about.get("model_name") or about.get("model") or summed.get("model_name"),
    )


def _name(serialized: dict[str, Any] | None, told: dict[str, Any]) -> str:
    known = serialized or {}
    return str(told.get("name") or known.get("name") or (known.get("id") or ["run"])[-1])


def _chain_kind(name: str, told: dict[str, Any]) -> str:
    kind = told.get("run_type")
    if kind in ("prompt", "parser"):
        return str(kind)
    metadata = told.get("metadata") or {}
    graph = metadata.get("ls_integration") in GRAPH_INTEGRATIONS
    agent = name == "AgentExecutor" or (graph and "langgraph_node" not in metadata)
    return "agent" if agent else "chain"


def _attributes(run_id: UUID, told: dict[str, Any]) -> dict[str, Any]:
    metadata = told.get("metadata") or {}
    params = told.get("invocation_params") or {}
    thread = next((metadata[key] for key in THREAD_KEYS if metadata.get(key)), None)
    found = {
        "thread_id": None if thread is None else str(thread),
        "provider": metadata.get("ls_provider"),
        "tool_call_id": told.get("tool_call_id"),
        "tags": [tag for tag in told.get("tags") or [] if not tag.startswith(INNER_TAGS)],
        "metadata": {
            key: plain(value)
            for key, value in metadata.items()
            if key not in INNER_KEYS and not key.startswith(INNER_METADATA)
        },
        "invocation_params": {
            key: plain(value)
            for key, value in params.items()
            if value is not None and key not in INNER_PARAMS and "header" not in key
        },
        "langchain_run_id": str(run_id),
    }
    return {key: value for key, value in found.items() if value not in (None, [], {})}


HANDLER = Handler()
instrument.add_parent_resolver(resolve_parent)


class _Always:
    """Takes the place of a ContextVar in LangChain's registry, for tracing without a variable."""

    def __init__(self) -> None:
        self.on = False

    def get(self) -> Handler | None:
        """Gives what LangChain is to attach to the run that begins."""
        return HANDLER if self.on else None


ALWAYS = _Always()
tracers_context.register_configure_hook(ALWAYS, True)  # type: ignore[arg-type]
