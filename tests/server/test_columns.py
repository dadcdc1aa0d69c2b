"""Columns of a list: what calls hold at a path, beside their headers."""

import httpx
import pytest

import weavelite


@weavelite.op
def answer(question, options):
    return {"text": question.upper(), "long": question * 100, "sure": options["deep"] > 1}


@pytest.fixture
def api(client, server):
    """Asks about project local/test, which has three calls, of which one is scored and noted."""
    for n, question in enumerate(("near", "far", "where")):
        with weavelite.attributes({"env": "prod", "a.b": n}):
            _, call = answer.call(question, {"deep": n})
    call.feedback.add("wandb.runnable.exact", {"output": {"right": True, "share": 0.5}})
    call.feedback.add_note("mind the gap")
    client.finish()
    with httpx.Client(base_url=f"{server.url}/api/projects/local/test") as http:
        yield http


def get(http, path, **parameters):
    answer = http.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def cells(page):
    return [[cell["value"] for cell in call["values"]] for call in page["calls"]]


def test_columns_come_with_the_page(api):
    """Values of any field come in the order asked for; what a call lacks is null."""
    asked = r"inputs.options.deep,output.sure,attributes.a\.b,scores.exact.share,notes,output.none"
    assert cells(get(api, "/calls", columns=asked)) == [
        [2, True, 2, 0.5, "mind the gap", None],
        [1, False, 1, None, None, None],
        [0, False, 0, None, None, None],
    ]


def test_long_values_are_shortened_and_marked(api):
    """A list shows the start of a long value, and says that there is more."""
    (long,) = get(api, "/calls", columns="output.long", limit=1)["calls"][0]["values"]
    assert long["more"] and long["value"].startswith("wherewhere") and len(long["value"]) < 200
    (short,) = get(api, "/calls", columns="output.text", limit=1)["calls"][0]["values"]
    assert short == {"value": "WHERE", "more": False}


def test_a_list_is_sorted_by_any_column(api):
    """Sorted by a field, missing ones last; there is one page, since keys are those of start."""
    page = get(api, "/calls", columns="inputs.question", sort="inputs.question:asc", limit=2)
    assert (cells(page), page["next"]) == ([["far"], ["near"]], None)
    page = get(api, "/calls", columns="inputs.question", sort="scores.exact.share:desc")
    assert cells(page)[0] == ["where"]
    page = get(api, "/calls", columns="inputs.options.deep", sort="started_at:asc", limit=2)
    assert cells(page) == [[0], [1]]
    page = get(
        api, "/calls", columns="inputs.options.deep", sort="started_at:asc", before=page["next"]
    )
    assert cells(page) == [[2]]


def test_mistaken_columns_are_explained(api):
    """A column or an order that is none is answered by what there is."""
    for parameters in ({"columns": "input.x"}, {"sort": "inptus.x:asc"}, {"sort": "latency:up"}):
        answer = api.get("/calls", params=parameters)
        assert answer.status_code == 400 and answer.json()["error"]


def test_columns_are_named_by_what_calls_hold(api):
    """What the newest calls hold can be chosen, with a name that is read back as that column."""
    found = {item["name"]: item for item in get(api, "/columns")["columns"]}
    assert {"inputs.question", "inputs.options.deep", "output.sure", r"attributes.a\.b"} <= set(
        found
    )
    assert found["attributes.env"]["calls"] == 3
    assert found["scores.exact.right"]["example"] == {"value": True, "more": False}
    page = get(api, "/calls", columns=",".join(found))
    assert all(any(row[at] is not None for row in cells(page)) for at in range(len(found)))


def test_scores_are_listed_as_the_numbers_they_are(api, client):
    """A whole number, a fraction, a truth and a word come as such, in the list and in the call."""
    scores = {"whole": 3, "part": 0.5, "right": True, "word": "good"}
    _, call = answer.call("how", {"deep": 9})
    for name, value in scores.items():
        call.feedback.add(f"wandb.runnable.{name}", {"output": value})
    client.finish()
    assert get(api, "/calls")["calls"][0]["scores"] == scores
    assert get(api, f"/calls/{call.id}")["scores"] == scores
