"""Calls become rows of a dataset: which, with what in them, and what is refused."""

import asyncio
import json

import httpx
import pytest

import weavelite


@weavelite.op
def answer(question, temperature=0.5):
    return {"text": f"about {question}", "sources": [question, 1.0]}


@pytest.fixture
def api(client, server):
    """Asks about project local/test."""
    with httpx.Client(base_url=f"{server.url}/api/projects/local/test") as http:
        yield http


def traced(count=3):
    """The ids of some calls, oldest first."""
    ids = [answer.call(f"q{n}")[1].id for n in range(count)]
    weavelite.get_client().flush()
    return ids


def post(api, path, body, expected=200):
    answered = api.post(path, json=body)
    assert answered.status_code == expected, answered.text
    return answered.json()


def add(api, ids, expected=200, /, *, name="tickets", **others):
    columns = {"question": "inputs.question", "expected": "output.text"}
    return post(
        api, f"/datasets/{name}/calls", {"ids": ids, "columns": columns, **others}, expected
    )


def rows_of(api, version):
    table = api.get(f"/objects/{version['name']}/{version['digest']}").json()["table"]["digest"]
    base = str(api.base_url).split("/api/")[0]
    page = json.loads(httpx.get(f"{base}/api/tables/{table}/rows", params={"limit": 1000}).text)
    return [row["value"] for row in page["rows"]]


def test_calls_make_a_dataset_that_the_sdk_would_publish(api):
    """Whole values come of the bodies, oldest call first, and digests are those of the SDK."""
    ids = traced()
    columns = {"question": "inputs.question", "out": "output", "none": "output.nothing"}
    made = add(api, ids[::-1], columns=columns, call_column="from")
    assert (made["added"], made["known"], made["missing"]) == (3, 0, 0)
    expected = [
        {
            "question": f"q{n}",
            "out": {"text": f"about q{n}", "sources": [f"q{n}", 1.0]},
            "none": None,
            "from": f"weave:///local/test/call/{ids[n]}",
        }
        for n in range(3)
    ]
    assert rows_of(api, made["version"]) == expected
    again = weavelite.publish(weavelite.Dataset(name="tickets", rows=expected))
    assert again.digest == made["version"]["digest"]


def test_rows_are_added_after_those_of_the_newest_version(api):
    """A version follows with the dataset's description, and a row that is there is not doubled."""
    rows = [{"question": "old", "expected": "yes"}, {"question": "q1", "expected": "about q1"}]
    weavelite.publish(weavelite.Dataset(name="tickets", description="of us", rows=rows))
    ids = traced()
    latest = api.get("/objects/tickets/latest").json()["digest"]
    made = add(api, ids, latest=latest)
    assert (made["added"], made["known"], made["version"]["version"]) == (2, 1, 1)
    assert made["version"]["value"]["description"] == "of us"
    asked = [row["question"] for row in rows_of(api, made["version"])]
    assert asked == ["old", "q1", "q0", "q2"]
    said = add(api, ids, 400, latest=made["version"]["digest"])["error"]
    assert "already" in said


def test_a_search_chooses_calls_as_well(api):
    """Where no ids are given, all that a search finds become rows."""
    traced()
    made = add(api, [], q="op:answer inputs.question:q1,q2")
    assert [row["question"] for row in rows_of(api, made["version"])] == ["q1", "q2"]


def test_calls_that_were_deleted_meanwhile_are_counted(api):
    """What is gone is left out and said; when all are gone, nothing is published."""
    ids = traced()
    weavelite.get_client().delete_calls(ids[:1])
    chosen = {"ids": ids, "columns": {"question": "inputs.question"}}
    seen = post(api, "/rows/preview", chosen)
    assert (seen["calls"], seen["missing"]) == (2, 1)
    assert add(api, ids)["missing"] == 1
    weavelite.get_client().delete_calls(ids[1:])
    assert "deleted meanwhile" in add(api, ids, 400, name="other")["error"]
    assert api.get("/objects/other").status_code == 404


def test_a_version_of_somebody_else_is_not_built_over(api):
    """Who does not know the newest version is told, and so is who would make a dataset anew."""
    ids = traced()
    weavelite.publish(weavelite.Dataset(name="tickets", rows=[{"question": "old"}]))
    weavelite.get_client().flush()
    known = api.get("/objects/tickets/latest").json()["digest"]
    weavelite.publish(weavelite.Dataset(name="tickets", rows=[{"question": "older"}]))
    weavelite.get_client().flush()
    assert "another version by now, v1" in add(api, ids, 400, latest=known)["error"]
    assert "choose another name" in add(api, ids, 400)["error"]
    weavelite.publish({"a": 1}, "thing")
    weavelite.get_client().flush()
    digest = api.get("/objects/thing/latest").json()["digest"]
    assert "no dataset" in add(api, ids, 400, name="thing", latest=digest)["error"]


def test_the_first_rows_are_shown_before_anything_is_written(api):
    """A preview has five rows with shortened values, and publishes nothing."""
    ids = traced(7)
    long = answer.call("x" * 5_000)[1].id
    weavelite.get_client().flush()
    chosen = {"columns": {"q": "inputs.question", "t": "inputs.temperature", "no": "output.no"}}
    seen = post(api, "/rows/preview", {"ids": [*ids, long], **chosen, "call_column": "call"})
    assert (seen["calls"], len(seen["rows"])) == (8, 5)
    assert seen["rows"][0] == {
        "q": {"value": "q0", "more": False},
        "t": {"value": 0.5, "more": False},
        "no": {"value": None, "more": False},
        "call": {"value": ids[0], "more": False},
    }
    (only,) = post(api, "/rows/preview", {"ids": [long], **chosen})["rows"]
    assert only["q"]["more"]
    assert len(only["q"]["value"]) < 200
    assert api.get("/objects").json()["objects"] == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("No column", {"columns": {}}),
        ("no name", {"columns": {" ": "output"}}),
        ("two columns", {"call_column": "question"}),
        ("not a field", {"columns": {"a": "colour"}}),
        ("scores.<name>", {"columns": {"a": "feedback.[x].payload"}}),
        ("not a name", {"name": "--"}),
    ],
)
def test_what_cannot_be_a_row_is_refused(api, said, wrong):
    """A wrong mapping is told, and nothing is published."""
    assert said in add(api, traced(1), 400, **wrong)["error"]
    assert api.get("/objects").json()["objects"] == []


def test_too_many_calls_are_refused(api):
    """Ten thousand calls become rows at once, no more."""
    ids = [f"019a0000-0000-7000-8000-{n:012x}" for n in range(10_001)]
    assert "At most 10,000" in add(api, ids, 400)["error"]


def test_rows_that_came_of_calls_can_be_evaluated(api):
    """A model is evaluated on the questions, and the ref of the call stays a text of the row."""
    made = add(api, traced(), call_column="call")["version"]
    seen = []

    @weavelite.op
    def right(expected, output, call):
        seen.append(call)
        return expected == output["text"]

    dataset = weavelite.ref(f"tickets:v{made['version']}").get()
    evaluation = weavelite.Evaluation(name="e", dataset=dataset, scorers=[right])
    summary = asyncio.run(evaluation.evaluate(answer))
    assert summary["right"]["true_count"] == 3
    assert len(seen) == 3
