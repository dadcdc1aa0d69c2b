"""Runs side by side: how fair that is, what came out, and which rows moved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.verdicts.cells import Call, CellKey, ComparedCell, RowKey, row_key
from weavelite.verdicts.columns import RunCells, run_cells
from weavelite.verdicts.compared import (
    ComparedMetric,
    compared_metrics,
    footnotes,
    main_decisions,
    other_verdicts,
)
from weavelite.verdicts.fairness import Remark, Side, remarks
from weavelite.verdicts.headline import gist, headline
from weavelite.verdicts.metrics import OUTPUT, is_higher_better
from weavelite.verdicts.moves import GROUPS, Group, groups_of_rows
from weavelite.verdicts.report import comparison_markdown, comparison_text
from weavelite.verdicts.runs import EvaluationRun, directions_of, run_labels
from weavelite.verdicts.series import Series


@dataclass(slots=True, kw_only=True)
class ComparedRow:
    """Is a row of the dataset in one trial, and what each run gave for it, in the runs' order.

    `group` says which way the row moved over all its trials; `twin` counts equal rows before it.
    """

    digest: str
    index: int | None
    twin: int = 0
    trial: int
    example: Any
    group: Group
    cells: list[ComparedCell | None]


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Is runs side by side; the first is the baseline.

    `headlines` has a sentence for each run after the first, `gists` the same in short. `remarks`
    say how fair it is to compare them, `footnotes` what it would take to know more, and `groups`
    counts rows by how they moved.
    """

    runs: list[EvaluationRun]
    labels: list[str]
    same_dataset: bool
    same_scorers: bool
    is_fair: bool
    remarks: list[Remark]
    headlines: list[str]
    gists: list[str]
    footnotes: list[Remark]
    metrics: list[ComparedMetric]
    rows: list[ComparedRow]
    groups: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return comparison_text(self)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def fails(self, *, undecided: bool = False) -> bool:
        """Tells whether any run is worse than the baseline on a score; or not known to be better.

        Args:
            undecided: takes what is not decided, or cannot be, for a failure too.

        """
        bad = ("worse", "undecided", None) if undecided else ("worse",)
        verdicts = [
            said.decision.verdict
            for place in range(1, len(self.runs))
            for said in main_decisions(self.metrics, place)
        ]
        return any(verdict in bad for verdict in verdicts) or (undecided and not verdicts)

    def markdown(self) -> str:
        """Writes the comparison for a pull request."""
        return comparison_markdown(self)


def compare(
    runs: Sequence[EvaluationRun],
    cells: Sequence[Sequence[Call]],
    examples: Mapping[str, Any],
    order: Mapping[str, int],
) -> Comparison:
    """Puts runs side by side.

    Args:
        runs: the baseline first.
        cells: the cells of each run.
        examples: rows of datasets by digest.
        order: the index of rows in the baseline's dataset, by digest.

    """
    kept: list[dict[CellKey, ComparedCell]] = [{} for _ in runs]
    columns = [run_cells(found, keep) for found, keep in zip(cells, kept, strict=True)]
    comparison, groups = compare_columns(runs, columns)
    comparison.rows = [
        ComparedRow(
            digest=row,
            index=order.get(row),
            twin=twin,
            trial=trial,
            example=examples.get(row),
            group=groups[row_key(row, twin)],
            cells=[found.get((row, trial, twin)) for found in kept],
        )
        for row, trial, twin in ordered_keys(columns, order)
    ]
    return comparison


def compare_columns(
    runs: Sequence[EvaluationRun], cells: Sequence[RunCells]
) -> tuple[Comparison, dict[RowKey, Group]]:
    """Compares runs, the baseline first: all but the rows, and the group of each row."""
    labels = run_labels(runs)
    sides = [Side(*side) for side in zip(runs, labels, cells, strict=True)]
    series = [side.cells.fresh() for side in sides]
    metrics = compared_metrics(sides, series)
    said = [
        remark
        for place, other in enumerate(sides[1:], 1)
        for remark in (*remarks(place, sides[0], other), *_odd(place, other, series[place]))
    ]
    groups = _groups(sides, series)
    counts = Counter(groups.values())
    comparison = Comparison(
        runs=list(runs),
        labels=labels,
        same_dataset=len({run.dataset_ref for run in runs}) == 1,
        same_scorers=len({tuple(run.scorer_refs or run.scorers) for run in runs}) == 1,
        is_fair=not any(remark.level == "unfair" for remark in said),
        remarks=said,
        headlines=[
            headline(main_decisions(metrics, place), label, labels[0])
            for place, label in enumerate(labels[1:], 1)
        ],
        gists=[
            gist(main_decisions(metrics, place), other_verdicts(metrics, place), label, labels[0])
            for place, label in enumerate(labels[1:], 1)
        ],
        footnotes=[
            Remark(run=place, level="note", text=text)
            for place in range(1, len(runs))
            for text in footnotes(metrics, place)
        ],
        metrics=metrics,
        rows=[],
        groups={group: counts[group] for group in GROUPS},
    )
    return comparison, groups


def ordered_keys(cells: Sequence[RunCells], order: Mapping[str, int]) -> list[CellKey]:
    """Lists the rows and trials of runs: as the dataset has them, what it has not at the end."""
    keys = set[CellKey]().union(*(found.keys for found in cells))
    return sorted(keys, key=lambda key: (order.get(key[0], len(order)), key))


def _odd(place: int, side: Side, series: Mapping[str, Series]) -> list[Remark]:
    return [
        Remark(run=place, level="note", text=f"{found.odd:,} × {name} of {side.label} is no number")
        for name, found in series.items()
        if found.odd
    ]


def _groups(sides: Sequence[Side], series: Sequence[Mapping[str, Series]]) -> dict[RowKey, Group]:
    """Groups rows by all that scorers gave them, whether a summary has it or not."""
    told = directions_of([side.run for side in sides])
    ways = {
        name: is_higher_better(name, each.scorer, told)
        for found in series
        for name, each in found.items()
        if each.scorer not in (None, OUTPUT)
    }
    directions = {name: way for name, way in ways.items() if way is not None}
    means = [{name: found[name].means for name in directions if name in found} for found in series]
    rows = dict.fromkeys(row for side in sides for row in side.cells.rows)
    return groups_of_rows(rows, [side.answered() for side in sides], means, directions)
