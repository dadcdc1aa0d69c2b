"""OTLP into SQLite, beside what `opentelemetry-proto` alone takes to parse the same bodies.

`python -m tests.benchmarks.otlp_ingest` prints a table: spans a second of each step, medians of
rounds that run side by side, and what one request of a hundred thousand spans takes.
"""

import os
import resource
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

from weavelite.dialects.again import map_again
from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import from_protobuf
from weavelite.privacy import Privacy
from weavelite.redaction import make_redactor
from weavelite.store.sqlite import SqliteStore

PAYLOADS = Path(__file__).parent.parent / "server" / "payloads"
SOURCES = {
    "GenAI, LLM": "otel-genai-openai-chat_tool",
    "OpenInference, LLM": "openinference-openai-chat_tool",
    "OpenLLMetry, agent": "traceloop-langchain-0.40-legacy-agent",
    "Vercel AI SDK": "vercel-ai-v6-generate_text_tool",
}
SPANS, ROUNDS = 1000, 7


def request(spans):
    """Makes a request with many spans like those of a payload, each with an id of its own."""
    return multiplied(service.ExportTraceServiceRequest.FromString(spans), SPANS)


def multiplied(sample, count):
    made = service.ExportTraceServiceRequest()
    groups = list(sample.resource_spans)
    while count > 0:
        trace_id, renamed = os.urandom(16), {}
        for group in groups:
            added = made.resource_spans.add()
            added.CopyFrom(group)
            for scope in added.scope_spans:
                for span in scope.spans:
                    span.trace_id = trace_id
                    span.span_id = renamed.setdefault(span.span_id, os.urandom(8))
                    if span.parent_span_id:
                        span.parent_span_id = renamed.setdefault(span.parent_span_id, os.urandom(8))
                    count -= 1
    return made


def plain(count):
    """Makes a request of small spans in traces of ten."""
    made = service.ExportTraceServiceRequest()
    scope = made.resource_spans.add().scope_spans.add()
    for number in range(count):
        at = number % 10
        if at == 0:
            trace_id = os.urandom(16)
        span = scope.spans.add(
            trace_id=trace_id, span_id=(number + 1).to_bytes(8), name=f"step {at}",
            start_time_unix_nano=10**18 + number, end_time_unix_nano=10**18 + number + 5,
        )  # fmt: skip
        if at:
            span.parent_span_id = (number - at + 1).to_bytes(8)
        span.attributes.add(key="input.value").value.string_value = f"question {number}"
    return made


def steps(body, store, privacy):
    """Times parsing alone, parsing and mapping, and all of it until the spans rest in SQLite."""
    times = []
    at = time.perf_counter()
    message = service.ExportTraceServiceRequest.FromString(body)
    times.append(time.perf_counter() - at)
    mapped = read_spans(from_protobuf(message))
    times.append(time.perf_counter() - at)
    privacy.batch(mapped.batch)
    store.ingest(mapped.batch)
    spans = [(call.trace_id, call.span_id) for call in mapped.batch.calls]
    store.join_events(map_again, spans)
    times.append(time.perf_counter() - at)
    return [each / len(spans) for each in times]


def measure(name, make, folder):
    privacy = Privacy(make_redactor())
    with closing(SqliteStore(folder / f"{len(name)}.db")) as store:
        rounds = [steps(make().SerializeToString(), store, privacy) for _ in range(ROUNDS)]
    medians = [statistics.median(each) for each in zip(*rounds, strict=True)]
    size = len(make().SerializeToString()) / SPANS
    parsed, mapped, stored = (1 / each for each in medians)
    print(f"| {name} | {size:,.0f} | {parsed:,.0f} | {mapped:,.0f} | {stored:,.0f} "
          f"| {medians[2] / medians[0]:.0f} |")  # fmt: skip


def large(folder):
    """Takes one request of a hundred thousand spans, and says what it took."""
    body = plain(100_000).SerializeToString()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with closing(SqliteStore(folder / "large.db")) as store:
        started = time.perf_counter()
        mapped = read_spans(from_protobuf(service.ExportTraceServiceRequest.FromString(body)))
        Privacy(make_redactor()).batch(mapped.batch)
        store.ingest(mapped.batch)
        took = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"\nOne request of 100,000 small spans ({len(body) / 1e6:.1f} MB): {took:.1f} s, "
          f"{100_000 / took:,.0f} spans/s, memory grew by {grown:,.0f} MB.")  # fmt: skip


def main():
    print("| spans | bytes | parsed/s | + mapped/s | + stored/s | all / parsing |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, payload in SOURCES.items():
            body = (PAYLOADS / f"{payload}.pb").read_bytes()
            measure(label, lambda body=body: request(body), folder)
        measure("small", lambda: plain(SPANS), folder)
        large(folder)


if __name__ == "__main__":
    main()
