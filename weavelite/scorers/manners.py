"""How an endpoint can be asked: what it refuses is left out, and remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

FORMS = ("json_schema", "json_object", "text")
"""How an answer is held to its form, from the strictest: by then the prompt alone asks for it."""


@dataclass(frozen=True, slots=True)
class Manners:
    """Is how a model at an endpoint takes requests."""

    form: str = FORMS[0]
    takes_temperature: bool = True
    tokens_name: str = "max_tokens"

    def options(
        self, name: str, schema: Mapping[str, Any], temperature: float | None, tokens: int | None
    ) -> dict[str, Any]:
        """Makes the options of a request."""
        options: dict[str, Any] = {}
        if temperature is not None and self.takes_temperature:
            options["temperature"] = temperature
        if tokens is not None:
            options[self.tokens_name] = tokens
        if self.form == "json_schema":
            shape = {"name": name, "schema": dict(schema), "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif self.form == "json_object":
            options["response_format"] = {"type": "json_object"}
        return options

    def without(self, complaint: str, options: Mapping[str, Any]) -> "Manners | None":
        """Leaves out what a refusal complains of, else holds the form less; None: nothing left."""
        if "temperature" in options and "temperature" in complaint:
            return replace(self, takes_temperature=False)
        if "max_tokens" in options and "max_completion_tokens" in complaint:
            return replace(self, tokens_name="max_completion_tokens")
        place = FORMS.index(self.form) + 1
        return replace(self, form=FORMS[place]) if place < len(FORMS) else None

    def remember(self, address: str, model: str) -> None:
        """Notes that a model took a request like this."""
        _KNOWN[address, model] = self


_KNOWN: dict[tuple[str, str], Manners] = {}


def manners_of(address: str, model: str) -> Manners:
    """Returns what worked last time, at first the best."""
    return _KNOWN.get((address, model), Manners())
