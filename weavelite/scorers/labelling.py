"""Rows with people's labels, made of calls and the feedback on them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from weavelite.records.words import REACTION

if TYPE_CHECKING:
    from weavelite.trace.call import Call

ANNOTATION = "wandb.annotation."


def labelled_rows(
    calls: "Iterable[Call]", feedback: str = REACTION, label: str = "human"
) -> list[dict[str, Any]]:
    """Makes rows of calls that people gave feedback on: inputs, `output`, and the label.

    Of several labels on a call the last one counts; calls without one are left out.

    Args:
        calls: as `client.get_calls(...)` reads them.
        feedback: which feedback is the label: by default reactions, as they are written (a judge
            of yes and no takes 👍 and 👎); a name of an annotation, or any type of feedback, whose
            payload holds a `value`, `score` or `output`.
        label: what the column of the label is called.

    """
    rows = []
    for call in calls:
        types = (feedback, ANNOTATION + feedback)
        labels = [_label(found.payload) for found in call.feedback if found.type in types]
        if labels:
            inputs = {name: value for name, value in call.inputs.items() if name != "self"}
            rows.append({**inputs, "output": call.output, label: labels[-1], "call": call.id})
    return rows


_VALUES = ("value", "score", "output", "label", "emoji", "note")


def _label(payload: dict[str, Any]) -> Any:
    value = next((payload[name] for name in _VALUES if name in payload), None)
    if isinstance(value, dict):  # an annotation of Weave's: {"value": {"its-field": 4}}
        return next(iter(value.values()), None)
    return value
