"""`weavelite export` writes what was asked for into one file, or says why not."""

from contextlib import closing

import pytest
from typer.testing import CliRunner

import weavelite
from weavelite.cli.commands import app
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore


@weavelite.op
def answer(question):
    return question.upper()


@pytest.fixture
def run(tmp_path):
    store = tmp_path / "weavelite.db"
    client = weavelite.init("test", store=store)
    for word in ("one", "two", "three"):
        answer(word)
    client.flush()
    weavelite.finish()

    def run(*arguments, store=store):
        done = CliRunner().invoke(app, [*map(str, arguments), "--store", str(store)])
        return done.exit_code, done.output + str(done.exception or "")

    return run


def test_a_filter_chooses_traces(run, tmp_path):
    """Only traces that match are in the slice, and the output says how many there are."""
    target = tmp_path / "slice.weavelite"
    code, output = run("export", "two", "-o", target)
    assert (code, "1 of 1 traces that match, 1 calls" in output) == (0, True)
    with closing(SqliteStore(target)) as slice:
        [call] = slice.details(CallQuery(project="local/test"))
    assert call.inputs == {"question": "two"}


def test_the_newest_are_taken_up_to_a_limit(run, tmp_path):
    """With a limit of two, the output says that three match."""
    _, output = run("export", "-n", 2, "-o", tmp_path / "slice.weavelite")
    assert "2 of 3 traces that match" in output


def test_a_slice_comes_into_another_store(run, tmp_path):
    """`weavelite merge` takes a slice in."""
    run("export", "-o", tmp_path / "slice.weavelite")
    code, output = run("merge", tmp_path / "slice.weavelite", store=tmp_path / "other.db")
    assert (code, "3 calls" in output) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-o", "share.pdf"), "ends in .html or .weavelite or .csv"),
        (("nowhere", "-o", "share.html"), "No trace of local/test matches 'nowhere'"),
    ],
)
def test_what_cannot_be_written_is_said(run, arguments, says):
    """A wrong name or an empty choice ends with a sentence that says what to do."""
    code, output = run("export", *arguments)
    assert (code != 0, says in output) == (True, True)


def test_nothing_is_replaced_unless_told(run, tmp_path):
    """A file that is there stays as it is, but for --force."""
    target = tmp_path / "slice.weavelite"
    target.write_text("mine")
    code, output = run("export", "-o", target)
    assert (code != 0, "--force" in output, target.read_text()) == (True, True, "mine")
    assert run("export", "-o", target, "--force")[0] == 0


def test_a_table_has_a_row_a_call(run, tmp_path):
    """A table of all that match, with the columns that are named, and no limit by itself."""
    target = tmp_path / "calls.csv"
    code, output = run("export", "-o", target, "--columns", "op_name,inputs.question")
    assert (code, "3 calls" in output) == (0, True)
    assert target.read_text().splitlines() == [
        "op_name,inputs.question", "answer,three", "answer,two", "answer,one",
    ]  # fmt: skip
