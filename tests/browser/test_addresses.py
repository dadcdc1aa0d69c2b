"""Addresses of what is not there, or has less than others: a page says so, and leads on."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def ask(question):
    weavelite.log_call("api.complete", {"question": question}, "yes", kind="llm")
    return "yes"


def test_an_op_without_code_says_so_and_who_calls_it(client, open_page):
    """What an integration recorded has a page, too; the list leads to it without a fault."""
    ask("why")
    client.finish()
    page = open_page("ops")
    with page.expect_response(lambda answer: "/op?" in answer.url) as answered:
        page.get_by_role("link", name="api.complete").click()
    assert answered.value.ok
    expect(page.get_by_text("Its calls came without code")).to_be_visible()
    callers = page.get_by_role("region", name="Called by")
    expect(callers.get_by_role("link", name="ask")).to_be_visible()
    expect(page.get_by_role("link", name="Show its calls")).to_be_visible()


@pytest.mark.parametrize("address", ["objects/plan?version=v7", "ops/ask?version=v7"])
def test_a_version_that_is_not_there_is_not_passed_over(client, open_page, address):
    """The newest is shown in its place, and said to be."""
    ask("why")
    weavelite.publish({"steps": 3}, name="plan")
    client.finish()
    page = open_page(address)
    expect(page.get_by_role("alert")).to_contain_text("There is no version v7")
    expect(page.get_by_role("alert")).to_contain_text("This is v0, the newest.")
    page.get_by_role("navigation", name="Versions").get_by_role("link", name="v0").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_kind_that_nothing_has_is_not_an_empty_project(client, open_page):
    """The list says that nothing is of this kind, and leads to what there is."""
    weavelite.publish({"steps": 3}, name="plan")
    client.finish()
    page = open_page("objects?kind=Nothing")
    expect(page.get_by_role("heading", name="No object of this kind")).to_be_visible()
    page.get_by_role("link", name="Show all kinds").click()
    expect(page.get_by_role("link", name="plan")).to_be_visible()


def test_the_kind_asked_for_stands_in_its_filter(client, open_page):
    """Also when the project has nothing of it, as a list of datasets in a new project."""
    client.finish()
    page = open_page("objects?kind=Dataset")
    expect(page.get_by_role("combobox", name="Kind")).to_have_value("Dataset")
    expect(page.get_by_role("heading", name=re.compile("No datasets yet"))).to_be_visible()
