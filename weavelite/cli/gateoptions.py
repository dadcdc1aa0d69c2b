"""The options of weavelite eval run."""

from pathlib import Path
from typing import Annotated

import typer

FileArgument = Annotated[
    Path, typer.Argument(help="A Python file that runs or defines evaluations.")
]
Arguments = Annotated[list[str] | None, typer.Argument(help="What the file is given, after --.")]
Reuse = Annotated[bool, typer.Option("--reuse", help="Takes over unchanged cells of earlier runs.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Goes on with what was not brought to its end.")
]
Parallelism = Annotated[
    int | None, typer.Option(min=1, help="Rows at once, unless the file says so itself. [20]")
]
Timeout = Annotated[float | None, typer.Option(help="Seconds that a row may take. [no limit]")]
BaselineOption = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="What to compare with: an id, the start of one, or a name; by default the marked "
        "run, else the newest where the branch left the main one, or before that.",
    ),
]
MainBranch = Annotated[
    str | None, typer.Option(metavar="BRANCH", help="The main branch. [origin's, main, master]")
]
FailUnder = Annotated[
    list[str] | None, typer.Option(metavar="METRIC=VALUE", help="Fails below a value.")
]
FailOver = Annotated[
    list[str] | None, typer.Option(metavar="METRIC=VALUE", help="Fails above a value.")
]
NotWorse = Annotated[
    list[str] | None,
    typer.Option(
        metavar="METRIC[=MARGIN]",
        help="Fails when the whole 95 % interval of the difference is worse than the margin.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="--not-worse fails, too, when that is not decided.")
]
AllowErrors = Annotated[int, typer.Option(min=0, help="So many rows and scores may be missing.")]
Junit = Annotated[Path | None, typer.Option(help="Writes a JUnit file.")]
Markdown = Annotated[Path | None, typer.Option(help="Writes Markdown, for a pull request.")]
