"""A leaderboard says what runs in the store say, and which model is best in each column."""

import asyncio
import os
import subprocess
import sys

import pytest

import weavelite
from weavelite import Leaderboard, LeaderboardColumn, get_leaderboard_results


def right(target, output):
    return target == output


def distance(target, output):
    return {"size": abs(target - output)}


@weavelite.op
def echo(question):
    return question


@weavelite.op
def one(question):
    return 1


@pytest.fixture
def evaluations(client):
    """Runs two models on two datasets, one of them on one alone."""
    small, large = (
        weavelite.Evaluation(
            name=name,
            dataset=[{"question": n, "target": n} for n in rows],
            scorers=[right, distance],
            lower_is_better=["distance"],
        )
        for name, rows in (("small", [1]), ("large", [1, 2, 5]))
    )
    for evaluation, model in ((small, echo), (large, one), (large, echo)):
        asyncio.run(evaluation.evaluate(model))
    return small, large


def column(evaluation, scorer, path, **more):
    ref = evaluation if isinstance(evaluation, str) else str(weavelite.publish(evaluation))
    return LeaderboardColumn(
        evaluation_object_ref=ref, scorer_name=scorer, summary_metric_path=path, **more
    )


def test_models_on_several_datasets(client, evaluations):
    """Each model has a value where it has a run, and the best of each column is marked."""
    small, large = evaluations
    spec = Leaderboard(
        name="board",
        columns=[
            column(large, "right", "true_fraction"),
            column(large, "distance", "size.mean", should_minimize=True),
            column(small, "right", "true_count"),
        ],
    )
    found = weavelite.publish(spec).get()
    assert found == spec
    first, second = found.results()
    assert (first.model_ref, second.model_ref) == (str(echo.ref), str(one.ref))
    values = [[scores.scores[0].value for scores in model.column_scores if scores.scores]
              for model in (first, second)]  # fmt: skip
    assert values == [[1.0, 0.0, 1.0], [1 / 3, 5 / 3]]
    best = [[scores.scores[0].is_best for scores in model.column_scores if scores.scores]
            for model in (first, second)]  # fmt: skip
    assert best == [[True, True, True], [False, False]]
    run = weavelite.get(first.column_scores[0].scores[0].evaluate_call_ref)
    assert run.op_name == "Evaluation.evaluate"


def test_the_newest_run_comes_first(client, evaluations):
    """A model that was run again is ranked by its newest run; the older ones stay."""
    _, large = evaluations
    asyncio.run(large.evaluate(one))
    spec = Leaderboard(columns=[column(large, "right", "true_count")])
    scores = spec.results()[0].column_scores[0].scores
    assert len(scores) == 2
    assert scores[0].ended_at > scores[1].ended_at
    assert not scores[1].is_best


def test_what_names_nothing_is_empty(client, evaluations):
    """A column of an evaluation, a scorer or a path that is not there has no models."""
    small, _ = evaluations
    for wrong in (
        column("no ref", "right", "true_count"),
        column(small, "wrong", "true_count"),
        column(small, "right", "nowhere"),
    ):
        assert get_leaderboard_results(Leaderboard(columns=[wrong]), client) == []


def test_the_command_line_ranks_what_is_there(client, evaluations):
    """Without a leaderboard all metrics of all evaluations are columns; the best has a star."""
    weavelite.publish(
        Leaderboard(name="board", columns=[column("small", "right", "true_fraction")])
    )
    weavelite.finish()
    command = [sys.executable, "-m", "weavelite", "eval", "leaderboard"]
    environment = {**os.environ, "WEAVELITE_HOME": str(client.store_path.parent), "COLUMNS": "200"}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = shown.stdout.splitlines()
    assert "small · right" in lines[0] and "large · distance.size" in lines[0]
    [best] = [line for line in lines if line.startswith("echo")]
    assert best.count("★") == 4
    named = subprocess.run(
        [*command, "board"], env=environment, capture_output=True, text=True, check=True
    )
    assert "right.true_fraction" in named.stdout
