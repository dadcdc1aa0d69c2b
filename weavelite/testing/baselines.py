"""What a run under a gate is measured against: a run that is marked, or one of the main line.

The run just before is not safe: after one for the worse, the next would be held against that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.eval.provenance import run_git
from weavelite.records.answers import CallDetail
from weavelite.runs.choosing import Runs, model_name, run_name

MAIN_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
MOST_COMMITS = 500
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Baseline:
    """Is the run to measure against, or none; and in words which it is, or why there is none."""

    run: CallDetail | None
    said: str


def baseline_for(
    runs: Runs,
    run: CallDetail,
    named: str | None = None,
    main: str | None = None,
    folder: Path | None = None,
) -> Baseline:
    """Chooses the run that another is held against.

    It is the one that is named; else the one that was marked; else the newest at the commit where
    the branch left the main line, or before it; and outside of git, the finished run before.

    Args:
        runs: those of the same evaluation.
        run: the run under the gate.
        named: an id, the start of one, the name of a run or of a model.
        main: the main branch; by default that of `origin`, else main or master.
        folder: the repository; by default that of the program.

    """
    if named is not None:
        found = runs.choose(named)
        if found.id == run.id:
            raise NotFoundError(f"The baseline {named!r} is the run itself: name an earlier one.")
        return Baseline(found, f"{run_name(found)}, as asked")
    marked = runs.baseline_of(run)
    if marked is not None and runs.is_marked(marked):
        return Baseline(marked, f"{run_name(marked)}, which is marked")
    earlier = [call for call in runs.calls if _is_earlier(call, run)]
    head = run_git(folder or Path.cwd(), "rev-parse", "HEAD")
    if head is None:
        return _newest(earlier, run, "the finished run before")
    line = _main_line(folder or Path.cwd(), main)
    if not line:
        if main is not None:
            raise NotFoundError(f"Git knows no common commit with {main!r}.")
        return _newest(earlier, run, "the finished run before, since git knows no main branch")
    return _on_line(earlier, run, line, head.strip())


def _is_earlier(call: CallDetail, run: CallDetail) -> bool:
    """Tells the finished runs that began before, and not in the same program."""
    is_before = (call.start_us, call.id) < (run.start_us, run.id)
    same = _fact(call, "program") is not None and _fact(call, "program") == _fact(run, "program")
    return is_before and call.status == "success" and not same


def _fact(call: CallDetail, name: str) -> Any:
    facts = call.attributes.get("run")
    return facts.get(name) if isinstance(facts, dict) else None


def _main_line(folder: Path, main: str | None) -> list[str]:
    """Lists the commits of the main line from where the branch left it, newest first."""
    for branch in (main,) if main is not None else MAIN_BRANCHES:
        base = run_git(folder, "merge-base", "HEAD", branch)
        if base:
            found = run_git(folder, "rev-list", f"--max-count={MOST_COMMITS}", base.strip())
            return (found or "").split()
    return []


def _newest(calls: Sequence[CallDetail], run: CallDetail, said: str) -> Baseline:
    """Takes the newest run, of the same model if there is one."""
    same = [call for call in calls if model_name(call) == model_name(run)]
    for call in [*same, *calls]:
        return Baseline(call, f"{run_name(call)}, {said}")
    return Baseline(None, "there is no finished run before it to compare with")


def _on_line(
    earlier: Sequence[CallDetail], run: CallDetail, line: Sequence[str], head: str
) -> Baseline:
    for is_clean in (True, False):
        for commit in _by_nearness(line, run, head):
            there = [call for call in earlier if _commit(call) == (commit, not is_clean)]
            if there:
                more = "" if is_clean else " with changes that were not committed"
                return _newest(there, run, f"the newest at {commit[:_SHORT]}{more}")
    return Baseline(
        None,
        f"there is no run at {line[0][:_SHORT]}, where the branch left the main one, or before it:"
        " run the evaluation there, or name a baseline",
    )


def _by_nearness(line: Sequence[str], run: CallDetail, head: str) -> Iterator[str]:
    """Yields commits; on the main branch itself, a commit is held against those before it."""
    is_own = line[0] == head and not _commit(run)[1]
    yield from line[1:] if is_own else line
    if is_own:
        yield head


def _commit(call: CallDetail) -> tuple[str | None, bool]:
    """Returns the commit that a run was made at, and whether there was more than the commit."""
    git = _fact(call, "git")
    return (git.get("commit"), bool(git.get("dirty"))) if isinstance(git, dict) else (None, False)
