"""Runs are found by what a user calls them."""

import asyncio
import time

import pytest

import weavelite
from weavelite.errors import NotFoundError, QueryError
from weavelite.runs.baselines import mark_baseline
from weavelite.runs.choosing import Runs, chosen_runs, short_ids
from weavelite.runs.reading import evaluation_runs

PROJECT = "local/test"


@weavelite.op
def exact(x, output):
    return output == x


@weavelite.op
def right(x):
    return x


@weavelite.op
def wrong(x):
    return -1


@pytest.fixture
def ran(client):
    """Runs an evaluation, and returns the id of the run."""

    def run(model, name=None, evaluation="ev", rows=6):
        dataset = [{"x": n} for n in range(rows)]
        made = weavelite.Evaluation(
            name=evaluation, dataset=dataset, scorers=[exact], evaluation_name=name
        )
        asyncio.run(made.evaluate(model))
        return Runs(client.store, PROJECT).latest().id

    return run


def test_runs_have_many_names(client, ran):
    """An id, its start, the name of a run or a model, and places in time all find a run."""
    first, second = ran(wrong, "plain"), ran(right, "better")
    runs = Runs(client.store, PROJECT)
    start = short_ids([first, second])[0]
    for text in (first, start, first.replace("-", ""), "plain", "wrong", "previous", "baseline"):
        assert runs.choose(text).id == first, text
    for text in ("latest", "better", "right"):
        assert runs.choose(text).id == second, text


def test_a_name_means_its_newest_run(client, ran):
    """Of two runs with a name, it means the newer."""
    ran(wrong, "same")
    second = ran(right, "same")
    assert Runs(client.store, PROJECT).choose("same").id == second


def test_what_is_no_run_is_explained(client, ran):
    """A text that means nothing, too little of an id, and a call that is no run are told apart."""
    first = ran(wrong, "plain")
    ran(right)
    runs = Runs(client.store, PROJECT)
    with pytest.raises(NotFoundError, match=r"no run 'odd'.*the newest are: .*plain"):
        runs.choose("odd")
    with pytest.raises(QueryError, match="2 runs have ids that start with"):
        runs.choose(first[:6])
    with pytest.raises(QueryError, match="are the same run"):
        chosen_runs(runs, ["plain", first])
    with pytest.raises(QueryError, match="At most 8 runs"):
        chosen_runs(runs, ["latest", "previous"] + [ran(right, f"r{i}") for i in range(7)])


def test_without_names_the_latest_is_compared_with_its_baseline(client, ran):
    """Two runs of one evaluation are compared; those of others are strangers to them."""
    lonely = ran(right, evaluation="other")
    with pytest.raises(NotFoundError, match="no finished run before"):
        chosen_runs(Runs(client.store, PROJECT), [])
    first, second = ran(wrong), ran(right)
    found = chosen_runs(Runs(client.store, PROJECT), [])
    assert [call.id for call in found] == [first, second]
    with pytest.raises(NotFoundError, match="no finished run before"):
        chosen_runs(Runs(client.store, PROJECT), [lonely])


def test_the_newest_mark_is_the_baseline(client, ran):
    """Marks are added, never changed; the newest counts, and a run is not its own baseline."""
    ids = [ran(wrong), ran(right), ran(right)]
    for marked in (ids[1], ids[0]):
        mark_baseline(client.store, PROJECT, marked)
        time.sleep(0.002)
    runs = Runs(client.store, PROJECT)
    assert runs.choose("baseline").id == ids[0] and runs.is_marked(runs.choose(ids[1]))
    assert [run.is_baseline for run in evaluation_runs(client.store, PROJECT)] == [
        False,
        False,
        True,
    ]
    mark_baseline(client.store, PROJECT, ids[2])
    assert Runs(client.store, PROJECT).choose("baseline").id == ids[1]


def test_short_ids_tell_runs_apart():
    """Ids are cut where they still differ."""
    assert short_ids(["01234567-89ab", "01234567-99ab"]) == ["01234567-8", "01234567-9"]
    assert short_ids([]) == []
