"""Runs that were stopped go on from the command line, and answers are scored again."""

import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
import asyncio, os
import weavelite

weavelite.init("again")
ROWS = [{"i": i} for i in range(12)]

def double(i):
    return i * 2

def right(i, output):
    return output == i * 2

def small(output):
    return output < LIMIT

LIMIT = 10

class Model(weavelite.Model):
    offset: int
    def predict(self, i):
        print("asked", self.offset, i, flush=True)
        if os.environ.get("DIE") and self.offset == 1 and i == 7:
            os.kill(os.getpid(), 9)
        return double(i) + self.offset

if __name__ == "__main__":
    evaluation = weavelite.Evaluation(name="doubles", dataset=ROWS, scorers=[right, small])
    for offset in (0, 1):
        asyncio.run(evaluation.evaluate(Model(offset=offset), parallelism=1))
"""


@pytest.fixture
def start(tmp_path):
    """Starts a program in the folder of the test, and returns it when it has ended."""
    (tmp_path / "doubles.py").write_text(textwrap.dedent(PROGRAM))
    environment = {**os.environ, "WEAVELITE_HOME": str(tmp_path / "home")}

    def run(*command, **more):
        return subprocess.run(
            [sys.executable, *command],
            env=environment | more, cwd=tmp_path, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def eval_command(start, *arguments):
    return start("-m", "weavelite", "eval", *arguments)


def asked(done):
    return [line for line in done.stdout.splitlines() if line.startswith("asked")]


def test_a_killed_program_goes_on_where_it_was(start):
    """Finished evaluations of the program are not asked again, the killed one asks what is left."""
    assert start("doubles.py", DIE="1").returncode == -9
    refused = eval_command(start, "resume")
    assert refused.returncode == 2
    assert "--yes" in refused.stderr and "doubles.py" in refused.stderr
    done = eval_command(start, "resume", "--yes")
    assert done.returncode == 0, done.stderr
    assert asked(done) == [f"asked 1 {i}" for i in range(7, 12)]
    assert "7 reused, 5 run" in done.stderr


def test_the_program_can_be_named(start):
    """What is named is started, with its own status at the end."""
    start("doubles.py", DIE="1")
    done = eval_command(start, "resume", "latest", sys.executable, "-c", "raise SystemExit(7)")
    assert done.returncode == 7


def test_nothing_to_go_on_with_is_said(start):
    """When all runs came to their end there is nothing to resume."""
    start("doubles.py")
    done = eval_command(start, "resume", "--yes")
    assert done.returncode == 2
    assert "nothing to go on with" in done.stderr


def test_answers_are_scored_again(start, tmp_path):
    """A changed scorer runs on the answers; the others' scores are kept; no model is asked."""
    start("doubles.py")
    text = (tmp_path / "doubles.py").read_text().replace("LIMIT = 10", "LIMIT = 5")
    (tmp_path / "stricter.py").write_text(text)
    done = eval_command(start, "rescore", "latest", "stricter.py:small")
    assert done.returncode == 0, done.stderr
    assert not asked(done)
    assert "12 reused, 0 run; small scored again: 12" in done.stderr
    compared = eval_command(start, "compare", "previous", "latest")
    assert "version in both" in compared.stdout


def test_the_same_scorer_is_not_run_again(start):
    """A scorer read from its file is the same version as in the program that ran it."""
    start("doubles.py")
    done = eval_command(start, "rescore", "latest", "doubles.py:small")
    assert done.returncode == 0, done.stderr
    assert "12 reused, 0 run\n" in done.stderr


@pytest.mark.parametrize(
    ("scorers", "said"),
    [
        ("nowhere.py", "There is no file"),
        ("doubles.py:big", "there are: right, small"),
    ],
)
def test_scorers_that_are_not_there_are_said(start, scorers, said):
    """A file and a name that are not there are named, with what is."""
    start("doubles.py")
    done = eval_command(start, "rescore", "latest", scorers)
    assert done.returncode == 2
    assert said in done.stderr
