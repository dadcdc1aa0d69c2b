"""Conversations in which large things are said: only the start comes, and the rest is in reach."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

LONG = "word " * 400_000


@weavelite.op(kind="tool")
def fetch(address):
    return LONG


@weavelite.op(kind="llm")
def chat(messages):
    return {"role": "assistant", "content": f"answer to {len(messages)}"}


@weavelite.op(kind="agent")
def turn(history, question):
    history.append({"role": "user", "content": question})
    fetch("http://page")
    history.append(chat(list(history)))


@pytest.fixture
def told(client):
    """A thread of three turns whose first question is of two megabytes, repeated in each."""
    history = []
    with weavelite.thread("large"):
        calls = [turn.call(history, text)[1] for text in (LONG, "shortly?", LONG + "!")]
    client.finish()
    return calls


@pytest.mark.parametrize("place", ["threads/large", "traces/{}?view=conversation"])
def test_a_large_question_is_read_on_in_its_place(open_page, told, place):
    """Its length is said, a click brings more; the answer with bodies is small."""
    page, answers = open_page("objects"), []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(re.sub("objects$", place.format(told[0].trace_id), page.url))
    feed = page.get_by_role("feed", name="Conversation")
    more = feed.get_by_role("button", name="Show 100,000 more of 2,000,000 characters")
    expect(more.first).to_be_attached()
    assert 0 < sum(len(each.body()) for each in answers if "/bodies" in each.url) < 300_000
    more.first.click()
    page.wait_for_function("feed => feed.textContent.length > 100_000", arg=feed.element_handle())


def test_a_large_message_is_told_once(open_page, told):
    """A question that each turn repeats is no new one; one that differs only at its end is."""
    page = open_page("threads/large")
    turns = page.get_by_role("article")
    expect(turns).to_have_count(3)
    for place, count in ((0, 1), (1, 1), (2, 1)):
        asked = turns.nth(place).get_by_role("heading", name="user", exact=True)
        expect(asked).to_have_count(count)
    expect(turns.nth(1).get_by_text("shortly?")).to_be_visible()


def test_what_a_tool_gave_is_read_on_and_downloaded(open_page, told):
    """The output of a tool says how long it is, and is a file at a click."""
    page = open_page("threads/large")
    step = page.get_by_role("article").nth(1)
    step.get_by_text("1 tool: fetch").click()
    expect(step.get_by_role("button", name="of 2,000,000 characters")).to_be_visible()
    with page.expect_download() as download:
        step.get_by_role("link", name="Download all of it").click()
    assert download.value.path().read_text() == LONG
