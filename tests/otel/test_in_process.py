"""Spans and calls of one program nest as they ran, and nobody else's spans notice."""

import contextlib
import subprocess
import sys
import threading
import time

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import weavelite
from weavelite import instrument
from weavelite.otel import SpanProcessor, headers, tracer_provider


@pytest.fixture
def ours(client):
    """A tracer of weavelite's own provider."""
    return tracer_provider().get_tracer("ours")


@pytest.fixture
def vendor():
    """Another vendor's provider, with what it exports; weavelite does not know of it."""
    exported = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exported))
    yield provider, exported
    provider.shutdown()


def tree(client):
    """Gives each call under its parent, by names."""
    calls = list(client.get_calls())
    names = {call.id: call.display_name or call.op_name for call in calls}
    assert len({call.trace_id for call in calls}) <= 1
    return {names[call.id]: names.get(call.parent_id) for call in calls}


@weavelite.op
def inner():
    return 1


NESTED = {"outer": None, "span": "outer", "deep span": "span", "inner": "deep span"}


def test_spans_of_our_provider_nest_with_calls(client, ours):
    """An op inside of a span inside of a span inside of an op: each is below the one around it."""

    @weavelite.op
    def outer():
        with ours.start_as_current_span("span"), ours.start_as_current_span("deep span"):
            inner()
        return 2

    assert outer() == 2
    assert tree(client) == NESTED


def test_spans_of_the_user_nest_with_calls(client, vendor):
    """The same with a provider of the user's own that has weavelite's processor beside others."""
    provider, exported = vendor
    provider.add_span_processor(SpanProcessor())
    tracer = provider.get_tracer("user")

    @weavelite.op
    def outer():
        with tracer.start_as_current_span("span"), tracer.start_as_current_span("deep span"):
            inner()

    outer()
    assert tree(client) == NESTED
    deep, above = exported.get_finished_spans()
    assert above.parent is None and deep.parent.span_id == above.context.span_id


def test_a_span_of_the_user_is_the_root_of_calls(client, vendor):
    """Ops inside of a span, and spans inside of these, are below it, in the span's own trace."""
    provider, exported = vendor
    provider.add_span_processor(SpanProcessor())
    tracer = provider.get_tracer("user")

    @weavelite.op
    def middle():
        with tracer.start_as_current_span("leaf"):
            inner()
        inner()

    with tracer.start_as_current_span("root"):
        middle()
        inner()
    calls = list(client.get_calls())
    ids = {call.id: call.op_name for call in calls}
    assert [(call.op_name, ids.get(call.parent_id)) for call in calls] == [
        ("root", None), ("middle", "root"), ("leaf", "middle"), ("inner", "leaf"),
        ("inner", "middle"), ("inner", "root"),
    ]  # fmt: skip
    assert {call.trace_id for call in calls} == {
        f"{exported.get_finished_spans()[-1].context.trace_id:032x}"
    }


def test_other_vendors_spans_have_no_parents_of_ours(client, ours, vendor):
    """A vendor's spans inside of ops and of our spans are roots there, and nest among themselves.

    An op inside of a vendor's span stays below the op around both.
    """
    provider, exported = vendor
    theirs = provider.get_tracer("vendor")

    @weavelite.op
    def outer():
        begin = ours.start_as_current_span, theirs.start_as_current_span
        with begin[0]("ours"), begin[1]("a"), begin[1]("b"):
            inner()

    outer()
    b, a = exported.get_finished_spans()
    assert a.parent is None and b.parent.span_id == a.context.span_id
    assert tree(client) == {"outer": None, "ours": "outer", "inner": "ours"}


def test_ops_alone_in_a_vendor_s_span_join_its_trace(client, ours, vendor):
    """Where there is nothing else around it, a call belongs to the vendor's trace, as a root."""
    provider, exported = vendor
    with provider.get_tracer("vendor").start_as_current_span("theirs"):
        inner()
    [call] = client.get_calls()
    [span] = exported.get_finished_spans()
    assert call.trace_id == f"{span.context.trace_id:032x}" and call.parent_id is None


