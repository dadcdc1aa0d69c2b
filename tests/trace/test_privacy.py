"""Nothing secret reaches the disk, by whatever way it comes; no content where none is wanted."""

import asyncio
import contextlib
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import weavelite
from weavelite import instrument
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.redaction import FAILED, REDACTED
from weavelite.store.care import collect
from weavelite.store.sqlite import SqliteStore

KEY = "sk-proj-abcDEF123456ghiJKL789"
WORD = "Xerxes-in-Quito"


def on_disk(store_path):
    """Are all the bytes beside a store, those of its WAL and its journal included."""
    return b"".join(file.read_bytes() for file in store_path.parent.rglob("*") if file.is_file())


@contextlib.contextmanager
def tracing(store_path, **arguments):
    client = weavelite.init("private", store=store_path, **arguments)
    try:
        yield client
        assert len(on_disk(store_path)) > 0
    finally:
        weavelite.finish()


def every_way(secret):
    """Sends a text by every way on which calls are recorded."""

    @weavelite.op(call_display_name=lambda call: f"asks {secret}", attributes={"note": secret})
    def ask(question, api_key):
        call = weavelite.get_current_call()
        call.summary["said"] = secret
        return {"answer": f"about {question}"}

    @weavelite.op
    def fails():
        raise ValueError(f"no: {secret}")

    @weavelite.op
    def streams():
        yield {"text": secret}

    @weavelite.op(accumulator=lambda state, item: [*(state or []), item])
    def gathers():
        yield secret

    with weavelite.attributes({"where": secret}):
        _, call = ask.call({"deep": [secret]}, api_key=WORD)
    call.feedback.add_note(secret)
    fails.call()
    list(streams()), list(gathers())
    weavelite.log_call("logged", {"a": secret}, secret, display_name=secret)
    weavelite.log_call("failed", {}, exception=f"Traceback\nKeyError: {secret}")
    made = instrument.start("made", {"a": secret}, kind="llm", display_name=secret, model="m")
    instrument.annotate(made, {"b": secret})
    instrument.end(made, secret, usage={"prompt_tokens": 3, "completion_tokens": 2})
    with pytest.raises(KeyError), weavelite.open_call("opened", {"a": secret}) as opened:
        opened.output = secret
        raise KeyError(secret)


def test_no_secret_reaches_the_disk(store_path):
    """A key in inputs, outputs, errors, names, attributes, notes and streams is on no file."""
    with tracing(store_path) as client:
        every_way(KEY)
        assert KEY.encode() not in on_disk(store_path)
        assert len(list(client.get_calls())) == 8
        call = next(c for c in client.get_calls() if c.op_name == "ask")
        assert call.inputs == {"question": {"deep": [REDACTED]}, "api_key": REDACTED}
        assert call.output == {"answer": f"about {{'deep': ['{REDACTED}']}}"}
    assert KEY.encode() not in on_disk(store_path)
    assert WORD.encode() not in on_disk(store_path)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    st.recursive(
        st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=6,
    ),
    st.sampled_from(["password", "API-Key", "mine"]),
)
def test_no_nested_secret_reaches_the_disk(tmp_path_factory, value, key):
    """However it is nested, the value of a secret name is in no file: journal, store or WAL."""
    path = tmp_path_factory.mktemp("home") / "weavelite.db"
    with tracing(path, redact_keys=["mine"]) as client:
        weavelite.log_call("x", {"a": [value, {key: {"b": WORD}}]}, json.dumps({key: WORD}))
        assert WORD.encode() not in on_disk(path)
        client.flush()
        assert WORD.encode() not in on_disk(path)


def test_a_function_that_fails_leaves_nothing_and_breaks_nothing(store_path, caplog):
    """The program gets its result; the record says that redaction failed, and the log, once."""

    def broken(value):
        raise RuntimeError(WORD + " is not in the record")

    @weavelite.op
    def say(text):
        return text

    with tracing(store_path, redact=broken) as client:
        assert say(WORD) == WORD
        (call,) = client.get_calls()
        assert call.output == FAILED
    assert WORD.encode() not in on_disk(store_path)
    assert sum("redaction failed" in record.message for record in caplog.records) == 1


def test_all_can_be_turned_off(store_path):
    """With `none`, what goes in is what is kept."""
    with tracing(store_path, redact="none") as client:
        weavelite.log_call("x", {"api_key": KEY})
        assert next(iter(client.get_calls())).inputs == {"api_key": KEY}


def test_metadata_keeps_no_content(store_path):
    """Times, status, names, tokens, models and kinds of errors are kept; nothing else is."""
    with tracing(store_path, capture="metadata") as client:
        every_way(WORD)
        weavelite.log_call("pictured", {"image": weavelite.Content.from_text(WORD * 100)})
        calls = {call.op_name: call for call in client.get_calls()}
        assert len(calls) == 9
        assert {call.latency is not None for call in calls.values()} == {True}
        assert not any(call.inputs or call.output for call in calls.values())
        assert (calls["made"].input_tokens, calls["made"].model) == (3, "m")
        assert calls["fails"].exception == "ValueError"
        assert calls["failed"].exception == "KeyError"
        assert calls["ask"].op_digest
    assert WORD.encode() not in on_disk(store_path)
    assert not (store_path.parent / "content").exists()


