"""The views show what the store's records do, in words and units for people."""

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import datetime

import pytest

import weavelite
from weavelite import instrument
from weavelite.errors import QueryError
from weavelite.store import views
from weavelite.store.selecting import select, view_columns

USAGE = {
    "prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 60},
}  # fmt: skip
LONG = "a question that is asked again and again " * 20


@weavelite.op
def agent(question: str) -> str:
    for model in ("gpt-4o-mini", "nobodys-model"):
        call = instrument.start("ask", {"question": question}, kind="llm", model=model)
        instrument.end(call, question, usage=USAGE)
    return "done"


@weavelite.op
def broken() -> None:
    raise ValueError("no")


@pytest.fixture
def rows(client, store_path):
    for _ in range(2):
        _, call = agent.call(LONG)
    call.feedback.add("wandb.runnable.exact", {"output": True})
    call.feedback.add("wandb.runnable.judge", {"output": {"score": 0.5}})
    call.feedback.add_reaction("👍")
    with pytest.raises(ValueError):
        broken()
    client.flush()

    def ask(query: str) -> list[dict]:
        asked = select(store_path, query, project="local/test")
        columns, found = asked.columns, asked.rows
        return [dict(zip(columns, row, strict=True)) for row in found]

    ask.call = call
    return ask


def test_calls(rows):
    """A call has ids as text, times as ISO 8601, milliseconds, words."""
    (call,) = rows(f"select * from calls_v1 where id = '{rows.call.id}'")
    assert (call["op"], call["status"], call["project"]) == ("agent", "success", "local/test")
    assert call["trace_id"] == rows.call.trace_id and uuid.UUID(call["id"])
    assert abs(datetime.fromisoformat(call["started_at"]) - rows.call.started_at).seconds == 0
    assert call["latency_ms"] == pytest.approx(rows.call.latency * 1000)
    assert (call["total_tokens"], call["parent_span_id"]) == (300, None)
    (error,) = rows("select error from calls_v1 where status = 'error'")
    assert error["error"] == "ValueError: no"


def test_usage_and_costs(rows):
    """Tokens are in buckets that add up, and cost what is known, NULL where nothing is."""
    (used,) = rows(
        "select sum(input) i, sum(cache_read) c, sum(output) o, sum(total_tokens) t, count(*) n"
        " from usage_v1 where counted"
    )
    assert used == {"i": 160, "c": 240, "o": 200, "t": 600, "n": 4}
    costs = rows("select model, sum(cost) usd from costs_v1 where counted group by 1 order by 1")
    assert costs == [
        {
            "model": "gpt-4o-mini",
            "usd": pytest.approx(2 * (40 * 0.15 + 60 * 0.075 + 50 * 0.6) / 1e6),
        },
        {"model": "nobodys-model", "usd": None},
    ]


def test_scores_and_feedback(rows):
    """A score has its scorer, its value as JSON, and a number where it is one."""
    scores = rows("select scorer, value, number, call_id from scores_v1 order by 1")
    assert [(s["scorer"], json.loads(s["value"]), s["number"]) for s in scores] == [
        ("exact", True, 1), ("judge", {"score": 0.5}, None)
    ]  # fmt: skip
    assert {s["call_id"] for s in scores} == {rows.call.id}
    (reaction,) = rows("select text from feedback_v1 where type = 'reaction'")
    assert reaction["text"] == "👍"


def test_bodies(rows):
    """Inputs and outputs are whole JSON, also where their large parts rest elsewhere."""
    found = rows("select inputs ->> '$.question' q, output from bodies_v1")
    assert sum(row["q"] == LONG for row in found) == 6
    assert sum(row["output"] == json.dumps(LONG) for row in found) == 4


def test_evaluations(client, store_path):
    """A run of an evaluation has its rows, and its summary as JSON."""
    import asyncio

    evaluation = weavelite.Evaluation(
        dataset=[{"x": 1}, {"x": 2}], scorers=[lambda output: output == 1]
    )
    asyncio.run(evaluation.evaluate(weavelite.op(lambda x: x)))
    client.flush()
    found = select(store_path, "select * from evaluations_v1")
    columns, (row,) = found.columns, found.rows
    run = dict(zip(columns, row, strict=True))
    assert (run["rows"], run["error_rows"], run["status"]) == (2, 0, "success")
    assert "model_latency" in json.loads(run["summary"])


def test_plain_views_work_in_any_tool(rows, store_path):
    """A bare connection of SQLite has the views that need no function of weavelite."""
    with closing(sqlite3.connect(f"{store_path.as_uri()}?mode=ro", uri=True)) as connection:
        for view in views.PLAIN:
            connection.execute(f"SELECT * FROM {view.name}").fetchall()
        (count,) = connection.execute("SELECT count(*) FROM calls_v1").fetchone()
    assert count == 7


def test_the_examples_run(rows, store_path):
    """Each query that the help shows is one that runs."""
    for example in views.EXAMPLES:
        rows(example)
    assert {view.name for view in view_columns(store_path)} >= {"calls_v1", "costs_v1"}
    with pytest.raises(QueryError, match="calls_v1"):
        rows("select * from nothing")
    for statement in ("delete from calls", "drop view calls_v1", "create table t(x)"):
        with pytest.raises(QueryError, match="readonly"):
            rows(statement)


COLUMNS = {
    "calls_v1": "id trace_id span_id parent_span_id project op op_digest kind name status"
    " started_at ended_at latency_ms model input_tokens output_tokens total_tokens thread_id"
    " error seq",
    "usage_v1": "call_id trace_id project model provider started_at counted estimated input"
    " input_audio input_image cache_read cache_write cache_write_1h output output_audio"
    " output_image reasoning other total_tokens seq",
    "scores_v1": "id call_id project scorer value number creator created_at",
    "feedback_v1": "id call_id project type text payload creator created_at",
    "costs_v1": "call_id trace_id project op model provider started_at counted estimated"
    " total_tokens cost",
    "bodies_v1": "call_id inputs output seq",
    "evaluations_v1": "id trace_id project name status started_at latency_ms rows error_rows"
    " total_tokens summary",
}


def test_versions_stay_as_they_are(rows, store_path):
    """The columns of a view's version are part of the interface: a change is a new version."""
    assert {v.name: " ".join(v.columns) for v in view_columns(store_path)} == COLUMNS
