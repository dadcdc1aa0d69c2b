"""Calls as files: every format says the same, nothing is shortened, no sheet runs what is in it."""

import csv
import io
import json

import httpx
import pyarrow.parquet
import pytest

import weavelite

COLUMNS = "op_name,inputs.text,output.n,scores.exact,started_at,latency"


@weavelite.op
def inner(text):
    return len(text)


@weavelite.op
def work(text):
    return {"n": inner(text)}


@pytest.fixture
def api(client, server):
    """Asks about project local/test, which has calls with dangerous and with long texts."""
    for text in ("=1+1", "plain, with a comma", "long" * 50_000):
        _, call = work.call(text)
    call.feedback.add("wandb.runnable.exact", {"output": 0.5})
    client.finish()
    with httpx.Client(base_url=f"{server.url}/api/projects/local/test") as http:
        yield http


def exported(http, format, **parameters):
    answer = http.get("/calls/export", params={"format": format, "columns": COLUMNS, **parameters})
    assert answer.status_code == 200, answer.text
    assert f"test-calls.{format}" in answer.headers["content-disposition"]
    return answer.content


def test_formats_say_the_same(api):
    """JSON, JSON Lines and Parquet have the same rows, whole, in the order of the list."""
    rows = json.loads(exported(api, "json"))
    assert [row["inputs.text"] for row in rows] == [
        "long" * 50_000, "plain, with a comma", "=1+1",
    ]  # fmt: skip
    assert [row["output.n"] for row in rows] == [200_000, 19, 4]
    assert rows[0]["scores.exact"] == 0.5
    assert [json.loads(line) for line in exported(api, "jsonl").splitlines()] == rows
    table = pyarrow.parquet.read_table(io.BytesIO(exported(api, "parquet"))).to_pylist()
    assert [row["inputs.text"] for row in table] == [row["inputs.text"] for row in rows]
    assert [row["latency"] for row in table] == [row["latency"] for row in rows]


def test_no_sheet_runs_what_a_csv_holds(api):
    """A text that a sheet takes for a formula gets a quote in front; numbers stay numbers."""
    csv.field_size_limit(1_000_000)
    rows = list(csv.DictReader(io.StringIO(exported(api, "csv").decode())))
    assert rows[2]["inputs.text"] == "'=1+1"
    assert rows[1]["inputs.text"] == "plain, with a comma"
    assert rows[0]["output.n"] == "200000"


def test_the_search_chooses(api):
    """Only what the search finds is exported, inside traces if that is asked for."""
    assert len(json.loads(exported(api, "json", q="inputs.text:plain*"))) == 1
    assert len(json.loads(exported(api, "json", trace_roots_only=False))) == 6
    assert json.loads(exported(api, "json", q="op:nobody")) == []


def test_the_usual_columns_have_everything(api):
    """Without columns, a row has what is known of a call."""
    row = json.loads(exported(api, "json", columns="", q="inputs.text:plain*"))[0]
    assert row["inputs"] == {"text": "plain, with a comma"}
    assert (row["status"], row["scores"], row["notes"]) == ("success", {}, [])


def test_deleting_says_first_how_many(api):
    """What a search finds is counted with all below before it is deleted, and deleted with it."""
    chosen = {"q": "inputs.text:plain*"}
    counted = api.post("/calls/delete", params={"dry": True}, json=chosen).json()
    assert counted == {"chosen": 1, "deleted": 2}
    assert api.post("/calls/delete", json=chosen).json() == counted
    assert len(json.loads(exported(api, "json", trace_roots_only=False))) == 4
