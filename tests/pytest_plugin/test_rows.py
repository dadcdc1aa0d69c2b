"""Marked tests are rows of an evaluation; all others are none of its business."""

import os
import subprocess
import sys
import textwrap

import pytest

from weavelite.runs.reading import compare_calls, evaluate_calls
from weavelite.store.sqlite import SqliteStore


@pytest.fixture
def session(tmp_path):
    """Runs pytest on the text of a test file; returns what it says, and then the store."""

    class Session:
        home = tmp_path / "home"

        def run(self, text, *arguments, **more):
            (tmp_path / "test_it.py").write_text(textwrap.dedent(text))
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error"]
            environment = os.environ | {"WEAVELITE_HOME": str(self.home), "COLUMNS": "200"}
            environment |= {"WEAVELITE_PROJECT": "tested"} | more
            return subprocess.run(
                [*command, *arguments, "test_it.py"], cwd=tmp_path, env=environment,
                capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip

        def runs(self, project="local/tested"):
            self.store = SqliteStore(self.home / "weavelite.db")
            self.calls = evaluate_calls(self.store, project)
            return self.calls

        def rows(self, project="local/tested"):
            (call, *_) = self.runs(project)
            return compare_calls(self.store, project, [call]).rows

    made = Session()
    yield made
    if hasattr(made, "store"):
        made.store.close()


PLAIN = """
import sys

def test_plain():
    assert "weavelite" not in sys.modules
"""

ROWS = """
import pytest
import weavelite

@weavelite.op
def double(n):
    return n * 2

@pytest.mark.weavelite(evaluation="doubles")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_doubles(n, weavelite_case):
    weavelite_case.output = double(n)
    weavelite_case.score("small", n / 10)
    assert n < 3
"""


def test_without_a_mark_nothing_is_loaded_or_stored(session):
    """A session without marked tests does not import weavelite, and writes nothing."""
    done = session.run(PLAIN)
    assert done.returncode == 0, done.stdout
    assert "weavelite:" not in done.stdout and not session.home.exists()


@pytest.mark.parametrize("parallel", [(), ("-n2",)])
def test_tests_are_rows(session, parallel):
    """Parameters are inputs; output, scores and whether a test passed are the row, in one run."""
    done = session.run(ROWS, *parallel)
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout, done.stdout
    rows = sorted(session.rows(), key=lambda row: row.example["n"])
    assert [row.example for row in rows] == [{"test": "test_doubles", "n": n} for n in (1, 2, 3)]
    cells = [row.cells[0] for row in rows]
    assert [cell.output for cell in cells] == [2, 4, 6]
    assert [cell.scores for cell in cells] == [
        {"small": 0.1, "passed": True}, {"small": 0.2, "passed": True},
        {"small": 0.3, "passed": False},
    ]  # fmt: skip
    (run,) = session.calls
    assert run.status == "success"
    assert run.output["passed"] == {"true_count": 2, "true_fraction": pytest.approx(2 / 3)}
    assert run.attributes["run"]["packages"]
    trace = session.store.trace("local/tested", run.trace_id).calls
    assert sum(call.op_name == "double" for call in trace) == 3
    assert len({call.id for call in trace}) == len(trace)


def test_a_dataset_makes_the_tests(session):
    """Each row of the mark's dataset is a test; arguments are columns, and all are the row's."""
    done = session.run("""
        import pytest

        ROWS = [{"n": 1, "expected": 2, "source": "a"}, {"n": 2, "expected": 4, "source": "b"}]

        @pytest.mark.weavelite(evaluation="doubles", dataset=ROWS, model="mine")
        def test_doubles(n, expected, weavelite_case):
            weavelite_case.output = n * 2
            weavelite_case.score("exact", n * 2 == expected)
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row.example["source"] for row in session.rows()] == ["a", "b"]
    assert "mine" in session.calls[0].inputs["model"]


def test_a_dataset_without_a_column_that_is_asked_for_is_said(session):
    """A test that takes none of the columns is a mistake, which is explained."""
    done = session.run("""
        import pytest

        @pytest.mark.weavelite(evaluation="doubles", dataset=[{"n": 1}])
        def test_doubles(): pass
    """)
    assert done.returncode != 0 and "name one of n as an argument" in done.stdout


def test_infrastructure_is_no_failure_of_the_model(session):
    """A connection that broke is an error of the row, and a gate on it is not decided."""
    text = """
        import pytest

        @pytest.mark.weavelite(evaluation="lost", not_worse=["passed"])
        @pytest.mark.parametrize("n", [1, 2])
        def test_lost(n):
            if n == 2:
                raise ConnectionError("no network")
    """
    done = session.run(text)
    assert done.returncode == 1
    assert "cannot be decided: 1 answer missing, the infrastructure failed" in done.stdout
    scores = [row.cells[0].scores for row in session.rows()]
    assert sorted(map(len, scores)) == [0, 1]


def test_skipped_and_unittest_tests(session):
    """What is skipped beforehand is no row; a TestCase that fails has not passed."""
    session.run("""
        import unittest, pytest

        @pytest.mark.weavelite("odd")
        class TestOdd(unittest.TestCase):
            def test_fails(self):
                self.assertEqual(1, 2)

            @unittest.skip("not now")
            def test_skipped(self): ...
    """)
    (row,) = session.rows()
    assert row.cells[0].scores == {"passed": False}
    assert row.example["test"] == "TestOdd::test_fails"


def test_a_gate_of_nothing_fails(session):
    """With tracing turned off there is no run, and a gate does not pass in silence."""
    text = ROWS.replace('"doubles")', '"doubles", not_worse=["small"])').replace("n < 3", "True")
    done = session.run(text, WEAVELITE_DISABLED="true")
    assert done.returncode == 1 and "is tracing turned off?" in done.stdout, done.stdout


def test_gates_can_be_left_out(session):
    """While somebody runs a few rows, gates are said and fail nothing."""
    text = ROWS.replace('"doubles")', '"doubles", not_worse=["small"])').replace("n < 3", "True")
    assert session.run(text, "-q").returncode == 1
    done = session.run(text, "-k", "1", "--weavelite-no-gates")
    assert done.returncode == 0 and "? small not worse: cannot be decided" in done.stdout


@pytest.mark.parametrize("meddling", ["weavelite.finish()", "weavelite.init('other')"])
def test_a_test_may_start_and_end_tracing(session, meddling):
    """What a test does to tracing loses no row, neither its own nor the next."""
    text = ROWS.replace("assert n < 3", meddling)
    done = session.run(text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(row.cells[0].output for row in session.rows()) == [2, 4, 6]


def test_a_baseline_can_be_named(session):
    """`--weavelite-baseline` is what is compared with; one that is not there is said."""
    text = ROWS.replace("assert n < 3", "")
    session.run(text, "-q")
    run = session.runs()[0].id
    session.run(text, "-q")
    done = session.run(text, "--weavelite-baseline", run, "--weavelite-not-worse", "small=0.1")
    assert done.returncode == 0 and "as asked" in done.stdout, done.stdout
    done = session.run(text, "--weavelite-baseline", "nothing")
    assert done.returncode == 1 and "There is no run 'nothing'" in done.stdout, done.stdout


def test_the_project_is_the_programs(session):
    """A program that calls init itself has its rows in its own project."""
    text = "import weavelite\nweavelite.init('own')\n" + ROWS.replace("assert n < 3", "")
    done = session.run(text)
    assert done.returncode == 0, done.stdout
    assert len(session.rows("local/own")) == 3


def test_an_unmarked_test_has_no_case(session):
    """The fixture says what is missing."""
    done = session.run("def test_it(weavelite_case): pass")
    assert done.returncode == 1 and "is no row of an evaluation" in done.stdout
