"""Objects, rows and differences that are large: their start comes, the rest is in reach."""

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

LONG = "word " * 300_000


@pytest.fixture
def dataset(client):
    """Two versions of a dataset with one large row, in which a word changed."""
    row = {"text": LONG, "note": "first\nsecond", "size": 3}
    for text in (LONG, LONG.replace("word ", "Word ", 1)):
        rows = weavelite.Table([{"text": "short", "note": "n", "size": 1}, {**row, "text": text}])
        weavelite.publish(weavelite.Dataset(name="large", rows=rows))
    client.finish()
    return client


def rows_of(client):
    client.flush()
    return list(weavelite.ref("large").get().rows)


def test_a_large_cell_is_read_on_in_its_row(open_page, dataset):
    """The list of rows is small; an opened row says how long its text is, and brings more."""
    page, sizes = open_page("overview"), []
    page.on(
        "response", lambda answer: sizes.append(len(answer.body())) if "/rows" in answer.url else 0
    )
    page.goto(page.url.replace("overview", "objects/large"))
    page.get_by_role("button", name="Row 1").click()
    expect(page.get_by_role("button", name="of 1,500,000 characters")).to_be_visible()
    assert sum(sizes) < 100_000
    page.get_by_role("button", name="more of 1,500,000 characters").click()
    expect(page.get_by_role("link", name="Download all of it")).to_be_visible()


def test_a_large_cell_is_read_before_it_is_changed(open_page, dataset):
    """Of a cell only the start of which is here nothing can be typed over: nothing is lost."""
    page = open_page("objects/large?view=edit")
    page.get_by_role("textbox", name="size of row 1").fill("4")
    expect(page.get_by_role("textbox", name="text of row 1")).to_have_count(0)
    page.get_by_role("button", name="Read all of text of row 1 to change it").click()
    cell = page.get_by_role("textbox", name="text of row 1")
    expect(cell).to_have_value(LONG.replace("word ", "Word ", 1))
    cell.press("Control+End")
    cell.press_sequentially("end")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("v2", exact=True).first).to_be_visible()
    saved = rows_of(dataset)[1]
    assert saved == {
        "text": LONG.replace("word ", "Word ", 1) + "end",
        "note": "first\nsecond",
        "size": 4,
    }


def test_lines_of_a_cell_stay_lines(open_page, dataset):
    """A text of several lines is changed without losing its line breaks."""
    page = open_page("objects/large?view=edit")
    cell = page.get_by_role("textbox", name="note of row 1")
    cell.click()
    cell.press("Control+End")
    cell.press_sequentially("\nthird")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("v2", exact=True).first).to_be_visible()
    assert rows_of(dataset)[1]["note"] == "first\nsecond\nthird"


def test_of_many_columns_those_in_sight_are_drawn(open_page, client):
    """Two hundred columns are as quick to edit as ten, and each is reached by scrolling."""
    rows = [{f"column {n}": n for n in range(200)} for _ in range(60)]
    weavelite.publish(weavelite.Dataset(name="wide", rows=weavelite.Table(rows)))
    client.finish()
    page = open_page("objects/wide?view=edit")
    grid = page.get_by_role("table", name="Rows to edit")
    expect(page.get_by_role("textbox", name="column 0 of row 0", exact=True)).to_be_visible()
    assert grid.get_by_role("textbox").count() < 700
    grid.evaluate("grid => { grid.scrollLeft = grid.scrollWidth; }")
    cell = page.get_by_role("textbox", name="column 199 of row 0", exact=True)
    expect(cell).to_have_value("199")
    head = page.get_by_role("columnheader", name="column 199")
    assert abs(head.bounding_box()["x"] - cell.bounding_box()["x"]) < 2


def test_a_large_changed_row_is_shown_at_a_click(open_page, dataset):
    """Its changed word is marked, what is the same is folded, and a click brings it."""
    page = open_page("objects/large?view=changes")
    page.get_by_role("button", name="Show this large row").click()
    changes = page.get_by_role("region", name="Changed rows")
    expect(changes.locator("ins")).to_have_text("Word")
    expect(changes.locator("del")).to_have_text("word")
    folded = changes.get_by_role("button", name="characters the same")
    assert len(changes.inner_text()) < 10_000
    folded.click()
    expect(folded).to_have_count(0)


def test_a_large_object_is_read_in_parts(open_page, client):
    """A field of a megabyte is read on at a click, and downloaded whole."""
    weavelite.publish({"notes": LONG, "k": 3}, name="notes")
    client.finish()
    page = open_page("objects/notes")
    expect(page.get_by_text("1.5 MB, shown in parts")).to_be_visible()
    page.get_by_role("button", name="more of 1,500,000 characters").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all of it").click()
    assert download.value.path().read_text() == LONG


def test_two_large_calls_are_compared(open_page, client):
    """The words that differ are shown with what is around them, however long the texts are."""

    @weavelite.op
    def say(text):
        return text

    ids = [say.call(text)[1].id for text in (LONG, LONG + "end")]
    client.finish()
    page = open_page(f"traces/difference?before={ids[0]}&after={ids[1]}")
    output = page.get_by_role("region", name="Output")
    expect(output.locator("ins")).to_contain_text("end")
    assert len(output.inner_text()) < 10_000
