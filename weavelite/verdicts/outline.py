"""A comparison without what the runs said: small enough for a page, which reads that as it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TypeVar

from weavelite.verdicts.cells import row_key
from weavelite.verdicts.columns import RunCells
from weavelite.verdicts.comparison import Comparison, compare_columns, ordered_keys
from weavelite.verdicts.metrics import KINDS, MetricKind, is_higher_better
from weavelite.verdicts.moves import Group
from weavelite.verdicts.runs import EvaluationRun, directions_of
from weavelite.verdicts.series import Series

V = TypeVar("V")
E = TypeVar("E")


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

    `failed` says of the same cells which have no answer; `tokens` and `costs` are what all of them
    took, where that is known, those that failed too.
    """

    comparison: Comparison
    rows: list[OutlinedRow]
    calls: list[list[str | None]]
    failed: list[list[bool]]
    tokens: list[list[int | None]]
    costs: list[list[float | None]]
    measures: list[Measure]


def outline(
    runs: Sequence[EvaluationRun], cells: Sequence[RunCells], order: Mapping[str, int]
) -> Outline:
    """Puts runs side by side, the baseline first.

    Args:
        runs: the baseline first.
        cells: the cells of each run.
        order: the index of rows in the baseline's dataset, by digest.

    """
    comparison, groups = compare_columns(runs, cells)
    keys = ordered_keys(cells, order)
    at = {key: place for place, key in enumerate(keys)}
    size, places = len(keys), [[at[key] for key in found.keys] for found in cells]
    sides = list(zip(cells, places, strict=True))
    return Outline(
        comparison=comparison,
        rows=[
            OutlinedRow(
                digest=row,
                twin=twin,
                index=order.get(row),
                trial=trial,
                group=groups[row_key(row, twin)],
            )
            for row, trial, twin in keys
        ],
        calls=[_spread(each.call_ids, to, None, size) for each, to in sides],
        failed=[_spread(each.failed, to, False, size) for each, to in sides],
        tokens=[_spread(each.tokens, to, None, size) for each, to in sides],
        costs=[_spread(each.costs, to, None, size) for each, to in sides],
        measures=_measures(comparison, cells, places, size),
    )


def _spread(values: Sequence[V], places: Sequence[int], empty: E, size: int) -> list[V | E]:
    """Puts values at their places among so many."""
    found: list[V | E] = [empty] * size
    for place, value in zip(places, values, strict=True):
        found[place] = value
    return found


def _measures(
    comparison: Comparison, cells: Sequence[RunCells], places: Sequence[list[int]], size: int
) -> list[Measure]:
    """Lists the numbers in the order of the metrics, then those that no summary has."""
    directions = directions_of(comparison.runs)
    names = dict.fromkeys(metric.name for metric in comparison.metrics)
    names |= dict.fromkeys(name for found in cells for name in found.series)
    measures = []
    for name in names:
        series = [found.series.get(name) for found in cells]
        known = [each for each in series if each is not None]
        if not known:
            continue
        is_fraction = all(each.is_yes_or_no for each in known)
        measures.append(
            Measure(
                name=name,
                scorer=known[0].scorer,
                kind=KINDS.get(name, "fraction" if is_fraction else "number"),
                higher_is_better=is_higher_better(name, known[0].scorer, directions),
                values=[_values(*side, size) for side in zip(series, places, strict=True)],
            )
        )
    return measures


def _values(series: Series | None, places: Sequence[int], size: int) -> list[float | None]:
    """Puts what is a number at its row."""
    found: list[float | None] = [None] * size
    if series is not None:
        for place, value in zip(series.places, series.values, strict=True):
            if isfinite(value):
                found[places[place]] = float(value)
    return found
