"""A server that fails: each page says what is missing, why, and what to do; what is known stays."""

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

PROBLEM = {"error": "OperationalError: disk I/O error", "remedy": ""}
PAGES = {
    "traces": "The traces",
    "traces/" + "0" * 32: "This trace",
    "threads": "The threads",
    "threads/one": "This thread",
    "evaluations": "The runs",
    "evaluations/leaderboard": "The leaderboard",
    "evaluations/compare?ids=a": "This comparison",
    "objects": "The objects",
    "objects/one": "This object",
    "ops": "The ops",
    "ops/one": "This op",
    "overview": "The figures",
    "sql": "The views",
    "traces/difference?before=a&after=b": "The first call",
}


@weavelite.op
def greet(name):
    return f"Hello {name}"


@pytest.fixture
def failing_page(browser, at):
    """A page whose server answers with an error as long as it is told to."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()

    def fail(pattern="**/api/**"):
        page.route(pattern, lambda route: route.fulfill(status=500, json=PROBLEM))

    page.fail = fail
    yield page
    context.close()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_names_what_it_could_not_read(client, failing_page, at, address):
    """It says what the server does, what is missing, why, and what to do, with a way to retry."""
    failing_page.fail()
    failing_page.goto(at(address))
    banner = failing_page.get_by_role("alert").filter(has_text="answers with an error, status 500")
    expect(banner).to_contain_text("disk I/O error")
    note = failing_page.get_by_role("alert").filter(has_text=f"{PAGES[address]} could not be read")
    expect(note.first).to_contain_text("disk I/O error")
    expect(note.first).to_contain_text("terminal")
    failing_page.unroute("**/api/**")
    expect(banner).to_have_count(0)
    note.first.get_by_role("button", name="Try again").click()
    expect(note.filter(has_text="disk I/O error")).to_have_count(0)


def test_what_is_known_stays_when_it_cannot_be_read_again(client, failing_page, at):
    """The rows of the list, the figures and the filters stay; the page is not called live."""
    greet("Ann")
    client.finish()
    failing_page.goto(at("traces?facets=true"))
    row = failing_page.get_by_role("row").filter(has_text="Hello Ann")
    expect(row).to_be_visible()
    expect(failing_page.get_by_text("Live", exact=True)).to_be_visible()
    failing_page.fail()
    expect(failing_page.get_by_role("alert")).to_contain_text("What you see may be old")
    expect(row).to_be_visible()
    expect(failing_page.get_by_role("alert")).to_have_count(1)
    expect(failing_page.get_by_text("Live", exact=True)).to_have_count(0)


def test_a_list_without_its_parts_says_so(client, failing_page, at):
    """Filters, figures and saved views that did not come are not shown as if there were none."""
    greet("Ann")
    client.finish()
    for part in ("facets", "stats", "views"):
        failing_page.fail(f"**/{part}?*")
        failing_page.fail(f"**/{part}")
    failing_page.goto(at("traces?facets=true"))
    for what in ("The filters", "The figures"):
        note = failing_page.get_by_role("alert").filter(has_text=f"{what} could not be read.")
        expect(note).to_be_visible()
    failing_page.get_by_role("button", name="Views").click()
    saved = failing_page.get_by_role("dialog", name="Saved views")
    expect(saved.get_by_role("alert")).to_contain_text("The views could not be read.")


def test_the_next_page_of_a_list_that_fails_is_not_its_end(client, failing_page, at):
    """The rows that are known stay, and below them is a way to read on."""
    for number in range(120):
        greet(str(number))
    client.finish()
    failing_page.fail("**/calls?*before=*")
    failing_page.goto(at("traces"))
    grid = failing_page.get_by_role("grid", name="Traces")
    expect(grid.get_by_role("row").filter(has_text="Hello 119")).to_be_visible()
    grid.evaluate("grid => grid.scrollTo(0, grid.scrollHeight)")
    note = failing_page.get_by_role("alert").filter(has_text="Older calls could not be read.")
    expect(note).to_be_visible()
    failing_page.unroute("**/calls?*before=*")
    note.get_by_role("button", name="Try again").click()
    expect(note).to_have_count(0)
