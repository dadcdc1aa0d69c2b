"""Threads in the viewer: the list of conversations, and one read as a dialogue from its end."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.ran=1">'


@weavelite.op(kind="tool")
def find_parcel(number):
    return {"number": number, "state": "on its way"}


@weavelite.op(kind="llm")
def chat(messages, reply):
    return {"choices": [{"message": reply}]}


@weavelite.op(kind="agent")
def support(history, question):
    history.append({"role": "user", "content": question})
    call = {"id": "c1", "function": {"name": "find_parcel", "arguments": '{"number": 7}'}}
    asks = {"role": "assistant", "content": None, "tool_calls": [call]}
    if "parcel" in question:
        history.append(chat(list(history), asks)["choices"][0]["message"])
        result = str(find_parcel(7))
        history.append({"role": "tool", "tool_call_id": "c1", "content": result})
    if "strike" in question:
        raise TimeoutError("the carrier did not answer")
    answer = {"role": "assistant", "content": f"About “{question}”: soon."}
    history.append(chat(list(history), answer)["choices"][0]["message"])
    return answer["content"]


@weavelite.op
def reply(text):
    return f"to {text}"


@pytest.fixture
def told(client):
    """Three threads: one of an agent, one of one turn, and one of many; returns calls of the first.

    The thread of the agent is the newest, and repeats its history in each turn.
    """
    with weavelite.thread("long"):
        for number in range(90):
            reply(f"question {number}")
    with weavelite.thread("short"):
        reply(HOSTILE)
    with weavelite.thread("customer/7"):
        history = [{"role": "system", "content": "Be kind."}]
        calls = [
            support.call(history, "Where is my parcel?")[1],
            support.call(history, "yes")[1],
            support.call(history, "yes")[1],
        ]
    calls[1].feedback.add_reaction("👍")
    reply("in no thread")
    client.finish()
    return calls


def rows(page):
    return page.get_by_role("grid", name="Threads").get_by_role("row")


def turns(page):
    return page.get_by_role("feed", name="Conversation").get_by_role("article")


def test_the_list_shows_what_was_said_last(told, open_page):
    """Threads come with the newest first, their last words, and how many turns they have."""
    page = open_page("threads")
    expect(rows(page)).to_have_count(4)
    expect(rows(page).nth(1)).to_contain_text(re.compile("customer/7.*About “yes”: soon.*3"))
    expect(rows(page).nth(3)).to_contain_text(re.compile("long.*question 89.*to question 89.*90"))
    assert page.evaluate("window.ran") is None


def test_the_list_is_searched_and_walked_by_keys(told, open_page):
    """Words and ids find threads; j, k and Enter open one, and Escape leads back to its row."""
    page = open_page("threads")
    expect(rows(page)).to_have_count(4)
    page.keyboard.press("/")
    page.keyboard.type("parcel")
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(re.compile("q=parcel"))
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="customer/7")).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows(page).filter(has_text="customer/7")).to_have_attribute("aria-selected", "true")
    page.get_by_role("searchbox").fill("nowhere to be found")
    expect(page.get_by_role("heading", name="No thread matches")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    expect(rows(page)).to_have_count(4)


def test_a_thread_reads_as_one_conversation(told, open_page):
    """Each message stands once, in its turn, though each turn repeats the history; tools fold."""
    page = open_page("threads/customer%2F7")
    expect(turns(page)).to_have_count(3)
    expect(page.get_by_text("Be kind.")).to_have_count(1)
    expect(page.get_by_text("Where is my parcel?", exact=True)).to_have_count(1)
    for turn in (1, 2):
        expect(turns(page).nth(turn).get_by_text("yes", exact=True)).to_have_count(1)
        expect(turns(page).nth(turn)).to_contain_text("About “yes”: soon.")
    expect(turns(page).nth(1)).to_contain_text("👍")
    result = page.get_by_text("on its way")
    expect(result).to_be_hidden()
    page.get_by_text("1 tool: find_parcel").click()
    expect(result).to_be_visible()


def test_turns_lead_to_their_traces_and_lines_to_their_calls(told, open_page):
    """Keys j and k walk the turns, Enter opens the trace; a line opens its call."""
    page = open_page("threads/customer%2F7")
    expect(turns(page)).to_have_count(3)
    page.keyboard.press("k")
    expect(turns(page).nth(2)).to_have_attribute("data-selected", "true")
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(f"turn={told[1].id}"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"traces/{told[1].trace_id}"))
    page.get_by_role("link", name="Thread customer/7").click()
    expect(turns(page).nth(1)).to_have_attribute("data-selected", "true")
    line = turns(page).first.get_by_text("Where is my parcel?", exact=True)
    line.hover()
    turns(page).first.get_by_role("link", name="Open the call of this message").nth(1).click()
    expect(page).to_have_url(re.compile(f"traces/{told[0].trace_id}.call="))
    panel = page.get_by_role("region", name="Selected call")
    expect(panel.get_by_role("heading", name="chat")).to_be_visible()


def test_a_long_thread_is_read_from_its_end(told, open_page):
    """The newest turns come first; older ones are read on the way up, and nothing jumps."""
    page = open_page("threads/long")
    last = turns(page).filter(has_text="to question 89")
    expect(last).to_be_in_viewport()
    assert turns(page).count() < 90
    place = last.bounding_box()["y"]
    page.wait_for_timeout(500)
    assert abs(last.bounding_box()["y"] - place) < 2
    feed = page.get_by_role("feed", name="Conversation")
    for _ in range(40):
        feed.evaluate("feed => feed.parentElement.scrollBy(0, -4000)")
        page.wait_for_timeout(50)
    expect(turns(page)).to_have_count(90)
    expect(turns(page).first).to_contain_text("question 0")
    expect(turns(page).first).to_be_in_viewport()


def test_a_thread_goes_on_while_it_is_read(client, server, open_page):
    """New turns and new threads appear without a reload, and what is read stays where it is."""
    page = open_page("threads")
    expect(page.get_by_role("heading", name="No threads yet")).to_be_visible()
    expect(page.get_by_text("with weavelite.thread(")).to_be_visible()
    with weavelite.thread("live"):
        reply("first")
    client.flush()
    page.get_by_role("link", name="live").click()
    expect(turns(page)).to_have_count(1)
    with weavelite.thread("live"):
        reply("second")
    client.flush()
    expect(turns(page)).to_have_count(2)
    expect(turns(page).last).to_contain_text("to second")


def test_threads_are_reached_from_everywhere(told, open_page):
    """The palette and the list of pages lead to threads, and the peek of a call to its thread."""
    page = open_page(f"traces?call={told[0].id}")
    page.get_by_role("link", name="thread customer/7").click()
    expect(turns(page).first).to_have_attribute("data-selected", "true")
    page.keyboard.press("Control+k")
    page.keyboard.type("short")
    page.get_by_role("option", name="short").click()
    expect(page.get_by_role("heading", name="short")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["threads", "threads/customer%2F7"])
def test_threads_fit_a_phone(told, open_page, address, scheme):
    """At 390 pixels nothing runs out of the page."""
    page = open_page(address, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    expect(page.get_by_text("soon.").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
