"""Scorers: functions or objects that judge one output."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from weavelite.eval.model import trace_methods
from weavelite.eval.summary import auto_summarize
from weavelite.objects import Object


class Scorer(Object):
    """Is the base of scorers with fields: subclass it, and write `score(self, *, output, ...)`.

    Other arguments of `score` are filled from the row by name; `column_map` says which column an
    argument is filled from when the names differ. A score is a bool, a number, a text, or a
    dictionary of those.
    """

    higher_is_better: ClassVar[bool | Mapping[str, bool] | None] = None
    """Says which way is better: of the whole score, or by key (`a.b` in `{"a": {"b": 1}}`)."""

    column_map: dict[str, str] | None = Field(default=None)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Makes the methods that judge ops."""
        trace_methods(cls, ("score", "summarize"))
        super().__pydantic_init_subclass__(**kwargs)

    # Type checkers take any other signature for an override of this one.
    def score(self, *args: Any, **kwargs: Any) -> Any:
        """Judges one output; subclasses write it."""
        raise NotImplementedError(f"{type(self).__name__} has no score method")

    def wanted_columns(self) -> Sequence[str]:
        """Names what `score` needs out of its `**kwargs`: it is looked for before anything runs."""
        return ()

    def summarize(self, score_rows: list[Any]) -> Any:
        """Sums up all scores of a run, one a cell; None stands for a cell without one.

        Scores are as they are stored: plain values, where an object of a class is a dictionary.
        """
        return auto_summarize(score_rows)
