"""The server answers what calls and evaluations cost."""

import asyncio

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

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


def test_spans_of_others_are_counted_and_priced(server, store):
    """Usage in attributes of spans is divided, priced, and counted once, whoever sends it first."""
    root, agent, chat = (n.to_bytes(8) for n in (1, 2, 3))
    genai = {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
             "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 100,
             "gen_ai.usage.cache_read.input_tokens": 400}  # fmt: skip
    repeated = {"llm.model_name": "gpt-4o-mini", "llm.token_count.prompt": 1000,
                "llm.token_count.completion": 100}  # fmt: skip
    for span, parent, attributes in (
        (chat, agent, genai),
        (agent, root, repeated),
        (root, b"", {}),
    ):
        _send(server, span, parent, attributes)
    (found,) = httpx.get(f"{server.url}/api/projects/local/shop/calls").json()["calls"]
    expected = 600 * 0.15e-6 + 400 * 0.075e-6 + 100 * 0.6e-6
    assert found["sum_tokens"] == 1100 and found["sum_cost"] == pytest.approx(expected)
    detail = httpx.get(f"{server.url}/api/projects/local/shop/calls/{found['id']}").json()
    (used,) = detail["usage"]
    assert used["tokens"] == {"input": 600, "cache_read": 400, "output": 100}
    assert used["provider"] == "openai"


def _send(server, span, parent, attributes):
    request = service.ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "shop"
    made = group.scope_spans.add().spans.add(
        trace_id=bytes(range(16)), span_id=span, parent_span_id=parent, name="span",
        start_time_unix_nano=1_760_000_000_000_000_000,
        end_time_unix_nano=1_760_000_000_000_000_009,
    )  # fmt: skip
    for name, value in attributes.items():
        kind = "int_value" if isinstance(value, int) else "string_value"
        setattr(made.attributes.add(key=name).value, kind, value)
    headers = {"Content-Type": "application/x-protobuf"}
    answer = httpx.post(
        f"{server.url}/v1/traces", content=request.SerializeToString(), headers=headers
    )
    assert answer.status_code == 200
