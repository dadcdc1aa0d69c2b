"""The API answers what the viewer asks, over a real socket."""

import asyncio
import contextlib
import threading
import time

import httpx
import pytest

import weavelite

from .asking import get


@weavelite.op
def work(x):
    if x < 0:
        raise ValueError("negative")
    return {"doubled": x * 2}


def exact(answer, output):
    return answer == output


def wait_for(http, count):
    """The server drains by itself: what was traced is there within half a second or so."""
    for _ in range(100):
        page = get(http, "/calls", trace_roots_only=False, limit=500)
        if len(page["calls"]) >= count:
            return page
        time.sleep(0.05)
    raise AssertionError(f"{count} calls were not drained")


def test_calls_are_listed_live(api):
    """What a living process traces is listed, newest first, without it doing anything."""
    for x in (1, 2, 3):
        work(x)
    page = wait_for(api, 3)
    assert [call["input_preview"] for call in page["calls"]] == ["3", "2", "1"]
    assert page["calls"][0]["output_preview"] == "6"


def test_pages_follow_keys(api):
    """`next` is the key of the page after, until there is none."""
    for x in range(5):
        work(x)
    wait_for(api, 5)
    first = get(api, "/calls", limit=3)
    second = get(api, "/calls", limit=3, before=first["next"])
    seen = [call["input_preview"] for call in first["calls"] + second["calls"]]
    assert seen == ["4", "3", "2", "1", "0"] and second["next"] is None


def test_filters_and_stats_agree(api):
    """A list and its sums are of the same calls."""
    for x in (1, -1, 2):
        with contextlib.suppress(ValueError):
            work(x)
    wait_for(api, 3)
    assert len(get(api, "/calls", q="status:error")["calls"]) == 1
    stats = get(api, "/stats", q="status:error")
    assert (stats["count"], stats["errors"]) == (1, 1)
    assert get(api, "/calls", q="doubled op:work")["calls"][0]["op_name"] == "work"


def test_mistakes_are_explained(api):
    """A bad filter, id or name is answered with what is wrong, and the right status."""
    work(1)
    wait_for(api, 1)
    assert "not a status" in get(api, "/calls", 400, q="status:odd")["error"]
    assert "32 hexadecimal digits" in get(api, "/calls/zz", 400)["error"]
    assert "no call" in get(api, f"/calls/{'0' * 32}", 404)["error"]
    assert "no object 'none'" in get(api, "/objects/none", 404)["error"]
    assert "limit" in get(api, "/calls", 400, limit=0)["error"]
    assert get(api, f"/traces/{'0' * 31}1", 404)["error"]
    assert api.get("/../../../nothing").status_code == 404


def test_a_call_with_feedback(api):
    """A call is read whole; reactions and notes are added and taken back."""
    _, call = work.call(4)
    wait_for(api, 1)
    for kind, value in (("reaction", "👍"), ("note", "good")):
        answer = api.post(f"/calls/{call.id}/feedback", json={"type": kind, "value": value})
        assert answer.status_code == 200, answer.text
    detail = get(api, f"/calls/{call.id}")
    assert (detail["inputs"], detail["output"]) == ({"x": 4}, {"doubled": 8})
    assert [item["payload"] for item in detail["feedback"]] == [{"emoji": "👍"}, {"note": "good"}]
    assert api.delete(f"/feedback/{detail['feedback'][0]['id']}").json() == {"deleted": 1}
    assert get(api, f"/calls/{call.id}")["reactions"] == []
    assert api.post(f"/calls/{call.id}/feedback", json={"type": "x", "value": 1}).status_code == 400


def test_deleting(api):
    """A deleted call is gone, and said to be."""
    _, call = work.call(4)
    wait_for(api, 1)
    assert api.delete(f"/calls/{call.id}").json() == {"deleted": 1}
    assert get(api, f"/calls/{call.id}", 404)
    assert get(api, "/calls")["calls"] == []


def test_a_trace_is_a_tree_of_headers(api):
    """All calls of a trace come at once, without bodies, linked by span ids."""

    @weavelite.op
    def outer():
        work(1)

    _, call = outer.call()
    wait_for(api, 2)
    root, child = get(api, f"/traces/{call.trace_id}")["calls"]
    assert child["parent_span_id"] == root["span_id"] and "inputs" not in root


