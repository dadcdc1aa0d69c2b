"""The command that runs a file with evaluations, and gates them: weavelite eval run."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from weavelite.cli.gateoptions import (
    AllowErrors,
    Arguments,
    BaselineOption,
    FailOver,
    FailUnder,
    FileArgument,
    Junit,
    MainBranch,
    Markdown,
    NotWorse,
    Parallelism,
    Resume,
    Reuse,
    Strict,
    Timeout,
)  # fmt: skip
from weavelite.cli.options import ProjectOption, StoreOption, drained_store, store_path
from weavelite.errors import EvaluationError, SettingError
from weavelite.testing.gating import Judged, Terms, judge_run
from weavelite.trace.call import Call
from weavelite.verdicts.gates import Gate, GateKind, read_gate


@dataclass(frozen=True, slots=True)
class _Begun:
    """Is a run that the file has begun, and where it rests."""

    id: str
    project: str
    store: Path


def run(
    file: FileArgument,
    arguments: Arguments = None,
    reuse: Reuse = False,
    resume: Resume = False,
    parallelism: Parallelism = None,
    timeout: Timeout = None,
    baseline: BaselineOption = None,
    main: MainBranch = None,
    fail_under: FailUnder = None,
    fail_over: FailOver = None,
    not_worse: NotWorse = None,
    strict: Strict = False,
    allow_errors: AllowErrors = 0,
    junit: Junit = None,
    markdown: Markdown = None,
    json: Annotated[bool, typer.Option("--json", help="Prints JSON.")] = False,
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Run a file with evaluations as Python does, compare its runs, and gate them.

    Exit status: 0 when all gates hold, 1 when one is broken or cannot be decided, 2 when the file
    did not run.
    """
    gates = [
        *_gates(fail_under, "fail_under"),
        *_gates(fail_over, "fail_over"),
        *_gates(not_worse, "not_worse", strict),
    ]
    terms = Terms(gates=gates, baseline=baseline, main=main, allowed_errors=allow_errors)
    _set_up(store, project, reuse, resume, parallelism, timeout)
    begun = _run_file(file, arguments or [], quiet=json)
    judged = list(_judged(begun, terms))
    _report(judged, junit, markdown, json)
    raise typer.Exit(0 if all(each.passes for each in judged) else 1)


def _gates(texts: list[str] | None, kind: GateKind, strict: bool = False) -> list[Gate]:
    return [read_gate(text, kind, strict=strict) for text in texts or ()]


def _set_up(
    store: Path | None,
    project: str | None,
    reuse: bool,
    resume: bool,
    parallelism: int | None,
    timeout: float | None,
) -> None:
    """Hands the options on as settings, which the file's own arguments overrule."""
    from weavelite.api import default_project
    from weavelite.settings import read_settings

    if store is not None and store_path(store).name != read_settings().store.name:
        raise SettingError(f"--store {store}: the file is called {read_settings().store.name}.")
    chosen = {
        "WEAVELITE_HOME": None if store is None else str(store_path(store).parent),
        "WEAVELITE_PROJECT": project or read_settings().project or default_project(),
        "WEAVELITE_REUSE": "true" if reuse else None,
        "WEAVELITE_RESUME": "latest" if resume else None,
        "WEAVELITE_PARALLELISM": None if parallelism is None else str(parallelism),
        "WEAVELITE_ROW_TIMEOUT": None if timeout is None else str(timeout),
    }
    os.environ.update({name: value for name, value in chosen.items() if value is not None})
    read_settings()  # says here what cannot be used


def _run_file(file: Path, arguments: Sequence[str], *, quiet: bool) -> list[_Begun]:
    """Runs the file, and what it defines if it runs nothing; returns the runs that were made."""
    from weavelite.api import finish
    from weavelite.cli.programs import run_as_main, run_defined
    from weavelite.eval.watching import watching

    begun: list[_Begun] = []

    def note(call: Call) -> None:
        if call.client is not None:
            begun.append(_Begun(call.id, str(call.client.project), call.client.store_path))

    with watching(note), _stdout_elsewhere(quiet):
        module = run_as_main(file, arguments)
        if not begun:
            run_defined(module, file)
    finish()
    if not begun:
        raise EvaluationError(f"No run of {file} was recorded: is WEAVELITE_DISABLED set?")
    return begun


@contextmanager
def _stdout_elsewhere(quiet: bool) -> Iterator[None]:
    """Leaves the output to JSON alone; what the file prints goes to the errors."""
    if not quiet:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def _judged(begun: Sequence[_Begun], terms: Terms) -> Iterator[Judged]:
    for path in dict.fromkeys(each.store for each in begun):
        opened, _ = drained_store(path)
        for each in begun:
            if each.store == path:
                yield judge_run(opened, each.project, each.id, terms)
        opened.close()


def _report(
    judged: Sequence[Judged], junit: Path | None, markdown: Path | None, json: bool
) -> None:
    from weavelite.cli.gatereports import as_json, as_markdown, print_judged, write_junit

    print_judged(judged, Console(stderr=json))
    if junit is not None:
        write_junit(judged, junit)
    if markdown is not None:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(as_markdown(judged), encoding="utf-8")
    if json:
        print(as_json(judged, all(each.passes for each in judged)))
