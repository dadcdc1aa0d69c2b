"""A row is shown over the runs of its evaluation, and the rows that flip most are listed."""

import asyncio
import json
import os

import pytest
from typer.testing import CliRunner

import weavelite
from weavelite.cli.commands import app
from weavelite.errors import EvaluationError, NotFoundError


@pytest.fixture
def told(client):
    """Runs an evaluation four times: the model changes once, and the judge has moods."""
    mood = iter([True, True, True, False] * 3)
    answers = {"first": "good", "n": 0}

    @weavelite.op
    def model(n):
        return answers["first"] if n == 0 else n

    @weavelite.op
    def exact(n, output):
        return output == "good" if n == 0 else next(mood)

    evaluation = weavelite.Evaluation(
        name="moods", dataset=[{"n": 0}, {"n": 1}, {"n": 2}], scorers=[exact]
    )
    for first in ("good", "good", "bad", "bad"):
        answers["first"] = first
        asyncio.run(evaluation.evaluate(model, parallelism=1))
    weavelite.finish()

    def run(*arguments):
        command = ["eval", "history", *arguments, "--store", str(client.store_path)]
        done = CliRunner(env=os.environ | {"COLUMNS": "200"}).invoke(app, command)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.stdout

    return run


def test_a_row_by_its_index(told):
    """Each run is a line with the output and the scores; a flip says what was, and who did it."""
    said = told("0")
    assert said.count("moods") == 0 and said.count("model") >= 4
    assert said.count("exact yes") == 2 and "exact no ↯ was yes (model)" in said
    assert "1 flip: 1 by the model" in said


def test_a_row_by_its_digest(told):
    """The start of a digest names a row as well; the JSON has all there is."""
    row = json.loads(told("0", "--json"))
    assert json.loads(told(row["digest"][:8], "--json")) == row
    assert [run["cells"]["0"]["output"] for run in row["runs"]] == ["good", "good", "bad", "bad"]
    assert row["causes"] == {"model": 1, "judge": 0, "scorer": 0}


def test_rows_that_flip_most(told):
    """Rows are listed by how often they flip, with the part of model and judge."""
    said = told("--flips")
    first, *_ = said.splitlines()
    assert (
        "moods, 4 runs, 3 rows" in first and "by the judge" in first and "1 by the model" in first
    )
    rows = [json.loads(line) for line in told("--flips", "--json").splitlines()]
    counts = [len(row["flips"]) for row in rows]
    assert counts == sorted(counts, reverse=True) and min(counts) > 0
    assert "--limit shows more" in told("--flips", "--limit", "1")


def test_rows_without_a_dataset_are_numbered(client):
    """Rows that were logged one by one have the number at which they came first."""
    for _ in range(2):
        run = weavelite.EvaluationLogger(name="logged", model="m")
        for n in (7, 5, 9):
            run.log_example({"n": n}, n, {"exact": True})
        run.log_summary()
    weavelite.finish()
    command = ["eval", "history", "1", "--json", "--store", str(client.store_path)]
    row = json.loads(CliRunner().invoke(app, command).stdout)
    assert row["example"] == {"n": 5} and len(row["runs"]) == 2


def test_what_is_not_there_is_said(told):
    """A row or an evaluation that is not there is named; one of row and --flips is needed."""
    with pytest.raises(NotFoundError, match="0 to 2"):
        told("77")
    with pytest.raises(NotFoundError, match="nothing"):
        told("0", "--evaluation", "nothing")
    with pytest.raises(EvaluationError, match="--flips"):
        told()
