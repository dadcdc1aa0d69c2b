"""A comparison without what the runs said: small enough for a page, which reads that as it goes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from weavelite.verdicts.cells import measures
from weavelite.verdicts.comparison import ComparedRow, Comparison
from weavelite.verdicts.metrics import KINDS, MetricKind, is_higher_better
from weavelite.verdicts.moves import Group
from weavelite.verdicts.runs import directions_of


@dataclass(slots=True, kw_only=True)
class OutlinedRow:
    """Is a row of the dataset in one trial; `twin` counts equal rows before it."""

    digest: str
    twin: int
    index: int | None
    trial: int
    group: Group


@dataclass(slots=True, kw_only=True)
class Measure:
    """Is one number that cells have; `values` are by run and row, None where there is none.

    Yes is 1, and no is 0.
    """

    name: str
    scorer: str | None
    kind: MetricKind
    higher_is_better: bool | None
    values: list[list[float | None]]


@dataclass(slots=True, kw_only=True)
class Outline:
    """Is a comparison whose rows are told by numbers; `calls` are the cells, by run and row.

    `failed` says of the same cells which have no answer.
    """

    comparison: Comparison
    rows: list[OutlinedRow]
    calls: list[list[str | None]]
    failed: list[list[bool]]
    measures: list[Measure]


def outline(comparison: Comparison) -> Outline:
    """Takes what the runs said out of a comparison."""
    rows, places = comparison.rows, range(len(comparison.runs))
    return Outline(
        comparison=replace(comparison, rows=[]),
        rows=[
            OutlinedRow(
                digest=row.digest, twin=row.twin, index=row.index, trial=row.trial, group=row.group
            )
            for row in rows
        ],
        calls=[[_call(row, place) for row in rows] for place in places],
        failed=[[_has_failed(row, place) for row in rows] for place in places],
        measures=_measures(comparison, rows),
    )


def _call(row: ComparedRow, place: int) -> str | None:
    cell = row.cells[place]
    return cell.call_id if cell is not None else None


def _has_failed(row: ComparedRow, place: int) -> bool:
    cell = row.cells[place]
    return cell is not None and cell.error is not None


def _measures(comparison: Comparison, rows: Sequence[ComparedRow]) -> list[Measure]:
    """Lists the numbers in the order of the metrics, then those that no summary has."""
    directions = directions_of(comparison.runs)
    found: dict[str, Measure] = {}
    numbers: set[str] = set()
    for at, row in enumerate(rows):
        for place, cell in enumerate(row.cells):
            for name, scorer, value in measures(cell) if cell is not None else ():
                measure = found.get(name)
                if measure is None:
                    measure = found[name] = Measure(
                        name=name,
                        scorer=scorer,
                        kind=KINDS.get(name, "fraction"),
                        higher_is_better=is_higher_better(name, scorer, directions),
                        values=[[None] * len(rows) for _ in comparison.runs],
                    )
                if value is not True and value is not False:
                    numbers.add(name)
                measure.values[place][at] = float(value) if math.isfinite(value) else None
    order = [metric.name for metric in comparison.metrics]
    for name in numbers:
        found[name].kind = KINDS.get(name, "number")
    known = [found[name] for name in order if name in found]
    return known + [measure for name, measure in found.items() if name not in order]