def test_ops_and_code(api):
    """Ops are listed with their versions, and each version has its code."""
    work(1)
    wait_for(api, 1)
    (op,) = get(api, "/ops")["ops"]
    assert (op["name"], op["calls"], op["versions"]) == ("work", 1, 1)
    (version,) = get(api, "/op", name="work")["versions"]
    found = get(api, "/op/version", name="work", version=version["digest"])
    assert "def work(x):" in found["code"]


def test_ops_may_have_slashes_in_their_names(api):
    """An op that is named like a route is found by its name."""
    weavelite.op(name="POST /v1/chat")(lambda x: x)(1)
    wait_for(api, 1)
    assert get(api, "/op", name="POST /v1/chat")["versions"][0]["calls"] == 1


def test_an_op_without_code_has_no_versions_and_an_unknown_one_is_not_found(api):
    """What was recorded without code is an op all the same, and a name nobody used is none."""
    weavelite.log_call("api.complete", {"question": "why"}, "yes", kind="llm")
    wait_for(api, 1)
    assert get(api, "/op", name="api.complete") == {
        "name": "api.complete", "kind": "llm", "versions": []
    }  # fmt: skip
    assert get(api, "/op/activity", name="api.complete") == {"versions": []}
    for path in ("/op", "/op/activity"):
        answer = api.get(path, params={"name": "nobody"})
        assert answer.status_code == 404 and "'nobody'" in answer.text


def test_objects_and_rows(api, server):
    """Objects are listed with versions; a dataset says where its rows are."""
    weavelite.publish(weavelite.Dataset(name="d", rows=[{"n": n} for n in range(150)]))
    weavelite.get_client().flush()
    (item,) = get(api, "/objects")["objects"]
    assert (item["name"], item["kind"], item["version"]) == ("d", "Dataset", 0)
    detail = get(api, "/objects/d/latest")
    assert detail["table"]["rows"] == 150 and detail["aliases"] == ["latest"]
    rows = f"{server.url}/api/tables/{detail['table']['digest']}/rows"
    page = httpx.get(rows).json()
    assert (len(page["rows"]), page["total"], page["next"]) == (100, 150, 99)
    assert httpx.get(rows, params={"after": 99}).json()["next"] is None


def test_evaluations_and_comparisons(api):
    """Runs are listed with their metrics, and put side by side with what moved."""
    rows = [{"x": n, "answer": {"doubled": 2 * n}} for n in range(-1, 3)]
    evaluation = weavelite.Evaluation(name="ev", dataset=rows, scorers=[exact])

    def wrong(x):
        return None

    asyncio.run(evaluation.evaluate(work))
    asyncio.run(evaluation.evaluate(wrong))
    weavelite.get_client().flush()
    second, first = get(api, "/evaluations")["evaluations"]
    assert (first["rows"], first["total"], first["errors"]["model"]) == (4, 4, 1)
    assert first["metrics"][0]["value"] == 1.0 and first["dataset"] == "Dataset"
    both = get(api, "/evaluations/compare", ids=f"{first['id']},{second['id']}")
    assert both["groups"]["regressed"] == 3 and both["groups"]["not_comparable"] == 1
    assert [row["example"]["x"] for row in both["rows"]] == [-1, 0, 1, 2]
    assert both["metrics"][0]["differences"] == [0.0, -1.0]
    assert both["same_dataset"] and both["same_scorers"]
    (headline,) = both["headlines"]
    assert headline.startswith("Not decided: wrong against work on exact: −100.0 points")
    assert both["metrics"][0]["decisions"][1]["rows"] == 3 and not both["is_fair"]
    _, call = work.call(1)
    weavelite.get_client().flush()
    assert "not an evaluation" in get(api, "/evaluations/compare", 404, ids=call.id)["error"]


def test_a_deleted_cell_counts_no_more(api):
    """What the server remembers of a run that has ended is read anew when a cell is deleted."""
    evaluation = weavelite.Evaluation(dataset=[{"x": 1, "answer": 1}] * 3, scorers=[exact])
    asyncio.run(evaluation.evaluate(work))
    weavelite.get_client().flush()

    def known():
        (run,) = get(api, "/evaluations")["evaluations"]
        (scores,) = get(api, "/evaluations/scores", ids=run["id"])["runs"]
        return run["id"], run["rows"], scores["rows"]

    run, *counts = known()
    assert counts == [3, 3]
    cells = get(api, "/evaluations/compare/outline", ids=run)["calls"][0]
    assert api.delete(f"/calls/{cells[0]}").json()["deleted"] > 1
    assert known() == (run, 2, 2)


