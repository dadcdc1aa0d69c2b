"""The commands that look after a store: doctor, and db check, backup, vacuum, gc, salvage."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from weavelite.cli.options import StoreOption, drained_store, existing_store, store_path
from weavelite.cli.show import size
from weavelite.journal.state import journal_state
from weavelite.store.sqlite import SqliteStore

db = typer.Typer(
    help="Look after the store file, while programs write to it.", no_args_is_help=True
)


@db.command()
def check(store: StoreOption = None) -> None:
    """Read the whole store and say what is damaged; exit code 1 when anything is."""
    from weavelite.store.care import check

    path = existing_store(store)
    problems = check(path)
    for problem in problems:
        print(problem)
    if problems:
        print(
            f"{path} is damaged. Stop the programs that trace into it, then: weavelite db salvage"
        )
        raise typer.Exit(1)
    print(f"{path}: no damage.")


@db.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    store: StoreOption = None,
) -> None:
    """Copy the store and its content, as of one moment."""
    from weavelite.store.care import backup

    _, path = drained_store(store)
    copy = backup(path, folder.expanduser())
    print(f"{copy}  {size(copy.stat().st_size)}  (look at it: weavelite ui --store {copy})")


@db.command()
def merge(
    other: Annotated[Path, typer.Argument(help="The store whose calls and objects to take in.")],
    store: StoreOption = None,
) -> None:
    """Take in what another store holds; nothing is overwritten, and twice is as good as once."""
    from weavelite.store.merge import merge

    drained_store(other)[0].close()
    drained_store(store, must_exist=False)[0].close()
    with closing(SqliteStore(store_path(store))) as opened:
        done = merge(opened, existing_store(other))
    print(f"{done.calls:,} calls, {done.objects:,} objects and {done.feedback:,} feedback came in.")


@db.command()
def vacuum(store: StoreOption = None) -> None:
    """Write the store anew without its gaps."""
    from weavelite.store.care import vacuum

    before, after = vacuum(existing_store(store))
    print(f"{size(before)} before, {size(after)} now.")


@db.command()
def gc(store: StoreOption = None) -> None:
    """Take out what nobody refers to, and every byte of what was deleted."""
    from weavelite.store.care import collect

    opened, path = drained_store(store)
    running = journal_state(opened, path).running
    opened.close()
    done = collect(path, files=not running)
    print(
        f"{done.texts:,} texts, {done.rows:,} rows of {done.tables:,} tables and {done.files:,} "
        f"files taken out: {size(done.before)} before, {size(done.after)} now."
    )
    if running:
        print(
            f"{running} program(s) trace into this store: content and code stay until they end, "
            "and their journals still hold what they wrote last. Run this again then."
        )


@db.command()
def salvage(store: StoreOption = None) -> None:
    """Put what can be read of a damaged store into a new one; the damaged file is kept."""
    from weavelite.store.salvage import salvage

    done = salvage(existing_store(store))
    print(f"{done.rows:,} rows read; the damaged store is kept as {done.damaged}.")
    if done.incomplete:
        print(f"Not all could be read of: {', '.join(done.incomplete)}.")


def doctor(store: StoreOption = None) -> None:
    """Say what is wrong with this installation and its store, and mend what can be mended."""
    from weavelite.cli.doctor import findings

    bad = 0
    for finding in findings(store):
        print(f" {finding.mark} {finding.text}")
        bad += finding.bad
    if bad:
        raise typer.Exit(1)
