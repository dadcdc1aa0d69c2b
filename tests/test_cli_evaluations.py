"""The command line lists runs, compares them, and keeps a baseline."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

import weavelite

ROWS = [{"question": f"what is {n}?", "n": n} for n in range(30)]


@weavelite.op
def exact(n, output):
    return output == n


@weavelite.op
def plain(n):
    return n if n % 2 else -1


@weavelite.op
def better(n):
    return n


@weavelite.op
def alike(n):
    return n if n % 2 or n == 2 else -1


def run(*arguments):
    environment = {**os.environ, "COLUMNS": "140"}
    command = [sys.executable, "-m", "weavelite", "eval", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture
def store(store_path):
    """A store with three runs: plain, alike, better."""
    weavelite.init("test", store=store_path)
    evaluation = weavelite.Evaluation(name="ev", dataset=ROWS, scorers=[exact])
    for model in (plain, alike, better):
        asyncio.run(evaluation.evaluate(model))
    weavelite.finish()
    return store_path


def test_runs_are_listed(store):
    """`eval ls` has name, model, status, cells, metrics and time of each run, newest first."""
    answer = run("ls", "--store", store)
    assert answer.returncode == 0, answer.stderr
    models = [line.split()[1] for line in answer.stdout.splitlines() if line.startswith("eval-")]
    assert models == ["better", "alike", "plain"]
    assert "exact 100.0 %" in answer.stdout and "success" in answer.stdout
    lines = run("ls", "--store", store, "--json").stdout.splitlines()
    assert [json.loads(line)["model"] for line in lines] == ["better", "alike", "plain"]
    assert "1 of the newest 3" in run("ls", "--store", store, "-n", 1).stdout


def test_the_latest_is_compared_with_the_run_before(store):
    """Without names, `eval compare` says first in a sentence how the latest did, then why."""
    answer = run("compare", "--store", store)
    assert answer.returncode == 0, answer.stderr
    first, fair, *rest = answer.stdout.splitlines()
    assert first.startswith("better is better than alike on exact: +46.7 points (95 % interval ")
    assert fair == "✓ same dataset, same scorers, no errors"
    table = "\n".join(rest)
    assert "▲ better" in table and "Rows: 0 regressed, 14 improved, 16 unchanged." in table
    assert "improved  #0  what is 0?" in table and "and 9 more" in table


def test_what_is_not_decided_says_what_would_decide_it(store):
    """A difference that may be chance is called so, with the rows that it would take."""
    said = run("compare", "plain", "alike", "--store", store).stdout
    assert said.startswith("Not decided: alike against plain on exact: +3.3 points (95 % interval")
    assert "With 30 rows a difference of" in said and "rows would settle one of" in said


def test_machines_and_pull_requests_can_read_it(store):
    """`--json` is what the HTTP API answers, `--markdown` a table."""
    found = json.loads(
        run("compare", "plain", "alike", "better", "--store", store, "--json").stdout
    )
    exact = found["metrics"][0]
    assert [each and each["verdict"] for each in exact["decisions"]] == [
        None,
        "undecided",
        "better",
    ]
    assert found["labels"] == ["plain", "alike", "better"] and len(found["headlines"]) == 2
    text = run("compare", "plain", "better", "--store", store, "--markdown").stdout
    assert text.startswith("### better is better than plain on exact")
    assert "| metric | plain | better | difference | 95 % interval | verdict |" in text


@pytest.mark.parametrize(
    ("runs", "fail_on", "status"),
    [
        (("plain", "better"), "worse", 0),
        (("plain", "better"), "undecided", 0),
        (("better", "plain"), "worse", 1),
        (("plain", "alike"), "worse", 0),
        (("plain", "alike"), "undecided", 1),
    ],
)
def test_the_exit_status_is_for_ci(store, runs, fail_on, status):
    """`--fail-on` ends with 1 where a score is worse, or not decided; otherwise with 0."""
    assert run("compare", *runs, "--store", store, "--fail-on", fail_on).returncode == status
    assert run("compare", *runs, "--store", store).returncode == 0


def test_the_baseline_is_marked(store):
    """`eval baseline` says which run is the baseline, and makes one it."""
    assert "the finished run before the latest" in run("baseline", "--store", store).stdout
    assert "is the baseline" in run("baseline", "plain", "--store", store).stdout
    assert "(marked)" in run("baseline", "--store", store).stdout
    assert run("compare", "--store", store).stdout.startswith("better is better than plain")
    assert "baseline" in run("ls", "--store", store).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "odd"), "There is no run 'odd'"),
        (("compare", "plain", "plain"), "are the same run"),
        (("compare", "plain"), "no finished run before"),
        (("baseline", "odd"), "There is no run 'odd'"),
    ],
)
def test_mistakes_are_explained(store, arguments, said):
    """A mistake ends with a sentence and status 2."""
    answer = run(*arguments, "--store", store)
    assert (answer.returncode, "Traceback" in answer.stderr) == (2, False)
    assert said in answer.stderr
