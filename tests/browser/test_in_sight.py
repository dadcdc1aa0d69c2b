"""What matters is read without scrolling or guessing: nothing is cut, struck or out of sight."""

from urllib.parse import quote

import pytest
from playwright.sync_api import expect

import weavelite
from tests.browser.evaluated import run_all

pytestmark = pytest.mark.browser

LAPTOP = {"viewport": {"width": 1280, "height": 800}}
CUT = "e => e.scrollWidth > e.clientWidth"


def evaluate(client):
    """Runs an evaluation with two scorers."""

    @weavelite.op
    def right_topic(output: str) -> bool:
        return bool(output)

    @weavelite.op
    def brevity(output: str) -> float:
        return 1 / len(output)

    @weavelite.op
    def predict(n: int) -> str:
        return f"answer {n}"

    rows = weavelite.Dataset(name="tickets", rows=[{"n": n} for n in range(9)])
    evaluation = weavelite.Evaluation(
        name="topics",
        evaluation_name="with policy",
        dataset=rows,
        scorers=[right_topic, brevity],
    )
    run_all(client, evaluation, [predict])


def test_a_laptop_has_room_for_all_columns_of_runs(client, open_page):
    """At 1280 pixels no column is out of sight where names are short and metrics are two."""
    evaluate(client)
    page = open_page("evaluations", **LAPTOP)
    table = page.get_by_role("table", name="Runs")
    expect(table.locator("td").filter(has_text="–").first).to_be_visible()
    assert table.evaluate("e => e.parentElement.scrollWidth - e.parentElement.clientWidth") == 0


def test_a_start_of_another_day_is_not_cut(client, open_page):
    """A day and a time fit into their column."""
    call = weavelite.log_call("answer", {}, "yes")
    client.finish()
    assert call
    page = open_page(**LAPTOP)
    cell = page.locator("[role=rowgroup] [role=row] [data-column=started]").first
    cell.wait_for()
    cell.evaluate("e => { (e.querySelector('time') ?? e).textContent = '28 Nov 20:48'; }")
    assert not cell.evaluate(CUT)


def test_lines_that_are_the_same_are_not_struck(client, open_page):
    """Of a short prompt of some lines only the word that changed is marked."""
    for count in ("one word", "two words"):
        prompt = weavelite.StringPrompt(f"Name the topic in {count}.\n\nTicket: {{ticket}}")
        weavelite.publish(prompt, name="sort")
    client.finish()
    changes = open_page("objects/sort?view=changes").locator("dd").first
    expect(changes.locator("del").first).to_be_visible()
    assert "Ticket" not in "".join(changes.locator("del, ins").all_inner_texts())


def test_each_bar_has_room_for_its_name(client, open_page):
    """A plot of many names is as high as they need, and can be scrolled to its end."""
    client.finish()
    query = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) "
        "select 'name ' || i as name, i from n"
    )
    page = open_page(f"sql?query={quote(query)}", **LAPTOP)
    page.get_by_role("button", name="Plot", exact=True).click()
    plot = page.get_by_role("img", name="i by name")
    expect(plot).to_be_visible()
    assert plot.bounding_box()["height"] >= 60 * 22
    last = page.get_by_role("button", name="Show as a table")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()


def test_a_name_from_right_to_left_keeps_its_neighbours_in_place(client, open_page):
    """Names on the page of a difference are written on their own, whatever their direction."""
    name = "مرحبا بالعالم"
    for text in ("one", "other"):
        weavelite.log_call(name, {"text": text}, text)
    client.finish()
    page = open_page()
    rows = page.get_by_role("grid", name="Traces").get_by_role("row")
    expect(rows).to_have_count(3)
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("region", name="Selection").get_by_role("link", name="Compare").click()
    expect(page.locator("h2 bdi")).to_have_text([name, name])
    expect(page.locator("code bdi")).to_have_text([name])
