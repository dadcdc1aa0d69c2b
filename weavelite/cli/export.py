"""`weavelite export`: some traces as a page that opens from the disk, or as a small store."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from weavelite.cli.options import ProjectOption, StoreOption, choose_project, drained_store
from weavelite.cli.show import size
from weavelite.errors import NotFoundError, QueryError, StoreError
from weavelite.exports import FORMATS
from weavelite.exports import export as write_calls
from weavelite.query import CallQuery, names, search_query
from weavelite.store.base import Store
from weavelite.store.slicing import Slice, cut

_PAGE, _SLICE = ".html", ".weavelite"
_MOST = 100


def export(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="share.html: a page. slice.weavelite: a store. calls.csv, .json, .jsonl, .parquet:"
            " a table.",
        ),
    ],
    filter: Annotated[
        str, typer.Argument(help='Which traces, as in the viewer: "op:answer status:error".')
    ] = "",
    store: StoreOption = None,
    project: ProjectOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", min=1, help="At most so many, the newest; 100, and of tables all."
        ),
    ] = None,
    columns: Annotated[
        str, typer.Option("--columns", help="Of tables: op_name,inputs.question,scores.exact,...")
    ] = "",
    all_calls: Annotated[
        bool, typer.Option("--all-calls", help="Of tables: also calls inside traces.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replaces the file if it exists.")] = False,
) -> None:
    """Write traces, with all that they refer to, into one file to send to somebody.

    A page (.html) opens in any browser, without weavelite. A store (.weavelite) opens with
    `weavelite ui slice.weavelite`, and comes into another store with `weavelite merge`. A table has
    a row a call; in CSV, texts that begin with =, +, - or @ get a quote in front, so that no sheet
    runs them.
    """
    write = _WRITERS.get(output.suffix)
    format = output.suffix.removeprefix(".")
    if write is None and format not in FORMATS:
        endings = [*_WRITERS, *(f".{name}" for name in FORMATS)]
        raise QueryError(f"Name a file that ends in {' or '.join(endings)}: -o share.html.")
    if output.exists():
        if not force:
            raise StoreError(f"{output} is there already: name a new file, or --force.")
        output.unlink()
    opened, path = drained_store(store)
    chosen = choose_project(opened, project)
    if write is None:
        query = search_query(
            chosen, filter, roots_only=not all_calls, now_ns=time.time_ns(), limit=limit
        )
        _write_table(opened, query, output, format, names(columns))
        return
    traces, found = _traces(opened, chosen, filter, limit or _MOST)
    done = write(path, chosen, filter, traces, output)
    print(
        f"{output}: {done.traces:,} of {found:,} traces that match, {done.calls:,} calls, "
        f"{done.objects:,} objects, {size(output.stat().st_size)}"
    )


def _write_table(
    store: Store, query: CallQuery, output: Path, format: str, columns: list[str]
) -> None:
    calls = store.count(query)
    if not calls:
        raise NotFoundError(f"No call of {query.project} matches.")
    pieces = write_calls(store, query, format, columns)
    with output.open("wb") as file:
        file.writelines(pieces)
    print(f"{output}: {calls:,} calls, {size(output.stat().st_size)}")


def _traces(store: Store, project: str, filter: str, limit: int) -> tuple[list[str], int]:
    """Finds the newest traces, whose roots match; and how many match in all."""
    query = search_query(project, filter, roots_only=True, now_ns=time.time_ns(), limit=limit)
    page = store.calls(query)
    if not page.calls:
        raise NotFoundError(f"No trace of {project} matches {filter!r}.")
    return [call.trace_id for call in page.calls], store.stats(query).count


def _write_slice(path: Path, project: str, filter: str, traces: list[str], output: Path) -> Slice:
    return cut(path, traces, output)


def _write_page(path: Path, project: str, filter: str, traces: list[str], output: Path) -> Slice:
    from weavelite.server.sharing import share_page

    with tempfile.TemporaryDirectory() as folder:
        slice = Path(folder) / "slice.weavelite"
        done = cut(path, traces, slice)
        output.write_text(share_page(slice, project, filter, done.traces))
    return done


_WRITERS: dict[str, Callable[[Path, str, str, list[str], Path], Slice]] = {
    _PAGE: _write_page,
    _SLICE: _write_slice,
}
