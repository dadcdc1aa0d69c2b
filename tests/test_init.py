"""`init` starts tracing, says where, and lets the program go on where it can."""

import errno
import logging
import os
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import weavelite
from weavelite.errors import InvalidNameError, SettingError, StoreError
from weavelite.journal.segment import RETRY_SECONDS
from weavelite.refs import Project
from weavelite.settings import read_settings
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION


@weavelite.op
def work(x):
    return x


def program(code, cwd, **environment):
    """Runs a program of a user's in a folder."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True,
    )  # fmt: skip


def test_the_project_is_the_folder_or_the_repository(tmp_path):
    """Without a name, the project is the git repository's, or the folder's."""
    code = "import weavelite; print(weavelite.init().project)"
    plain = tmp_path / "my app"
    inside = tmp_path / "repo" / "src"
    for folder in (plain, inside):
        folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    assert program(code, plain).stdout.strip() == "local/my app"
    assert program(code, inside).stdout.strip() == "local/repo"
    assert program(code, plain, WEAVELITE_PROJECT="team/x").stdout.strip() == "team/x"


def test_the_link_is_printed_once(tmp_path):
    """`init` prints one line with the link, to stderr, and nothing is printed later."""
    code = """
        import weavelite
        weavelite.init("test"); weavelite.init("test")
        @weavelite.op
        def work(): return 1
        work()
        """
    answer = program(code, tmp_path, WEAVELITE_PRINT_LINK="true")
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1
    assert "http://127.0.0.1:8420/local/test/traces" in answer.stderr


def test_the_same_project_again_is_the_same_client(store_path):
    """A second `init` of the same project returns the client; of another, it switches."""
    first = weavelite.init("one", store=store_path)
    assert weavelite.init("local/one", store=store_path) is first
    work(1)
    second = weavelite.init("two", store=store_path)
    work(2)
    assert second.project == Project("local", "two")
    assert [call.inputs["x"] for call in second.get_calls()] == [2]
    assert [call.inputs["x"] for call in weavelite.init("one", store=store_path).get_calls()] == [1]


def test_a_variable_starts_tracing_without_init(tmp_path):
    """With WEAVELITE_PROJECT set an op starts tracing; without, it runs untraced."""
    code = """
        import weavelite
        @weavelite.op
        def work(): return 1
        work()
        print(weavelite.get_client() and weavelite.get_client().get_calls()[0].op_name)
        """
    assert program(code, tmp_path).stdout.strip() == "None"
    assert program(code, tmp_path, WEAVELITE_PROJECT="auto").stdout.strip() == "work"


@pytest.mark.parametrize("name", ["a/b/c", "", "x/", "ä", "a:b"])
def test_a_bad_project_name_is_refused(name):
    """A name that cannot be is refused before anything is made."""
    if name == "":
        os.environ["WEAVELITE_PROJECT"] = "a/b/c"
    with pytest.raises(InvalidNameError, match="is not a project name"):
        weavelite.init(name)
    assert weavelite.get_client() is None


def test_a_bad_export_is_refused(store_path):
    """An export that is not known is refused by name."""
    with pytest.raises(SettingError, match='expected "otlp"'):
        weavelite.init("test", store=store_path, export="kafka")


def test_a_store_that_cannot_be_opened_keeps_the_calls(tmp_path, caplog):
    """When the store is no store, calls go to the journal, and reading says what to do."""
    path = tmp_path / "weavelite.db"
    path.write_text("this is not a database at all, " * 50)
    with caplog.at_level(logging.WARNING, "weavelite"):
        client = weavelite.init("test", store=path)
        assert work(1) == 1
        with pytest.raises(StoreError, match="WEAVELITE_HOME"):
            list(client.get_calls())
        weavelite.finish()
    assert len(list((tmp_path / "journal").iterdir())) == 1
    assert "keeps" in caplog.text
    path.unlink()
    client = weavelite.init("test", store=path)
    assert [call.inputs for call in client.get_calls()] == [{"x": 1}]


def test_a_full_disk_is_survived(store_path, caplog):
    """On a full disk ops return what they return; with space again, calls are kept again."""
    full = []

    def write(fd, data):
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    client = Client(Project("local", "test"), store_path, read_settings(), write=write)
    SESSION.client = SESSION.tracing = client
    work(1)
    full.append(True)
    with caplog.at_level(logging.WARNING, "weavelite"):
        assert [work(2), work(3)] == [2, 3]
        full.clear()
        time.sleep(RETRY_SECONDS)
        work(4)
    assert [call.inputs["x"] for call in client.get_calls()] == [1, 4]
    lost = client.journal.lost
    assert lost >= 2
    first, last = [record.getMessage() for record in caplog.records]
    assert "Free some space" in first
    assert f"{lost} records were lost" in last


def test_a_folder_that_cannot_be_written_is_survived(tmp_path, caplog):
    """When nothing can be written, the program runs, and is told so."""
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING, "weavelite"):
        client = weavelite.init("test", store=tmp_path / "file" / "weavelite.db")
        assert work(1) == 1
        with pytest.raises(StoreError):
            list(client.get_calls())
        weavelite.finish()
    assert "cannot write" in caplog.text


def test_what_is_kept_is_the_owners(client, store_path):
    """Journal, store and their folder can be read by the owner only."""
    work(1)
    client.flush()
    for path in (client.journal.path, store_path, Path(f"{store_path}-wal")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_finish_leaves_a_drained_store(client, store_path):
    """After `finish` all is in the store, no journal is left, and ops run untraced."""
    work(1)
    weavelite.finish()
    assert list((store_path.parent / "journal").iterdir()) == []
    assert work(2) == 2


def test_reading_what_was_just_written(client):
    """`get_calls` has what was traced before it, with filter, order and limit."""
    for x in range(10):
        work(x)
    newest = client.get_calls(
        filter={"op_names": ["work"]},
        sort_by=[{"field": "started_at", "direction": "desc"}],
        limit=3,
    )
    assert [call.inputs["x"] for call in newest] == [9, 8, 7]
    frame = newest.to_pandas()
    assert list(frame["op_name"]) == ["work"] * 3 and len(frame) == len(newest) == 3


def test_feedback_through_a_call(client):
    """Reactions and notes are added to a call, read from it, and taken back."""
    _, call = work.call(1)
    thumb = call.feedback.add_reaction("👍")
    call.feedback.add_note("good")
    assert [item.payload for item in call.feedback] == [{"emoji": "👍"}, {"note": "good"}]
    assert call.feedback.purge(thumb) == 1
    assert len(call.feedback) == 1


def test_a_call_can_be_deleted(client):
    """A deleted call is gone with all below it."""

    @weavelite.op
    def outer():
        return work(1)

    _, call = outer.call()
    assert call.delete() == 2
    assert len(client.get_calls()) == 0


@pytest.mark.parametrize("wrong", [5, b"name", ["name"]])
def test_names_that_are_no_text_are_refused(client, wrong):
    """A project or a ref that is no text is an error that says what to write."""
    with pytest.raises(InvalidNameError, match="is named by a text"):
        weavelite.init(wrong)
    with pytest.raises(InvalidNameError, match="A ref is a text"):
        weavelite.ref(wrong)
