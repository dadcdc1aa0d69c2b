"""What a span says about its call besides what went in and out: who, where, how it went."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from weavelite.dialects import aliases
from weavelite.dialects.events import exception_in, first_token_ns
from weavelite.dialects.reading import loads, mapping, number
from weavelite.dialects.spans import Event, Span
from weavelite.usage import SPANS, Tokens, tokens_of, tokens_of_span

FAILED = 2
ERROR_LINE = 200
_ERROR_LEVEL = 17
"""Is the level of Logfire from which on a span is an error."""


def failed(span: Span, told: Mapping[str, Any]) -> bool:
    """Tells whether a call failed."""
    if span.status == FAILED:
        return True
    level = told.get("logfire.level_num")
    severe = isinstance(level, int) and level >= _ERROR_LEVEL
    return severe or str(told.get("langfuse.observation.level")).upper() == "ERROR"


def error_of(span: Span, told: Mapping[str, Any], events: Iterable[Event]) -> dict[str, str]:
    """Says in one line and in whole why a call failed."""
    raised = exception_in(events)
    kind = raised.get("exception.type") or aliases.text_of(told, ("error.type",))
    text = span.message or raised.get("exception.message")
    text = text or aliases.text_of(told, ("error.message", "langfuse.observation.status_message",
                                          "ai.error.message")) or ""  # fmt: skip
    name = str(kind).rpartition(".")[2] if kind else ""
    line = f"{name}: {text}" if name and text and not str(text).startswith(name) else text or name
    line = str(line or "error")
    trace = raised.get("exception.stacktrace") or line
    return {"error": line.partition("\n")[0][:ERROR_LINE], "exception": str(trace)}


def tokens(told: Mapping[str, Any]) -> Tokens | None:
    """Counts tokens in disjoint buckets; None when the span tells of none."""
    for name in aliases.USAGE_REPORTS:
        if name in told:
            found = tokens_of(_numbers(loads(told[name])))
            if found is not None:
                return found
    counts = {name: number(told[name]) for name in told.keys() & SPANS.places.keys()}
    for side in ("input", "output"):  # LangSmith's, who has LangChain's words
        details = mapping(told.get(f"gen_ai.usage.{side}_token_details"))
        for word, name in _DETAILS.items():
            if word in details:
                counts.setdefault(name.format(side), details[word])
    return tokens_of_span(counts)


_DETAILS = {
    "cache_read": "gen_ai.usage.cache_read.input_tokens",
    "cache_creation": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning": "gen_ai.usage.reasoning.output_tokens",
    "audio": "gen_ai.usage.details.{}_audio_tokens",
}


def _numbers(report: Any) -> Any:
    if not isinstance(report, dict):
        return report
    return {key: number(value) if isinstance(value, str) else value
            for key, value in report.items()}  # fmt: skip


def thread_of(told: Mapping[str, Any]) -> str | None:
    """Says to which conversation a call belongs."""
    found = aliases.text_of(told, aliases.THREAD)
    return found or aliases.text_of(_noted_whole(told), aliases.THREAD_KEYS)


def shown_name(name: str, kind: str, told: Mapping[str, Any]) -> str | None:
    """Names a call for people, where the span's name does not tell which it is."""
    chosen = aliases.text_of(told, ("wandb.display_name",))
    if chosen is None and kind == "tool":
        chosen = aliases.text_of(told, aliases.TOOL_NAME)
    if chosen is None and kind == "agent":
        chosen = aliases.text_of(told, aliases.AGENT_NAME)
    if chosen is None and kind not in ("tool", "agent"):
        chosen = aliases.text_of(told, ("logfire.msg", "ai.telemetry.functionId"))
        if chosen is not None and "logfire.msg" not in told and "." in name:
            chosen = None  # the parts of an SDK's call share the name of its function
    return None if chosen is None or chosen == name else chosen[:ERROR_LINE]


