"""Events that come as logs belong to the calls of their spans, whichever comes first."""

import gzip
import json

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as service

from tests.server.golden import PAYLOADS
from weavelite.query import CallQuery

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
NAMES = sorted(path.stem for path in (PAYLOADS / "logs").glob("*.json"))
CONTENT = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions",
           "gen_ai.tool.definitions")  # fmt: skip


def post(server, signal, body, headers=PROTOBUF, **more):
    return httpx.post(f"{server.url}/v1/{signal}", content=body, headers={**headers, **more})


def without_content(name):
    """Gives the spans of a payload as a sender would that tells content in events only."""
    request = json.loads((PAYLOADS / f"{name}.json").read_text())
    for group in request["resourceSpans"]:
        for scope in group["scopeSpans"]:
            for span in scope["spans"]:
                kept = [pair for pair in span.get("attributes", ()) if pair["key"] not in CONTENT]
                span["attributes"] = kept
    return json.dumps(request).encode()


def models(store):
    [project] = store.projects()
    query = CallQuery(project=f"{project.entity}/{project.name}")
    return [call for call in store.details(query) if call.kind == "llm"]


def told(calls):
    return [(call.inputs, call.output, call.input_tokens, call.error) for call in calls]


@pytest.mark.parametrize("order", ["logs first", "spans first"])
@pytest.mark.parametrize("case", ["chat_tool", "chat_multimodal", "responses", "error"])
def test_content_in_logs_is_that_of_the_span(case, order, server, store):
    """A call whose content came as logs is the one whose content came in its span."""
    name = f"otel-genai-openai-{case}"
    post(server, "traces", (PAYLOADS / f"{name}.json").read_bytes(), JSON)
    whole = told(models(store))
    store.write(lambda connection: connection.execute("DELETE FROM calls"))
    steps = [("traces", without_content(name), JSON),
             ("logs", (PAYLOADS / "logs" / f"{name}.pb").read_bytes(), PROTOBUF)]  # fmt: skip
    for signal, body, headers in steps if order == "spans first" else reversed(steps):
        assert post(server, signal, body, headers).status_code == 200
    assert told(models(store)) == whole
    assert store.write(lambda c: c.execute("SELECT count(*) FROM span_events").fetchone()) == (0,)


@pytest.mark.parametrize("name", NAMES)
def test_json_logs_say_what_protobuf_logs_say(name):
    """Both encodings of captured logs give the same events."""
    from weavelite.dialects import logs

    binary = service.ExportLogsServiceRequest.FromString(
        (PAYLOADS / "logs" / f"{name}.pb").read_bytes()
    )
    text = json.loads((PAYLOADS / "logs" / f"{name}.json").read_text())
    assert list(logs.from_protobuf(binary)) == list(logs.from_json(text)) != []


def record(name, body, **fields):
    return {"traceId": "01" * 16, "spanId": "02" * 8, "timeUnixNano": "5", "eventName": name,
            "body": {"kvlistValue": {"values": [
                {"key": key, "value": {"stringValue": value}} for key, value in body.items()]}},
            **fields}  # fmt: skip


def logs_of(*records):
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": list(records)}]}]}).encode()


SPAN = {"traceId": "01" * 16, "spanId": "02" * 8, "name": "chat", "startTimeUnixNano": "1",
        "endTimeUnixNano": "9", "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 5}}]}  # fmt: skip
TRACE = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}).encode()


def test_messages_come_one_by_one(server, store):
    """Older conventions have a log for each message; they may come in several requests, and twice.

    The call keeps its tokens, counted once, and all that came rests beside it.
    """
    user = record("gen_ai.user.message", {"content": "Weather?"})
    system = record("gen_ai.system.message", {"content": "be terse"}, timeUnixNano="4")
    choice = record("gen_ai.choice", {"message": '{"role": "assistant", "content": "rain"}',
                                      "finish_reason": "stop"}, timeUnixNano="6")  # fmt: skip
    post(server, "logs", gzip.compress(logs_of(user)), JSON, **{"Content-Encoding": "gzip"})
    post(server, "traces", TRACE, JSON)
    for body in (logs_of(system, choice), logs_of(choice), logs_of(user)):
        assert post(server, "logs", body, JSON).json() == {}
    [call] = models(store)
    assert [message["content"] for message in call.inputs["messages"]] == ["be terse", "Weather?"]
    assert call.output == {"role": "assistant", "content": "rain", "finish_reason": "stop"}
    assert (call.input_tokens, call.sum_tokens) == (5, 5)
    assert len(call.otel["events"]) == 3
    post(server, "traces", TRACE, JSON)
    assert models(store) == [call]


def test_what_the_call_says_now_is_found(server, store):
    """A call that got its messages after it was counted and indexed is found by their words."""
    post(server, "traces", TRACE, JSON)
    while store.index():
        pass
    store.write(lambda c: c.execute("UPDATE _marks SET upto = 1"))
    post(server, "logs", logs_of(record("gen_ai.user.message", {"content": "zebra?"})), JSON)
    query = CallQuery(project="local/otlp", text="zebra")
    assert store.count(query) == 1


def test_exceptions_come_as_logs(server, store):
    """An exception that is a log of its own says why the span failed."""
    failed = json.loads(TRACE)
    failed["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["status"] = {"code": 2}
    post(server, "traces", json.dumps(failed).encode(), JSON)
    raised = {"exception.type": "Timeout", "exception.message": "slow"}
    pairs = [{"key": key, "value": {"stringValue": value}} for key, value in raised.items()]
    name = "gen_ai.client.operation.exception"
    post(server, "logs", logs_of(record(name, {}, attributes=pairs)), JSON)
    [call] = models(store)
    assert call.error == "Timeout: slow"


@pytest.mark.parametrize(
    "log",
    [
        record("app.started", {"content": "x"}),
        record("gen_ai.user.message", {"content": "x"}, traceId=""),
        record("gen_ai.user.message", {"content": "x"}, spanId="zz"),
        {"body": {"stringValue": "hello"}},
    ],
)
def test_other_logs_are_passed_over(server, store, log):
    """Logs that belong to no span, or say nothing of a call, are taken and not kept."""
    post(server, "traces", TRACE, JSON)
    answer = post(server, "logs", logs_of(log), JSON)
    assert (answer.status_code, answer.json()) == (200, {})
    [call] = models(store)
    assert call.otel["events"] == []


def test_metrics_are_passed_over(server):
    """A sender that is set up for all signals meets no error; the answer says what is kept."""
    answer = post(server, "metrics", b"{}", JSON)
    assert (
        answer.status_code == 200 and "metrics" in answer.json()["partialSuccess"]["errorMessage"]
    )
    assert post(server, "metrics", b"").status_code == 200


def test_secrets_in_logs_are_taken_out(server, store):
    """Content of logs is redacted before it rests, also while it waits for its span."""
    secret = "sk-proj-" + "a1B2" * 10
    post(server, "logs", logs_of(record("gen_ai.user.message", {"content": secret})), JSON)
    kept = store.write(lambda c: c.execute("SELECT event FROM span_events").fetchall())
    assert len(kept) == 1 and secret not in kept[0][0]


def test_metadata_only_keeps_no_content_of_logs(private_server, store):
    """A server that keeps no content keeps none that comes as logs."""
    post(private_server, "logs", logs_of(record("gen_ai.user.message", {"content": "x"})), JSON)
    post(private_server, "traces", TRACE, JSON)
    [call] = models(store)
    assert call.inputs == {}
