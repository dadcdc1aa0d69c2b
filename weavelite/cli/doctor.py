"""What is wrong with an installation and its store, and mended where it can be."""

import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from weavelite.autopatch.listing import libraries
from weavelite.cli.options import store_path
from weavelite.cli.show import size
from weavelite.errors import StoreError, WeaveliteError
from weavelite.journal.drain import drain_all
from weavelite.journal.state import journal_state, remove_unborn
from weavelite.settings import origins, read_settings, unknown_variables
from weavelite.store.care import bytes_of, check
from weavelite.store.sqlite import SqliteStore
from weavelite.version import __version__

LITTLE_SPACE = 500_000_000
PRIVATE = 0o077
SALVAGE = "stop the programs that trace into this store, then: weavelite db salvage"


class Finding(NamedTuple):
    """Is one thing that was looked at: well, worth knowing, or bad."""

    mark: str
    text: str
    bad: bool = False


def well(text: str) -> Finding:
    """Says that something is as it should be."""
    return Finding("✓", text)


def note(text: str) -> Finding:
    """Says what is worth knowing."""
    return Finding("·", text)


def bad(text: str) -> Finding:
    """Says what is wrong and what to do."""
    return Finding("✗", text, bad=True)


def findings(store: Path | None) -> Iterator[Finding]:
    """Yields what there is to say, from the installation to the store."""
    yield well(
        f"weavelite {__version__}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, {sys.platform}"
    )
    yield from _settings()
    path = store_path(store)
    yield from _folder(path.parent)
    if path.exists() or (path.parent / "journal").is_dir():
        yield from _store(path)
    else:
        yield note(f"no store at {path} yet: run a program that calls weavelite.init()")
    yield from _libraries()


def _settings() -> Iterator[Finding]:
    for name, similar in unknown_variables():
        hint = f"; did you mean {similar}?" if similar else "; weavelite settings lists all"
        yield bad(f"{name} is set, and is no setting{hint}")
    try:
        changed = [item.variable for item in origins() if item.origin != "default"]
        yield well(f"settings: {', '.join(changed) or 'all as by default'}")
        if read_settings().disabled:
            yield bad("WEAVELITE_DISABLED is set: nothing is traced")
    except WeaveliteError as error:
        yield bad(str(error))


def _folder(folder: Path) -> Iterator[Finding]:
    there = folder
    while not there.exists():
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        yield bad(f"{there} cannot be written to: name another folder with WEAVELITE_HOME")
        return
    free = shutil.disk_usage(there).free
    text = f"{folder}: {size(free)} free"
    yield bad(f"{text}: make room, or calls will be lost") if free < LITTLE_SPACE else well(text)


def _store(path: Path) -> Iterator[Finding]:
    try:
        store = SqliteStore(path)
    except StoreError as error:
        yield from _broken(error)
        return
    try:
        yield from _drained(store, path)
        problems = check(path)
        for problem in problems:
            yield bad(f"store: {problem}")
        if problems:
            yield bad(SALVAGE)
        else:
            traces = sum(project.traces for project in store.projects())
            taken = size(bytes_of(path))
            yield well(f"store {path.name}: {taken}, {traces:,} traces, no damage")
        yield from _privacy(path)
        for name, count in store.counters().items():
            yield note(f"since the store was made: {count:,} {name}")
    except StoreError as error:
        yield from _broken(error)
    finally:
        store.close()


def _broken(error: StoreError) -> Iterator[Finding]:
    yield bad(str(error))
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_CORRUPT:
        yield bad(SALVAGE)


def _drained(store: SqliteStore, path: Path) -> Iterator[Finding]:
    before = journal_state(store, path)
    removed = remove_unborn(path)
    drain_all(store, path)
    after = journal_state(store, path)
    if before.ended:
        moved = size(before.waiting_bytes)
        yield well(f"journal: {moved} of {before.ended} ended program(s) put into the store")
    if after.ended:
        yield bad(f"journal: {after.ended} segment(s) of ended programs cannot be drained")
    if removed:
        yield well(f"journal: {removed} empty leftover(s) removed")
    if after.foreign:
        yield note(
            f"journal: {len(after.foreign)} segment(s) of other stores or versions are left alone: "
            f"{', '.join(after.foreign[:3])}"
        )
    yield well(f"journal: nothing waits; {after.running} program(s) trace now")


def _privacy(path: Path) -> Iterator[Finding]:
    if path.stat().st_mode & PRIVATE:
        try:
            path.chmod(0o600)
            yield well(f"{path.name} could be read by others: now it is yours alone")
        except OSError as error:
            yield bad(f"{path.name} can be read by others: {error.strerror}")


def _libraries() -> Iterator[Finding]:
    settings = read_settings()
    for library in libraries(disabled=settings.disabled, langchain=settings.trace_langchain):
        mark = well if library.traced else bad if library.broken else note
        yield mark(f"{library.title}: {library.why}")
