"""Names without end push nothing out of sight."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

NAME = "a_name_that_has_no_end_" * 6
PHONE = {"width": 390, "height": 800}


@weavelite.op(name=NAME)
def answer(question):
    return question


@pytest.fixture
def named(client):
    """A trace of a thread, an op and an object with long names."""
    with weavelite.thread(NAME):
        call = answer.call("why")[1]
    weavelite.publish({"a": 1}, name=NAME)
    client.finish()
    return call


@pytest.mark.parametrize("address", ["ops", "objects", "overview"])
def test_other_columns_stay_in_sight(named, open_page, address):
    """Beside a long name, figures of the same row are still in the window."""
    page = open_page(address, viewport={"width": 1280, "height": 800})
    row = page.get_by_role("row").filter(has_text="a_name_that").first
    last = row.get_by_role("cell").last.bounding_box()
    assert last["x"] + last["width"] <= 1280


def test_titles_stay_in_the_window(named, open_page):
    """Title and thread of a trace end where the window does, and nothing scrolls sideways."""
    page = open_page(f"traces/{named.trace_id}", viewport=PHONE)
    for part in (
        page.get_by_role("heading", level=1),
        page.get_by_role("link", name=re.compile("^Thread a_")),
    ):
        expect(part).to_be_in_viewport(ratio=1)
    page.wait_for_function(
        "width => document.documentElement.scrollWidth <= width", arg=PHONE["width"]
    )


def test_the_page_one_is_on_is_in_sight_on_a_phone(named, open_page):
    """The row of pages scrolls to the one that is shown."""
    page = open_page("sql", viewport=PHONE)
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="SQL")
    expect(link).to_be_in_viewport()


def test_a_peek_can_be_closed_on_a_phone(named, open_page):
    """What leads out of a peek is in the window, however long the names in it are."""
    page = open_page(f"traces?call={named.id}", viewport=PHONE)
    peek = page.get_by_role("complementary", name="Selected call")
    expect(peek.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    expect(peek.get_by_role("link", name="Open")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [390, 1280])
def test_long_texts_stay_in_a_peek(client, open_page, width):
    """A text without spaces breaks, and the ways to read it are in the window."""
    call = answer.call("why" * 3_000)[1]
    client.finish()
    page = open_page(f"traces?call={call.id}", viewport={"width": width, "height": 800})
    peek = page.get_by_role("complementary", name="Selected call")
    expect(peek.get_by_role("button", name="Raw").first).to_be_in_viewport(ratio=1)
