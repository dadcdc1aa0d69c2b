"""Reads what several runs gave for the rows of an evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from weavelite.errors import NotFoundError, QueryError
from weavelite.records.answers import CallDetail
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.choosing import Runs, model_name, run_name
from weavelite.runs.reading import compare_calls, read_run
from weavelite.store.base import Store
from weavelite.verdicts import ComparedRow
from weavelite.verdicts.history import Flip, RowInRun, causes_text, flips
from weavelite.verdicts.wording import capital


@dataclass(slots=True, kw_only=True)
class RowHistory:
    """Is a row of a dataset, what each run gave for it, oldest first, and its flips in words."""

    digest: str
    index: int | None
    example: Any
    runs: list[RowInRun]
    flips: list[Flip]
    said: str = ""


def row_history(store: Store, project: str, evaluation: str, digest: str, last: int) -> RowHistory:
    """Reads what the newest runs of an evaluation that have ended gave for a row."""
    ended = [call for call in Runs(store, project, evaluation).calls if call.status != "running"]
    found = histories(store, project, ended[:last][::-1], digest)
    return choose_row(found, digest)


def histories(
    store: Store, project: str, calls: Sequence[CallDetail], digest: str | None = None
) -> list[RowHistory]:
    """Reads the rows of runs, which are given oldest first; or one of them by its digest."""
    compared = compare_calls(store, project, calls, row=digest)
    scorers = [
        {
            parse_ref(ref).name: ref
            for ref in read_run(store, project, call).scorer_refs
            if is_ref(ref)
        }
        for call in calls
    ]
    by_row: dict[str, list[ComparedRow]] = {}
    for row in compared.rows:
        by_row.setdefault(row.digest, []).append(row)
    found = []
    for digest, rows in by_row.items():
        runs = list(_runs(calls, scorers, rows))
        flipped = flips(runs)
        found.append(
            RowHistory(
                digest=digest,
                index=rows[0].index,
                example=rows[0].example,
                runs=runs,
                flips=flipped,
                said=capital(causes_text(flipped)) + ".",
            )
        )
    return found if any(row.index is not None for row in found) else _in_order(found)


def _in_order(found: Sequence[RowHistory]) -> list[RowHistory]:
    """Numbers rows that are in no dataset by when they came first; ids of calls are in order."""
    came = sorted(
        found,
        key=lambda row: min(cell.call_id for run in row.runs for cell in run.cells.values()),
    )
    return [replace(row, index=at) for at, row in enumerate(came)]


def _runs(
    calls: Sequence[CallDetail], scorers: Sequence[dict[str, str]], rows: Sequence[ComparedRow]
) -> Iterator[RowInRun]:
    for place, call in enumerate(calls):
        cells = {row.trial: cell for row in rows if (cell := row.cells[place]) is not None}
        if cells:
            yield RowInRun(
                run_id=call.id,
                name=run_name(call),
                model=model_name(call) or "model",
                start_us=call.start_us,
                scorers=scorers[place],
                cells=cells,
            )


def choose_row(found: Sequence[RowHistory], text: str) -> RowHistory:
    """Finds a row by its index in the dataset, or by the start of its digest."""
    if text.isdigit():
        by_index = [row for row in found if row.index == int(text)]
        if by_index:
            return by_index[0]
    starting = [row for row in found if row.digest.startswith(text)]
    if len(starting) > 1:
        raise QueryError(f"{len(starting)} rows have digests that start with {text}: write more.")
    if not starting:
        raise NotFoundError(
            f"There is no row {text}: name one of 0 to {len(found) - 1}, or the start of a digest."
        )
    return starting[0]
