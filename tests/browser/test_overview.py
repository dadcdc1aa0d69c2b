"""The overview sums up a stretch of time, and leads to the traces behind each figure."""

import contextlib
import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def look_up(word):
    if word == "nothing":
        raise KeyError("no such word")
    return f"what {word} means"


@weavelite.op(kind="llm")
def chat(question):
    return look_up(question)


@pytest.fixture
def page(client, open_page):
    look_up("tern")
    chat("stoat")
    with contextlib.suppress(KeyError):
        look_up("nothing")
    client.finish()
    return open_page("overview")


def test_figures_are_those_of_the_project(page):
    """Traces, calls and the share of errors stand at the top, and each op in the table."""
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text(re.compile("Traces.*3.*Calls.*4.*errors.*25 %", re.S))
    ops = page.get_by_role("region", name="Ops").get_by_role("row")
    expect(ops.filter(has_text="look_up")).to_contain_text("33")


def test_an_op_leads_to_its_errors(page):
    """The errors of an op open as a search for them."""
    page.get_by_role("region", name="Ops").get_by_role("link", name=re.compile("%")).click()
    rows = page.get_by_role("grid", name="Traces").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("KeyError")


def test_the_stretch_stands_in_the_address(page, at):
    """A shorter stretch is chosen by its button, and survives a reload."""
    page.get_by_role("group", name="Stretch of time").get_by_role("button", name="1 hour").click()
    expect(page).to_have_url(re.compile("since=-1h"))
    page.reload()
    expect(page.get_by_role("button", name="1 hour")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("region", name="Figures")).to_be_visible()


def test_a_plot_can_be_read_as_a_table(page):
    """Who cannot see a plot reads its numbers."""
    plot = page.get_by_role("region", name="Calls over time").first
    plot.get_by_role("button", name="Show as a table").click()
    expect(plot.get_by_role("columnheader", name="calls with errors")).to_be_visible()


def test_an_empty_project_is_told_how_to_begin(client, open_page):
    """Without calls there is the code that makes some."""
    client.finish()
    page = open_page("overview")
    expect(page.get_by_role("heading", name="Nothing to sum up yet")).to_be_visible()


@pytest.fixture
def used(client, open_page):
    for user in ("ada", "ada", "bob smith"):
        with weavelite.attributes({"user_id": user}), contextlib.suppress(KeyError):
            look_up("tern" if user == "ada" else "nothing")
    look_up("stoat")
    client.finish()
    return open_page("overview")


def test_a_user_leads_to_their_traces(used):
    """Each user has a row, whose name opens their traces, and whose errors those that failed."""
    users = used.get_by_role("region", name="Users").get_by_role("row")
    expect(users).to_have_count(3)
    expect(users.nth(1)).to_contain_text(re.compile("^ada2"))
    users.filter(has_text="bob smith").get_by_role("link", name=re.compile("100 %")).click()
    rows = used.get_by_role("grid", name="Traces").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("KeyError")
    used.go_back()
    users.get_by_role("link", name="ada").click()
    expect(rows).to_have_count(3)


def test_users_are_put_in_another_order(used):
    """A head that is clicked sorts by it, says so, and stands in the address."""
    users = used.get_by_role("region", name="Users").get_by_role("row")
    expect(users.nth(1)).to_contain_text("ada")
    used.get_by_role("link", name="With errors").click()
    expect(users.nth(1)).to_contain_text("bob smith")
    expect(used).to_have_url(re.compile("users=errors"))
    head = used.get_by_role("columnheader", name="With errors")
    expect(head).to_have_attribute("aria-sort", "descending")


def test_without_users_one_line_tells_how_to_name_them(page):
    """Where no call names a user, there is the code that does, and no table."""
    users = page.get_by_role("region", name="Users")
    expect(users).to_contain_text('weavelite.attributes({"user_id"')
    expect(users.get_by_role("table")).to_have_count(0)
