"""Values of many megabytes come in parts, and nothing of them is out of reach."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

LETTERS = 2_000_000
ROWS = 30_000


@weavelite.op
def write(prompt):
    return {"text": "word " * (LETTERS // 5), "sure": True}


@weavelite.op
def list_rows(prompt):
    return [{"id": n, "body": f"body of {n} " + "x" * 40} for n in range(ROWS)]


@pytest.fixture
def opened(client, open_page):
    """Opens a call's output; returns how many bytes its answer has, too."""

    def opened(op):
        call = op.call("go")[1]
        client.finish()
        page = open_page("objects")
        address = re.sub("objects$", f"traces/{call.trace_id}?tab=output", page.url)
        with page.expect_response(lambda answer: f"calls/{call.id}?" in answer.url) as answer:
            page.goto(address)
        panel = page.get_by_role("region", name="Selected call").get_by_role("tabpanel")
        return page, panel, len(answer.value.body())

    return opened


def test_a_long_text_is_read_on_in_parts(opened):
    """At first some kilobytes come, each click brings more, and a file has all of it."""
    page, panel, size = opened(write)
    expect(panel.get_by_text("2.0 MB, shown in parts")).to_be_visible()
    assert 0 < size < 60_000
    more = panel.get_by_role("button", name="Show 100,000 more of 2,000,000 characters")
    for part in (100_000, 200_000, 300_000):
        more.click()
        page.wait_for_function(
            "([panel, least]) => panel.textContent.length > least",
            arg=[panel.element_handle(), part],
        )
    with page.expect_download() as download:
        panel.get_by_role("link", name="Download all of it").click()
    assert download.value.path().read_text() == "word " * (LETTERS // 5)


def test_a_long_list_is_read_on_in_parts(opened):
    """The first items come with the call, more at a click, in their order; all as a file."""
    _, panel, size = opened(list_rows)
    rows = panel.locator("button[aria-expanded]").filter(has_text="body of")
    expect(rows).to_have_count(100)
    assert 0 < size < 60_000
    panel.get_by_role("button", name="Show more of 30,000").click()
    expect(rows).to_have_count(1_100)
    expect(rows.nth(1_050)).to_contain_text("body of 1050 ")
    panel.get_by_role("button", name="Show more of 30,000").click()
    expect(rows).to_have_count(2_100)