def test_scores_are_metadata(store_path):
    """An evaluation keeps its scores, and not what the model said."""

    @weavelite.op
    def model(question):
        return f"{WORD} says {question}"

    @weavelite.op
    def good(output):
        return {"right": True, "why": f"it is {WORD}"}

    with tracing(store_path, capture="metadata") as client:
        evaluation = weavelite.Evaluation(dataset=[{"question": "q"}], scorers=[good])
        asyncio.run(evaluation.evaluate(model))
        calls = {call.op_name: call for call in client.get_calls()}
        assert calls["Evaluation.predict_and_score"].output["scores"] == {"good": {"right": True}}
        assert calls["Evaluation.evaluate"].output["good"]["right"]["true_count"] == 1
    assert WORD.encode() not in on_disk(store_path)


def span(secret):
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="host.secret").value.string_value = secret
    found = group.scope_spans.add().spans.add(
        trace_id=b"t" * 16,
        span_id=b"s" * 8,
        name="chat",
        start_time_unix_nano=1,
        end_time_unix_nano=2,
    )
    texts = {
        "gen_ai.input.messages": json.dumps([{"role": "user", "content": secret}]),
        "output.value": json.dumps({"api_key": WORD, "text": secret}),
        "gen_ai.request.model": "gpt-4o",
        "http.request.header.authorization": WORD,
        "anything": secret,
    }
    for key, text in texts.items():
        found.attributes.add(key=key).value.string_value = text
    found.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 7
    event = found.events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = "ValueError"
    event.attributes.add(key="exception.message").value.string_value = secret
    found.status.code, found.status.message = 2, f"said {secret}"
    return request.SerializeToString()


def sent(url, body):
    answer = httpx.post(
        f"{url}/v1/traces", content=body, headers={"content-type": "application/x-protobuf"}
    )
    assert answer.status_code == 200


def test_spans_of_others_lose_their_secrets(server, store, store_path):
    """What comes by OTLP is redacted, the raw attributes too; what is no secret stays raw."""
    sent(server.url, span(KEY))
    (call,) = store.details(CallQuery(project="local/otlp"))
    assert call.otel["attributes"]["gen_ai.request.model"] == "gpt-4o"
    assert call.inputs["messages"] == [{"role": "user", "content": REDACTED}]
    assert call.input_tokens == 7
    assert KEY.encode() not in on_disk(store_path) and WORD.encode() not in on_disk(store_path)


def test_notes_of_the_viewer_lose_their_secrets(server, store, store_path):
    """A note that is written in the viewer is redacted as well."""
    sent(server.url, span("nothing"))
    (call,) = store.details(CallQuery(project="local/otlp"))
    answer = httpx.post(
        f"{server.url}/api/projects/local/otlp/calls/{call.id}/feedback",
        json={"type": "note", "value": f"see {KEY}"},
        headers={"origin": server.url},
    )
    assert answer.json()["payload"] == {"note": f"see {REDACTED}"}
    assert KEY.encode() not in on_disk(store_path)


def test_spans_of_others_without_content(private_server, store, store_path):
    """A server that keeps metadata only keeps tokens, model and kind of error of a span."""
    sent(private_server.url, span(WORD))
    (call,) = store.details(CallQuery(project="local/otlp"))
    assert (call.input_tokens, call.model, call.error) == (7, "gpt-4o", "ValueError")
    assert call.inputs == {} and call.output is None
    assert WORD.encode() not in on_disk(store_path)


@pytest.mark.parametrize("size", [3, 100, 3000])
def test_deleted_calls_leave_no_byte(store_path, size):
    """Texts, content large and small, notes and segments of a deleted call are gone after gc."""
    with tracing(store_path) as client:
        data = (WORD * 100_000).encode()
        inputs = {"text": WORD * size, "small": data[:2000], "large": data}
        call = weavelite.log_call("x", inputs, [{"content": WORD * size}] * 3)
        call.feedback.add_note(WORD)
        client.flush()
        assert WORD.encode() in on_disk(store_path)
        client.delete_call(call)
    with contextlib.closing(SqliteStore(store_path)) as store:
        drain_all(store, store_path)
    collect(store_path, files=True)
    assert WORD.encode() not in on_disk(store_path)


def test_deleted_spans_leave_no_byte(server, store, store_path):
    """The same holds for what came by OTLP."""
    sent(server.url, span(WORD * 50))
    (call,) = store.details(CallQuery(project="local/otlp"))
    store.delete_calls("local/otlp", [call.id])
    collect(store_path, files=True)
    assert WORD.encode() not in on_disk(store_path)
