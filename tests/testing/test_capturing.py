"""Calls of a block are captured, and nobody else's project hears of them."""

import concurrent.futures

import pytest

import weavelite
from weavelite.testing import assert_not_worse, capture_calls


@weavelite.op
def double(n):
    return n * 2


@weavelite.op
def both(n):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(double, [n, n + 1]))


def test_calls_are_captured_without_init():
    """What is called in the block is in the list, with inputs, outputs and nesting."""
    with capture_calls() as calls:
        both(3)
    assert [call.op_name for call in calls] == ["both", "double", "double"]
    assert calls[0].output == [6, 8]
    assert {call.parent_id for call in calls[1:]} == {calls[0].id}
    # Which of two threads begins first is the machine's affair.
    assert {call.inputs["n"]: call.output for call in calls.named("double")} == {3: 6, 4: 8}
    assert weavelite.get_client() is None


def test_calls_can_be_looked_at_meanwhile():
    """Inside of the block the list grows."""
    with capture_calls() as calls:
        assert len(calls) == 0
        double(1)
        assert len(calls) == 1
        double(2)
    double(3)
    assert [call.output for call in calls] == [2, 4]


def test_the_programs_own_project_gets_none(client):
    """A program that is traced goes on after the block as before, in its own project."""
    double(1)
    with pytest.raises(ZeroDivisionError), capture_calls() as calls:
        double(2)
        1 / 0
    double(3)
    assert [call.output for call in calls] == [4]
    assert [call.output for call in client.get_calls()] == [2, 6]


def test_calls_in_a_call_are_roots_of_their_own(client):
    """A captured call does not hang below a call that is recorded elsewhere."""
    with weavelite.open_call("outer"), capture_calls() as calls:
        double(2)
    assert calls[0].parent_id is None


def test_a_test_can_assert_at_once(client, tmp_path):
    """Outside of marked tests the newest run in the store is held against its baseline."""
    import asyncio

    def exact(n, output):
        return n == output

    def good(n):
        return n

    def bad(n):
        return -1

    evaluation = weavelite.Evaluation(
        name="e", dataset=[{"n": n} for n in range(20)], scorers=[exact]
    )
    for model in (good, bad):
        asyncio.run(evaluation.evaluate(model))
    runs = list(evaluation.get_evaluate_calls())
    with pytest.raises(AssertionError, match="worse: −100"):
        assert_not_worse("exact", baseline=runs[0].id)
    assert_not_worse("exact", baseline=runs[1].id, run=runs[0].id)
