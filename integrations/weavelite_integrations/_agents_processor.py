"""Turns the spans of the OpenAI Agents SDK into calls."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from weavelite import instrument
from weavelite_integrations._runs import innermost
from weavelite_integrations._streams import dumped

SCOPE = "agents.tracing.scope"
KINDS = {
    "agent": "agent",
    "function": "tool",
    "response": "llm",
    "generation": "llm",
    "transcription": "llm",
    "speech": "llm",
}
# They say again what is told by the trace, and which turn of its agent a model call is.
TRANSPARENT = {"task", "turn"}
NAMED = ("agent", "function", "custom", "guardrail")
# What a response says of its request.
ASKED = (
    "instructions", "model", "temperature", "top_p", "max_output_tokens", "tools", "tool_choice",
    "parallel_tool_calls", "reasoning", "text", "previous_response_id",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Run:
    """Is an open span, or the trace around them: what was asked first in it, and said last."""

    call: instrument.Call
    opened_under: instrument.Call | None
    above: "Run | None"
    aliases: bool = False
    over: bool = False
    asked: Any = None
    said: Any = None


RUNS: dict[str, Run] = {}


def resolve_parent(current: instrument.Call | None) -> instrument.Call | None:
    """Tells weavelite, at each start of a call, what the call is inside of."""
    if not RUNS:
        return current
    scope = sys.modules[SCOPE].Scope
    for one, name in (
        (scope.get_current_span(), "span_id"),
        (scope.get_current_trace(), "trace_id"),
    ):
        run = RUNS.get(getattr(one, name, None) or "")
        if run is not None:
            return innermost(run, current)
    return current


class Processor:
    """Is told by the SDK of each trace and span; never raises."""

    @instrument.quiet
    def on_trace_start(self, trace: Any) -> None:
        """Opens a call for a workflow; its group is the thread that it is in."""
        current = instrument.current()
        attributes = {"openai_trace_id": trace.trace_id, "thread_id": trace.group_id}
        if trace.metadata:
            attributes["metadata"] = trace.metadata
        call = instrument.start(
            "openai_agents.run",
            {},
            kind="chain",
            display_name=trace.name,
            attributes={name: value for name, value in attributes.items() if value is not None},
            parent=current,
        )
        if call is not None:
            RUNS[trace.trace_id] = Run(call, current, None)

    @instrument.quiet
    def on_trace_end(self, trace: Any) -> None:
        """Ends a workflow, with what was asked first in it and said last."""
        run = RUNS.pop(trace.trace_id, None)
        if run is not None:
            _end(run, {"input": run.asked}, run.said)

    @instrument.quiet
    def on_span_start(self, span: Any) -> None:
        """Opens a call for a span."""
        above = RUNS.get(span.parent_id or "") or RUNS.get(span.trace_id)
        if above is None:
            return
        data, current = span.span_data, instrument.current()
        if data.type in TRANSPARENT:
            RUNS[span.span_id] = Run(above.call, above.opened_under, above, aliases=True)
            return
        name = getattr(data, "name", None) if data.type in NAMED else None
        call = instrument.start(
            f"openai_agents.{name or data.type}",
            {},
            kind=KINDS.get(data.type, "op"),
            display_name=name or data.type,
            parent=innermost(above, current),
        )
        if call is None:
            return
        run = RUNS[span.span_id] = Run(call, current, above)
        if KINDS.get(data.type) == "llm":  # the SDK beneath is not to tell the same again
            instrument.records_provider(lambda: not run.over)

    @instrument.quiet
    def on_span_end(self, span: Any) -> None:
        """Ends the call of a span, with what the SDK has come to tell of it."""
        run = RUNS.pop(span.span_id, None)
        if run is None or run.aliases:
            return
        told = span.span_data
        match told.type:
            case "response":
                _end_response(run, told, span.error)
            case "generation":
                _end_generation(run, told, span.error)
            case "agent":
                about = {"tools": told.tools, "handoffs": told.handoffs}
                listed = {name: value for name, value in about.items() if value}
                instrument.annotate(run.call, listed)
                _end(run, {"input": run.asked}, run.said, span.error)
            case "function":
                _end(run, _arguments(told.input), told.output, span.error)
            case _:
                said = {k: v for k, v in told.export().items() if k not in ("type", "name")}
                output = said.pop("output", None)
                asked = {"input": said.pop("input")} if "input" in said else {}
                _end(run, asked, said if output is None else output, span.error)

    def shutdown(self) -> None:
        """Has nothing to shut down."""

    def force_flush(self) -> None:
        """Has nothing to flush: calls are in the journal."""


def _end(
    run: Run,
    asked: dict[str, Any],
    said: Any,
    error: Any = None,
    usage: Any = None,
    model: str | None = None,
) -> None:
    run.over = True
    given = {name: dumped(value) for name, value in asked.items() if value is not None}
    failed = None if error is None else _error(error)
    instrument.end(
        run.call, dumped(said), error=failed, usage=usage, model=model, inputs=given or None
    )


def _error(error: Any) -> str:
    data = error.get("data")
    more = data.get("error") if isinstance(data, dict) else None
    return f"{error.get('message')}: {more}" if more else str(error.get("message"))


def _arguments(text: Any) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (TypeError, ValueError):
        read = text
    return read if isinstance(read, dict) else {"input": read}


def _tell_above(run: Run, asked: Any, said: Any) -> None:
    above = run.above
    while above is not None:
        if above.asked is None:
            above.asked = asked
        above.said = said
        above = above.above


def _end_response(run: Run, told: Any, error: Any) -> None:
    response = dumped(told.response) or {}
    asked = {"input": told.input, **{name: response.get(name) for name in ASKED}}
    if response:
        said = getattr(told.response, "output_text", None) or response.get("output")
        _tell_above(run, told.input, said)
    usage, model = response.get("usage"), response.get("model")
    _end(run, asked, response or None, error, usage, model)


def _end_generation(run: Run, told: Any, error: Any) -> None:
    config = {name: value for name, value in (told.model_config or {}).items() if value is not None}
    asked = {"messages": told.input, "model": told.model, **config}
    said = told.output
    if said:
        _tell_above(run, told.input, said[-1].get("content") or said)
    output = said[0] if isinstance(said, list) and len(said) == 1 else said
    _end(run, asked, output, error, told.usage, told.model)


PROCESSOR = Processor()
