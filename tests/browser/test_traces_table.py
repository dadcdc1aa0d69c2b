"""The table of the list of traces: columns, order, widths, selection, and what is done with it."""

import re

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op(kind="agent")
def answer(question, options):
    look_up(question)
    return {"text": question.upper(), "deep": options["deep"]}


@weavelite.op(kind="tool")
def look_up(question):
    return f"what {question} means"


@pytest.fixture
def traced(client):
    """Three answers, with a tool each."""
    for deep, question in ((2, "how far"), (9, "how near"), (4, "where to")):
        with weavelite.attributes({"env": "prod"}):
            answer(question, {"deep": deep})
    client.finish()


def grid(page):
    return page.get_by_role("grid", name="Traces")


def rows(page):
    return grid(page).locator("[role=rowgroup] [role=row]")


def heads(page):
    return grid(page).get_by_role("columnheader").filter(has=page.locator("button"))


def cells(page, column):
    return grid(page).locator(f"[data-column='{column}']")


def test_columns_are_chosen_from_what_calls_hold(traced, open_page):
    """A column of what calls hold is offered, shown with its values, linked, and taken out."""
    page = open_page()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_role("searchbox", name="Find a column").fill("deep")
    page.get_by_role("button", name=re.compile("^inputs.options.deep")).click()
    page.get_by_role("button", name="Hide Output").click()
    page.keyboard.press("Escape")
    expect(cells(page, "inputs.options.deep")).to_have_text(["4", "9", "2"])
    expect(heads(page).filter(has_text="Output")).to_have_count(0)
    page.reload()
    expect(cells(page, "inputs.options.deep")).to_have_text(["4", "9", "2"])


def test_a_head_sorts_by_its_column(traced, open_page):
    """A click on a head sorts down, then up, then gives the newest first again."""
    page = open_page("traces?cols=op,inputs.options.deep,inputs.question")
    head = heads(page).filter(has_text="inputs.options.deep").get_by_role("button")
    expect(cells(page, "inputs.options.deep")).to_have_text(["4", "9", "2"])
    for order, said in ((["9", "4", "2"], "descending"), (["2", "4", "9"], "ascending")):
        head.click()
        expect(cells(page, "inputs.options.deep")).to_have_text(order)
        expect(grid(page).locator("[aria-sort]")).to_have_attribute("aria-sort", said)
    head.click()
    expect(cells(page, "inputs.options.deep")).to_have_text(["4", "9", "2"])


def test_columns_move_by_drag_and_by_keys(traced, open_page):
    """A head that is dragged onto another takes its place; Shift and an arrow do the same."""
    page = open_page("traces?cols=op,input,latency")
    expect(heads(page)).to_have_text(["Op", "Input", "Latency"])
    latency = heads(page).filter(has_text="Latency").get_by_role("button")
    latency.drag_to(heads(page).filter(has_text="Input"))
    expect(heads(page)).to_have_text(["Op", "Latency", "Input"])
    latency.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(heads(page)).to_have_text(["Latency", "Op", "Input"])
    expect(page).to_have_url(re.compile("cols=latency(,|%2C)op"))


def test_widths_are_dragged_or_typed(traced, open_page):
    """A column gets as wide as its edge is dragged, or by arrows; the address keeps it."""
    page = open_page("traces?cols=op,input,latency")
    head = heads(page).filter(has_text="Input")
    edge = page.get_by_role("separator", name="Width of Input")
    before = head.bounding_box()["width"]
    box = edge.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] - 96, box["y"] + 8, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile("input(%40|@)"))
    assert head.bounding_box()["width"] == pytest.approx(before - 100, abs=3)
    edge.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert head.bounding_box()["width"] == pytest.approx(before - 84, abs=3)


