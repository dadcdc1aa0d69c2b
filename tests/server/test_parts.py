"""Large values come in parts: the start at once, the rest by the part, and all of it as a file."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.server.shortening import ROOM, Shortener, part


@weavelite.op
def give(kind):
    if kind == "text":
        return {"answer": "w" * 3_000_000, "short": "s"}
    if kind == "list":
        return [{"id": n, "body": "x" * 50} for n in range(30_000)]
    return "fine"


@pytest.fixture
def api(client, server):
    """Asks about project local/test."""
    with httpx.Client(base_url=f"{server.url}/api/projects/local/test") as http:
        yield http


def made(kind):
    call = give.call(kind)[1]
    weavelite.get_client().flush()
    return f"/calls/{call.id}"


def test_a_small_call_comes_whole(api):
    """Where nothing is large, asking for parts changes nothing."""
    address = made("fine")
    whole, shown = (api.get(address, params=more).json() for more in ({}, {"in_parts": True}))
    assert whole == shown
    assert (shown["cuts"], shown["sizes"]) == ([], {})


def test_a_long_text_comes_in_parts(api):
    """The start comes with the call, parts join without a gap, and what is short is whole."""
    address = made("text")
    answer = api.get(address, params={"in_parts": True})
    assert len(answer.content) < 60_000
    shown = answer.json()
    (cut,) = shown["cuts"]
    assert (cut["path"], cut["kind"], cut["total"]) == (["output", "answer"], "text", 3_000_000)
    assert shown["output"]["short"] == "s"
    assert shown["sizes"] == {"output": 3_000_000 + len('{"answer":"","short":"s"}')}
    text, at = shown["output"]["answer"], cut["next"]
    while at is not None:
        found = api.get(address + "/part", params={"path": cut["path"], "start": at}).json()
        text, at = text + found["text"], found["next"]
    assert text == "w" * 3_000_000
    assert api.get(address).json()["output"]["answer"] == text


def test_a_long_list_comes_in_parts(api):
    """Items come by the part, in their order, each named by its place."""
    address = made("list")
    shown = api.get(address, params={"in_parts": True}).json()
    (cut,) = shown["cuts"]
    assert (cut["kind"], cut["total"], cut["next"]) == ("list", 30_000, len(shown["output"]))
    found = api.get(address + "/part", params={"path": ["output"], "start": cut["next"]}).json()
    assert [item["name"] for item in found["items"]] == [
        str(n) for n in range(cut["next"], found["next"])
    ]
    assert found["items"][0]["value"]["id"] == cut["next"]
    last = api.get(address + "/part", params={"path": ["output"], "start": 29_999}).json()
    assert (len(last["items"]), last["next"]) == (1, None)


def test_a_value_is_downloaded_whole(api):
    """A text comes as it is, anything else as JSON; both as a download, never as a page."""
    text = api.get(made("text") + "/value", params={"path": ["output", "answer"]})
    assert text.text == "w" * 3_000_000
    rows = api.get(made("list") + "/value", params={"path": ["output"]})
    assert len(rows.json()) == 30_000
    for answer in (text, rows):
        assert answer.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("path", [["colour"], ["output", "nothing"], ["inputs", "kind", "0"]])
def test_what_is_not_there_is_said(api, path):
    """An unknown path is not found."""
    address = made("text")
    for what in ("/part", "/value"):
        answer = api.get(address + what, params={"path": path})
        assert answer.status_code == 404
        assert answer.json()["error"]


@pytest.fixture
def dataset(client):
    """A version of three rows, of which the second is large."""
    rows = [{"text": "short"}, {"text": "w" * 900_000, "files": [1] * 5_000}, {"text": "end"}]
    rows[1] |= {f"column {n}": n for n in range(300)} | {"tags": ["a", "b"]}
    ref = weavelite.publish(weavelite.Dataset(name="large", rows=weavelite.Table(rows)))
    client.finish()
    return ref, rows


def table_of(api, ref):
    found = api.get(f"/objects/{ref.name}/{ref.digest}").json()
    return str(api.base_url.copy_with(path=f"/api/tables/{found['table']['digest']}"))


def test_rows_come_in_parts(api, dataset):
    """All columns of all rows come, large cells with their start; the parts are the rest."""
    ref, rows = dataset
    table = table_of(api, ref)
    answer = api.get(table + "/rows", params={"in_parts": True})
    assert len(answer.content) < 40_000
    shown = answer.json()
    assert [row["value"].keys() for row in shown["rows"]] == [row.keys() for row in rows]
    assert [row["value"] for row in shown["rows"]][::2] == rows[::2]
    assert shown["rows"][1]["value"]["tags"] == ["a", "b"]
    assert not shown["rows"][0]["cuts"]
    cuts = {cut["path"][1]: cut for cut in shown["rows"][1]["cuts"]}
    assert {name: cut["total"] for name, cut in cuts.items()} == {"text": 900_000, "files": 5_000}
    place = {"path": ["value", "text"], "start": cuts["text"]["next"]}
    found = api.get(table + "/rows/1/part", params=place).json()
    start = shown["rows"][1]["value"]["text"]
    assert (start + found["text"]) == rows[1]["text"][: found["next"]]
    assert (
        api.get(table + "/rows/1/value", params={"path": ["value", "files"]}).json() == [1] * 5_000
    )
    assert [row["value"] for row in api.get(table + "/rows").json()["rows"]] == rows


def test_a_page_of_large_rows_ends_early(api, client):
    """The next page goes on where it ended, until all rows were there once."""
    rows = [{"n": n, "text": "w" * 300_000} for n in range(45)]
    ref = weavelite.publish(weavelite.Dataset(name="pages", rows=weavelite.Table(rows)))
    client.finish()
    table, after, seen, asked = table_of(api, ref), -1, [], 0
    while after is not None:
        page = api.get(table + "/rows", params={"in_parts": True, "after": after}).json()
        seen += [row["value"]["n"] for row in page["rows"]]
        after, asked = page["next"], asked + 1
    assert seen == list(range(45))
    assert asked > 1


def test_changed_rows_that_are_large_come_when_they_are_asked_for(api, client, dataset):
    """A list of changes names them, and holds what is small."""
    ref, rows = dataset
    changed = [{"text": "other"}, {**rows[1], "text": "v" * 900_000}, rows[2]]
    later = weavelite.publish(weavelite.Dataset(name="large", rows=weavelite.Table(changed)))
    client.finish()
    since = table_of(api, ref).rpartition("/")[2]
    answer = api.get(table_of(api, later) + "/changes", params={"since": since})
    assert len(answer.content) < 10_000
    small, large = answer.json()["rows"]
    assert (small["before"], small["after"], small["is_large"]) == (rows[0], changed[0], False)
    assert (large["before"], large["after"], large["is_large"]) == (None, None, True)


def test_an_object_comes_in_parts(api, client):
    """The value of a version, too, comes with its start, by the part, and as a file."""
    ref = weavelite.publish({"notes": "w" * 2_000_000, "k": 3}, name="notes")
    client.finish()
    address = f"/objects/notes/{ref.digest}"
    answer = api.get(address, params={"in_parts": True})
    assert len(answer.content) < 40_000
    shown = answer.json()
    (cut,) = shown["cuts"]
    assert (cut["path"], cut["total"]) == (["value", "notes"], 2_000_000)
    place = {"path": cut["path"], "start": 1_999_999}
    assert api.get(address + "/part", params=place).json()["text"] == "w"
    file = api.get(address + "/value", params={"path": cut["path"]})
    assert file.text == "w" * 2_000_000
    assert api.get(address).json()["value"]["notes"] == file.text


@pytest.mark.parametrize("row", [-1, 3, 1 << 70])
def test_a_row_that_is_not_there_is_said(api, dataset, row):
    """It is not found, however large its number."""
    answer = api.get(f"{table_of(api, dataset[0])}/rows/{row}/part", params={"path": ["value"]})
    assert answer.status_code == 404
    assert answer.json()["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=30,
)


def joined(whole, value, path, cuts):
    """Puts parts into a value until nothing is missing."""
    cut = cuts.get(tuple(path))
    if cut is not None:
        at = cut.next
        while at is not None:
            found = part(at_path(whole, path), path, at)
            cuts.update({tuple(more.path): more for more in found.cuts})
            if isinstance(value, str):
                value += found.text
            elif isinstance(value, list):
                value = value + [item.value for item in found.items]
            else:
                value = value | {item.name: item.value for item in found.items}
            at = found.next
    if isinstance(value, list):
        return [joined(whole, item, [*path, str(n)], cuts) for n, item in enumerate(value)]
    if isinstance(value, dict):
        return {name: joined(whole, item, [*path, name], cuts) for name, item in value.items()}
    return value


def at_path(whole, path):
    value = whole
    for step in path:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@given(JSON, st.integers(1, 300))
def test_nothing_is_lost_in_parts(value, room):
    """Whatever the value, and however little room there is, the parts make it whole again."""
    shorten = Shortener(room)
    start = shorten(value, [])
    cuts = {tuple(cut.path): cut for cut in shorten.cuts}
    assert joined(value, start, [], cuts) == value


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=9))), st.integers(1, 99))
def test_what_stands_in_a_list_keeps_its_fields(items, room):
    """An object in a list comes with all its fields or not yet, so that it can be read as it is."""
    kept = Shortener(room)(items, [])
    assert all(kept[n].keys() == items[n].keys() for n in range(1, len(kept)))


def test_however_deep_it_is_only_the_start_is_sent(api):
    """Levels without end are cut as well, and what is sent stays small."""
    deep = value = []
    for _ in range(200):
        value.append([])
        value = value[0]
    wide = [[["x" * 1_000 for _ in range(90)] for _ in range(90)] for _ in range(90)]
    for large in (deep, wide):
        shorten = Shortener()
        assert len(json.dumps(shorten(large, ["output"]))) < 3 * ROOM
        assert shorten.cuts