def test_a_running_evaluation_shows_its_progress(api):
    """While it runs, an evaluation is listed with the cells that are done."""
    go = threading.Event()

    def slow(x):
        if x == 2:
            go.wait(20)
        return x

    rows = [{"x": n, "answer": n} for n in range(3)]
    evaluation = weavelite.Evaluation(name="ev", dataset=rows, scorers=[exact])
    thread = threading.Thread(target=lambda: asyncio.run(evaluation.evaluate(slow)))
    thread.start()
    try:
        for _ in range(200):
            runs = get(api, "/evaluations")["evaluations"]
            if runs and runs[0]["rows"] == 2:
                break
            time.sleep(0.05)
        assert (runs[0]["status"], runs[0]["rows"], runs[0]["total"]) == ("running", 2, 3)
    finally:
        go.set()
        thread.join()


def test_the_revision_moves(api):
    """The revision changes when something was traced, so that a page knows when to look."""
    work(1)
    wait_for(api, 1)
    before = get(api, "/revision")
    work(2)
    wait_for(api, 2)
    assert get(api, "/revision") != before


def test_projects_are_listed(api, server):
    """Projects are listed with how much they hold."""
    work(1)
    wait_for(api, 1)
    (project,) = httpx.get(f"{server.url}/api/projects").json()["projects"]
    assert (project["entity"], project["name"], project["traces"]) == ("local", "test", 1)


def test_nan_reaches_the_page(api):
    """A score that is not a number does not break the answer."""
    weavelite.publish({"x": float("nan")}, "odd")
    weavelite.get_client().flush()
    assert get(api, "/objects/odd/latest")["value"] == {"x": None}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/traces/zzz"),
        ("DELETE", "/calls/zzz"),
        ("GET", "/op/version?name=x&version=v99999999999999999999"),
        ("GET", "/objects/x/v99999999999999999999"),
        ("GET", "/calls?q=" + "x" * 50_000),
        ("GET", "/calls?before=zzz"),
    ],
)
def test_bad_input_is_never_a_fault_of_the_server(api, method, path):
    """Whatever a page asks, the answer is 400 or 404 with a sentence, not 500."""
    work(1)
    wait_for(api, 1)
    answer = api.request(method, path)
    assert answer.status_code in (400, 404) and answer.json()["error"]


def test_odd_text_reaches_the_page(api):
    """A value with half of a surrogate pair can be published, and shown."""
    weavelite.publish({"x": "a\ud800b"}, "odd")
    weavelite.get_client().flush()
    assert get(api, "/objects/odd/latest")["value"] == {"x": "a\\ud800b"}


def test_views_are_saved_followed_and_taken_away(api):
    """A view is listed by its label, replaced by one of the same label, and can be taken away."""
    work(1)
    wait_for(api, 1)

    def save(expected=200, **new):
        answer = api.post("/views", json=new)
        assert answer.status_code == expected, answer.text
        return answer.json()

    def labels():
        return [(view["label"], view["search"]) for view in get(api, "/views")["views"]]

    save(label="slow: ones", search="latency:>2s", columns={"shown": ["inputs.x"]})
    save(label="Slow ones", search="latency:>3s", all=True)
    assert labels() == [("Slow ones", "latency:>3s"), ("slow: ones", "latency:>2s")]
    assert get(api, "/views")["views"][1]["columns"] == {"shown": ["inputs.x"]}
    save(label="slow: ones", search="latency:>5s")
    assert labels()[1] == ("slow: ones", "latency:>5s")
    name = get(api, "/views")["views"][1]["name"]
    assert api.delete(f"/views/{name}").json() == {"deleted": 1}
    assert labels() == [("Slow ones", "latency:>3s")]
    save(label="slow: ones", search="latency:>5s")
    assert len(labels()) == 2
    assert "Did you mean latency" in save(400, label="wrong", search="latncy:>5s")["error"]
    assert save(400, label=" ")["error"]
    assert api.delete("/views/nothing").status_code == 404
