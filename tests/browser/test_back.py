"""Back and forward lead to what was in sight."""

import pytest
from playwright.sync_api import expect

import weavelite
from tests.browser.conftest import WAIT_MS
from tests.browser.evaluated import run_all

pytestmark = pytest.mark.browser

MIDDLE = 300


@weavelite.op
def ask(number):
    return f"answer {number}"


@pytest.fixture
def many_traces(client, open_page):
    """Returns a page with a list of 150 traces, and the list."""
    for number in range(150):
        ask(number)
    client.finish()
    page = open_page("traces")
    grid = page.get_by_role("grid", name="Traces")
    expect(grid.get_by_text("answer 149")).to_be_visible()
    return page, grid


def in_the_middle(links):
    """Returns the first of some links that stands in the middle of the window."""
    for at in range(links.count()):
        box = links.nth(at).bounding_box()
        if box and box["y"] > MIDDLE:
            return links.nth(at)
    raise AssertionError("There is no link in the middle of the window.")


def stands_at(link):
    """Returns where a link stands, or None while it is drawn anew."""
    box = link.bounding_box() if link.count() else None
    return box and box["y"]


def settled_at(page, link):
    """Waits until nothing above a link grows any more, and returns where it stands."""
    seen = []
    for _ in range(WAIT_MS // 300):
        seen.append(stands_at(link))
        if len(seen) > 3 and seen[-1] is not None and len(set(seen[-3:])) == 1:
            return seen[-1]
        page.wait_for_timeout(300)
    raise AssertionError(f"It moves on and on: {seen}")


def come_back_to(page, link, was):
    """Goes back, and waits until a link stands where it did."""
    page.go_back()
    for _ in range(WAIT_MS // 100):
        now = stands_at(link)
        if now is not None and abs(now - was) < 2:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"It stood at {was}, and stands at {stands_at(link)}.")


@pytest.mark.parametrize("way", ["look", "link", "other"])
def test_a_list_comes_back_as_it_was_left(many_traces, way):
    """Whether its row was looked at and opened, its link was clicked, or another row looked at."""
    page, grid = many_traces
    if way == "other":
        grid.get_by_text("answer 147", exact=True).click()
        expect(page.get_by_role("link", name="Open")).to_be_visible()
    grid.evaluate("element => { element.scrollTop = 1500; }")
    expect(grid.get_by_text("answer 105")).to_be_visible()
    row = in_the_middle(grid.get_by_text("answer "))
    said, was = row.inner_text(), stands_at(row)
    link = grid.get_by_text(said, exact=True)
    if way == "look":
        link.click()
        expect(page.get_by_role("link", name="Open")).to_be_visible()
        page.keyboard.press("Enter")
    else:
        page.get_by_role("row").filter(has_text=said).get_by_role("link").first.click()
    expect(page.get_by_label("Selected call").get_by_role("heading", name="ask")).to_be_visible()
    come_back_to(page, link, was)
    page.go_forward()
    expect(page.get_by_label("Selected call").get_by_role("heading", name="ask")).to_be_visible()
    come_back_to(page, link, was)


def test_what_is_selected_again_is_brought_in_sight_again(many_traces):
    """A row that was looked at, left and scrolled away from comes back when it is selected."""
    page, grid = many_traces
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Open")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Open")).to_have_count(0)
    grid.evaluate("element => { element.scrollTop = 1500; }")
    expect(grid.get_by_text("answer 149")).to_have_count(0)
    page.keyboard.press("j")
    expect(grid.get_by_text("answer 149")).to_be_visible()


def test_another_search_begins_at_its_start(many_traces):
    """What is found anew is shown from its first row, whatever was scrolled to before."""
    page, grid = many_traces
    grid.evaluate("element => { element.scrollTop = 1500; }")
    expect(grid.get_by_text("answer 105")).to_be_visible()
    page.get_by_role("link", name="Ops").click()
    page.locator("tbody").get_by_role("link", name="ask").click()
    page.get_by_role("link", name="Show its calls").click()
    expect(page.get_by_role("grid", name="Traces").get_by_text("answer 149")).to_be_visible()


def test_a_comparison_comes_back_to_its_row(client, open_page):
    """Rows of different heights stand where they did, for those who looked at one's trace."""

    def short(n):
        return "yes " * (1 + n % 5 * 9)

    def long(n):
        return "no " * (1 + n % 7 * 9)

    evaluation = weavelite.Evaluation(
        name="many", dataset=[{"n": n} for n in range(80)], scorers=[ends_well]
    )
    ids = run_all(client, evaluation, [short, long])
    page = open_page(f"evaluations/compare?ids={','.join(ids)}")
    table = page.get_by_role("table", name="Compared rows")
    expect(table.get_by_role("link", name="trace").first).to_be_visible()
    page.locator("div:has(> [aria-label='Compared rows'])").evaluate(
        "box => { box.scrollTop = 3000; }"
    )
    expect(table.locator("[data-index='0']")).to_have_count(0)
    expect(table.locator("[class*=waiting]")).to_have_count(0)
    place = in_the_middle(table.get_by_text("#"))
    head = page.get_by_text(place.inner_text(), exact=True)
    was = settled_at(page, head)
    row = table.get_by_role("row").filter(has=head)
    row.get_by_role("link", name="trace").first.click()
    expect(page.get_by_role("tab", name="Row")).to_be_visible()
    come_back_to(page, head, was)


@weavelite.op
def ends_well(output):
    return len(output) % 2 == 0
