"""Rows, a scorer, and how an evaluation is run."""

import asyncio

import pytest

import weavelite


@pytest.fixture
def rows():
    return [{"i": n} for n in range(6)]


@weavelite.op
def exact(i, output):
    return output == i


@pytest.fixture
def evaluate(rows):
    """Runs a model over six rows, judged by `exact` unless other scorers are given."""

    def run(model, *scorers, **settings):
        evaluation = weavelite.Evaluation(dataset=rows, scorers=scorers or [exact], **settings)
        return asyncio.run(asyncio.wait_for(evaluation.evaluate(model), 60))

    return run


@pytest.fixture
def tree(client):
    """Lists the calls as pairs of their op and the op above it."""

    def pairs():
        calls = list(client.get_calls())
        names = {call.id: call.op_name for call in calls}
        return sorted((call.op_name, names.get(call.parent_id, "")) for call in calls)

    return pairs
