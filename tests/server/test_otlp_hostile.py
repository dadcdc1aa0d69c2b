"""Whatever somebody sends to the doors of OpenTelemetry, they answer, and go on taking the rest."""

import contextlib
import gzip
import json
import uuid
import zlib

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

from tests.conftest import Served
from tests.server.golden import PAYLOADS
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

PROTOBUF, JSON = "application/x-protobuf", "application/json"
TAKEN = {200, 400, 413}
REAL = [path.read_bytes() for path in sorted(PAYLOADS.glob("*chat_tool.pb"))]
REAL += [path.read_bytes() for path in sorted((PAYLOADS / "logs").glob("*chat_tool.pb"))]


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """Posts to a server that lives as long as the tests here: what one sends must hurt no other."""
    path = tmp_path_factory.mktemp("door") / "w.db"
    with contextlib.closing(SqliteStore(path)) as store:
        served = Served(store, path)
        with httpx.Client(base_url=served.url, timeout=60) as client:

            def post(signal, body, kind=PROTOBUF, **headers):
                sent = {"Content-Type": kind, **headers}
                return client.post(f"/v1/{signal}", content=body, headers=sent)

            post.store = store
            yield post
        served.stop()


SIGNALS = st.sampled_from(["traces", "logs", "metrics"])


@settings(max_examples=150)
@given(SIGNALS, st.sampled_from([PROTOBUF, JSON]), st.binary(max_size=200), st.booleans())
def test_any_bytes_are_answered(door, signal, kind, body, packed):
    """Bytes of any kind, packed or not, are taken or refused, and never an error of the server."""
    headers = {"Content-Encoding": "gzip"} if packed else {}
    for sent in (body, gzip.compress(body)):
        assert door(signal, sent, kind, **headers).status_code in TAKEN


@settings(max_examples=150)
@given(st.sampled_from(REAL), st.data())
def test_damaged_requests_are_answered(door, body, data):
    """A real request with bytes changed, lost or added is taken as far as it can be read."""
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["change", "lose", "add"])):
            case "change":
                damaged[at] = data.draw(st.integers(0, 255))
            case "lose":
                del damaged[at : at + data.draw(st.integers(1, 40))]
            case "add":
                damaged[at:at] = data.draw(st.binary(min_size=1, max_size=8))
        if not damaged:
            return
    for signal in ("traces", "logs"):
        assert door(signal, bytes(damaged)).status_code in TAKEN


KEYS = st.sampled_from([
    "resourceSpans", "resourceLogs", "scopeSpans", "scopeLogs", "spans", "logRecords", "traceId",
    "spanId", "name", "attributes", "key", "value", "stringValue", "intValue", "doubleValue",
    "arrayValue", "kvlistValue", "values", "startTimeUnixNano", "events", "status", "code",
    "bytesValue", "links", "body", "eventName", "flags", "resource", "scope", "droppedLinksCount",
])  # fmt: skip
LEAVES = st.sampled_from([
    None, True, 0, -1, 2**70, 1.5, "", "x", "0" * 32, "ab" * 16, "cd" * 8, "NaN", "5",
    "gen_ai.choice", "gen_ai.input.messages", "\x00", "[" * 50,
])  # fmt: skip
JSONS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=16,
)


@settings(max_examples=200)
@given(JSONS)
def test_any_json_is_answered(door, value):
    """JSON of any shape, at the place of a request, a span or a record, is taken or refused."""
    for signal, (groups, scopes, items) in {
        "traces": ("resourceSpans", "scopeSpans", "spans"),
        "logs": ("resourceLogs", "scopeLogs", "logRecords"),
    }.items():
        for sent in (value, {groups: [{scopes: [{items: [value]}]}]}):
            assert door(signal, json.dumps(sent), JSON).status_code in TAKEN


def span_with(**fields):
    span = {"traceId": "ab" * 16, "spanId": "cd" * 8, "name": "s", "startTimeUnixNano": "1",
            "endTimeUnixNano": "2", **fields}  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