def test_pinned_columns_stay_in_sight(traced, open_page):
    """A pinned column stands first, and stays where it is while the others scroll."""
    page = open_page("traces?cols=input@900,output@900,!op@200")
    expect(heads(page)).to_have_text(["Op", "Input", "Output"])
    at = cells(page, "op").first.bounding_box()["x"]
    grid(page).evaluate("grid => grid.scrollTo({left: 700})")
    assert cells(page, "op").first.bounding_box()["x"] == pytest.approx(at, abs=1)
    assert cells(page, "input").first.bounding_box()["x"] < at


def test_a_saved_view_brings_its_columns(traced, open_page):
    """A view is kept with its columns and its order, and gives both back."""
    page = open_page("traces?cols=op,inputs.question&sort=latency:asc")
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Save this search as").fill("Questions")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("everything")).to_be_visible()
    page.goto(page.url.split("?")[0])
    expect(heads(page)).not_to_have_count(2)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name=re.compile("^Questions")).click()
    expect(heads(page)).to_have_text(["Op", "inputs.question"])
    expect(page).to_have_url(re.compile("sort=latency"))


def test_a_double_click_opens_the_trace(traced, open_page):
    """Nothing moves under a click that opens the call beside: the second of two opens the trace."""
    page = open_page()
    cell = cells(page, "input").first
    before = cell.bounding_box()
    cell.click()
    expect(page.get_by_role("complementary", name="Selected call")).to_be_visible()
    assert cell.bounding_box() == before
    page.goto(page.url.split("?")[0])
    cells(page, "input").first.dblclick()
    expect(page).to_have_url(re.compile("/traces/[0-9a-f]{32}"))


def test_an_op_is_a_link_to_its_trace(traced, open_page):
    """The name of an op is a link, so that it opens in another tab, too."""
    page = open_page()
    link = rows(page).first.get_by_role("link", name="answer")
    expect(link).to_have_attribute("href", re.compile("/traces/[0-9a-f]{32}$"))
    link.click()
    expect(page).to_have_url(re.compile("/traces/[0-9a-f]{32}$"))


def test_rows_are_marked_by_x_and_by_boxes(traced, open_page):
    """`x` marks the row at hand, a box its own, Shift all between; the head marks all."""
    page = open_page()
    expect(rows(page)).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("x")
    boxes = rows(page).get_by_role("checkbox")
    expect(boxes.nth(0)).to_be_checked()
    boxes.nth(2).click(modifiers=["Shift"])
    for n in range(3):
        expect(boxes.nth(n)).to_be_checked()
    page.get_by_role("checkbox", name="Select all that are loaded").click()
    expect(boxes.nth(1)).not_to_be_checked()


def test_what_is_marked_is_exported(traced, open_page):
    """The rows that are marked, or all that match, are downloaded as a file."""
    page = open_page()
    expect(rows(page)).to_have_count(3)
    bar = page.get_by_role("region", name="Selection")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 selected")
    with page.expect_download() as download:
        bar.get_by_role("link", name="JSONL").click()
    assert download.value.suggested_filename == "test-calls.jsonl"
    assert len(download.value.path().read_text().splitlines()) == 1
    bar.get_by_role("button", name="Select all 3 that match").click()
    expect(bar).to_contain_text("All 3 selected")
    with page.expect_download() as download:
        bar.get_by_role("link", name="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 4


def test_deleting_asks_first(traced, open_page):
    """Deleting says how many calls go with those that are marked, and then they are gone."""
    page = open_page()
    rows(page).nth(1).hover()
    rows(page).nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog", name="Delete these calls?")
    expect(dialog).to_contain_text("1 call, with all below: 2 calls")
    dialog.get_by_role("button", name="Keep").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete 2").click()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("region", name="Selection")).to_have_count(0)


def test_the_trace_of_a_row_that_one_stays_at_is_read_ahead(traced, open_page):
    """It is asked for while the row is looked at, and not again when it is opened."""
    page = open_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    expect(rows(page)).to_have_count(3)
    with page.expect_response(lambda answer: answer.url.endswith("/packed")):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem")).to_have_count(2)
    assert len([url for url in asked if url.endswith("/packed")]) == 1
