"""Assertions about runs of evaluations: in the store, or those that pytest is still making."""

from collections.abc import Callable
from contextvars import ContextVar

from weavelite.api import require_client
from weavelite.runs.choosing import Runs
from weavelite.testing.gating import Judged, Terms, judge_run
from weavelite.verdicts.gates import Gate, read_gate

Later = Callable[[str | None, Gate, Terms], bool]
LATER: ContextVar[Later | None] = ContextVar("weavelite_later", default=None)
"""Takes gates of a run whose rows are not all there yet, those of pytest; tells whether it did."""


def assert_not_worse(
    metric: str,
    margin: float = 0.0,
    *,
    evaluation: str | None = None,
    run: str = "latest",
    baseline: str | None = None,
    main: str | None = None,
    strict: bool = False,
    allowed_errors: int = 0,
) -> None:
    """Raises AssertionError when a run is worse than its baseline by more than a margin.

    It is when the whole 95 % interval of the difference lies beyond the margin, and the paired test
    has p < 0.05. What cannot be decided, since there is no baseline, rows are missing or the scorer
    has changed, raises too. In a session of pytest that has rows of the evaluation, the run is that
    of the session: it is decided when all rows are in, and fails the session.

    Args:
        metric: the name of a score, as tables show it.
        margin: how much worse it may be, in its own unit: 0.02 of a share is 2 points.
        evaluation: the name of the evaluation; by default that of the newest run.
        run: which run; by default the newest.
        baseline: which run to measure against; by default the one that was marked, else the newest
            at the commit where the branch left the main one, or before it.
        main: the name of the main branch.
        strict: what is not decided raises, too: the interval has to lie within the margin.
        allowed_errors: so many rows and scores may be missing.

    """
    gate = read_gate(f"{metric}={margin!r}", "not_worse", strict=strict)
    terms = Terms(gates=[gate], baseline=baseline, main=main, allowed_errors=allowed_errors)
    later = LATER.get()
    if later is not None and run == "latest" and later(evaluation, gate, terms):
        return
    client = require_client("assert_not_worse")
    store, project = client.store, str(client.project)
    judged = judge_run(store, project, Runs(store, project, evaluation).choose(run).id, terms)
    if not judged.passes:
        raise AssertionError(failure_text(judged))


def failure_text(judged: Judged) -> str:
    """Says which gates did not hold, and against what."""
    lines = [
        f"{judged.run.evaluation}: {ruling.gate.text}: {ruling.said}"
        for ruling in judged.rulings
        if ruling.outcome != "held"
    ]
    if judged.baseline.run is not None:
        lines.append(f"baseline: {judged.baseline.said}")
        lines.append(f"weavelite eval compare {judged.baseline.run.id} {judged.run.id}")
    return "\n".join(lines)
