"""The command that traces a program which never heard of weavelite: weavelite run."""

import os
import subprocess
import sys
from typing import Annotated

import typer

BOOTSTRAP = "weavelite.cli.bootstrap"


def run(
    target: Annotated[str, typer.Argument(help="A file, such as app.py, or a module with -m.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Go to the program as they are.")
    ] = None,
    module: Annotated[bool, typer.Option("-m", help="The target is a module.")] = False,
    project: Annotated[
        str | None, typer.Option("--project", "-p", help="The project; by default the folder's.")
    ] = None,
) -> None:
    """Run a Python program as Python does, and trace the libraries that weavelite knows.

    Its exit status, its signals and its output are the program's own. Options come before it.
    """
    # The program takes this process over: so it has the signals and the terminal to itself.
    given = [str(int(module)), project or "", target, *(arguments or ())]
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    command = [sys.executable, *flags, "-m", BOOTSTRAP, *given]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, command)
