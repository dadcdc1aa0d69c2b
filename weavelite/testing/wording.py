"""What came of a run and its gates, in lines."""

from collections.abc import Iterator

from weavelite.testing.gating import Judged
from weavelite.verdicts.gates import Outcome, Ruling
from weavelite.verdicts.report import ended, fairness_lines

MARKS: dict[Outcome, str] = {"held": "✓", "broken": "✗", "undecided": "?"}
COLORS: dict[Outcome, str] = {"held": "green", "broken": "red", "undecided": "yellow"}
Line = tuple[str, str | None]
"""Is a text and its colour; None is faint."""


def ruling_text(ruling: Ruling) -> str:
    """Writes what came of a gate in a line."""
    return f"{MARKS[ruling.outcome]} {ruling.gate.text}: {ruling.said}"


def judged_lines(judged: Judged) -> Iterator[Line]:
    """Says how a run compares with its baseline, and which gates it holds."""
    yield f"baseline: {judged.baseline.said}", None
    if judged.comparison is not None:
        yield ended(judged.comparison.headlines[0]), ""
        for line in fairness_lines(judged.comparison, 1):
            yield line, None
    for ruling in judged.rulings:
        yield ruling_text(ruling), COLORS[ruling.outcome]
    if judged.baseline.run is not None:
        yield f"weavelite eval compare {judged.baseline.run.id} {judged.run.id}", None
