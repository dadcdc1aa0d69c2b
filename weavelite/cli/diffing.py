"""The command that compares two traces: weavelite diff."""

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.cli.wordings import difference_text
from weavelite.differences import Divergence, compare_traces
from weavelite.store.trees import read_tree
from weavelite.verdicts.wording import plural


def diff(
    before: Annotated[str, typer.Argument(help="The id of a trace, or of any call in it.")],
    after: Annotated[str, typer.Argument(help="The id of another.")],
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Show the first call in which two traces diverge: status 0 when they are the same, else 1."""
    opened, _ = drained_store(store)
    name = choose_project(opened, project)
    found = compare_traces(read_tree(opened, name, before), read_tree(opened, name, after))
    console = Console()
    if found.first is None:
        console.print(f"The traces are the same: {plural(found.same, 'call')}.", highlight=False)
        return
    _print(found.first, console)
    console.print(
        f"\n{found.same:,} of {found.before:,} and {found.after:,} calls are the same.",
        highlight=False,
    )
    raise typer.Exit(1)


def _print(first: Divergence, console: Console) -> None:
    before, after = first.before, first.after
    console.print(Text(" › ".join(first.path), style="bold"), soft_wrap=True)
    if first.what == "calls":
        for node, style, which in ((before, "red", "first"), (after, "green", "second")):
            if node is not None:
                said = f"only in the {which} trace: {node.name}  {node.id}"
                console.print(Text(said, style=style), soft_wrap=True)
        return
    assert before is not None and after is not None
    if first.what == "order":
        said = f"{before.name} comes in another order  {before.id}  {after.id}"
        console.print(Text(said, style="yellow"), soft_wrap=True)
        return
    console.print(Text(f"{before.id}  {after.id}", style="dim"), soft_wrap=True)
    console.print(Text(f"{first.what} differ{'' if first.what == 'inputs' else 's'}:"))
    values: dict[str, tuple[Any, Any]] = {
        "op": (before.name, after.name),
        "inputs": (before.inputs, after.inputs),
        "output": (before.output, after.output),
        "error": (before.error or "", after.error or ""),
    }
    colored = console.is_terminal and sys.stdout.isatty()
    console.print(difference_text(*values[first.what], colored=colored), soft_wrap=True)