def attributes_of(span: Span, told: Mapping[str, Any]) -> dict[str, Any]:
    """Collects what the user noted on a call, under the names that integrations use."""
    if told.keys().isdisjoint(_ABOUT) and not span.events and not _has_notes(told):
        return {}
    found = {
        "provider": aliases.provider_of(told),
        "user_id": aliases.text_of(told, aliases.USER)
        or aliases.text_of(_noted_whole(told), aliases.USER_KEYS),
        "tags": _tags(told),
        "metadata": _metadata(told),
        "prompt": _prompt(told),
        "agent": aliases.text_of(told, aliases.AGENT_NAME),
        "tool_call_id": aliases.text_of(told, aliases.TOOL_CALL_ID),
        "finish_reason": _finish(told),
        "time_to_first_token_s": _first_token(span, told),
    }
    return {name: value for name, value in found.items() if value not in (None, [], {})}


_WHOLE = frozenset((*aliases.METADATA, "traceloop.entity.input"))


def _has_notes(told: Mapping[str, Any]) -> bool:
    return any(name.startswith(aliases.METADATA_UNDER) for name in told)


_ABOUT = frozenset(
    name
    for names in (
        aliases.PROVIDER, aliases.USER, aliases.TAGS, aliases.METADATA, aliases.PROMPT,
        aliases.AGENT_NAME, aliases.TOOL_CALL_ID, aliases.FINISH, aliases.FIRST_TOKEN_S,
        aliases.FIRST_TOKEN_MS, aliases.FIRST_TOKEN_AT, ("traceloop.entity.input",),
    )
    for name in names
)  # fmt: skip


def _noted_whole(told: Mapping[str, Any]) -> dict[str, Any]:
    """Reads what the user noted as one piece: metadata, and that of a framework's run."""
    if told.keys().isdisjoint(_WHOLE):
        return {}
    for name in aliases.METADATA:
        if found := mapping(told.get(name)):
            return found
    held = mapping(told.get("traceloop.entity.input")).get("metadata")
    return held if isinstance(held, dict) else {}


def _metadata(told: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(_noted_whole(told))
    for name, value in told.items():
        if name.startswith(aliases.METADATA_UNDER):
            prefix = next(p for p in aliases.METADATA_UNDER if name.startswith(p))
            found.setdefault(name[len(prefix) :], loads(value))
    return {key: v for key, v in found.items() if not key.startswith(aliases.NOT_METADATA)}


def _tags(told: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name in aliases.TAGS:
        if told.get(name) is None:
            continue
        held = loads(told[name])
        listed = held.split(",") if isinstance(held, str) else held
        found += [
            tag
            for each in (listed if isinstance(listed, list) else ())
            if (tag := str(each).strip())
        ]
    return [tag for tag in dict.fromkeys(found) if not tag.startswith(aliases.INNER_TAGS)]


def _prompt(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.rpartition(".")[2]: loads(told[name])
        for name in reversed(aliases.PROMPT)
        if told.get(name) is not None
    }


def _finish(told: Mapping[str, Any]) -> Any:
    held = loads(aliases.first(told, aliases.FINISH))
    return held[0] if isinstance(held, list) and len(held) == 1 else held


def _first_token(span: Span, told: Mapping[str, Any]) -> float | None:
    for names, unit in ((aliases.FIRST_TOKEN_S, 1.0), (aliases.FIRST_TOKEN_MS, 1e-3)):
        waited = number(aliases.first(told, names))
        if isinstance(waited, int | float) and 0 <= waited < 1e9:
            return round(waited * unit, 6)
    at = first_token_ns(span.events)
    if at is None:
        at = _nanoseconds(loads(aliases.first(told, aliases.FIRST_TOKEN_AT)))
    return round((at - span.start_ns) / 1e9, 6) if at is not None and at >= span.start_ns else None


def _nanoseconds(text: Any) -> int | None:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1e6) * 1000
    except (TypeError, ValueError, OverflowError):
        return None
