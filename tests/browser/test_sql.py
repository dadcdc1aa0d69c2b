"""The SQL page runs a statement from its address, completes names, and says what is wrong."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def look_up(word):
    return f"what {word} means"


@pytest.fixture
def page(client, open_page):
    look_up("tern")
    look_up("stoat")
    client.finish()
    return open_page("sql")


def editor(page):
    return page.get_by_role("textbox", name="SQL query")


def typed(page, query):
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def test_a_query_runs_by_key_and_stands_in_the_address(page):
    """Ctrl+Enter shows the rows; after a reload they are there again."""
    typed(page, "select op, count(*) as n from calls_v1 group by op")
    page.keyboard.press("Control+Enter")
    rows = page.get_by_role("table", name="Rows").get_by_role("row")
    expect(rows).to_have_text([re.compile("op.*n"), re.compile("look_up.*2")])
    page.reload()
    expect(rows).to_have_count(2)
    expect(editor(page)).to_contain_text("group by op")


def test_names_complete(page):
    """The start of a view's name offers the view."""
    typed(page, "select * from ")
    page.keyboard.type("calls")
    expect(page.get_by_role("option", name=re.compile("calls_v1"))).to_be_visible()


def test_another_query_comes_back_with_back(page):
    """Back brings the query before, and its rows."""
    typed(page, "select 1 as first")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("columnheader", name="first")).to_be_visible()
    typed(page, "select 2 as second")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("columnheader", name="second")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("columnheader", name="first")).to_be_visible()
    expect(editor(page)).to_contain_text("select 1 as first")


def test_numbers_by_name_can_be_plotted(page):
    """A result with names and numbers has a plot, and one of numbers alone has none."""
    typed(page, "select op, count(*) as n from calls_v1 group by op union select 'other', 3")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Plot", exact=True).click()
    expect(page.get_by_role("img", name="n by op")).to_be_visible()


def test_rows_of_each_view_are_a_button_away(page):
    """Each view shows its first rows of this project, also one without a column for it."""
    for view in ("calls_v1", "bodies_v1", "evaluations_v1"):
        listed = page.get_by_role("complementary", name="Views")
        listed.get_by_text(view, exact=True).click()
        listed.get_by_role("button", name="Show 50 rows").first.click()
        expect(editor(page)).to_contain_text(f"from {view}")
        expect(page.get_by_role("status").filter(has_text=" in ")).to_be_visible()
        listed.get_by_text(view, exact=True).click()
