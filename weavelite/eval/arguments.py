"""Which columns of a row fill which arguments; what does not fit is said before anything runs."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weavelite.errors import EvaluationError

OUTPUT_NAMES = ("output", "model_output")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Says how a function is called: its argument names, which have to be there, and `**rest`."""

    what: str
    names: tuple[str, ...]
    required: tuple[str, ...]
    takes_rest: bool
    sources: Mapping[str, str]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Picks the arguments from a row; a column that is missing is left to the default."""
        picked = {
            name: row[self.sources.get(name, name)]
            for name in self.names
            if self.sources.get(name, name) in row
        }
        if self.takes_rest:
            picked.update((key, value) for key, value in row.items() if key not in picked)
        return picked

    def check(self, columns: Sequence[str]) -> None:
        """Raises EvaluationError when a needed argument has no column."""
        missing = [name for name in self.required if self.sources.get(name, name) not in columns]
        if missing:
            raise EvaluationError(
                f"{self.what} needs {_listed(missing)}, and the dataset has the columns "
                f"{_listed(columns)}. Rename the argument or the column, or map it: "
                "Evaluation(preprocess_model_input=...) for a model, column_map for a scorer."
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def arguments_of(
    what: str,
    function: Callable[..., Any],
    *,
    skip: Sequence[str] = (),
    column_map: Mapping[str, str] | None = None,
    wanted: Sequence[str] = (),
) -> Arguments:
    """Reads how a function wants to be called.

    `skip` are arguments that are filled otherwise; `wanted` are needed, too, out of `**rest`.
    """
    parameters = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in skip and parameter.name != "self"
    ]
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return Arguments(
        what=what,
        names=tuple(p.name for p in named),
        required=(*(p.name for p in named if p.default is p.empty), *wanted),
        takes_rest=any(p.kind is p.VAR_KEYWORD for p in parameters),
        sources=dict(column_map or {}),
    )
