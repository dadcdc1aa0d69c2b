"""Conversations over HTTP: the list, one thread, and its turns."""

import httpx
import pytest

import weavelite


@weavelite.op
def reply(text):
    return f"to {text}"


@pytest.fixture
def ask(client, server):
    """Three threads, with ids of any letters; asks the server about them."""
    for name, texts in {"a/b?c=d&e": ["one", "two"], "später": ["three"], "c": ["four"]}.items():
        with weavelite.thread(name):
            for text in texts:
                reply(text)
    client.finish()

    def ask(path, **params):
        return httpx.get(f"{server.url}/api/projects/local/test/{path}", params=params)

    return ask


def test_threads_are_listed_and_searched(ask):
    """The newest is first, pages go on by their key, and a search is among ids and texts."""
    first = ask("threads", limit=2).json()
    assert [thread["id"] for thread in first["threads"]] == ["c", "später"]
    rest = ask("threads", limit=2, before=first["next"]).json()
    assert [thread["id"] for thread in rest["threads"]] == ["a/b?c=d&e"] and rest["next"] is None
    assert [thread["id"] for thread in ask("threads", q=" TWO ").json()["threads"]] == ["a/b?c=d&e"]


def test_a_thread_is_asked_for_by_any_id(ask):
    """Ids may hold what has a meaning in addresses; turns come newest first."""
    thread = ask("thread", id="a/b?c=d&e").json()
    assert (thread["turns"], thread["latest"]["output_preview"]) == (2, "to two")
    turns = ask("thread/turns", id="a/b?c=d&e").json()["calls"]
    assert [turn["input_preview"] for turn in turns] == ["two", "one"]


def test_what_is_not_there_is_said(ask):
    """An unknown thread is a 404 with words, and has no turns; a bad key is refused."""
    missing = ask("thread", id="nobody")
    assert missing.status_code == 404 and "nobody" in missing.json()["error"]
    assert ask("thread/turns", id="nobody").json() == {"calls": [], "next": None}
    assert ask("threads", before="nonsense").status_code == 400
    assert ask("threads", limit=0).status_code == 400
