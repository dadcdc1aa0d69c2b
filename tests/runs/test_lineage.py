"""Lineage leads from a version to all that it was made of, and to all that was made with it."""

import asyncio
import contextlib

import pytest

import weavelite
from weavelite.runs.lineage import RUN, lineage
from weavelite.runs.scored import Scored
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"


class Answerer(weavelite.Model):
    prompt: weavelite.StringPrompt

    @weavelite.op
    def predict(self, q):
        return q


@weavelite.op
def exact(q, output):
    return q == output


@pytest.fixture
def made(client, store_path):
    """Returns refs of a prompt, and of the model and dataset of a run; and its id."""
    prompt = weavelite.StringPrompt("say it")
    model = Answerer(prompt=prompt)
    dataset = weavelite.Dataset(name="questions", rows=[{"q": "a"}, {"q": "b"}])
    evaluation = weavelite.Evaluation(name="exam", dataset=dataset, scorers=[exact])
    asyncio.run(evaluation.evaluate(model))
    refs = {name: str(weavelite.publish(value)) for name, value in
            (("prompt", prompt), ("model", model), ("dataset", dataset))}  # fmt: skip
    client.flush()
    (run,) = client.get_calls(filter={"op_names": ["Evaluation.evaluate"]})
    with contextlib.closing(SqliteStore(store_path)) as store:
        yield store, refs, run.id


def names(found):
    return {node.name: node.id for node in found.nodes}


def test_a_prompt_leads_to_the_run_that_used_its_model(made):
    """What holds a version is followed over any number of steps, up to the runs."""
    store, refs, run = made
    found = lineage(store, PROJECT, refs["prompt"])
    ids = {node.id for node in found.nodes}
    assert {refs["prompt"], refs["model"], run} <= ids
    assert "exam" in names(found)
    edges = {(edge.source, edge.target) for edge in found.edges}
    assert {(refs["prompt"], refs["model"]), (refs["model"], run)} <= edges
    assert all(source in ids and target in ids for source, target in edges)
    assert found.more == 0


def test_a_dataset_does_not_lead_to_the_model_s_prompt(made):
    """A sibling's parts are no part of a version's lineage; the sibling itself is."""
    store, refs, run = made
    ids = {node.id for node in lineage(store, PROJECT, refs["dataset"]).nodes}
    assert {refs["dataset"], run, refs["model"]} <= ids
    assert refs["prompt"] not in ids


def test_a_version_that_nothing_knows_is_alone(made):
    """A version without relations is a graph of one."""
    store, _, _ = made
    ref = f"weave:///{PROJECT}/object/nobody:{'x' * 43}"
    found = lineage(store, PROJECT, ref)
    assert [node.id for node in found.nodes] == [ref] and found.edges == []


def test_nodes_say_what_they_are(made):
    """Runs and versions are told apart; versions have their number."""
    store, refs, run = made
    nodes = {node.id: node for node in lineage(store, PROJECT, refs["model"]).nodes}
    assert nodes[run].kind == RUN
    assert (nodes[refs["model"]].version, nodes[refs["prompt"]].version) == (0, 0)


def test_scores_of_a_run_that_has_ended_are_read_once(made):
    """They stay what they were, until something is deleted."""
    store, _, run = made
    scored = Scored()
    first = scored.scores(store, PROJECT, run)
    assert (first.rows, first.failed) == (2, 0)
    assert {mean.name: mean.value for mean in first.means}["exact"] == 1.0
    assert scored.scores(store, PROJECT, run) is first
    scored.forget()
    again = scored.scores(store, PROJECT, run)
    assert again is not first and again == first
