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
    everywhere = set.intersection(*answered) if answered else set()
    return {
        row: _group(row, means, directions) if row in everywhere else "not_comparable"
        for row in rows
    }


def _group(row: RowKey, means: Sequence[Means], directions: Mapping[str, bool]) -> Group:
    moves = set()
    for name, higher_is_better in directions.items():
        base = means[0].get(name, {}).get(row)
        if base is None:
            continue
        for other in means[1:]:
            value = other.get(name, {}).get(row)
            if value is not None and abs(value - base) > _TINY:
                moves.add((value > base) == higher_is_better)
    if not moves:
        return "unchanged"
    return "mixed" if len(moves) == 2 else ("improved" if True in moves else "regressed")
