"""What made a run: the commit, files that are not committed, packages, and the command line."""

import hashlib
import os
import platform
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from weavelite.version import __version__

PROGRAM = uuid.uuid4().hex
"""Names this start of a program: the runs of one are resumed together."""

PATIENCE = 5.0
"""Seconds after which git is left alone: the folder may be on a network."""
_DIRTY_FILES, _DIRTY_BYTES = 1000, 64 * 1024 * 1024
_DISTRIBUTION = re.compile(r"(.+)-([^-]+)\.dist-info")
_SECRET = re.compile(r"(?i)(key|token|secret|passw|auth)")
_NAMED = 5


def provenance(folder: Path | None = None) -> dict[str, Any]:
    """Tells what can be told of the program that runs here; takes some 20 ms."""
    found = {
        "program": PROGRAM,
        "command": command_line(),
        "folder": str(Path.cwd() if folder is None else folder),
        "git": git_state(Path.cwd() if folder is None else folder),
        "packages": packages(),
    }
    return {name: value for name, value in found.items() if value}


def command_line(argv: list[str] | None = None) -> list[str]:
    """Returns how the program was started; what looks like a secret is left out."""
    given = list(sys.orig_argv if argv is None else argv)
    shown = []
    hide = False
    for argument in given:
        name, equals, _ = argument.partition("=")
        secret = argument.startswith("-") and bool(_SECRET.search(name))
        shown.append("…" if hide else f"{name}=…" if secret and equals else argument)
        hide = secret and not equals
    return shown


def git_state(folder: Path) -> dict[str, Any] | None:
    """Returns commit, branch, and the digest of what is not committed; None outside of git."""
    commit = run_git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    state: dict[str, Any] = {"commit": commit.strip()}
    branch = run_git(folder, "symbolic-ref", "--short", "-q", "HEAD")
    if branch:
        state["branch"] = branch.strip()
    dirty = run_git(
        folder, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal"
    )
    if dirty:
        top = run_git(folder, "rev-parse", "--show-toplevel")
        state["dirty"] = _digest(Path((top or str(folder)).strip()), dirty.split("\0")[:-1])
    return state


def run_git(folder: Path, *arguments: str) -> str | None:
    """Returns what git prints; None where it fails, or there is none."""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True, timeout=PATIENCE, check=False, env=environment,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):  # there is no git here
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _digest(top: Path, changes: list[str]) -> str:
    """Names the state of files that differ from the commit: paths, what became of them, content."""
    digest = hashlib.sha256()
    left = _DIRTY_BYTES
    for change in changes[:_DIRTY_FILES]:
        digest.update(change.encode("utf-8", "surrogateescape") + b"\0")
        path = top / change[3:]
        try:
            size = path.stat().st_size
            if path.is_file() and size <= left:
                left -= size
                digest.update(path.read_bytes())
        except OSError:  # it is deleted
            continue
    digest.update(str(len(changes)).encode())
    return digest.hexdigest()[:16]


def packages() -> dict[str, str]:
    """Returns the versions of Python, of weavelite, and of the packages that are imported."""
    loaded = {name.partition(".")[0] for name in list(sys.modules)} - {"weavelite"}
    own = {"python": platform.python_version(), "weavelite": __version__}
    return own | {
        name: version
        for name, version in _installed(tuple(sys.path))
        if name.lower().replace("-", "_") in loaded
    }


@cache
def _installed(folders: tuple[str, ...]) -> list[tuple[str, str]]:
    return sorted(set(_distributions(folders)))


def _distributions(folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # an archive, or nothing
            continue
        for name in names:
            found = _DISTRIBUTION.fullmatch(name)
            if found is not None:
                yield found[1], found[2]


def drift(earlier: Mapping[str, Any]) -> list[str]:
    """Names the packages whose versions differ between an earlier run and this program."""
    before, now = earlier.get("packages") or {}, packages()
    changed = [
        f"{name} {before[name]} → {now[name]}"
        for name in before
        if name in now and now[name] != before[name]
    ]
    more = len(changed) - _NAMED
    return changed[:_NAMED] + ([f"{more} packages more"] if more > 0 else [])
