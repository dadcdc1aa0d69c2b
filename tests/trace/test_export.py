"""Calls go on to a collector: all of them, once it is there, and no content unasked."""

import json
import os
import socket
import subprocess
import sys

import pytest

import weavelite
from tests.trace.collector import running
from weavelite import instrument

PROGRAM = """
import os, sys, weavelite
weavelite.init("app", store={store!r}, export="otlp")

@weavelite.op
def answer(question):
    return question

for number in range({count}):
    answer(f"{name} {{number}}")
{end}
"""


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def got(tmp_path, port):
    """Points the exporter at the collector, and reads what the collector got."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
    os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
    os.environ["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip"
    os.environ["WEAVELITE_EXPORT_CONTENT"] = "true"
    file = tmp_path / "got.jsonl"

    def read():
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]

    read.file = file
    return read


def run(tmp_path, name, count=3, end=""):
    store = str(tmp_path / "w.db")
    program = PROGRAM.format(store=store, name=name, count=count, end=end)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def waiting(tmp_path):
    return sorted(path.name for path in (tmp_path / "journal" / "export").glob("*.wlj"))


def asked(spans):
    return sorted({json.loads(span["attributes"]["weavelite.inputs"])["question"]
                   for span in spans})  # fmt: skip


def test_nothing_is_lost_while_the_collector_is_away(tmp_path, port, got):
    """What one process could not export, and what one was killed with, a later one exports."""
    first = run(tmp_path, "away")
    assert "the next process" in first.stderr
    assert run(tmp_path, "killed", end="os._exit(9)").returncode == 9
    assert got() == [] and len(waiting(tmp_path)) == 2
    with running(port, got.file):
        run(tmp_path, "there")
    assert asked(got()) == [f"{name} {n}" for name in ("away", "killed", "there") for n in range(3)]
    assert waiting(tmp_path) == []
    ids = [(span["trace"], span["span"]) for span in got()]
    assert len(ids) == len(set(ids)) == 9


def test_a_process_goes_on_where_the_last_one_stopped(tmp_path, port, got):
    """What was sent is not sent again, and ops that were defined before are still known."""
    with running(port, got.file):
        run(tmp_path, "first", end="import time; time.sleep(1.5); os._exit(9)")
        assert len(waiting(tmp_path)) == 1 and len(got()) == 3
        run(tmp_path, "second")
    names = {span["name"] for span in got()}
    assert len(got()) == 6 and names == {"answer"}
    assert waiting(tmp_path) == []


def test_one_refused_call_holds_up_no_other(tmp_path, port, got):
    """A call that the collector does not want is left out after a while; the others arrive."""
    from weavelite.trace import export

    class Picky:
        def export(self, spans):
            if any(span.name == "bad" for span in spans):
                return type("Result", (), {"name": "FAILURE"})
            taken.extend(span.name for span in spans)
            return type("Result", (), {"name": "SUCCESS"})

        def shutdown(self):
            pass

    taken = []
    client = weavelite.init("app", store=tmp_path / "w.db")
    exported = export.OtlpExport(client.journal, Picky(), 1 << 30, content=False)
    for name in ("good", "bad", "fine"):
        instrument.end(instrument.start(name, {}))
    steps = [exported._step() for _ in range(export.PATIENCE + 1)]
    assert steps == [False] * (export.PATIENCE - 1) + [True, None]
    assert taken == ["good", "fine"]


class Taking:
    """Takes all that it is sent."""

    def __init__(self):
        self.taken = []

    def export(self, spans):
        self.taken += [span.name for span in spans]
        return type("Result", (), {"name": "SUCCESS"})

    def shutdown(self):
        pass


def test_what_was_deleted_meanwhile_is_not_sent(tmp_path):
    """A call that is deleted while it waits goes nowhere, nor do those below it; others do."""
    from weavelite.trace.export import OtlpExport

    client = weavelite.init("app", store=tmp_path / "w.db")
    exporter = Taking()
    exported = OtlpExport(client.journal, exporter, 1 << 30, content=True)
    above = instrument.start("secret", {})
    instrument.end(instrument.start("below", {}, parent=above))
    instrument.end(above)
    instrument.end(instrument.start("kept", {}))
    assert len(client.get_calls()) == 3
    client.delete_calls([above.id])
    while exported._step():
        pass
    assert exporter.taken == ["kept"] and exported._outbox.is_empty()


def test_content_is_not_sent_unasked(tmp_path, port, got):
    """By default a collector learns what ran, when, how long and how much, and nothing said."""
    del os.environ["WEAVELITE_EXPORT_CONTENT"]
    with running(port, got.file):
        weavelite.init("app", store=tmp_path / "w.db", export="otlp")
        with weavelite.attributes({"note": "secret"}):
            call = instrument.start("chat", {"messages": ["secret"]}, kind="llm", model="m",
                                    display_name="secret")  # fmt: skip
            instrument.end(call, None, error=ValueError("secret"),
                           usage={"input_tokens": 3, "output_tokens": 1})  # fmt: skip
        weavelite.finish()
    [span] = got()
    assert "secret" not in json.dumps(span)
    told = span["attributes"]
    assert (told["gen_ai.operation.name"], told["gen_ai.request.model"]) == ("chat", "m")
    assert (told["gen_ai.usage.input_tokens"], told["error.type"]) == (3, "ValueError")


def test_content_is_in_the_words_of_the_conventions(tmp_path, port, got):
    """Other collectors find messages, tools and documents where they look for them."""
    tools = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    messages = [{"role": "system", "content": "be terse"},
                {"role": "assistant", "content": None, "tool_calls": tools},
                {"role": "tool", "tool_call_id": "c1", "content": "14"}]  # fmt: skip
    with running(port, got.file):
        weavelite.init("app", store=tmp_path / "w.db", export="otlp")
        call = instrument.start("chat", {"messages": messages}, kind="llm", model="m")
        instrument.end(call, {"choices": [{"message": {"role": "assistant", "content": "rain"},
                                           "finish_reason": "stop"}]})  # fmt: skip
        instrument.end(instrument.start("f", {"city": "Paris"}, kind="tool"), {"t": 1})
        weavelite.finish()
    chat, tool = got()
    asked = json.loads(chat["attributes"]["gen_ai.input.messages"])
    assert [part for message in asked for part in message["parts"]] == [
        {"type": "text", "content": "be terse"},
        {"type": "tool_call", "id": "c1", "name": "f", "arguments": {}},
        {"type": "tool_call_response", "id": "c1", "response": "14"},
    ]
    assert json.loads(chat["attributes"]["gen_ai.output.messages"]) == [
        {"role": "assistant", "parts": [{"type": "text", "content": "rain"}],
         "finish_reason": "stop"}
    ]  # fmt: skip
    assert chat["attributes"]["openinference.span.kind"] == "LLM"
    assert tool["attributes"]["gen_ai.tool.name"] == "f"
    assert json.loads(tool["attributes"]["gen_ai.tool.call.arguments"]) == {"city": "Paris"}


def test_nothing_is_exported_by_an_endpoint_alone(tmp_path, port, got):
    """An endpoint in the environment exports nothing: it has to be asked for."""
    with running(port, got.file):
        weavelite.init("app", store=tmp_path / "w.db")
        instrument.end(instrument.start("f", {}))
        weavelite.finish()
    assert got() == [] and not (tmp_path / "journal" / "export").exists()
