"""The commands, their arguments and their help."""

import time
from pathlib import Path
from typing import Annotated

import typer

from weavelite.cli import tracing
from weavelite.cli.care import db, doctor, gc, merge
from weavelite.cli.diffing import diff
from weavelite.cli.evaluations import evaluations
from weavelite.cli.export import export
from weavelite.cli.histories import history
from weavelite.cli.leaderboard import leaderboard
from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.cli.reindexing import reindex
from weavelite.cli.replaying import replay
from weavelite.cli.rerunning import rescore, resume
from weavelite.cli.running import run
from weavelite.query import search_query
from weavelite.settings import origins, read_settings
from weavelite.version import __version__

app = typer.Typer(
    name="weavelite",
    help="Local-first tracing and evaluation of LLM applications.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(db, name="db")
app.add_typer(evaluations, name="eval")
evaluations.command(context_settings={"allow_interspersed_args": False})(resume)
evaluations.command()(rescore)
evaluations.command()(run)
evaluations.command()(history)
evaluations.command()(leaderboard)
app.command()(diff)
app.command()(doctor)
app.command()(export)
app.command()(gc)
app.command()(merge)
app.command()(reindex)
app.command(context_settings={"allow_interspersed_args": False})(tracing.run)
app.command()(replay)


@app.command()
def ui(
    file: Annotated[
        Path | None, typer.Argument(help="A store to look at, such as slice.weavelite.")
    ] = None,
    store: StoreOption = None,
    port: Annotated[
        int | None, typer.Option(help="The port; if it is taken, the next free one. [8420]")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; only loopback has no password.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="A host name that requests may name, besides loopback.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Opens a browser where there is one.")] = True,
) -> None:
    """Serve the viewer: traces, objects and evaluations, live."""
    from weavelite.cli.serve import serve

    settings = read_settings()
    opened, path = drained_store(file or store, must_exist=file is not None)
    serve(
        opened,
        path,
        host=host,
        port=port or settings.port,
        hosts=tuple(allow_host or ()),
        browser=browser,
    )


@app.command()
def ls(
    filter: Annotated[
        str, typer.Argument(help='Which ones, as in the viewer: "op:answer status:error".')
    ] = "",
    store: StoreOption = None,
    project: ProjectOption = None,
    all_calls: Annotated[
        bool, typer.Option("--all", help="All calls, not only the roots of traces.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
) -> None:
    """List projects and the newest traces of one, or those that a search finds."""
    from weavelite.cli.show import print_calls, print_projects

    opened, _ = drained_store(store)
    chosen = choose_project(opened, project)
    query = search_query(
        chosen, filter, roots_only=not all_calls, now_ns=time.time_ns(), limit=limit
    )
    if project is None and not filter:
        print_projects(opened.projects())
    what = "calls" if all_calls else "traces"
    print_calls(chosen, opened.calls(query).calls, opened.stats(query), what)


@app.command()
def show(
    call_id: Annotated[str, typer.Argument(help="The id of a call; weavelite ls prints them.")],
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Show a call: its trace as a tree, its inputs, output and exception."""
    from weavelite.cli.show import find_call, print_call

    opened, _ = drained_store(store)
    chosen = choose_project(opened, project)
    call = find_call(opened, chosen, call_id)
    print_call(call, opened.trace(chosen, call.trace_id))


@app.command()
def sql(
    query: Annotated[
        str | None,
        typer.Argument(help='Such as "select op, count(*) from calls_v1 group by op".'),
    ] = None,
    store: StoreOption = None,
    project: ProjectOption = None,
    json: Annotated[bool, typer.Option("--json", help="Prints JSON, one object a line.")] = False,
) -> None:
    """Ask the store in SQL, read-only; without a query, list the views and their columns.

    The views: calls_v1, bodies_v1, usage_v1, costs_v1, scores_v1, feedback_v1, evaluations_v1.
    They have all projects; :project in a query stands for one: where project = :project.
    """
    from weavelite.cli.show import print_rows
    from weavelite.cli.sql import print_views
    from weavelite.store.selecting import select, view_columns

    opened, path = drained_store(store)
    if query is None:
        print_views(view_columns(path))
        return
    names_one = project is not None or ":project" in query
    found = select(path, query, project=choose_project(opened, project) if names_one else None)
    print_rows(found.columns, found.rows, as_json=json)


@app.command()
def settings() -> None:
    """List all settings with their values and where those come from."""
    from weavelite.cli.show import print_settings

    print_settings(origins())


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)
