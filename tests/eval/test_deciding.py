"""A run is compared with its baseline when it ends, and whenever it is asked for."""

import asyncio

import pytest

import weavelite
from weavelite.errors import NotStartedError
from weavelite.eval import deciding
from weavelite.verdicts import Comparison

ROWS = [{"x": n} for n in range(40)]


@weavelite.op
def exact(x, output):
    return output == x


@weavelite.op
def length(output):
    return len(str(output))


@weavelite.op
def plain(x):
    return x if x % 2 else -1


@weavelite.op
def better(x):
    return x


def evaluated(*models, **settings):
    evaluation = weavelite.Evaluation(
        dataset=settings.pop("rows", ROWS), scorers=[exact, length], **settings
    )
    for model in models:
        asyncio.run(evaluation.evaluate(model))
    return evaluation


def test_after_a_run_it_is_said_whether_it_is_better(client, capsys):
    """The summary of a second run ends with the verdict against the first, and how to see more."""
    evaluated(plain)
    assert "than plain" not in capsys.readouterr().err
    evaluated(better, lower_is_better=["length"])
    said = capsys.readouterr().err
    assert "better is better than plain on exact: +50.0 points (95 % interval" in said
    assert "✓ same dataset, same scorers, no errors" in said
    assert "weavelite eval compare" in said


def test_another_dataset_is_no_baseline(client, capsys):
    """Where no row is in both runs, nothing is said."""
    evaluated(plain)
    evaluated(better, rows=[{"x": -n} for n in range(5, 9)])
    assert "compare" not in capsys.readouterr().err


def test_large_runs_are_not_compared_before_they_return(client, capsys):
    """Of very many cells the program is told how to compare them, and does not wait."""
    evaluated(plain)
    call = client.get_calls({"op_names": ["Evaluation.evaluate"]})[0]
    evaluated(better)
    capsys.readouterr()
    latest = list(client.get_calls({"op_names": ["Evaluation.evaluate"]}))[-1]
    deciding.print_verdict(latest, latest.output, deciding.MOST_CELLS + 1)
    said = capsys.readouterr().err
    assert f"weavelite eval compare {call.id} {latest.id}" in said and "points" not in said


def test_an_evaluation_compares_its_runs(client):
    """`compare` gives the runs side by side, and prints as text and as Markdown."""
    evaluation = evaluated(plain, better, lower_is_better=["length"])
    comparison = evaluation.compare()
    assert isinstance(comparison, Comparison)
    verdicts = {metric.name: metric.decisions[1].verdict for metric in comparison.metrics}
    assert verdicts["exact"] == "better" and verdicts["length"] in ("undecided", "better", "worse")
    assert str(comparison).startswith("better is better than plain on exact")
    assert comparison._repr_markdown_().startswith("### better is better than plain")
    turned = evaluation.compare("better", "plain")
    assert turned.headlines[0].startswith("plain is worse than better on exact: −50.0 points")


def test_comparing_needs_a_store():
    """Before `init` there is nothing to compare."""
    evaluation = weavelite.Evaluation(dataset=ROWS, scorers=[exact])
    with pytest.raises(NotStartedError):
        evaluation.compare()


def test_directions_reach_the_comparison(client):
    """What a user calls better is what the verdict goes by."""
    evaluation = evaluated(plain, better, lower_is_better=["exact"])
    (metric,) = (each for each in evaluation.compare().metrics if each.name == "exact")
    assert metric.higher_is_better is False and metric.decisions[1].verdict == "worse"


def test_trials_are_compared_by_row(client):
    """Three trials of forty rows are forty rows."""
    comparison = evaluated(plain, better, trials=3).compare()
    (metric,) = (each for each in comparison.metrics if each.name == "exact")
    assert metric.decisions[1].rows == 40 and metric.decisions[1].verdict == "better"
    assert comparison.groups["improved"] + comparison.groups["mixed"] == 20


def test_the_verdict_can_be_left_out(client, capsys, monkeypatch):
    """With WEAVELITE_COMPARE=false a run ends with its own figures."""
    monkeypatch.setenv("WEAVELITE_COMPARE", "false")
    evaluated(plain, better)
    said = capsys.readouterr().err
    assert "exact" in said and "better than" not in said
