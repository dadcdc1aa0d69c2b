"""The commands that look after a store say what they did, and what to do where they cannot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import weavelite
from weavelite.cli.commands import app

PROGRAM = """
import os, weavelite
weavelite.init("test")
@weavelite.op
def answer(question): return question
answer("why?" * 200)
os._exit(0)
"""


@pytest.fixture
def run():
    def run(*arguments, code=0):
        result = CliRunner().invoke(app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def home():
    """A home in which a program has traced a call, and ended without a word."""
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
    return Path(os.environ["WEAVELITE_HOME"])


def test_doctor_drains_what_ended_programs_left(run, home):
    """What a dead program left in the journal is in the store after doctor, which says so."""
    said = run("doctor")
    assert "of 1 ended program(s) put into the store" in said
    assert "1 traces, no damage" in said
    assert not list((home / "journal").glob("*.wlj"))


def test_doctor_knows_a_mistyped_setting(run, home):
    """A variable that is no setting is named with the one it resembles."""
    os.environ["WEAVELITE_PROJCT"] = "x"
    assert "did you mean WEAVELITE_PROJECT?" in run("doctor", code=1)


def test_doctor_says_that_tracing_is_off(run, home):
    """Where nothing is traced since it was turned off, doctor says so."""
    os.environ["WEAVELITE_DISABLED"] = "true"
    assert "nothing is traced" in run("doctor", code=1)


def test_doctor_without_a_store_says_how_to_begin(run):
    """Before the first call there is no store, and that is no fault."""
    assert "run a program that calls weavelite.init()" in run("doctor")


def test_doctor_makes_a_store_private(run, home):
    """A store that others can read is made its owner's alone."""
    run("doctor")
    (home / "weavelite.db").chmod(0o644)
    assert "now it is yours alone" in run("doctor")
    assert (home / "weavelite.db").stat().st_mode & 0o077 == 0


def test_doctor_leads_to_salvage(run, home):
    """A damaged store is found, and the command that doctor names makes a good one."""
    weavelite.init("test")
    for number in range(50):
        weavelite.op(lambda text: text)(f"{number} " * 500)
    weavelite.finish()
    run("doctor")
    path = home / "weavelite.db"
    path.write_bytes(path.read_bytes()[:-5000])
    assert "weavelite db salvage" in run("doctor", code=1)
    assert "the damaged store is kept as" in run("db", "salvage")
    assert "no damage" in run("db", "check")


def test_a_store_is_checked_backed_up_and_compacted(run, home, tmp_path):
    """The commands of db say what they did, with sizes."""
    assert "no damage" in run("db", "check")
    assert "weavelite ui --store" in run("db", "backup", str(tmp_path / "copy"))
    assert "KB now" in run("db", "vacuum")
    assert "0 calls" in run("db", "merge", str(tmp_path / "copy" / "weavelite.db"))
    assert "0 texts" in run("gc")
    assert "0 texts" in run("db", "gc")


def test_a_collection_while_a_program_traces_keeps_content(run, home):
    """While a program runs, what it may refer to again stays, and gc says so."""
    weavelite.init("test")

    @weavelite.op
    def quick():
        return 1

    quick()
    assert "1 program(s) trace into this store" in run("gc")
