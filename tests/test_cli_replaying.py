"""Calls are run again, and traces compared, from the command line."""

import os
import subprocess
import sys

import pytest

from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

PROGRAM = """
import weavelite

weavelite.init("app")

@weavelite.op
def search(q):
    return q.upper()

class Bot(weavelite.Model):
    greeting: str
    model: str = "small"

    def predict(self, question, size=1):
        return f"{self.greeting}, {self.model} says: {search(question)} {size + 1}"

if __name__ == "__main__":
    bot = Bot(greeting="Hello")
    for question in ("why sky", "why sky", "why sea"):
        bot.predict(question)
"""


@pytest.fixture
def start(tmp_path):
    """Runs a command of weavelite in the folder of the test, whose program has run."""
    (tmp_path / "app.py").write_text(PROGRAM)
    environment = os.environ | {"WEAVELITE_HOME": str(tmp_path / "home"), "COLUMNS": "200"}

    def run(*command):
        return subprocess.run(
            [sys.executable, *command], env=environment, cwd=tmp_path, capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    assert run("app.py").returncode == 0
    return lambda *command: run("-m", "weavelite", *command)


@pytest.fixture
def ids(start, tmp_path):
    """The ids of the program's three traces, oldest first."""
    start("ls")
    store = SqliteStore(tmp_path / "home" / "weavelite.db")
    calls = store.details(CallQuery(project="local/app", op_names=["Bot.predict"]))
    found = sorted(call.id for call in calls)
    store.close()
    return found


def test_a_call_is_run_again_with_changes(start, ids):
    """Texts stay texts, other values are read as JSON, and the difference is shown by words."""
    done = start(
        "replay", ids[0], "app.py", "--set", "inputs.question=why 7", "--set", "self.greeting=Hi",
        "--set", "size=41", "--model", "large",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    line = "[-Hello-]{+Hi+}, [-small-]{+large+} says: WHY [-SKY-]{+7+} [-2-]{+42+}"
    assert line in done.stdout, done.stdout
    assert "latency: " in done.stdout


def test_a_module_will_do(start, ids):
    """A module's name, and a function after a colon, name the code as well."""
    done = start("replay", ids[0], "app:Bot.predict")
    assert done.returncode == 0 and "the output is the same" in done.stdout, done.stderr


def test_a_call_that_fails_is_status_1(start, ids):
    """The error of the new call is shown."""
    done = start("replay", ids[0], "app.py", "--set", 'size="x"')
    assert done.returncode == 1 and "TypeError" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "There is no file"),
        (["nowhere"], "no file or module"),
        (["app.py:nothing"], "no function nothing"),
        (["app.py", "--set", "question"], "PATH=VALUE"),
        (["app.py", "--set", "inputs.a.b=1"], "question, size"),
    ],
)
def test_mistakes_are_said(start, ids, arguments, said):
    """What cannot be run is status 2, with a sentence."""
    done = start("replay", ids[0], *arguments)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_traces_that_are_the_same(start, ids):
    """Two runs of the same thing are status 0."""
    done = start("diff", ids[0], ids[1])
    assert done.returncode == 0 and "the same: 2 calls" in done.stdout, done.stdout


def test_the_first_call_that_diverges(start, ids):
    """Another question is found in the inputs of the root, by its words, with status 1."""
    done = start("diff", ids[0], ids[2])
    assert done.returncode == 1
    assert "inputs differ" in done.stdout and "[-sky-]{+sea+}" in done.stdout
    assert "0 of 2 and 2 calls are the same" in done.stdout


def test_a_trace_that_is_not_there(start, ids):
    """An id that means nothing is status 2."""
    assert start("diff", ids[0], "0" * 32).returncode == 2
