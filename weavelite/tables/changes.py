"""What changed between two tables, told by the digests of their rows."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class RowChanges:
    """Says by their places which rows were removed, added, and changed (before, after)."""

    removed: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)
    same: int = 0


def row_changes(before: Sequence[str], after: Sequence[str]) -> RowChanges:
    """Compares two tables; a row that moved is the same row.

    A row that went and one that came after the same neighbour are one that changed.
    """
    same = Counter(before) & Counter(after)
    gone, come = _others(before, same), _others(after, same)
    found = RowChanges(same=same.total())
    for neighbour, places in come.items():
        here = gone[neighbour]
        for place in places:
            if here:
                found.changed.append((here.popleft(), place))
            else:
                found.added.append(place)
    found.removed = sorted(place for places in gone.values() for place in places)
    found.added.sort()
    found.changed.sort(key=lambda pair: pair[1])
    return found


def _others(digests: Sequence[str], same: Counter[str]) -> defaultdict[tuple[str, int], deque[int]]:
    """Groups the rows that are not the same by the last one before them that is, and its turn."""
    left, seen = Counter(same), Counter[str]()
    others: defaultdict[tuple[str, int], deque[int]] = defaultdict(deque)
    neighbour = ("", 0)
    for place, digest in enumerate(digests):
        if left[digest] > 0:
            left[digest] -= 1
            seen[digest] += 1
            neighbour = (digest, seen[digest])
        else:
            others[neighbour].append(place)
    return others
