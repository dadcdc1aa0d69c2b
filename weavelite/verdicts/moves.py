"""Which rows moved, and which way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from weavelite.verdicts.cells import RowKey

Group = Literal["improved", "regressed", "mixed", "unchanged", "not_comparable"]
GROUPS: tuple[Group, ...] = ("improved", "regressed", "mixed", "unchanged", "not_comparable")
Means = Mapping[str, Mapping[RowKey, float]]
"""Are the scores of a run by metric and row, over its trials."""
_TINY = 1e-9
_UP, _DOWN = 1, 2
_BY_MOVES: tuple[Group, ...] = ("unchanged", "improved", "regressed", "mixed")
"""Are the groups by the ways in which a row moved, as bits."""


def groups_of_rows(
    rows: Iterable[RowKey],
    answered: Sequence[set[RowKey]],
    means: Sequence[Means],
    directions: Mapping[str, bool],
) -> dict[RowKey, Group]:
    """Says which way each row moved from the baseline to any other run.

    Args:
        rows: all there are.
        answered: the rows that each run has an answer to, the baseline's first.
        means: the scores of each run.
        directions: whether higher is better, of the metrics that count.

    """
    moves: dict[RowKey, int] = {}
    for name, higher_is_better in directions.items():
        base = means[0].get(name, {})
        for run in means[1:]:
            for row, value in run.get(name, {}).items():
                before = base.get(row)
                if before is None or value == before or abs(value - before) <= _TINY:
                    continue
                way = _UP if (value > before) == higher_is_better else _DOWN
                moves[row] = moves.get(row, 0) | way
    everywhere = set.intersection(*answered) if answered else set()
    return {
        row: _BY_MOVES[moves.get(row, 0)] if row in everywhere else "not_comparable" for row in rows
    }
