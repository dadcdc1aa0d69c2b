"""A row over several runs: where its scores flip, and whether model or judge did it; pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from weavelite.verdicts.cells import ComparedCell
from weavelite.verdicts.metrics import numbers
from weavelite.verdicts.wording import plural

Cause = Literal["model", "judge", "scorer"]
"""Is who moved a score: another output, another score of the same output, a changed scorer."""
CAUSES: tuple[Cause, ...] = ("model", "judge", "scorer")
_TINY = 1e-9
_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RowInRun:
    """Is what one run gave for a row, by trial; `scorers` are the versions of its scorers."""

    run_id: str
    name: str
    model: str
    start_us: int
    scorers: Mapping[str, str]
    cells: Mapping[int, ComparedCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Is a score that differs from that of the run before, in the same trial."""

    metric: str
    place: int
    trial: int
    before: bool | float
    after: bool | float
    cause: Cause


def output_digest(output: Any) -> str:
    """Names an output, so that equal ones are seen at a glance."""
    said = orjson.dumps(output, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    return hashlib.sha256(said).hexdigest()[:_LENGTH]


def flips(runs: Sequence[RowInRun]) -> list[Flip]:
    """Lists where scores change from one run that answered to the next, oldest first."""
    found: list[Flip] = []
    last: dict[int, tuple[int, ComparedCell]] = {}
    for place, run in enumerate(runs):
        for trial, cell in run.cells.items():
            if cell.error is not None:
                continue
            if trial in last:
                at, before = last[trial]
                found += _moved(runs[at], run, before, cell, place, trial)
            last[trial] = place, cell
    return found


def _moved(
    one: RowInRun,
    other: RowInRun,
    before: ComparedCell,
    after: ComparedCell,
    place: int,
    trial: int,
) -> Iterator[Flip]:
    same_output = output_digest(before.output) == output_digest(after.output)
    for scorer, score in after.scores.items():
        was = dict(numbers(before.scores.get(scorer), scorer))
        for name, value in numbers(score, scorer):
            if name not in was or abs(value - was[name]) <= _TINY:
                continue
            cause: Cause = "model"
            if same_output:
                cause = "judge" if _version(one, scorer) == _version(other, scorer) else "scorer"
            yield Flip(
                metric=name, place=place, trial=trial, before=was[name], after=value, cause=cause
            )


def _version(run: RowInRun, scorer: str) -> str | None:
    return run.scorers.get(scorer)


def causes(found: Sequence[Flip]) -> dict[Cause, int]:
    """Counts flips by who did it."""
    counts = Counter(flip.cause for flip in found)
    return {cause: counts[cause] for cause in CAUSES}


def causes_text(found: Sequence[Flip]) -> str:
    """Says in a sentence how much of the flips is the model, and how much the judge."""
    if not found:
        return "no score flipped"
    counts = causes(found)
    said = {
        "model": "by the model (another output)",
        "judge": "by the judge (the same output, another score)",
        "scorer": "by a changed scorer (the same output, another version of the scorer)",
    }
    parts = [f"{counts[cause]:,} {said[cause]}" for cause in CAUSES if counts[cause]]
    return f"{plural(len(found), 'flip')}: {', '.join(parts)}"
