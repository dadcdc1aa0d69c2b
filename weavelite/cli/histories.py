"""The command about rows over runs: weavelite eval history."""

from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.cli.show import when
from weavelite.cli.wordings import shown
from weavelite.errors import EvaluationError, NotFoundError
from weavelite.runs.history import RowHistory, choose_row, histories
from weavelite.verdicts import EvaluationRun
from weavelite.verdicts.cells import ComparedCell
from weavelite.verdicts.history import Flip, causes, causes_text, output_digest
from weavelite.verdicts.metrics import numbers
from weavelite.verdicts.wording import plural, value_text

_LENGTH = 60


def history(
    row: Annotated[
        str | None, typer.Argument(help="The index of a row, or the start of its digest.")
    ] = None,
    flips: Annotated[
        bool, typer.Option("--flips", help="Lists the rows whose scores flip most.")
    ] = False,
    evaluation: Annotated[
        str | None, typer.Option(help="Its name; by default that of the newest run.")
    ] = None,
    last: Annotated[int, typer.Option("--last", min=2, help="So many runs, the newest.")] = 20,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many rows.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Prints JSON.")] = False,
    store: StoreOption = None,
    project: ProjectOption = None,
) -> None:
    """Show a row over the runs of its evaluation: outputs, scores, and who made them flip."""
    from weavelite.runs.choosing import Runs
    from weavelite.runs.reading import read_run

    if (row is None) != flips:
        raise EvaluationError("Name a row, such as 3, or ask for --flips.")
    opened, _ = drained_store(store)
    name = choose_project(opened, project)
    newest: EvaluationRun | None = None
    if evaluation is None:
        newest = read_run(opened, name, Runs(opened, name).latest())
    chosen = evaluation or (newest.evaluation if newest is not None else "")
    calls = [call for call in Runs(opened, name, chosen).calls if call.status != "running"][:last]
    if not calls:
        raise NotFoundError(f"There is no finished run of {chosen} in {name}.")
    found = histories(opened, name, calls[::-1])
    if row is not None:
        one = choose_row(found, row)
        print(_as_json(one)) if json else _print_row(one)
        return
    moved = sorted((each for each in found if each.flips), key=lambda each: -len(each.flips))
    if json:
        print("\n".join(map(_as_json, moved[:limit])))
    else:
        _print_flips(chosen, len(calls), found, moved, limit)


def _as_json(row: RowHistory) -> str:
    return orjson.dumps(
        {
            "digest": row.digest,
            "index": row.index,
            "example": row.example,
            "causes": causes(row.flips),
            "flips": row.flips,
            "runs": [
                {
                    "id": run.run_id,
                    "name": run.name,
                    "model": run.model,
                    "cells": {
                        str(trial): {
                            "output": cell.output,
                            "digest": output_digest(cell.output),
                            "scores": cell.scores,
                            "error": cell.error,
                        }
                        for trial, cell in run.cells.items()
                    },
                }
                for run in row.runs
            ],
        }
    ).decode()


def _print_row(row: RowHistory) -> None:
    console = Console()
    console.print(Text(f"{_place(row)}  {_short(row.example)}", style="bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("run", "model", "when", "output", "scores"):
        table.add_column(column, overflow="fold")
    for place, run in enumerate(row.runs):
        for trial, cell in sorted(run.cells.items()):
            moved = [f for f in row.flips if (f.place, f.trial) == (place, trial)]
            name = run.name if len(run.cells) == 1 else f"{run.name} · trial {trial}"
            output = f"{output_digest(cell.output)}  {_short(cell.output)}"
            table.add_row(
                Text(name), Text(run.model), when(run.start_us),
                Text(output if cell.error is None else cell.error), _scores(cell, moved),
            )  # fmt: skip
    console.print(table)
    console.print(Text(row.said), soft_wrap=True)


def _scores(cell: ComparedCell, moved: Sequence[Flip]) -> Text:
    text = Text()
    by_metric = {flip.metric: flip for flip in moved}
    for scorer, score in cell.scores.items():
        for name, value in numbers(score, scorer):
            text.append("  " if text else "")
            text.append(f"{name} {_score(value)}")
            if name in by_metric:
                flip = by_metric[name]
                text.append(f" ↯ was {_score(flip.before)} ({flip.cause})", style="yellow")
    return text


def _score(value: bool | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value_text(value, "number")


def _print_flips(
    evaluation: str,
    runs: int,
    found: Sequence[RowHistory],
    moved: Sequence[RowHistory],
    limit: int,
) -> None:
    console = Console()
    every = [flip for row in moved for flip in row.flips]
    said = (
        f"{evaluation}, {plural(runs, 'run')}, {plural(len(found), 'row')}: {causes_text(every)}."
    )
    console.print(Text(said, style="bold"), soft_wrap=True)
    if not moved:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("row", "flips", "model", "judge", "scorer", "metrics", "example"):
        is_count = column in ("flips", "model", "judge", "scorer")
        table.add_column(column, justify="right" if is_count else "left", overflow="fold")
    for row in moved[:limit]:
        counts = causes(row.flips)
        metrics = ", ".join(dict.fromkeys(flip.metric for flip in row.flips))
        table.add_row(
            _place(row), str(len(row.flips)), *(str(counts[c]) for c in counts), Text(metrics),
            Text(_short(row.example)),
        )  # fmt: skip
    console.print(table)
    if len(moved) > limit:
        print(f"{limit} of {len(moved)}: --limit shows more.")


def _place(row: RowHistory) -> str:
    return row.digest[:6] if row.index is None else f"#{row.index}"


def _short(value: Any) -> str:
    text = " ".join(shown(value).split())
    return text if len(text) <= _LENGTH else text[:_LENGTH] + "…"
