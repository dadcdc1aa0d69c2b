"""Says after a run whether it is better than the baseline, and compares runs for the user."""

import sys
from typing import Any

from weavelite.errors import NotStartedError
from weavelite.refs import parse_ref
from weavelite.runs.choosing import Runs, chosen_runs, run_name
from weavelite.runs.reading import compare_calls
from weavelite.settings import read_settings
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION
from weavelite.trace.recording import guarded
from weavelite.verdicts import Comparison
from weavelite.verdicts.report import ended, fairness_lines

MOST_CELLS = 5_000
"""Of larger runs the comparison is left to whoever asks for it: the program is not kept waiting."""


def compare_runs(evaluation: str, runs: tuple[str, ...]) -> Comparison:
    """Compares runs of an evaluation, whose ref is given; by default the newest with its baseline.

    Raises NotStartedError before `init`, and NotFoundError when a run is not there.
    """
    client = SESSION.tracing
    if client is None:
        raise NotStartedError("Evaluation.compare()")
    store, project = client.store, str(client.project)
    found = Runs(store, project, None if runs else parse_ref(evaluation).name)
    return compare_calls(store, project, chosen_runs(found, runs))


def print_verdict(call: Call, summary: dict[str, Any], cells: int) -> None:
    """Prints how a run that is about to end compares with its baseline; raises nothing."""
    client = SESSION.tracing
    if client is not None and read_settings().compare:
        guarded(lambda: _print(client, call, summary, cells), "runs could not be compared")


def _print(client: Client, call: Call, summary: dict[str, Any], cells: int) -> None:
    store, project = client.store, str(client.project)
    run = store.call(project, call.id, costs=True)
    baseline = Runs(store, project).baseline_of(run)
    if baseline is None:
        return
    hint = f"weavelite eval compare {baseline.id} {run.id}"
    if cells > MOST_CELLS:
        print(f"Compare it with {run_name(baseline)}: {hint}", file=sys.stderr)
        return
    comparison = compare_calls(store, project, [baseline, run], summary)
    if all(None in row.cells for row in comparison.rows):  # another dataset altogether
        return
    from rich.console import Console  # loaded by those who evaluate
    from rich.text import Text

    console = Console(stderr=True)
    console.print(Text(ended(comparison.headlines[0]), style="bold"), soft_wrap=True)
    for line in fairness_lines(comparison, 1):
        console.print(Text(line, style="dim"), soft_wrap=True)
    console.print(Text(hint, style="dim"), soft_wrap=True)
