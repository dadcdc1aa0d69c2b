"""Two calls are compared: where their traces part, and which words differ."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def look_up(word):
    return f"what {word} means"


@weavelite.op
def explain(word):
    return f"In short: {look_up(word)}"


def test_two_marked_calls_are_compared(client, open_page):
    """X marks two rows; Compare shows the older one first, the first difference, and the words."""
    explain("tern")
    explain("stoat")
    client.finish()
    page = open_page()
    rows = page.get_by_role("grid", name="Traces").get_by_role("row")
    expect(rows).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("region", name="Selection").get_by_role("link", name="Compare").click()
    expect(
        page.get_by_text(re.compile("The traces part at explain: the inputs differ"))
    ).to_be_visible()
    output = page.get_by_role("region", name="Output")
    expect(output.locator("del")).to_have_text("tern")
    expect(output.locator("ins")).to_have_text("stoat")
    page.get_by_role("button", name="Exchange").click()
    expect(output.locator("del")).to_have_text("stoat")
    page.go_back()
    expect(output.locator("del")).to_have_text("tern")


def test_equal_traces_are_said_to_be_the_same(client, open_page):
    """Nothing is marked where nothing differs."""
    _, one = explain.call("tern")
    _, other = explain.call("tern")
    client.finish()
    page = open_page(f"traces/difference?before={one.id}&after={other.id}")
    expect(page.get_by_text("The traces are the same")).to_be_visible()
    expect(page.get_by_text("the same in both")).to_have_count(2)


def test_without_two_calls_the_page_says_how_to_choose(client, open_page):
    """An address with nothing in it teaches."""
    client.finish()
    page = open_page("traces/difference")
    expect(page.get_by_role("heading", name="Two calls are needed")).to_be_visible()
