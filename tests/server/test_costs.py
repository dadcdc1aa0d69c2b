"""The server answers what calls and evaluations cost."""

import asyncio

import httpx
import pytest

import weavelite
from weavelite import instrument

EACH = 1000 * 0.15e-6 + 100 * 0.6e-6


@weavelite.op
def answer(x: int) -> str:
    call = instrument.start("ask", {"x": x}, kind="llm", model="gpt-4o-mini")
    instrument.end(call, "said", usage={"prompt_tokens": 1000, "completion_tokens": 100})
    return "said"


def test_lists_traces_calls_and_evaluations_have_costs(server, store):
    """A root, its trace, a whole call and a run of an evaluation say the same cost."""
    weavelite.init("test", store=store.path)
    evaluation = weavelite.Evaluation(dataset=[{"x": 1}, {"x": 2}], scorers=[])
    asyncio.run(evaluation.evaluate(answer))
    weavelite.finish()
    url = f"{server.url}/api/projects/local/test"
    (root,) = httpx.get(f"{url}/calls").json()["calls"]
    assert root["sum_cost"] == pytest.approx(2 * EACH) and not root["cost_partial"]
    calls = httpx.get(f"{url}/traces/{root['trace_id']}").json()["calls"]
    assert sum(call["sum_cost"] for call in calls if call["op_name"] == "ask") == pytest.approx(
        root["sum_cost"]
    )
    (used,) = httpx.get(f"{url}/calls/{root['id']}").json()["usage"]
    assert used["tokens"] == {"input": 2000, "output": 200} and used["requests"] == 2
    (run,) = httpx.get(f"{url}/evaluations").json()["evaluations"]
    (cost,) = (metric for metric in run["metrics"] if metric["kind"] == "dollars")
    assert cost["name"] == "cost (total)" and cost["value"] == pytest.approx(2 * EACH)
