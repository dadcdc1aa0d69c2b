"""The commands about evaluations: weavelite eval ls, compare, baseline."""

from enum import StrEnum
from typing import Annotated

import typer

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store

evaluations = typer.Typer(
    help="List, compare, gate, resume and rescore runs of evaluations.", no_args_is_help=True
)

RUN_HELP = "latest, baseline, previous, an id or the start of one, or the name of a run or model."


class FailOn(StrEnum):
    """Says what makes a comparison end with status 1."""

    WORSE = "worse"
    UNDECIDED = "undecided"


@evaluations.command("ls")
def list_runs(
    store: StoreOption = None,
    project: ProjectOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Prints JSON, one run a line.")] = False,
) -> None:
    """List the newest runs: name, model, status, cells, main metrics, when."""
    from weavelite.cli.verdicts import print_runs, print_runs_as_json
    from weavelite.runs.reading import evaluation_runs

    opened, _ = drained_store(store)
    runs = evaluation_runs(opened, choose_project(opened, project))
    (print_runs_as_json if json else print_runs)(runs[:limit], len(runs))


@evaluations.command()
def compare(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help=f"The baseline, then the others: {RUN_HELP} [baseline latest]"),
    ] = None,
    store: StoreOption = None,
    project: ProjectOption = None,
    json: Annotated[bool, typer.Option("--json", help="Prints JSON.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Prints Markdown, for a pull request.")
    ] = False,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Shows so many of the rows that moved.")
    ] = 5,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="Ends with status 1 if a score is worse; or is not decided, either."),
    ] = None,
) -> None:
    """Say whether runs are better than a baseline, how sure that is, and which rows moved."""
    from weavelite.cli.verdicts import as_json, print_comparison
    from weavelite.runs.choosing import Runs, chosen_runs
    from weavelite.runs.reading import compare_calls

    opened, _ = drained_store(store)
    name = choose_project(opened, project)
    comparison = compare_calls(opened, name, chosen_runs(Runs(opened, name), runs or []))
    if json:
        print(as_json(comparison))
    elif markdown:
        print(comparison.markdown(), end="")
    else:
        print_comparison(comparison, rows)
    if fail_on is not None and comparison.fails(undecided=fail_on is FailOn.UNDECIDED):
        raise typer.Exit(1)


@evaluations.command()
def baseline(
    run: Annotated[str | None, typer.Argument(help=RUN_HELP)] = None,
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Make a run the baseline of its evaluation; without a run, say which one is."""
    from weavelite.runs.baselines import mark_baseline
    from weavelite.runs.choosing import BASELINE, Runs, run_name

    opened, _ = drained_store(store)
    name = choose_project(opened, project)
    found = Runs(opened, name)
    if run is None:
        call = found.choose(BASELINE)
        how = "marked" if found.is_marked(call) else "the finished run before the latest"
        print(f"{run_name(call)}  {call.id}  ({how})")
        return
    call = found.choose(run)
    mark_baseline(opened, name, call.id)
    print(f"{run_name(call)}  {call.id}  is the baseline of its evaluation from now on.")
