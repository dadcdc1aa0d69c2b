"""Calls become rows of a dataset: from the list, from a trace, and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op
def answer(question):
    return {"text": question.upper()}


@pytest.fixture
def traced(client):
    """Three answers."""
    for question in ("how far", "how near", "where to"):
        answer(question)
    client.finish()
    return client


def mark(page, *places):
    rows = page.get_by_role("grid", name="Traces").locator("[role=rowgroup] [role=row]")
    for place in places:
        rows.nth(place).get_by_role("checkbox").click()


def dialog_of(page, button):
    button.click()
    return page.get_by_role("dialog", name=re.compile("^Add "))


def test_marked_calls_make_a_new_dataset(traced, open_page):
    """Inputs and output are proposed, the first rows are shown, and a link leads to the version."""
    page = open_page()
    mark(page, 0, 2)
    dialog = dialog_of(page, page.get_by_role("button", name="Add to dataset…"))
    expect(dialog.get_by_role("heading", name="Add 2 calls to a dataset")).to_be_visible()
    first = dialog.get_by_role("region", name="First rows").get_by_role("row")
    expect(first).to_have_text(
        [re.compile("question.*expected.*call"), re.compile("how far"), re.compile("where to")]
    )
    save = dialog.get_by_role("button", name="Add 2 rows")
    expect(save).to_be_disabled()
    expect(dialog.get_by_text("Name the new dataset.")).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill("tickets")
    dialog.get_by_label("What goes into expected").select_option("output.text")
    expect(first.nth(1)).to_contain_text("HOW FAR")
    save.click()
    done = page.get_by_role("dialog", name="Added")
    expect(done.get_by_role("status")).to_have_text("2 rows added to tickets as version v0.")
    done.get_by_role("link", name="Open tickets v0").press("Enter")
    expect(page.get_by_role("heading", name="2 rows")).to_be_visible()
    table = page.get_by_role("table")
    expect(table.get_by_text("WHERE TO", exact=True)).to_be_visible()
    table.get_by_role("button", name="Row 0").click()
    table.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/traces/[0-9a-f]{32}"))


def test_calls_are_added_to_a_dataset_that_is_there(traced, open_page):
    """The columns of the newest version are filled by name; what is there is not doubled."""
    rows = [{"question": "how far", "expected": {"text": "HOW FAR"}, "note": "first"}]
    weavelite.publish(weavelite.Dataset(name="tickets", rows=rows[:1]))
    weavelite.publish(weavelite.Dataset(name="others", rows=[{"question": "how far"}]))
    traced.finish()
    page = open_page()
    mark(page, 0, 1, 2)
    dialog = dialog_of(page, page.get_by_role("button", name="Add to dataset…"))
    dialog.get_by_label("Dataset", exact=True).select_option("tickets")
    expect(dialog.get_by_label("What goes into note")).to_have_value("")
    expect(dialog.get_by_label("What goes into expected")).to_have_value("output")
    dialog.get_by_label("Dataset", exact=True).select_option("others")
    expect(dialog.get_by_label("What goes into note")).to_have_count(0)
    dialog.get_by_role("button", name="Add 3 rows").click()
    done = page.get_by_role("dialog", name="Added")
    expect(done).to_contain_text("2 rows added to others as version v1. 1 was in it already.")


def test_a_call_is_added_from_its_trace_by_keyboard(traced, open_page, at):
    """The palette has what can be done with the selected call; the dialog is left by Escape."""
    page = open_page()
    page.get_by_role("grid", name="Traces").get_by_role("link", name="answer").first.click()
    page.get_by_role("region", name="Selected call").wait_for()
    page.keyboard.press("Control+k")
    page.keyboard.type("add to a dataset")
    page.get_by_role("option", name="Add the call answer to a dataset…").wait_for()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Add 1 call to a dataset")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    again = dialog_of(page, page.get_by_role("button", name="Add to dataset…"))
    again.get_by_label("Name", exact=True).fill("one")
    again.get_by_label("Name of the column").nth(1).fill("question")
    expect(again.get_by_text("Two columns are called question.")).to_be_visible()
    again.get_by_label("Name of the column").nth(1).fill("right")
    again.get_by_label("Keep a link to the call in").uncheck()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Added")).to_contain_text("1 row added to one")


def test_what_others_did_meanwhile_is_said(traced, open_page):
    """Calls that were deleted are left out, and counted before and after."""
    page = open_page()
    mark(page, 0, 1)
    traced.delete_calls([max(call.id for call in traced.get_calls())])
    traced.finish()
    dialog = dialog_of(page, page.get_by_role("button", name="Add to dataset…"))
    expect(dialog).to_contain_text("1 call deleted meanwhile, left out")
    dialog.get_by_label("Name", exact=True).fill("rest")
    dialog.get_by_role("button", name="Add 1 row").click()
    done = page.get_by_role("dialog", name="Added")
    expect(done).to_contain_text("1 row added to rest as version v0. 1 call had been deleted")