@pytest.mark.parametrize("name", ["tokens", "summary", "attributes", "sum_tokens", "thread_id"])
@pytest.mark.parametrize("value", [5, "x", [[1]], {"a": 1}, {"usage": 5}, {"usage": {"m": 1}}])
def test_weavelite_s_own_words_may_be_anybody_s(door, name, value):
    """What looks like a call of weavelite, and is none, is kept as far as it can be read."""
    told = {"weavelite.call_id": str(uuid.uuid4()), "weavelite.rest": json.dumps({name: value})}
    attributes = [{"key": key, "value": {"stringValue": text}} for key, text in told.items()]
    trace = uuid.uuid4().hex
    sent = span_with(attributes=attributes, traceId=trace)
    assert door("traces", json.dumps(sent), JSON).status_code == 200
    kept = door.store.details(CallQuery(project="local/otlp"))
    assert any(call.trace_id == trace for call in kept)


def nested(depth):
    value = {"stringValue": "x"}
    for _ in range(depth):
        value = {"arrayValue": {"values": [value]}}
    return value


@pytest.mark.parametrize("depth", [50, 200, 3000])
@pytest.mark.parametrize("name", ["gen_ai.input.messages", "input.value", "deep"])
def test_deep_values_are_answered(door, depth, name):
    """Values nested deeper than any reader goes are kept or refused, in attributes and in JSON."""
    for value in (nested(depth), {"stringValue": "[" * depth + "]" * depth},
                  {"stringValue": '{"content":' * depth + "1" + "}" * depth}):  # fmt: skip
        body = _dumps(span_with(attributes=[{"key": name, "value": value}]))
        assert door("traces", body, JSON).status_code in TAKEN


def _dumps(value):
    """Writes JSON of any depth."""
    import sys

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    try:
        return json.JSONEncoder().encode(value)
    finally:
        sys.setrecursionlimit(limit)


def test_large_values_are_kept(door):
    """An attribute of megabytes is kept whole; a thousand attributes are, too."""
    many = [{"key": f"k{n}", "value": {"stringValue": "v"}} for n in range(1000)]
    large = {"key": "input.value", "value": {"stringValue": "x" * 5_000_000}}
    body = json.dumps(span_with(spanId="01" * 8, attributes=[large, *many]))
    assert door("traces", body, JSON).status_code == 200
    found = next(call for call in door.store.details(CallQuery(project="local/otlp"))
                 if call.span_id == "01" * 8)  # fmt: skip
    assert len(found.otel["attributes"]) == 1001 and len(found.inputs["input"]) == 5_000_000


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(bytes(100_000_000)), "gzip", 413),
        (gzip.compress(b"x" * 1000)[:-20], "gzip", 400),
        (zlib.compress(b""), "deflate", 200),
        (b"not packed", "deflate", 400),
        (b"", "br", 400),
        (b"", "gzip", 200),
        (bytes(21_000_000), "", 413),
    ],
    ids=["bomb", "cut short", "deflate", "no deflate", "unknown", "empty", "large"],
)
def test_packed_bodies(door, body, encoding, status):
    """Bombs are refused unopened, what is cut short too; what senders use is understood."""
    for signal in ("traces", "logs"):
        answer = door(signal, body, **({"Content-Encoding": encoding} if encoding else {}))
        assert answer.status_code == status


def test_halves_of_characters_are_replaced(door):
    """JavaScript cuts texts between the halves of a character: the rest of them is kept."""
    body = json.dumps(span_with(spanId="02" * 8, name="cut \ud83d"))
    assert door("traces", body, JSON).json() == {}
    names = [call.op_name for call in door.store.details(CallQuery(project="local/otlp"))]
    assert "cut \ufffd" in names


def test_the_door_is_still_open(door):
    """After all that, a real request is stored as ever."""
    body = (PAYLOADS / "vercel-ai-v6-stream_text.pb").read_bytes()
    expected = service.ExportTraceServiceRequest.FromString(body)
    count = sum(len(s.spans) for g in expected.resource_spans for s in g.scope_spans)
    assert door("traces", body, **{"X-Weavelite-Project": "local/after"}).status_code == 200
    assert door.store.count(CallQuery(project="local/after")) == count
