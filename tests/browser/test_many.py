"""Very many of a thing: pages draw what is in sight, say how many there are, and reach each."""

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

MOST_ELEMENTS = 4_000


def elements(page):
    return page.evaluate("document.querySelectorAll('*').length")


def test_thousands_of_ops_are_drawn_as_they_come_into_sight(client, open_page):
    """The list begins at once, grows while it is scrolled, and is narrowed by typing."""
    for number in range(1_500):
        weavelite.log_call(f"op_{number:04}", {}, None)
    client.finish()
    page = open_page("ops")
    expect(page.get_by_text("and 1,300 others")).to_have_count(1)
    assert elements(page) < MOST_ELEMENTS
    page.get_by_text("and 1,300 others").scroll_into_view_if_needed()
    expect(page.get_by_text("and 1,100 others")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("1499")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="op_1499")).to_be_visible()


def test_the_palette_has_the_best_of_thousands(client, open_page):
    """What fits best is offered, the rest is counted, and typing more finds it."""
    for number in range(1_500):
        weavelite.publish({"n": number}, name=f"thing-{number:04}")
    client.finish()
    page = open_page("traces")
    page.get_by_role("heading", name="No traces yet").wait_for()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to")
    expect(palette.get_by_text("and 1,488 more")).to_be_visible()
    page.keyboard.type("thing-14")
    expect(palette.get_by_text("and 70 more")).to_have_count(1)
    assert elements(page) < MOST_ELEMENTS
    page.keyboard.type("99")
    expect(palette.get_by_role("option", name="thing-1499 object")).to_be_visible()
    expect(palette.get_by_role("option")).to_have_count(2)


def test_an_old_version_of_very_many_is_found_by_its_address(client, open_page):
    """The list of versions reaches down to the one that is shown."""
    for number in range(700):
        weavelite.publish(weavelite.StringPrompt(f"Say it in {number} words."), name="prompt")
    client.finish()
    page = open_page("objects/prompt?version=v300")
    versions = page.get_by_role("navigation", name="Versions")
    expect(versions.get_by_role("link", name="v300 ")).to_have_attribute("aria-current", "page")
    expect(versions.get_by_text("and 101 older versions")).to_have_count(1)
    expect(page.get_by_text("Say it in 300 words.")).to_be_visible()


def test_a_dataset_with_very_many_columns_says_how_many(client, open_page):
    """The first columns are shown, and a row opened has all of them."""
    row = {f"column_{number:03}": number for number in range(200)}
    weavelite.publish(weavelite.Dataset(name="wide", rows=[row, row]))
    client.finish()
    page = open_page("objects/wide")
    expect(page.get_by_text("200 columns, of which the first 24 are shown")).to_be_visible()
    page.get_by_role("button", name="Row 1").click()
    expect(page.get_by_text("column_099")).to_be_visible()


def test_the_critical_path_stays_in_sight(client, open_page):
    """However many calls a trace has, what it waited for is said without scrolling."""

    @weavelite.op
    def wide(count):
        return sum(weavelite.log_call("part", {"n": n}, n).output for n in range(count))

    call = wide.call(300)[1]
    client.finish()
    page = open_page(f"traces/{call.trace_id}", viewport={"width": 1280, "height": 800})
    expect(page.get_by_text("Critical path")).to_be_in_viewport(ratio=1)
    page.keyboard.press("j")
    expect(page.get_by_role("treeitem", name="part").first).to_have_attribute(
        "aria-selected", "true"
    )


def test_a_phone_draws_the_rows_in_sight(client, open_page):
    """The list scrolls by itself there, too: what can be done with marked rows is in the window."""
    for number in range(150):
        weavelite.log_call("part", {"n": number}, number)
    client.finish()
    page = open_page("traces", viewport={"width": 390, "height": 800})
    rows = page.get_by_role("rowgroup").get_by_role("row")
    expect(rows.first).to_be_visible()
    rows.first.get_by_role("checkbox").click()
    actions = page.get_by_role("region", name="Selection")
    expect(actions.get_by_role("button", name="Delete…")).to_be_in_viewport(ratio=1)
    assert rows.count() < 60
