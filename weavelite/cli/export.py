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
from weavelite.query import search_query
from weavelite.store.base import Store
from weavelite.store.slicing import Slice, cut

_PAGE, _SLICE = ".html", ".weavelite"


def export(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="share.html: a page. slice.weavelite: a store."),
    ],
    filter: Annotated[
        str, typer.Argument(help='Which traces, as in the viewer: "op:answer status:error".')
    ] = "",
    store: StoreOption = None,
    project: ProjectOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")
    ] = 100,
    force: Annotated[bool, typer.Option("--force", help="Replaces the file if it exists.")] = False,
) -> None:
    """Write traces, with all that they refer to, into one file to send to somebody.

    A page (.html) opens in any browser, without weavelite. A store (.weavelite) opens with
    `weavelite ui slice.weavelite`, and comes into another store with `weavelite merge`.
    """
    write = _WRITERS.get(output.suffix)
    if write is None:
        raise QueryError(f"Name a file that ends in {' or '.join(_WRITERS)}: -o share.html.")
    if output.exists():
        if not force:
            raise StoreError(f"{output} is there already: name a new file, or --force.")
        output.unlink()
    opened, path = drained_store(store)
    chosen = choose_project(opened, project)
    traces, found = _traces(opened, chosen, filter, limit)
    done = write(path, chosen, filter, traces, output)
    print(
        f"{output}: {done.traces:,} of {found:,} traces that match, {done.calls:,} calls, "
        f"{done.objects:,} objects, {size(output.stat().st_size)}"
    )


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
