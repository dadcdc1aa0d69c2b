"""What commands have in common: the options that name a store and a project, and what they open."""

from pathlib import Path
from typing import Annotated

import typer

from weavelite.errors import NotFoundError
from weavelite.journal.drain import drain_all
from weavelite.refs import parse_project
from weavelite.settings import read_settings
from weavelite.store.base import Store
from weavelite.store.sqlite import SqliteStore

StoreOption = Annotated[
    Path | None,
    typer.Option("--store", help="The store; by default weavelite.db in WEAVELITE_HOME."),
]
ProjectOption = Annotated[
    str | None,
    typer.Option("--project", "-p", help="The project; by default the one traced into last."),
]


def store_path(path: Path | None) -> Path:
    """Says which file is meant: that of a folder is its weavelite.db."""
    path = (path or read_settings().store).expanduser().absolute()
    return path / "weavelite.db" if path.is_dir() else path


def existing_store(path: Path | None) -> Path:
    """Says which file is meant; raises NotFoundError when there is none."""
    path = store_path(path)
    if not path.exists() and (path.parent / "journal").is_dir():
        drained_store(path)[0].close()
    if not path.exists():
        raise NotFoundError(
            f"There is no store at {path} yet: run a program that calls weavelite.init(), or name "
            "another with --store."
        )
    return path


def drained_store(path: Path | None, *, must_exist: bool = True) -> tuple[Store, Path]:
    """Opens a store and drains what lies in the journal beside it."""
    path = store_path(path)
    if must_exist and not path.exists() and not (path.parent / "journal").is_dir():
        existing_store(path)
    store = SqliteStore(path)
    drain_all(store, path)
    store.estimate()
    return store, path


def choose_project(store: Store, project: str | None) -> str:
    """Takes the project that the user names, or the one with the newest call."""
    known = [f"{item.entity}/{item.name}" for item in store.projects()]
    if project is None:
        if not known:
            raise NotFoundError("The store is empty: run a program that calls weavelite.init().")
        return known[0]
    wanted = str(parse_project(project))
    if wanted not in known:
        raise NotFoundError(
            f"There is no project {wanted}; there are: {', '.join(known) or 'none yet'}."
        )
    return wanted
