"""What is kept of what comes from outside: without secrets, and without content if asked so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weavelite.dialects import aliases
from weavelite.records.writes import Batch, CallWrite, EventWrite
from weavelite.redaction import FAILED, Redactor, figures_of, make_redactor, name_of_error
from weavelite.settings import METADATA, Settings

_TOLD = (*aliases.MODEL, *aliases.PROVIDER, *aliases.KIND, *aliases.THREAD)
_ABOUT = ("model", "provider", "thread_id", "turn_id", "tokens", "input_tokens", "output_tokens",
          "sum_tokens")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Privacy:
    """Says what of that which comes in is kept."""

    redact: Redactor | None = None
    metadata_only: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Privacy":
        """Makes it as the settings ask."""
        redactor = make_redactor(settings.redact, settings.redact_keys)
        return cls(redactor, settings.capture == METADATA)

    def batch(self, batch: Batch) -> None:
        """Takes out of the calls of a batch what is not to be kept."""
        batch.calls = [self._call(call) for call in batch.calls]

    def _call(self, call: CallWrite) -> CallWrite:
        if self.metadata_only:
            call = call._replace(inputs="{}", output=None, rest=_bare_rest(call.rest))
        if self.redact is None:
            return call
        inputs = self.redact(call.inputs.encode())
        return call._replace(
            inputs=(inputs if inputs[:1] == b"{" else b'{"input":%b}' % inputs).decode(),
            output=None if call.output is None else self.redact(call.output.encode()).decode(),
            rest={
                name: part if name in _ABOUT else self._part(part)
                for name, part in call.rest.items()
            },
        )

    def _part(self, part: Any) -> Any:
        assert self.redact is not None
        kept = self.redact.value(part)
        if isinstance(part, dict) and not isinstance(kept, dict):
            return {"redaction": FAILED}  # it is read as a dictionary
        return str(kept) if isinstance(part, str) else kept

    def events(self, events: list[EventWrite]) -> list[EventWrite]:
        """Takes out of events what is not to be kept; without content, hardly any says anything."""
        if self.metadata_only:
            return []
        if self.redact is None:
            return events
        kept = [(event, self.redact(event.event.encode()).decode()) for event in events]
        return [event._replace(event=text) for event, text in kept if text.startswith("{")]

    def note(self, text: str) -> str:
        """Takes out of a note what is not to be kept."""
        return text if self.redact is None else self.redact.text(text)


def _bare_rest(rest: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: rest[name] for name in _ABOUT if name in rest}
    if "error" in rest:
        kept["error"] = kept["exception"] = _error_of(rest)
    summary = rest.get("summary")
    if isinstance(summary, dict) and "usage" in summary:
        kept["summary"] = {"usage": summary["usage"]}
    if isinstance(otel := rest.get("otel"), dict):
        kept["otel"] = _bare_span(otel)
    return kept


def _error_of(rest: Mapping[str, Any]) -> str:
    for event in rest.get("otel", {}).get("events", ()):
        if isinstance(named := event["attributes"].get("exception.type"), str):
            return named
    return name_of_error(str(rest["error"]))


def _bare_span(otel: Mapping[str, Any]) -> dict[str, Any]:
    attributes = otel["attributes"]
    told = {name: attributes[name] for name in _TOLD if name in attributes}
    service = {name: item for name, item in otel["resource"].items() if name == "service.name"}
    return {
        "name": otel["name"],
        "kind": otel["kind"],
        "scope": otel["scope"],
        "attributes": {**(figures_of(attributes) or {}), **told},
        "resource": service,
        "events": [{"name": event["name"], "time_ns": event["time_ns"], "attributes": {}}
                   for event in otel["events"]],
        "status": {"code": otel["status"]["code"], "message": ""},
    }  # fmt: skip
