"""Files with evaluations are run as Python runs them, and gated."""

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

DEFINES = """
import os, sys
import weavelite

print("started", __name__, *sys.argv[1:])
weavelite.init("gated")
ERRORS = os.environ.get("ERRORS")
BAD = int(os.environ.get("BAD", "0"))

class Double(weavelite.Model):
    bad: int = BAD

    def predict(self, n):
        if ERRORS == "model" and n == 3:
            raise ValueError("no idea")
        return n * 2 if n >= self.bad else -1

def exact(n, output):
    if ERRORS == "scorer" and n == 4:
        raise RuntimeError("no opinion")
    return output == n * 2

evaluation = weavelite.Evaluation(
    name="doubles", dataset=[{"n": n} for n in range(30)], scorers=[exact]
)
model = Double()
"""

RUNS = """
if __name__ == "__main__":
    import asyncio
    asyncio.run(evaluation.evaluate(model))
"""


@pytest.fixture
def start(tmp_path):
    """Starts `weavelite eval run doubles.py` in the folder of the test."""
    (tmp_path / "doubles.py").write_text(DEFINES)

    def run(*arguments, file="doubles.py", **more):
        return subprocess.run(
            [sys.executable, "-m", "weavelite", "eval", "run", file, *arguments],
            env=os.environ | {"WEAVELITE_HOME": str(tmp_path / "home")} | more,
            cwd=tmp_path, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


def runs_of(start, *arguments, **more):
    done = start("--json", *arguments, **more)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)["runs"]


def test_what_a_file_defines_is_run(start):
    """A file that defines an evaluation and a model, and runs nothing, is run on them."""
    done = start("--fail-under", "exact=0.9")
    assert done.returncode == 0, done.stderr
    assert "✓ exact at least 0.9" in done.stdout


def test_what_a_file_runs_is_not_run_again(start, tmp_path):
    """A file is `__main__`, gets its arguments, and is judged by the runs that it makes itself."""
    (tmp_path / "doubles.py").write_text(DEFINES + RUNS)
    done = start("--json", "--", "--fast", "x")
    assert "started __main__ --fast x" in done.stderr
    assert len(json.loads(done.stdout)["runs"]) == 1


def test_several_models_are_several_runs(start, tmp_path):
    """`models` are run one after the other."""
    text = DEFINES.replace("model = Double()", "models = [Double(), Double(bad=2)]")
    (tmp_path / "doubles.py").write_text(text)
    assert [run["metrics"]["exact"] for run in runs_of(start)] == [1.0, pytest.approx(28 / 30)]


def test_the_program_is_the_same_as_pythons(start, tmp_path):
    """What `python FILE` has run need not be run again: models and scorers are the same."""
    (tmp_path / "doubles.py").write_text(DEFINES + RUNS)
    subprocess.run([sys.executable, "doubles.py"], cwd=tmp_path, check=True, capture_output=True)
    done = start("--reuse")
    assert "30 reused, 0 run" in done.stderr, done.stderr


def test_a_worse_run_fails(start, tmp_path):
    """Against the run before, the gate is broken: status 1, in words, in JUnit and in Markdown."""
    assert start("--not-worse", "exact").returncode == 1, "there is nothing to compare with"
    assert start("--not-worse", "exact=0.02").returncode == 0
    done = start(
        "--not-worse", "exact=0.02", "--junit", "out/junit.xml", "--markdown", "out/gate.md",
        BAD="15",
    )  # fmt: skip
    assert done.returncode == 1
    assert "✗ exact not worse by more than 0.02: worse by more than 2.0 points" in done.stdout
    (suite,) = ElementTree.parse(tmp_path / "out/junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    assert "| exact | 100.0 % | 50.0 % |" in (tmp_path / "out/gate.md").read_text()


def test_a_named_baseline_is_taken(start):
    """`--baseline` is what a run is held against, however new others are."""
    (good,) = runs_of(start)
    runs_of(start, BAD="15")
    (bad,) = runs_of(start, "--not-worse", "exact", BAD="15")
    assert bad["gates"][0]["outcome"] == "held"
    (bad,) = runs_of(start, "--not-worse", "exact", "--baseline", good["id"], BAD="15")
    assert bad["gates"][0]["outcome"] == "broken" and bad["baseline"] == good["id"]


@pytest.mark.parametrize("who", ["model", "scorer"])
def test_errors_decide_nothing(start, who):
    """Rows without an answer or a score fail a gate with a sentence, and are allowed on request."""
    done = start("--fail-under", "exact=0.1", ERRORS=who)
    assert done.returncode == 1
    assert "? exact at least 0.1: cannot be decided: 1 " in done.stdout
    assert start("--fail-under", "exact=0.1", "--allow-errors", "1", ERRORS=who).returncode == 0


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise ValueError('broken')", "ValueError: broken"),
        ("import sys; sys.exit(3)", "ended with 3"),
        ("x = 1", "ran no evaluation, and defines none"),
        (DEFINES.replace("model = Double()", ""), "defines no model"),
        (DEFINES.replace("def predict(self, n)", "def predict(self, m)"), "m"),
    ],
)
def test_what_does_not_run_is_status_2(start, tmp_path, program, said):
    """A file that fails, or has nothing to run, is not a gate that failed."""
    (tmp_path / "doubles.py").write_text(program)
    done = start("--fail-under", "exact=0")
    assert done.returncode == 2
    assert said in done.stderr
    assert "programs.py" not in done.stderr


def test_a_file_or_gate_that_is_none_is_status_2(start):
    """A mistake in the command runs nothing."""
    assert start(file="nowhere.py").returncode == 2
    done = start("--not-worse", "exact=lots")
    assert done.returncode == 2 and "started" not in done.stdout


def test_a_file_needs_no_init(start, tmp_path):
    """Where the file does not say, the project is the one that is asked for."""
    (tmp_path / "doubles.py").write_text(DEFINES.replace('weavelite.init("gated")', ""))
    done = start("--project", "elsewhere", "--fail-under", "exact=1")
    assert done.returncode == 0, done.stderr
    assert "elsewhere" in done.stderr


def test_an_interrupted_run_goes_on(start, tmp_path):
    """`--resume` runs what is left; the settings of the command reach the runner."""
    killing = DEFINES.replace(
        "return n * 2", "os.kill(os.getpid(), 9) if n == 20 else 0; return n * 2"
    )
    (tmp_path / "doubles.py").write_text(
        killing.replace("n == 20", "n == 20 and 'DIE' in os.environ")
    )
    assert start("--parallelism", "1", DIE="1").returncode == -9
    done = start("--resume")
    assert "20 reused, 10 run" in done.stderr, done.stderr
