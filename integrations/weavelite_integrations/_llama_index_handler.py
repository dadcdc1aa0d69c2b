"""Turns the spans and events of LlamaIndex into calls.

LlamaIndex tells of much: of public methods and of what they are made of. Only what a reader looks
for becomes a call; the spans between hand their place on to those below them.
"""

import sys
import time
import weakref
from dataclasses import dataclass, field
from types import AsyncGeneratorType, GeneratorType
from typing import Any

from weavelite import instrument
from weavelite_integrations import _llama_index_values as values
from weavelite_integrations._runs import innermost

SPANS = "llama_index.core.instrumentation.span"
WRITERS = {"write_response_to_history", "awrite_response_to_history"}
"""Read the stream of a chat engine in a thread or task of their own."""
STREAMS = {"StreamingResponse", "AsyncStreamingResponse"}
NO_ERRORS = {"WorkflowDone", "WorkflowCancelledByUser", "WaitingForEvent"}


def _each(kind: str, *names: str) -> dict[str, str]:
    return {before + name: kind for name in names for before in ("", "a")}


_CHATS = _each("llm", "chat", "stream_chat", "complete", "stream_complete")
_EMBEDS = _each("embedding", "get_query_embedding", "get_text_embedding",
                "get_text_embedding_batch")  # fmt: skip
# Which methods of which classes are calls, and of what kind; the first class that is known counts.
KINDS: dict[str, dict[str, str]] = {
    "BaseLLM": {**_CHATS, **_each("chain", "structured_predict", "stream_structured_predict")},
    "BaseEmbedding": _EMBEDS,
    "BaseSparseEmbedding": _EMBEDS,
    "BaseRetriever": _each("retriever", "retrieve"),
    "BaseNodePostprocessor": _each("retriever", "postprocess_nodes"),
    "BaseQueryEngine": _each("chain", "query"),
    "BaseSynthesizer": _each("chain", "synthesize"),
    "BaseChatEngine": _each("chain", "chat", "stream_chat"),
    "BaseTool": {"__call__": "tool", **_each("tool", "call")},
    "BaseWorkflowAgent": {"run": "agent"},
    "AgentWorkflow": {"run": "agent"},
    "Workflow": {"run": "chain"},
    "IngestionPipeline": _each("chain", "run"),
    "TransformComponent": {},
    "BasePydanticProgram": {},
    "StreamingAgentChatResponse": {},
    "BasePromptTemplate": {},
}
# Functions that belong to no instance; of the steps of agents, only whose turn it is says much.
STEPS = {"AgentWorkflow.run_agent_step": "agent"}
OF_AGENTS = ("AgentWorkflow.", "BaseWorkflowAgent.")
REQUESTS = {"llm", "embedding"}


@dataclass(slots=True, eq=False)
class Run:
    """Is an open span, or one whose stream is being read; an alias has the call of those above."""

    call: instrument.Call
    opened_under: instrument.Call | None
    above: "Run | None"
    kind: str
    instance: Any
    is_alias: bool = False
    left: bool = False
    """Says that the method has returned: what is open then is its stream."""
    answered: bool = False
    said: Any = None
    usage: dict[str, Any] | None = None
    started: float = field(default_factory=time.perf_counter)


RUNS: dict[str, Run] = {}


def resolve_parent(current: instrument.Call | None) -> instrument.Call | None:
    """Tells weavelite, at each start of a call, what the call is inside of."""
    if not RUNS or SPANS not in sys.modules:
        return current
    return innermost(RUNS.get(sys.modules[SPANS].active_span_id.get() or ""), current)


def kind_of(name: str, instance: Any) -> str | None:
    """Says what kind of call a span is; None of one that is none."""
    method = name.rpartition(".")[2]
    if instance is None:
        return STEPS.get(name) if name.startswith(OF_AGENTS) else "op"
    for base in type(instance).__mro__:
        if base.__name__ in KINDS:
            return KINDS[base.__name__].get(method)
    return None if method.startswith("_") else "op"


class SpanHandler:
    """Is told of each span; never raises."""

    @property
    def open_spans(self) -> dict[str, Any]:
        """Are dropped when the dispatcher is shut down."""
        return dict(RUNS)

    @instrument.quiet
    def span_enter(
        self,
        id_: str,
        bound_args: Any,
        instance: Any = None,
        parent_id: str | None = None,
        **_: Any,
    ) -> None:
        """Opens a call for a span."""
        above = RUNS.get(parent_id or "")
        name = id_[:-37].replace("<locals>.", "")  # a UUID follows
        kind = kind_of(name, instance)
        if kind is None or _says_again(kind, instance, above):
            if above is not None:
                RUNS[id_] = Run(
                    above.call, above.opened_under, above, above.kind, above.instance, is_alias=True
                )
            return
        current = instrument.current()
        call = _start(name, kind, instance, bound_args.arguments, innermost(above, current))
        if call is None:
            return
        run = RUNS[id_] = Run(call, current, above, kind, instance)
        if kind in REQUESTS:  # the SDK beneath is not to tell the same again
            instrument.records_provider(lambda: not run.answered)

    @instrument.quiet
    def span_exit(
        self, id_: str, bound_args: Any, instance: Any = None, result: Any = None, **_: Any
    ) -> None:
        """Ends the call of a span, unless there is a stream to be read."""
        run = RUNS.get(id_)
        if run is None:
            return
        if run.is_alias:
            del RUNS[id_]
            _leave_alias(id_, run, instance, None)
        elif run.kind == "llm" and isinstance(result, GeneratorType | AsyncGeneratorType):
            run.left = True
            weakref.finalize(result, _abandon, id_).atexit = False
        elif type(result).__name__ == "StreamingAgentChatResponse":
            run.left = True
            if run.answered:  # it was quicker
                _end(id_, run, run.said)
            else:
                weakref.finalize(result, _abandon, id_).atexit = False
        elif type(result).__name__ in STREAMS:
            del RUNS[id_]
            _read_along(run, result)
        else:
            _end(id_, run, result)

    @instrument.quiet
    def span_drop(
        self,
        id_: str,
        bound_args: Any,
        instance: Any = None,
        err: BaseException | None = None,
        **_: Any,
    ) -> None:
        """Ends the call of a span that failed."""
        run = RUNS.get(id_)
        if run is None:
            return
        error = None if type(err).__name__ in NO_ERRORS else err
        if run.is_alias:
            del RUNS[id_]
            _leave_alias(id_, run, instance, error)
        else:
            _end(id_, run, None, error)

    def capture_propagation_context(self) -> dict[str, Any]:
        """Has nothing for other processes: LlamaIndex carries its own span along."""
        return {}

    def restore_propagation_context(self, context: dict[str, Any]) -> None:
        """Has nothing to restore."""

    def close(self) -> None:
        """Has nothing to close: calls are in the journal."""


