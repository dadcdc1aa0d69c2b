"""Everything that has a name can be gone to from the keyboard."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def look_up(word):
    return f"what {word} means"


def palette(page):
    return page.get_by_role("dialog", name="Go to")


def opened(page):
    page.get_by_role("grid", name="Traces").wait_for()
    page.keyboard.press("Control+k")
    expect(palette(page).get_by_role("combobox")).to_be_focused()
    return palette(page)


def test_a_name_leads_to_its_page(client, open_page):
    """Typing the start of an op's name and Enter opens the op; back leads to where it began."""
    look_up("tern")
    client.finish()
    page = open_page()
    opened(page)
    page.keyboard.type("look")
    expect(palette(page).get_by_role("option", name="look_up")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/ops/look_up"))
    page.go_back()
    expect(page).to_have_url(re.compile("/traces"))


def test_an_id_leads_to_its_call(client, open_page):
    """A pasted id opens the call in its trace."""
    _, call = look_up.call("tern")
    client.finish()
    page = open_page()
    opened(page)
    page.keyboard.insert_text(call.id)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/traces/{call.trace_id}"))


def test_other_words_are_searched_for(client, open_page):
    """What names nothing becomes the search of the list of traces."""
    look_up("tern")
    look_up("stoat")
    client.finish()
    page = open_page()
    opened(page)
    page.keyboard.type("stoat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid", name="Traces").get_by_role("row")).to_have_count(2)


def test_escape_closes_it_and_gives_the_page_back(client, open_page):
    """After Escape the keys of the page work again."""
    look_up("tern")
    client.finish()
    page = open_page()
    opened(page)
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
