"""Spans of OpenTelemetry become calls, and calls become spans, with the same ids."""

import contextlib
import gzip
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import weavelite
from weavelite import instrument
from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import from_json, from_protobuf
from weavelite.query import CallQuery
from weavelite.serialize import restore

PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture
def tracer(server):
    """A real SDK with the real exporter, gzip on, pointed at the server."""
    exporter = OTLPSpanExporter(f"{server.url}/v1/traces", compression=_gzip())
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    yield provider.get_tracer("test"), provider
    provider.shutdown()


def _gzip():
    from opentelemetry.exporter.otlp.proto.http import Compression

    return Compression.Gzip


def shop(store):
    return {call.op_name: call for call in store.details(CallQuery(project="local/shop"))}


def test_spans_of_the_sdk_become_calls(tracer, store):
    """What the SDK's exporter sends is a trace of calls: tree, kind, model, tokens, messages."""
    tracer, provider = tracer
    with (
        tracer.start_as_current_span("handle", attributes={"input.value": '{"q": 1}'}) as root,
        tracer.start_as_current_span(
            "chat gpt",
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "gpt",
                "gen_ai.usage.input_tokens": 5,
                "gen_ai.usage.output_tokens": 2,
                "gen_ai.input.messages": '[{"role": "user", "parts": []}]',
                "gen_ai.output.messages": '[{"role": "assistant", "parts": []}]',
            },
        ) as leaf,
    ):
        pass
    provider.force_flush()
    calls = shop(store)
    assert calls["handle"].inputs == {"q": 1}
    chat = calls["chat gpt"]
    assert (chat.kind, chat.model) == ("llm", "gpt")
    assert (chat.input_tokens, chat.output_tokens) == (5, 2)
    assert chat.inputs["messages"] == [{"role": "user", "content": None}]
    assert chat.trace_id == f"{root.get_span_context().trace_id:032x}"
    assert chat.span_id == f"{leaf.get_span_context().span_id:016x}"
    assert chat.parent_id == calls["handle"].id
    assert chat.otel["attributes"]["gen_ai.operation.name"] == "chat"
    assert chat.otel["resource"]["service.name"] == "shop"


def test_an_exception_of_a_span_is_the_calls(tracer, store):
    """A span that failed is an error with the exception's text and traceback."""
    tracer, provider = tracer
    with contextlib.suppress(ValueError), tracer.start_as_current_span("fails"):
        raise ValueError("no way")
    provider.force_flush()
    call = shop(store)["fails"]
    assert (call.status, call.error) == ("error", "ValueError: no way")
    assert "Traceback" in call.exception


def request_of(*spans, name="shop"):
    message = service.ExportTraceServiceRequest()
    group = message.resource_spans.add()
    attribute = group.resource.attributes.add(key="service.name")
    attribute.value.string_value = name
    scope = group.scope_spans.add()
    for fields in spans:
        scope.spans.add(**fields)
    return message


def span(number, **fields):
    return {
        "trace_id": b"\x01" * 16,
        "span_id": number.to_bytes(8),
        "name": f"span {number}",
        "start_time_unix_nano": 1_000_000_000 + number,
        "end_time_unix_nano": 2_000_000_000,
        **fields,
    }


def post(server, body, **headers):
    return httpx.post(f"{server.url}/v1/traces", content=body, headers={**PROTOBUF, **headers})


def test_sending_twice_stores_once(server, store):
    """A sender that tries again leaves one call, whatever came first."""
    body = request_of(span(2, parent_span_id=(1).to_bytes(8)), span(1)).SerializeToString()
    assert [post(server, body).status_code for _ in range(2)] == [200, 200]
    assert len(shop(store)) == 2
    assert shop(store)["span 2"].parent_id == shop(store)["span 1"].id


def test_bad_spans_are_refused_and_good_ones_kept(server, store):
    """A partial success says how many were refused, and why; the others are stored."""
    message = request_of(span(1), span(2, span_id=b"\0" * 8), span(3, end_time_unix_nano=5))
    answer = post(server, message.SerializeToString())
    partial = service.ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 2)
    assert partial.error_message and list(shop(store)) == ["span 1"]


