"""Comparisons of many runs, and of outputs and scores that are long."""

import re

import pytest
from playwright.sync_api import expect

import weavelite
from tests.browser.evaluated import run_all

pytestmark = pytest.mark.browser

REASON = "because it tells what was asked, and leaves out nothing that matters"


@weavelite.op
def judged(output):
    return {"good": "word" in output, "reason": f"{REASON}, and more so: {output[:30]}"}


class Writer(weavelite.Model):
    said: str = "word"
    times: int = 20

    @weavelite.op
    def predict(self, n):
        return f"{n} {' '.join(f'{self.said}{i}' for i in range(self.times))}"


def evaluate(client, *models, rows=3):
    """Runs an evaluation with models, and returns the ids of the runs in that order."""
    dataset = [{"n": n, "question": f"what is said of {n}?"} for n in range(rows)]
    evaluation = weavelite.Evaluation(name="writing", dataset=dataset, scorers=[judged])
    return run_all(client, evaluation, models)


@pytest.fixture
def five(client):
    return evaluate(client, *(Writer(name=f"writer-{n}", said=f"word{n}-") for n in range(5)))


def first_row(page):
    row = page.get_by_role("table", name="Compared rows").get_by_role("row").nth(1)
    expect(row).to_contain_text("judged.reason")
    return row


def test_no_cell_reaches_into_the_next(five, open_page):
    """A score that is a text wraps in its cell, however many runs there are."""
    row = first_row(open_page(f"evaluations/compare?ids={','.join(five)}"))
    expect(row).to_contain_text(REASON)
    wide = row.get_by_role("cell").evaluate_all(
        "cells => cells.filter(each => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert wide == 0


def test_what_was_asked_stays_in_sight(five, open_page):
    """The row's own column stays while the others are scrolled to the side."""
    page = open_page(f"evaluations/compare?ids={','.join(five)}")
    asked = first_row(page).get_by_role("cell").first
    before = asked.bounding_box()["x"]
    moved = page.get_by_role("table", name="Compared rows").evaluate(
        "table => { const box = table.parentElement; box.scrollLeft = 150; return box.scrollLeft }"
    )
    assert moved > 100
    assert abs(asked.bounding_box()["x"] - before) < 20


def test_the_link_to_a_trace_is_one(five, open_page):
    """A click opens the call in its trace; its address does so in a tab of its own."""
    page = open_page(f"evaluations/compare?ids={','.join(five[:2])}")
    link = first_row(page).get_by_role("link", name="trace").last
    address = link.get_attribute("href")
    with page.context.expect_page() as tab:
        link.click(modifiers=["ControlOrMeta"])
    other = tab.value
    chosen = "[role=treeitem][aria-selected=true]"
    text = other.locator(chosen).inner_text()
    assert "judged" in text or "predict" in text
    link.click()
    expect(page.locator(chosen)).to_have_text(other.locator(chosen).text_content() or "")
    assert page.url.endswith(address)


def test_a_long_output_is_whole_once_it_is_unfolded(client, open_page):
    """While it is folded no more than its start is there; a click shows all, with what differs."""
    ids = evaluate(client, Writer(times=1_500), Writer(said="other", times=1_500), rows=1)
    page = open_page(f"evaluations/compare?ids={','.join(ids)}")
    cell = page.get_by_role("table", name="Compared rows").get_by_role("cell").nth(2)
    unfold = cell.get_by_role("button", name=re.compile("^Show all .* characters"))
    expect(unfold).to_be_visible()
    assert "other1499" not in (cell.text_content() or "")
    unfold.click()
    expect(cell).to_contain_text("other1499")
    expect(cell.locator("ins").first).to_be_attached()
