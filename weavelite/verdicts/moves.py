"""Which rows moved, and which way."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from weavelite.verdicts.cells import RowKey

Group = Literal["improved", "regressed", "mixed", "unchanged", "not_comparable"]
GROUPS: tuple[Group, ...] = ("improved", "regressed", "mixed", "unchanged", "not_comparable")
Means = Mapping[str, Mapping[RowKey, float]]
"""Are the scores of a run by metric and row, over its trials."""
_TINY = 1e-9


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
    moves: dict[RowKey, set[bool]] = {}
    for name, higher_is_better in directions.items():
        base = means[0].get(name, {})
        for run in means[1:]:
            for row, value in run.get(name, {}).items():
                before = base.get(row)
                if before is not None and abs(value - before) > _TINY:
                    moves.setdefault(row, set()).add((value > before) == higher_is_better)
    everywhere = set.intersection(*answered) if answered else set()
    return {row: _group(moves.get(row)) if row in everywhere else "not_comparable" for row in rows}


def _group(moves: set[bool] | None) -> Group:
    if not moves:
        return "unchanged"
    return "mixed" if len(moves) == 2 else ("improved" if True in moves else "regressed")
