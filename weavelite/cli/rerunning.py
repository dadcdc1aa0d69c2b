"""The commands that go on with runs: weavelite eval resume, rescore."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from weavelite.cli.evaluations import RUN_HELP
from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.errors import EvaluationError, NotFoundError
from weavelite.records.answers import CallDetail
from weavelite.refs import is_ref, parse_ref

UNFINISHED = "the newest that was not brought to its end"


def resume(
    run: Annotated[str | None, typer.Argument(help=f"{RUN_HELP} [{UNFINISHED}]")] = None,
    command: Annotated[
        list[str] | None,
        typer.Argument(help="The program to start again; by default the one that made the run."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Starts the program that made the run unasked.")
    ] = False,
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Go on with a run that was killed or stopped: start its program again, without what is done.

    weavelite eval resume [RUN [python evaluate.py]]
    """
    from weavelite.runs.choosing import Runs, run_name

    opened, path = drained_store(store)
    runs = Runs(opened, choose_project(opened, project))
    found = runs.choose(run) if run is not None else _unfinished(runs.calls)
    told = found.attributes.get("run")
    made_by = told if isinstance(told, dict) else {}
    opened.close()
    folder = None
    if not command:
        command = [str(part) for part in made_by.get("command") or ()]
        folder = _checked(found, command, made_by.get("folder"), yes)
    print(f"Going on with {run_name(found)}: {shlex.join(command)}", file=sys.stderr)
    environment = {**os.environ, "WEAVELITE_RESUME": found.id}
    if store is not None:
        environment["WEAVELITE_HOME"] = str(path.parent)
    try:
        done = subprocess.run(command, cwd=folder, env=environment, check=False)
    except OSError as error:
        raise EvaluationError(f"{command[0]} could not be started: {error.strerror}.") from None
    raise typer.Exit(done.returncode)


def _unfinished(calls: list[CallDetail]) -> CallDetail:
    for call in calls:
        output = call.output if isinstance(call.output, dict) else {}
        outside = "infrastructure" in (output.get("errors") or {})
        if call.status in ("error", "interrupted") or outside:
            return call
    raise NotFoundError("Every run was brought to its end: there is nothing to go on with.")


def _checked(found: CallDetail, command: list[str], folder: Any, yes: bool) -> str | None:
    """Starts nothing that the store alone says: it may have come from somebody else."""
    if not command:
        raise EvaluationError(
            f"Run {found.id} does not say which program made it. Name it: "
            f"weavelite eval resume {found.id} python evaluate.py"
        )
    if not isinstance(folder, str) or not Path(folder).is_dir():
        raise EvaluationError(
            f"The folder of the run, {folder}, is not there. Name the program: "
            f"weavelite eval resume {found.id} python evaluate.py"
        )
    said = f"{shlex.join(command)}\nin {folder}"
    if not yes and not sys.stdin.isatty():
        raise EvaluationError(
            f"The run was made by:\n{said}\nStart that with --yes, or name the program: "
            f"weavelite eval resume {found.id} python evaluate.py"
        )
    if not yes and not typer.confirm(f"{said}\nStart this again?", default=True, err=True):
        raise typer.Exit(1)
    return folder


def rescore(
    run: Annotated[str, typer.Argument(help=RUN_HELP)],
    scorers: Annotated[
        str,
        typer.Argument(help="A Python file with scorers, and names of some: scorers.py:exact,near"),
    ],
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Score the answers of a run again, without its model; scores of other scorers are kept.

    The file is run. The new scores are a run of their own.
    """
    from weavelite.api import finish, init
    from weavelite.cli.loading import scorers_of
    from weavelite.eval.dataset import Dataset
    from weavelite.eval.evaluation import Evaluation
    from weavelite.eval.roles import scorer_name
    from weavelite.runs.choosing import Runs

    opened, path = drained_store(store)
    name = choose_project(opened, project)
    found = Runs(opened, name).choose(run)
    opened.close()
    given = scorers_of(scorers)
    client = init(name, store=path)
    stored = client.store.object_version(name, *_version(found)).value
    if not is_ref(stored.get("dataset")):
        raise EvaluationError(f"Run {found.id} has no dataset: its rows were logged one by one.")
    dataset = client.get(stored["dataset"])
    if not isinstance(dataset, Dataset):
        raise EvaluationError(f"{stored['dataset']} is not a dataset.")
    new = {scorer_name(scorer) for scorer in given}
    old = [parse_ref(ref) for ref in stored.get("scorers") or () if is_ref(ref)]
    kept: list[Any] = [ref for ref in old if ref.name not in new]
    evaluation = Evaluation(
        name=stored.get("name") or parse_ref(str(found.inputs["self"])).name,
        dataset=dataset,
        scorers=[*given, *kept],
        trials=int(stored.get("trials") or 1),
    )
    asyncio.run(evaluation.rescore(found.id))
    finish()


def _version(found: CallDetail) -> tuple[str, str]:
    ref = str(found.inputs.get("self")) if isinstance(found.inputs, dict) else ""
    if not is_ref(ref):
        raise EvaluationError(f"Run {found.id} does not say which evaluation it is of.")
    address = parse_ref(ref)
    return address.name, address.version
