"""A run knows what made it: commit, branch, what is not committed, packages, command line."""

import asyncio
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.eval.provenance import command_line, drift, git_state, packages, provenance
from weavelite.records.words import EVALUATE

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull,
}  # fmt: skip


@pytest.fixture
def repository(tmp_path):
    """Makes a git repository with one commit, and a way to run git in it."""
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*arguments):
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=os.environ | IDENTITY, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "-q", "-b", "trunk")
    (folder / "prompt.txt").write_text("first")
    git("add", ".")
    git("commit", "-qm", "first")
    return folder, git


def test_a_clean_commit_is_named(repository):
    """Commit and branch are those of git, and nothing is dirty."""
    folder, git = repository
    assert git_state(folder) == {"commit": git("rev-parse", "HEAD"), "branch": "trunk"}


def test_what_is_not_committed_has_a_digest(repository):
    """The digest changes with each change, comes back with the content, and counts new files."""
    folder, _ = repository
    prompt = folder / "prompt.txt"
    found = []
    for text in ("second", "third", "second"):
        prompt.write_text(text)
        found.append(git_state(folder)["dirty"])
    assert found[0] == found[2] != found[1]
    (folder / "new.txt").write_text("x")
    assert git_state(folder)["dirty"] not in found
    prompt.unlink()
    assert git_state(folder)["dirty"] not in found


def test_a_folder_below_the_top_says_the_same(repository):
    """Where in the repository a program runs makes no difference."""
    folder, _ = repository
    (folder / "below").mkdir()
    (folder / "prompt.txt").write_text("changed")
    assert git_state(folder / "below") == git_state(folder)


def test_a_detached_head_has_no_branch(repository):
    """In CI a commit is often checked out without a branch."""
    folder, git = repository
    git("checkout", "-q", "--detach")
    assert git_state(folder) == {"commit": git("rev-parse", "HEAD")}


def test_outside_of_git_nothing_is_said(tmp_path):
    """A folder without a repository has no commit, and costs no error."""
    assert git_state(tmp_path) is None
    assert "git" not in provenance(tmp_path)


def test_git_does_not_get_in_the_way(repository):
    """Looking takes no lock of git's: whoever commits meanwhile is not disturbed."""
    folder, _ = repository
    (folder / "prompt.txt").write_text("changed")
    index = folder / ".git" / "index"
    before = index.stat().st_mtime_ns
    git_state(folder)
    assert index.stat().st_mtime_ns == before
    assert not (folder / ".git" / "index.lock").exists()


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_secrets_of_the_command_line_are_not_kept(secret):
    """What is given to an option that sounds like a secret is left out, in both ways to give it."""
    argv = ["python", "x.py", "--api-key", f"sk-{secret}", f"--token=tk-{secret}", "--rows", "7"]
    kept = command_line(argv)
    assert kept == ["python", "x.py", "--api-key", "…", "--token=…", "--rows", "7"]


def test_packages_are_those_that_are_imported():
    """Python, weavelite and imported packages are there with their versions; others are not."""
    found = packages()
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["pytest"] == pytest.__version__
    assert "hatchling" not in found or "hatchling" in sys.modules


def test_drift_names_what_both_know():
    """Versions that differ are named with both; what only one of them imported is not."""
    now = packages()
    before = {**now, "pytest": "0.1", "gone": "1.0"}
    assert drift({"packages": before}) == [f"pytest 0.1 → {pytest.__version__}"]
    assert drift({"packages": now}) == []
    assert drift({}) == []


def test_many_changes_are_counted():
    """Five are named, the rest is a number."""
    before = {name: "0.0.0" for name in packages()}
    found = drift({"packages": before})
    assert len(found) == 6
    assert found[-1] == f"{len(before) - 5} packages more"


def test_a_run_keeps_it(client, repository, monkeypatch):
    """The run in the store has the commit, the packages and the command of its program."""
    folder, git = repository
    monkeypatch.chdir(folder)
    evaluation = weavelite.Evaluation(dataset=[{"i": 1}], scorers=[lambda output: True])
    asyncio.run(evaluation.evaluate(lambda i: i))
    [run] = client.get_calls({"op_names": [EVALUATE]})
    said = run.attributes["run"]
    assert said["git"] == {"commit": git("rev-parse", "HEAD"), "branch": "trunk"}
    assert said["folder"] == str(folder)
    assert said["command"] == command_line()
    assert said["packages"]["weavelite"] == weavelite.__version__
