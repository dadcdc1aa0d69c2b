"""Whether two runs can be compared: rows, scorers, errors, and what else changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from weavelite.refs import is_ref, parse_ref
from weavelite.verdicts.cells import RowKey
from weavelite.verdicts.columns import RunCells
from weavelite.verdicts.runs import EvaluationRun
from weavelite.verdicts.wording import named, plural

Level = Literal["fair", "note", "unfair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Is one thing about how far a run can be compared with the baseline; `run` is its place."""

    run: int
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """Is a run, what it is called, and its cells."""

    run: EvaluationRun
    label: str
    cells: RunCells

    def rows(self) -> set[RowKey]:
        """Lists the rows that the run has cells of."""
        return set(self.cells.rows)

    def answered(self) -> set[RowKey]:
        """Lists the rows that the run has an answer to."""
        cells = self.cells
        return {row for row, failed in zip(cells.rows, cells.failed, strict=True) if not failed}

    def failed(self, *, infrastructure: bool) -> set[RowKey]:
        """Lists the rows with an error of the model, or of what is nobody's fault."""
        cells = self.cells
        return {
            row
            for row, failed, apart in zip(cells.rows, cells.failed, cells.apart, strict=True)
            if failed and apart == infrastructure
        }


def remarks(place: int, base: Side, other: Side) -> list[Remark]:
    """Says of a run how fair it is to compare it with the baseline, what matters most first."""
    found = [
        _about_rows(base, other),
        _about_scorers(base.run, other.run),
        *_about_errors(base, other),
        *_about_progress((base, other) if place == 1 else (other,)),
        *_about_surroundings(base, other),
    ]
    return [Remark(run=place, level=level, text=text) for level, text in found]


def _about_rows(base: Side, other: Side) -> tuple[Level, str]:
    before, after = base.rows(), other.rows()
    shared = len(before & after)
    if base.run.dataset_ref == other.run.dataset_ref and base.run.dataset_ref is not None:
        return "fair", "same dataset"
    if before == after:
        named = base.run.dataset_ref is not None and other.run.dataset_ref is not None
        versions = ", of two versions of the dataset" if named else ""
        return "fair", f"the same {plural(shared, 'row')}{versions}"
    if shared == 0:
        return "unfair", "different datasets: no row is in both runs"
    only = [
        f"{len(rows):,} only in {side.label}"
        for side, rows in ((base, before - after), (other, after - before))
        if rows
    ]
    return "unfair", (
        f"different datasets: compared on the {plural(shared, 'row')} in both, {', '.join(only)}"
    )


def _about_scorers(base: EvaluationRun, other: EvaluationRun) -> tuple[Level, str]:
    changed = changed_scorers(base, other)
    if changed:
        return "unfair", f"not the same version of {named(changed)}: no verdict on it"
    if set(base.scorers) != set(other.scorers):
        one = sorted(set(base.scorers) ^ set(other.scorers))
        return "note", f"{named(one)} scored only one of the runs"
    return "fair", "same scorers"


def changed_scorers(base: EvaluationRun, other: EvaluationRun) -> list[str]:
    """Names the scorers that both runs have, in different versions."""
    before, after = _versions(base), _versions(other)
    return [name for name in before if name in after and before[name] != after[name]]


def _versions(run: EvaluationRun) -> dict[str, str]:
    return {parse_ref(ref).name: parse_ref(ref).version for ref in run.scorer_refs if is_ref(ref)}


def _about_errors(base: Side, other: Side) -> Iterable[tuple[Level, str]]:
    before, after = base.failed(infrastructure=False), other.failed(infrastructure=False)
    if before or after:
        new = after - before
        yield (
            "unfair" if before != after else "note",
            f"model errors: {plural(len(before), 'row')} in {base.label}, {len(after):,} in"
            f" {other.label} ({len(new):,} new); rows without an answer are left out of the scores",
        )
    lost = {side.label: len(side.failed(infrastructure=True)) for side in (base, other)}
    lost = {label: count for label, count in lost.items() if count}
    for label, count in lost.items():
        yield (
            "note",
            f"{plural(count, 'row')} of {label} without an answer: infrastructure, no score",
        )
    scorers = [_scorer_errors(side) for side in (base, other)]
    for side, (failed, apart) in zip((base, other), scorers, strict=True):
        if failed:
            yield "note", f"{plural(failed, 'score')} of {side.label} missing: the scorer failed"
        if apart:
            yield "note", f"{plural(apart, 'score')} of {side.label} missing: infrastructure"
    if not before and not after and not lost and not any(map(any, scorers)):
        yield "fair", "no errors"


def _scorer_errors(side: Side) -> tuple[int, int]:
    """Counts the scores that a scorer failed to give, and those that infrastructure took."""
    return side.cells.scorer_errors - side.cells.apart_scores, side.cells.apart_scores


def _about_progress(sides: Iterable[Side]) -> Iterable[tuple[Level, str]]:
    for side in sides:
        run = side.run
        if run.status != "success":
            word = {"running": "still runs", "error": "failed"}.get(run.status, "was interrupted")
            total = "" if run.total is None else f" of {run.total:,}"
            yield "unfair", f"{side.label} {word}: {run.rows:,}{total} cells are done"


def _about_surroundings(base: Side, other: Side) -> Iterable[tuple[Level, str]]:
    if base.run.trials != other.run.trials:
        yield (
            "note",
            f"{plural(base.run.trials, 'trial')} a row in {base.label}, {other.run.trials:,} in"
            f" {other.label}: rows are compared by their means",
        )
    before, after = base.run.packages, other.run.packages
    moved = [
        f"{name} {before[name]} → {after[name]}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    if moved:
        yield "note", f"packages changed: {named(moved)}"