class EventHandler:
    """Is told of what a model answers, piece by piece; never raises."""

    @instrument.quiet
    def handle(self, event: Any, **_: Any) -> None:
        """Takes a piece of a stream, and its end."""
        run = RUNS.get(getattr(event, "span_id", None) or "")
        if run is None or run.is_alias or run.kind != "llm":
            return
        match type(event).__name__:
            case "LLMChatInProgressEvent" | "LLMCompletionInProgressEvent":
                _take(run, event.response)
            case "LLMChatEndEvent" | "LLMCompletionEndEvent" if run.left:
                _take(run, event.response)
                _end(event.span_id, run, run.said)
            case "ExceptionEvent" if run.left:
                error = event.exception
                if isinstance(error, GeneratorExit):
                    _abandon(event.span_id)
                else:
                    _end(event.span_id, run, run.said, error)

    async def ahandle(self, event: Any, **_: Any) -> None:
        """Does the same where it is awaited."""
        self.handle(event)


def _says_again(kind: str, instance: Any, above: Run | None) -> bool:
    """Tells whether a span is what the one above it is made of."""
    if above is None or above.kind != kind or above.left:
        return False
    return kind in REQUESTS or above.instance is instance


def _start(
    name: str, kind: str, instance: Any, arguments: Any, parent: instrument.Call | None
) -> instrument.Call | None:
    if kind == "llm":
        inputs = values.asked_of_model(instance, arguments)
    else:
        inputs = values.given(arguments)
    shown = None
    if kind == "tool":
        shown = getattr(getattr(instance, "metadata", None), "name", None)
    elif kind == "agent":
        shown = getattr(arguments.get("ev"), "current_agent_name", None)
        shown = shown or getattr(instance, "name", None)
    return instrument.start(
        f"llama_index.{name}",
        inputs,
        kind=kind,
        display_name=shown,
        parent=parent,
        model=values.model_of(instance) if kind in REQUESTS else None,
    )


def _take(run: Run, response: Any) -> None:
    if not run.answered:
        run.answered = True
        waited = round(time.perf_counter() - run.started, 6)
        instrument.annotate(run.call, {"time_to_first_token_s": waited})
    if response is not None:
        run.said = response
        run.usage = values.usage_of(response) or run.usage


def _end(id_: str, run: Run, result: Any, error: BaseException | None = None) -> None:
    RUNS.pop(id_, None)
    run.answered = True
    if run.kind != "llm":
        output = values.sizes(result) if run.kind == "embedding" else values.plain(_inside(result))
        instrument.end(run.call, output, error=error)
        return
    usage = values.usage_of(result) or run.usage
    model = values.answering_model(result)
    instrument.end(run.call, values.answer_of(result), error=error, usage=usage, model=model)


def _inside(result: Any) -> Any:
    """Takes what a workflow gives out of the event that ends it."""
    return result.result if type(result).__name__ == "StopEvent" else result


@instrument.quiet
def _abandon(id_: str) -> None:
    """Ends the call of a stream that nobody reads to its end."""
    run = RUNS.get(id_)
    if run is not None:
        instrument.annotate(run.call, {"abandoned": True})
        _end(id_, run, run.said)


def _leave_alias(id_: str, run: Run, instance: Any, error: BaseException | None) -> None:
    """Ends the chat whose stream has been written, if it was that."""
    chat = run.above
    if id_[:-37].rpartition(".")[2] not in WRITERS or chat is None:
        return
    chat.said, chat.answered = instance, True
    above = next((key for key, open_ in RUNS.items() if open_ is chat), None)
    if above is not None and (chat.left or error is not None):
        _end(above, chat, instance, error)


def _read_along(run: Run, result: Any) -> None:
    """Has a query last until its answer has been read; what is asked meanwhile is below it."""
    documents = values.plain(getattr(result, "source_nodes", None) or [])

    def told(pieces: list[Any]) -> instrument.Result:
        answer = {"response": "".join(str(piece) for piece in pieces)}
        return ({**answer, "source_nodes": documents} if documents else answer), None, None

    reading = instrument.Reading(run.call, instrument.Pieces(told), run.started, nests=True)
    result.response_gen = instrument.read_along(result.response_gen, reading)
