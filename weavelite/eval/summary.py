"""Sums up scores; pure."""

from collections.abc import Sequence
from typing import Any


def auto_summarize(values: Sequence[Any]) -> dict[str, Any] | None:
    """Sums up scores of one kind as Weave does.

    Numbers give `{"mean"}`, bools `{"true_count", "true_fraction"}`, dictionaries the same for each
    key. None is left out; so are texts. Returns None when nothing is left. NaN is a number: a mean
    over it is NaN, so that a score which could not be worked out is not passed over.
    """
    present = [value for value in values if value is not None]
    if not present:
        return None
    if all(isinstance(value, bool) for value in present):
        true = sum(present)
        return {"true_count": true, "true_fraction": true / len(present)}
    numbers = [float(value) for value in present if _is_number(value)]
    if len(numbers) == len(present):
        return {"mean": sum(numbers) / len(numbers)}
    if all(isinstance(value, dict) for value in present):
        keys = dict.fromkeys(key for value in present for key in value)
        summed = {key: auto_summarize([value.get(key) for value in present]) for key in keys}
        return {key: value for key, value in summed.items() if value is not None} or None
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
