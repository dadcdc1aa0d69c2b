"""What a judge decides: criteria, each with a description and a scale."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Value = bool | int | str
Combine = Literal["majority", "mean"]

_YES = {"true", "yes", "y", "1", "pass", "passed", "correct", "good", "👍"}
_NO = {"false", "no", "n", "0", "fail", "failed", "incorrect", "bad", "👎"}


class Criterion(BaseModel):
    """Is one thing that a judge decides.

    Args:
        description: what is asked: "The answer is right and complete."
        name: what its score is called.
        scale: `bool` (by default), the least and the most of an integer scale as in `[1, 5]`,
            names of categories as in `["formal", "casual"]`, or names with what each is worth, as
            in `{"poor": 0, "ok": 0.5, "excellent": 1}`.
        meanings: what points of the scale mean: `{"1": "wrong", "5": "flawless"}`.
        higher_is_better: whether more of it is better.

    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    description: str
    name: str = "score"
    scale: Literal["bool"] | list[int] | list[str] | dict[str, float] = "bool"
    meanings: dict[str, str] = Field(default_factory=dict)
    higher_is_better: bool = True

    @field_validator("scale", mode="before")
    @classmethod
    def _scale(cls, value: Any) -> Any:
        if value is bool:
            return "bool"
        if isinstance(value, str) and value != "bool":
            raise ValueError(
                'a scale is "bool", [least, most] of whole numbers, a list of categories, or a '
                "dictionary of categories and what each is worth"
            )
        return list(value) if isinstance(value, tuple) else value

    @field_validator("scale")
    @classmethod
    def _can_be_used(cls, value: Any) -> Any:
        if isinstance(value, list) and all(isinstance(item, int) for item in value):
            if len(value) != 2 or value[0] >= value[1] or value[1] - value[0] > 100:
                raise ValueError("an integer scale is its least and its most, as in [1, 5]")
        elif not isinstance(value, str):
            plain = [name.strip().casefold() for name in value]
            if len(plain) < 2 or len(set(plain)) < len(plain):
                raise ValueError("categories are two or more names that differ")
        return value

    @property
    def is_bool(self) -> bool:
        """Tells whether the scale is yes and no."""
        return self.scale == "bool"

    @property
    def is_integer(self) -> bool:
        """Tells whether the scale is of integers."""
        return isinstance(self.scale, list) and isinstance(self.scale[0], int)

    @property
    def values(self) -> list[Any]:
        """Are all values that there are, from low to high where they have an order."""
        scale = self.scale
        if isinstance(scale, str):
            return [False, True]
        if isinstance(scale, dict):
            return sorted(scale, key=lambda name: scale[name])
        if isinstance(scale[0], int):
            return list(range(scale[0], int(scale[1]) + 1))
        return list(scale)

    @property
    def is_ordered(self) -> bool:
        """Tells whether one value can be more than another."""
        return self.is_bool or self.is_integer or isinstance(self.scale, dict)

    @property
    def schema_of_value(self) -> dict[str, Any]:
        """Is the JSON schema of a value."""
        if self.is_bool:
            return {"type": "boolean"}
        return {"type": "integer" if self.is_integer else "string", "enum": self.values}

    def described(self) -> str:
        """Writes the criterion for the prompt."""
        if self.is_bool:
            scale = "true or false"
        elif self.is_integer:
            scale = f"a whole number from {self.values[0]} to {self.values[-1]}"
        else:
            scale = f"one of {', '.join(self.values)}"
        lines = [f"- {self.name} ({scale}): {self.description}"]
        lines += [f"    {value}: {meaning}" for value, meaning in self.meanings.items()]
        return "\n".join(lines)

    def read(self, value: Any) -> Any:
        """Makes a value of the scale of what a model or a person wrote; raises ValueError."""
        found = self._read(value)
        if found is None:
            allowed = ", ".join(
                str(item).lower() if self.is_bool else str(item) for item in self.values
            )
            raise ValueError(f"{self.name} is {value!r}, and has to be one of {allowed}")
        return found

    def _read(self, value: Any) -> Any:
        text = str(value).strip().strip(".\"'*").casefold()
        if self.is_bool:
            if isinstance(value, float) and value in (0, 1):
                return bool(value)
            return True if text in _YES else False if text in _NO else None
        if self.is_integer:
            return None if isinstance(value, bool) else self._integer(text)
        return next((name for name in self.values if name.strip().casefold() == text), None)

    def _integer(self, text: str) -> int | None:
        first = text.partition("/")[0].strip()  # "4/5"
        try:
            number = float(first)
        except ValueError:
            return None
        return int(number) if number in self.values else None

    def number(self, value: Any) -> bool | float | None:
        """Is what a value counts in averages; None for a category that is worth nothing."""
        if isinstance(self.scale, dict):
            return self.scale[value]
        return value if self.is_bool or self.is_integer else None

    def nearest(self, number: float) -> Any:
        """Finds the value of an ordered scale that a mean of votes comes nearest to."""
        return min(self.values, key=lambda value: abs(float(self.number(value) or 0) - number))

    def combined(self, votes: Sequence[Any], how: Combine | None) -> tuple[Any, Any, float]:
        """Makes one of several votes: the score, the value of the scale, and how far they spread.

        The spread of a mean is the standard deviation; that of a majority, the part of the votes
        against it. Of values with as many votes the lower one is taken, or the first.
        """
        if how is None:
            how = "mean" if self.is_integer else "majority"
        if how == "mean":
            numbers = [float(self.number(vote) or 0) for vote in votes]
            mean = statistics.fmean(numbers)
            return mean, self.nearest(mean), statistics.pstdev(numbers)
        counts = Counter(votes)
        value = max(self.values, key=lambda value: counts[value])
        return self.number(value), value, 1 - counts[value] / len(votes)


def criteria_of(value: Any) -> list[Any]:
    """Makes a list of what a user may give as criteria: a text, a criterion, or a list of them."""
    items = [value] if isinstance(value, str | Criterion | Mapping) else list(value)
    made = [{"description": item} if isinstance(item, str) else item for item in items]
    if len(made) > 1:
        for number, item in enumerate(made):
            if isinstance(item, dict) and "name" not in item:
                made[number] = {**item, "name": f"criterion_{number + 1}"}
    return made