def test_attached_spans_are_parents_of_others_when_asked(client, vendor):
    """With `attach`, other providers' spans nest in ours, and the current span is ours."""
    provider, exported = vendor
    ours = tracer_provider(attach=True).get_tracer("ours")
    with ours.start_as_current_span("span") as span:
        assert trace.get_current_span() is span
        provider.get_tracer("vendor").start_span("theirs").end()
    [theirs] = exported.get_finished_spans()
    assert theirs.parent.span_id == span.get_span_context().span_id


def test_the_global_provider_is_left_alone(client, ours):
    """Making our provider sets none for everybody, and leaves the context as it was."""
    before = otel_context.get_current()
    with ours.start_as_current_span("span"):
        assert otel_context.get_current() == before
    assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"


def test_spans_that_are_started_by_hand(client, ours):
    """Spans that an instrumentor starts, uses and ends by hand nest as well."""
    above = ours.start_span("above")
    with trace.use_span(above, end_on_exit=True):
        inner()
        below = ours.start_span("below")
        below.end()
    explicit = ours.start_span("explicit", trace.set_span_in_context(above))
    explicit.end()
    assert tree(client) == {"above": None, "inner": "above", "below": "above", "explicit": "above"}


def test_a_call_of_a_model_is_mapped(client, ours):
    """A span has kind, messages, model, tokens and parameters, as if it came over the wire."""
    with ours.start_as_current_span("chat gpt-5") as span:
        span.set_attributes({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5",
            "gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 2,
            "gen_ai.input.messages": '[{"role": "user", "content": "hi"}]',
        })  # fmt: skip
    [call] = client.get_calls()
    assert (call.kind, call.model, call.input_tokens) == ("llm", "gpt-5", 5)
    assert call.inputs["messages"] == [{"role": "user", "content": "hi"}]
    detail = client.store.call("local/test", call.id)
    assert detail.sum_tokens == 7 and detail.otel["scope"] == "ours"


def test_more_attributes_than_the_sdk_allows(client, ours):
    """A long chat in numbered attributes comes whole: our provider has no small limit."""
    names = {f"llm.input_messages.{n}.message.content": str(n) for n in range(300)}
    ours.start_span("chat", attributes={"openinference.span.kind": "LLM", **names}).end()
    [call] = client.get_calls()
    assert len(call.inputs["messages"]) == 300


def test_failures_are_errors(client, ours):
    """What a block raises is on the span's call, and goes on."""
    with pytest.raises(ValueError, match="no way"), ours.start_as_current_span("span"):
        raise ValueError("no way")
    [call] = client.get_calls()
    assert call.error == "ValueError: no way" and "Traceback" in call.exception


def test_what_is_set_around_holds_for_spans(client, ours):
    """Attributes and threads of a block are those of its spans, and of the ops below them."""
    around = weavelite.attributes({"env": "prod"}), weavelite.thread("t1")
    begun = ours.start_as_current_span("span", attributes={"user.id": "u1"})
    with around[0], around[1], begun:
        inner()
    span, call = client.get_calls()
    assert span.attributes == {"env": "prod", "user_id": "u1"}
    assert span.thread_id == call.thread_id == "t1"
    assert span.turn_id == call.turn_id == span.id


def test_suppressed_spans_and_untraced_programs(client, ours):
    """Where integrations are told to be quiet, and where tracing is off, nothing is recorded."""
    with instrument.suppress(), ours.start_as_current_span("span"):
        pass
    assert list(client.get_calls()) == []
    weavelite.finish()
    with ours.start_as_current_span("span") as span:
        assert span.is_recording()


def test_secrets_and_content(tmp_path):
    """Redaction and `capture="metadata"` hold for spans of the program, too."""
    secret = "sk-proj-" + "a1B2" * 10
    told = {"input.value": f'{{"key": "{secret}"}}', "gen_ai.request.model": "m"}
    for capture in ("full", "metadata"):
        client = weavelite.init(capture, store=tmp_path / "w.db", capture=capture)
        tracer_provider().get_tracer("t").start_span("span", attributes=told).end()
        [call] = client.store.details(weavelite_query(capture))
        assert secret not in f"{call.inputs}{call.otel}"
        assert (call.inputs == {}) == (capture == "metadata")
        weavelite.finish()


