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