def test_a_full_success_says_nothing(server):
    """An answer without refusals is empty, of the request's type; so is one to no spans."""
    for body in (request_of(span(1)).SerializeToString(), b""):
        answer = post(server, body)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == PROTOBUF["Content-Type"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"\xff\xff\xff", {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{broken", {"Content-Type": "application/json"}, 400),
        (b'{"resourceSpans": [3]}', {"Content-Type": "application/json"}, 400),
        (gzip.compress(bytes(21 * 1024 * 1024)), {"Content-Encoding": "gzip"}, 413),
        (b"", {"X-Weavelite-Project": "a/b/c"}, 400),
    ],
    ids=["rubbish", "no gzip", "text", "no json", "no otlp", "bomb", "project"],
)
def test_what_cannot_be_read_is_answered(server, body, headers, status):
    """Rubbish, a gzip bomb and other types are answered with the protocol's status, never 500."""
    assert post(server, body, **headers).status_code == status


def test_a_project_can_be_named(server, store):
    """The header, or an attribute, names the project in place of the service."""
    post(server, request_of(span(1)).SerializeToString(), **{"X-Weavelite-Project": "team/mine"})
    post(server, request_of(span(2), name="Odd Name/ß").SerializeToString())
    named = sorted(f"{p.entity}/{p.name}" for p in store.projects())
    assert named == ["local/odd-name", "team/mine"]


@weavelite.op
def work(x):
    if x > 1:
        raise ValueError("too much")
    return {"x": x}


@weavelite.op
def outer():
    work(1)
    with contextlib.suppress(ValueError):
        work(2)
    call = instrument.start("chat", {"messages": []}, kind="llm", model="gpt-4o")
    details = {"prompt_tokens_details": {"cached_tokens": 2}}
    instrument.end(call, "hi", usage={"prompt_tokens": 3, "completion_tokens": 4, **details})


def test_a_round_trip_keeps_everything(server, store, tmp_path):
    """Calls exported to another weavelite are the same calls there: ids, tree, bodies, tokens."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = server.url
    os.environ["WEAVELITE_EXPORT_CONTENT"] = "true"
    client = weavelite.init("here", store=tmp_path / "here.db", export="otlp")
    with weavelite.attributes({"env": "prod"}):
        outer()
    wanted = CallQuery(project="local/here")
    here = {call.id: call for call in client.store.details(wanted, costs=True)}
    weavelite.finish()
    there = {call.id: call for call in store.details(wanted, costs=True)}
    assert len(there) == 4
    assert there == here


def test_values_that_json_lacks_make_the_round_trip(server, store, tmp_path):
    """A time, and a dictionary that looks like a stored one, are the same there."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = server.url
    os.environ["WEAVELITE_EXPORT_CONTENT"] = "true"
    client = weavelite.init("here", store=tmp_path / "here.db", export="otlp")
    value = [datetime(2026, 1, 2), {"_type": "set", "items": [1], "~": 1}, b"ab", {1: 2}]
    weavelite.op(lambda x: {"x": x})(value)
    (here,) = client.get_calls()
    weavelite.finish()
    (there,) = store.details(CallQuery(project="local/here"))
    assert restore(there.output)["x"] == here.output["x"] == value


def test_an_absent_collector_disturbs_nobody(tmp_path, caplog):
    """While the collector is away calls return at once, and are in the store."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9"
    os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
    client = weavelite.init("here", store=tmp_path / "here.db", export="otlp")
    work(1)
    assert len(client.get_calls()) == 1
    weavelite.finish()


@pytest.mark.parametrize("tokens", [float("nan"), 1e300, -1.0])
def test_odd_token_counts_are_left_out(tokens):
    """A count of tokens that is no count is left out."""
    message = request_of(span(1))
    made = message.resource_spans[0].scope_spans[0].spans[0]
    made.attributes.add(key="gen_ai.usage.input_tokens").value.double_value = tokens
    deep = made.attributes.add(key="input.value").value
    deep.string_value = "[" * 400 + "]" * 400
    (call,) = read_spans(from_protobuf(message)).batch.calls
    assert "input_tokens" not in call.rest


def test_any_bytes_are_mapped_or_refused():
    """The payloads of a request may be of any shape: reading them does not raise."""
    odd = span(1)
    message = request_of(odd)
    made = message.resource_spans[0].scope_spans[0].spans[0]
    for key, text in (
        ("gen_ai.input.messages", "{broken"),
        ("input.value", ""),
        ("gen_ai.usage.input_tokens", "x"),
    ):
        made.attributes.add(key=key).value.string_value = text
    made.attributes.add(key="nothing")
    (call,) = read_spans(from_protobuf(message)).batch.calls
    assert json.loads(call.inputs) == {"messages": [{"role": "user", "content": "{broken"}]}


KEYS = st.sampled_from([
    "resourceSpans", "scopeSpans", "spans", "traceId", "spanId", "name", "attributes", "key",
    "value", "stringValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "values",
    "startTimeUnixNano", "endTimeUnixNano", "events", "status", "code", "bytesValue",
])  # fmt: skip
PAYLOADS = Path(__file__).parent / "payloads"


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_json_says_what_protobuf_says(path):
    """Of a request that a real instrumentor sent, both encodings give the same calls."""
    message = service.ExportTraceServiceRequest.FromString(path.with_suffix(".pb").read_bytes())
    binary = read_spans(from_protobuf(message))
    text = read_spans(from_json(json.loads(path.read_text())))
    assert binary == text
    assert binary.batch.calls and not binary.rejected


def test_json_is_taken_and_answered_in_json(server, store):
    """A sender of JSON is answered in JSON: empty on success, with what was refused else."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    path = PAYLOADS / "vercel-ai-v6-generate_text_tool.json"
    answer = post(server, path.read_bytes(), **headers)
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == "application/json"
    assert post(server, gzip.compress(path.read_bytes()), **headers, **GZIP).status_code == 200
    [project] = store.projects()
    stored = store.count(CallQuery(project=f"{project.entity}/{project.name}"))
    assert stored == len(read_spans(from_json(json.loads(path.read_text()))).batch.calls)
    bad = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz", "name": "n"}]}]}]}
    answer = post(server, json.dumps(bad).encode(), **headers)
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert post(server, b"", **headers).json() == {}


GZIP = {"Content-Encoding": "gzip"}
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(JSONS)
def test_any_json_is_mapped_or_refused(value):
    """Whatever JSON somebody sends, it gives calls, refusals, or a ValueError."""
    wrapped = {"resourceSpans": [{"scopeSpans": [{"spans": [value]}]}]}
    for sent in (value, wrapped):
        with contextlib.suppress(ValueError):
            read_spans(from_json(sent))


def test_a_trace_whose_root_never_comes_is_listed(server, store):
    """A span whose parent was sent elsewhere, or sampled out, is a root; until the parent comes."""
    child = span(2, parent_span_id=(1).to_bytes(8))
    post(server, request_of(child).SerializeToString())
    roots = CallQuery(project="local/shop", trace_roots_only=True)
    assert [call.op_name for call in store.calls(roots).calls] == ["span 2"]
    post(server, request_of(span(1)).SerializeToString())
    assert [call.op_name for call in store.calls(roots).calls] == ["span 1"]
    itself = request_of(span(3, parent_span_id=(3).to_bytes(8)))
    post(server, itself.SerializeToString())
    assert {call.op_name for call in store.calls(roots).calls} == {"span 1", "span 3"}


LANGCHAIN = """
from langchain_core.language_models.fake_chat_models import FakeMessagesListChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda
from langsmith.run_trees import get_cached_client
from opentelemetry import trace

model = FakeMessagesListChatModel(responses=[AIMessage("rain")])
chain = RunnableLambda(lambda text: [("user", text)]) | model
chain.invoke("Weather?", config={"metadata": {"thread_id": "t1"}, "tags": ["prod"]})
get_cached_client().flush()
trace.get_tracer_provider().force_flush()
"""


def test_langchain_is_traced_by_langsmith_s_own_variables(server, store, tmp_path):
    """A LangChain program is traced by LangSmith's variables alone, without weavelite in it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {"LANGSMITH_TRACING": "true", "LANGSMITH_OTEL_ENABLED": "true",
            "LANGSMITH_OTEL_ONLY": "true", "LANGSMITH_API_KEY": "any",
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url}  # fmt: skip
    command = [sys.executable, "-c", LANGCHAIN]
    done = subprocess.run(command, env={**kept, **told}, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    [project] = store.projects()
    calls = {c.kind: c for c in store.details(CallQuery(project=f"local/{project.name}"))}
    model = calls["llm"]
    assert model.inputs["messages"] == [{"role": "user", "content": "Weather?"}]
    assert (model.output["content"], model.thread_id) == ("rain", "t1")
    assert model.attributes["tags"] == ["prod"] and "chain" in calls


@pytest.mark.parametrize("packed", [False, True])
def test_chunked_requests_are_taken(server, store, packed):
    """JavaScript's exporters send pieces without a length, packed or not."""
    body = (PAYLOADS / "vercel-ai-v6-stream_text.json").read_bytes()
    body = gzip.compress(body) if packed else body
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    headers = {"Content-Type": "application/json", "X-Weavelite-Project": "chunks"}
    headers |= GZIP if packed else {}
    answer = httpx.post(f"{server.url}/v1/traces", content=pieces, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {})
    assert store.count(CallQuery(project="local/chunks")) == 2
