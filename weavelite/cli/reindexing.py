"""The command that maps spans again after an upgrade: weavelite reindex."""

from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from weavelite.cli.options import StoreOption, drained_store


def reindex(
    store: StoreOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what this version has mapped already.")
    ] = False,
) -> None:
    """Map what came from OpenTelemetry again, with what this version knows of its dialects.

    Spans rest as they were sent; what calls show of them is worked out anew. Feedback, ids, times
    and other calls stay. Can be interrupted, and run again: what is done is not done twice.
    """
    from weavelite.dialects.again import map_again
    from weavelite.dialects.otlp import VERSION

    opened, _ = drained_store(store)
    older_than = VERSION + 1 if everything else VERSION
    made = changed = 0
    changes: Counter[str] = Counter()
    after: int | None = 0
    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("Mapping again", total=None)
        while after is not None:
            done = opened.renew_mapped(map_again, older_than, after)
            made, changed = made + done.made, changed + done.changed
            changes.update(done.changes)
            after = done.next
            shown.update(task, description=f"Mapping again: {made:,} calls")
    opened.close()
    print(_summary(made, changed, changes))


def _summary(made: int, changed: int, changes: Counter[str]) -> str:
    if not made:
        return "Every call from OpenTelemetry is mapped by this version already."
    if not changed:
        return f"{made:,} calls were mapped again; none differs from what it was."
    told = ", ".join(f"{name} of {count:,}" for name, count in changes.most_common())
    return f"{made:,} calls were mapped again; {changed:,} differ from what they were: {told}."
