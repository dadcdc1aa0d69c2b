"""A small repository of a user: a prompt, a model that reads it, an evaluation, and gates."""

import os
import subprocess
import sys
import textwrap

GOOD = "Answer with the number only.\n"
WORSE = "Answer.\n"

MODEL = """
from pathlib import Path

import weavelite

PROMPT = (Path(__file__).parent / "prompt.txt").read_text()


@weavelite.op
def answer(n: int) -> str:
    is_terse = "number only" in PROMPT
    return str(n * 2) if is_terse or n % 3 else f"It is {n * 2}."
"""

EVALUATION = """
import weavelite
from model import answer

weavelite.init("sample")


@weavelite.op
def exact(n: int, output: str) -> bool:
    return output == str(n * 2)


evaluation = weavelite.Evaluation(
    name="doubles", dataset=[{"n": n} for n in range(30)], scorers=[exact]
)
model = answer
"""

TESTS = """
import pytest
from model import answer

from weavelite.testing import assert_not_worse


@pytest.mark.weavelite(evaluation="doubles")
@pytest.mark.parametrize("n", range(30))
def test_doubles(n, weavelite_case):
    weavelite_case.output = answer(n)
    weavelite_case.score("exact", weavelite_case.output == str(n * 2))


def test_not_worse():
    assert_not_worse("exact", margin=0.02)
"""


class Repository:
    """A git repository in a folder, in which programs run with a store of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder.parent / "home"
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.write("prompt.txt", GOOD)
        self.write("model.py", MODEL)
        self.write("evaluate.py", EVALUATION)
        self.write("test_doubles.py", TESTS)
        self.write(".gitignore", "__pycache__/\n")
        self.commit("a sample")

    def git(self, *arguments):
        who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
        command = ["git", *who, "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def write(self, name, text):
        (self.folder / name).write_text(textwrap.dedent(text))

    def commit(self, message):
        self.git("add", ".")
        self.git("commit", "-q", "-m", message)

    def run(self, *command, **more):
        environment = os.environ | {"WEAVELITE_HOME": str(self.home), "COLUMNS": "200"} | more
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.folder, env=environment, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def evaluate(self, *arguments):
        return self.run("-m", "weavelite", "eval", "run", "evaluate.py", *arguments)

    def test(self, *arguments, **more):
        return self.run("-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments, **more)
