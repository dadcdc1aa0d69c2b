"""Scorers of numbers: how far the output is from the target."""

import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from weavelite.eval.scorer import Scorer
from weavelite.scorers.texts import text_of

_NUMBER = re.compile(
    r"(?:(?<![\w.])[-+−])?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d)\.?)(?:[eE][-+]?\d+)?"
)


class NumericScorer(Scorer):
    """Tells how far a number is from the target, and whether that is near enough.

    The output is a number, or a text with one; of several in a text, the last one counts, since
    that is where an answer ends. Without a tolerance the two have to be equal.

    Args:
        absolute: how far off is near enough.
        relative: the same, as a part of the target; either is enough.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "within_tolerance": True,
        "absolute_error": False,
        "relative_error": False,
    }
    absolute: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)

    def score(self, *, output: Any, target: Any) -> dict[str, Any]:
        """Compares two numbers; without one in the output, the errors are None."""
        wanted = number_in(target)
        if wanted is None or math.isnan(wanted):
            raise ValueError(f"NumericScorer needs a number as target, not {target!r}.")
        value = number_in(output)
        if value is None or math.isnan(value):
            return {"within_tolerance": False, "absolute_error": None, "relative_error": None}
        error = 0.0 if value == wanted else abs(value - wanted)
        near = max(self.absolute, self.relative * abs(wanted))
        return {
            "within_tolerance": error <= near,
            "absolute_error": error,
            "relative_error": error / abs(wanted) if wanted and math.isfinite(wanted) else None,
        }


def number_in(value: Any) -> float | None:
    """Finds the last number of a text, or takes a number as it is; None when there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _float(value)
    if not isinstance(value, str):
        return _float(value) if hasattr(value, "__float__") else None
    found = [match for match in _NUMBER.findall(text_of(value)) if any(map(str.isdigit, match))]
    return _float(found[-1].replace(",", "").replace("−", "-")) if found else None


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