def weavelite_query(project):
    from weavelite.query import CallQuery

    return CallQuery(project=f"local/{project}")


def test_threads_of_spans(client, ours):
    """Spans of many threads at once each have their own parents."""

    def work(number):
        with ours.start_as_current_span(f"span {number}"):
            inner()

    workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    calls = list(client.get_calls())
    ids = {call.id: call.op_name for call in calls}
    below = [call for call in calls if call.op_name == "inner"]
    assert len({ids[call.parent_id] for call in below}) == 8


def test_a_killed_program_keeps_its_spans(tmp_path):
    """A span that has ended is durable, and what ran below one that had not is a root."""
    program = f"""
import os, weavelite
from weavelite.otel import tracer_provider
weavelite.init("killed", store={str(tmp_path / "w.db")!r})
tracer = tracer_provider().get_tracer("t")
with tracer.start_as_current_span("open"):
    tracer.start_span("ended").end()
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    client = weavelite.init("killed", store=tmp_path / "w.db")
    [call] = client.get_calls()
    assert call.op_name == "ended" and call.parent_id is None


def until(true):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_open_spans_are_seen(client, ours):
    """A span that takes long is a running call, with what it said at its start; it ends as one."""

    def seen():
        return {call.op_name: call for call in client.get_calls()}

    asked = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    with ours.start_as_current_span("above"):
        span = ours.start_span("chat", attributes=asked)
        until(lambda: seen().keys() == {"above", "chat"})
        above, chat = seen()["above"], seen()["chat"]
        assert (above.status, chat.status) == ("running", "running")
        assert (chat.kind, chat.model, chat.parent_id) == ("llm", "gpt-4o", above.id)
        span.set_attribute("gen_ai.usage.input_tokens", 5)
        span.end()
    assert len(list(client.get_calls())) == 2 and not client.open_calls
    above, chat = seen()["above"], seen()["chat"]
    assert (above.status, chat.status, chat.input_tokens) == ("success", "success", 5)
    assert chat.parent_id == above.id and chat.ended_at > chat.started_at


def test_an_open_span_of_a_killed_program_is_interrupted(tmp_path):
    """What was seen to run when its program was killed is interrupted, with what ended below it."""
    program = f"""
import os, time, weavelite
from weavelite.otel import tracer_provider
client = weavelite.init("killed", store={str(tmp_path / "w.db")!r})
tracer = tracer_provider().get_tracer("t")
with tracer.start_as_current_span("open"):
    tracer.start_span("ended").end()
    while len(list(client.get_calls())) < 2:
        time.sleep(0.05)
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == 9
    calls = list(weavelite.init("killed", store=tmp_path / "w.db").get_calls())
    states = {call.op_name: call.status for call in calls}
    assert states == {"open": "interrupted", "ended": "success"}
    assert len({call.trace_id for call in calls}) == 1


def test_headers_of_requests(client, ours):
    """The innermost call or span is what a request names as its parent."""
    assert headers() == {}
    with ours.start_as_current_span("span") as span:
        told = span.get_span_context()
        assert headers({"a": "b"}) == {
            "a": "b", "traceparent": f"00-{told.trace_id:032x}-{told.span_id:016x}-01",
        }  # fmt: skip
        assert headers({"Traceparent": "mine"}) == {"Traceparent": "mine"}


def test_instrumented_ops_that_are_dropped_drop_spans(client, ours):
    """Spans inside of a call that is not drawn as a sample are not recorded either."""

    @weavelite.op(tracing_sample_rate=0.0)
    def rare():
        with ours.start_as_current_span("span"):
            inner()

    with contextlib.suppress(Exception):
        rare()
    assert list(client.get_calls()) == []


def test_the_sdk_is_not_imported_by_weavelite():
    """Neither `import weavelite` nor `import weavelite.otel` loads OpenTelemetry's SDK."""
    program = "import sys, weavelite, weavelite.otel; print('opentelemetry.sdk' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert found.stdout.strip() == "False", found.stderr
