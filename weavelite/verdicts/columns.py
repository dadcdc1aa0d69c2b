"""The cells of a run as columns: all that verdicts are made of, without what the run said."""

import math
from collections.abc import Iterable
from dataclasses import replace

from weavelite.verdicts.cells import (
    Call,
    CellKey,
    ComparedCell,
    RowKey,
    keyed,
    measures,
    read_cell,
    row_key,
)
from weavelite.verdicts.metrics import LATENCY_MEAN, TOKENS_MEAN
from weavelite.verdicts.series import Series


class RunCells:
    """Is the cells of a run as columns, in the order in which they began.

    `failed` says which have no answer, and `apart` which of these are nobody's fault; `series` are
    their numbers by metric, `tokens` and `costs` what they took. `open` counts the cells that have
    not ended, `scorer_errors` the scores that failed, and `apart_scores` those that infrastructure
    took away.
    """

    def __init__(self) -> None:
        self.keys: list[CellKey] = []
        self.rows: list[RowKey] = []
        self.call_ids: list[str] = []
        self.failed: list[bool] = []
        self.apart: list[bool] = []
        self.series: dict[str, Series] = {}
        self.open = self.scorer_errors = self.apart_scores = 0
        self.tokens: list[int | None] = []
        self.costs: list[float | None] = []
        self._latencies: list[float] = []

    @property
    def done(self) -> int:
        """Counts the cells that have ended."""
        return len(self.keys) - self.open

    @property
    def sum_tokens(self) -> int | None:
        """Counts the tokens of all cells; None where none tells of any."""
        told = [count for count in self.tokens if count is not None]
        return sum(told) if told else None

    def add(self, key: CellKey, cell: ComparedCell, is_open: bool) -> None:
        """Adds a cell."""
        place = len(self.keys)
        self.keys.append(key)
        self.rows.append(row_key(key[0], key[2]))
        self.call_ids.append(cell.call_id)
        self.failed.append(cell.error is not None)
        self.apart.append(cell.is_infrastructure)
        self.open += is_open
        self.scorer_errors += len(cell.scorer_errors)
        self.apart_scores += len(cell.infrastructure_scorers)
        if cell.latency_s is not None:
            self._latencies.append(cell.latency_s)
        self.tokens.append(cell.tokens)
        self.costs.append(cell.cost)
        for name, scorer, value in measures(cell):
            series = self.series.get(name)
            if series is None:
                series = self.series[name] = Series(scorer, self.rows)
            series.places.append(place)
            series.values.append(value)

    def report(self) -> None:
        """Notes what summaries have of time and tokens, once all cells are there."""
        tokens = list(filter(None, self.tokens))
        for name, values in ((LATENCY_MEAN, self._latencies), (TOKENS_MEAN, tokens)):
            if name in self.series:
                self.series[name].reported = math.fsum(values) / len(values)

    def fresh(self) -> dict[str, Series]:
        """Returns the series without what is worked out of them, which takes much more room."""
        return {name: replace(series) for name, series in self.series.items()}


def run_cells(calls: Iterable[Call], kept: dict[CellKey, ComparedCell] | None = None) -> RunCells:
    """Reads the cells of a run.

    Args:
        calls: the calls of the cells, in the order in which they began.
        kept: takes the cells themselves, where they are wanted.

    """
    columns = RunCells()
    for key, call in keyed(calls):
        cell = read_cell(call)
        columns.add(key, cell, call.status in ("running", "interrupted"))
        if kept is not None:
            kept[key] = cell
    columns.report()
    return columns
