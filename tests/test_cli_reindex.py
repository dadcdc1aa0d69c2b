"""weavelite reindex maps spans again, and says what that changed."""

import json
from contextlib import closing

import pytest
from typer.testing import CliRunner

import weavelite
from tests.server.golden import PAYLOADS
from weavelite.cli.commands import app
from weavelite.dialects.otlp import read_spans
from weavelite.dialects.spans import from_json
from weavelite.query import CallQuery
from weavelite.records.writes import FeedbackWrite, OpWrite
from weavelite.store import tallies
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/sample-app"
NAMES = ["openinference-openai-chat_tool", "pydantic-ai-v5-agent_tool", "vercel-ai-v6-stream_text",
         "langfuse-app", "traceloop-langchain-0.40-legacy-agent"]  # fmt: skip


def stored(path, name, *, older=False):
    """Stores a payload as it is mapped, or as an older mapping would have done that knew little."""
    batch = read_spans(from_json(json.loads((PAYLOADS / f"{name}.json").read_text())), PROJECT)
    batch = batch.batch
    if older:
        batch.ops = [OpWrite(1, PROJECT, "span", "op")]
        batch.calls = [
            call._replace(
                op_key=1, inputs="{}", output=None,
                rest={"otel": {**call.rest["otel"], "mapping": 0}},
            )
            for call in batch.calls
        ]  # fmt: skip
    with closing(SqliteStore(path)) as store:
        store.ingest(batch)


def read(path):
    with closing(SqliteStore(path)) as store:
        found = list(store.details(CallQuery(project=PROJECT), costs=True))
        return found, store.stats(CallQuery(project=PROJECT))


def reindex(path, *options):
    result = CliRunner().invoke(app, ["reindex", "--store", str(path), *options])
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.mark.parametrize("name", NAMES)
def test_what_an_older_version_mapped_becomes_what_this_one_maps(tmp_path, name):
    """After reindex the store is as if this version had taken the spans; sums follow."""
    old, new = tmp_path / "old" / "w.db", tmp_path / "new" / "w.db"
    stored(old, name, older=True)
    stored(new, name)
    with closing(SqliteStore(old)) as store:
        while store.write(lambda connection: tallies.advance(connection, keep=0)):
            pass
    said = reindex(old)
    (found, sums), (expected, their_sums) = read(old), read(new)
    assert found == expected and sums == their_sums
    assert said.startswith(f"{len(expected)} calls were mapped again") and "inputs of" in said
    assert reindex(old) == "Every call from OpenTelemetry is mapped by this version already."
    assert "none differs" in reindex(old, "--all")


def test_other_calls_and_feedback_stay(tmp_path):
    """Calls of weavelite's own, and what people said about spans, are as they were."""
    path = tmp_path / "w.db"
    weavelite.init(PROJECT.partition("/")[2], store=path)
    weavelite.op(lambda x: x, name="mine")(1)
    weavelite.finish()
    stored(path, NAMES[0], older=True)
    with closing(SqliteStore(path)) as store:
        calls = list(store.details(CallQuery(project=PROJECT)))
        note = FeedbackWrite("f1", PROJECT, calls[-1].id, "note", {"note": "x"}, None, 1)
        store.add_feedback(note)
    reindex(path)
    found, _ = read(path)
    assert [call.id for call in found] == [call.id for call in calls]
    assert found[-1].feedback[0].payload == {"note": "x"}
    assert next(call for call in found if call.op_name == "mine").output == 1
