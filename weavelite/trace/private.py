"""What calls keep where no content is to be kept: `capture="metadata"`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from weavelite.records.words import CELL, EVALUATE, SUMMARIZE
from weavelite.redaction import figures_of, name_of_error
from weavelite.refs import is_ref
from weavelite.serialize import encode

if TYPE_CHECKING:
    from weavelite.trace.call import Call

_EVALUATIONS = {EVALUATE, CELL, SUMMARIZE}
"""Are the ops whose figures are scores, and whose inputs are refs."""


def inputs_without_content(op_name: str, inputs: Mapping[str, Any]) -> bytes:
    """Writes of an evaluation what is evaluated by what; of other calls nothing."""
    if op_name not in _EVALUATIONS:
        return b"{}"
    plain = {name: _address(value) for name, value in inputs.items()}
    return encode({name: value for name, value in plain.items() if value is not None})


def _address(value: Any) -> Any:
    known = orjson.loads(encode(value))
    return known if isinstance(known, int) or is_ref(str(known)) else None


def output_without_content(call: "Call", output: Any) -> bytes:
    """Writes the scores of an evaluation; of other calls nothing."""
    if call.op_name not in _EVALUATIONS or not isinstance(output, dict):
        return b""
    return encode(figures_of({key: item for key, item in output.items() if key != "output"}))


def rest_without_content(call: "Call") -> dict[str, Any]:
    """Gives the attributes, the summary, the name and the error of a call as they are kept."""
    attributes, summary = dict(call._attributes or {}), dict(call._summary or {})
    rest: dict[str, Any] = {
        "attributes": figures_of(attributes),
        "summary": {**(figures_of(summary) or {}), **_usage(summary)} or None,
        "display_name": call.display_name if call.kind == "evaluation" else None,
    }
    return {name: value for name, value in rest.items() if value is not None}


def _usage(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {"usage": summary["usage"]} if "usage" in summary else {}


def error_without_content(error: BaseException | str) -> str:
    """Names an exception, without what it says."""
    return name_of_error(error) if isinstance(error, str) else type(error).__name__


def feedback_without_content(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps the figures of feedback, and which call gave a score: no notes."""
    call = {"call": payload["call"]} if isinstance(payload.get("call"), str) else {}
    return {**(figures_of(dict(payload)) or {}), **call}


def as_payload(value: Any) -> dict[str, Any]:
    """Makes a payload of what redaction left of one."""
    return value if isinstance(value, dict) else {"note": value}
