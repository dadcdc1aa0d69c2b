"""The question side of the list of traces: search box, filters, histogram, history."""

import contextlib
import re
import time

import httpx
import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser


@weavelite.op(kind="agent")
def answer(question):
    if "broken" in question:
        raise TimeoutError("the tool did not answer")
    return look_up(question)


@weavelite.op(kind="tool")
def look_up(question):
    return f"what {question} means"


@weavelite.op
def sort_mail(text):
    return "billing"


@pytest.fixture
def traced(client):
    """Three answers, one of which fails, and two other calls; one answer is scored."""
    for question in ("how far", "broken lamp", "how near"):
        with contextlib.suppress(TimeoutError):
            _, call = answer.call(question)
        time.sleep(0.05)
    call.feedback.add("wandb.runnable.exact", {"output": True})
    sort_mail("a letter")
    sort_mail("another letter")
    client.finish()


def box(page):
    return page.get_by_role("combobox", name="Search traces")


def rows(page):
    return page.get_by_role("grid", name="Traces").get_by_role("row")


def filters(page):
    return page.get_by_role("complementary", name="Filters")


def completions(page):
    return page.get_by_role("listbox", name="Completions").get_by_role("option")


def expect_rows(page, count):
    expect(rows(page)).to_have_count(count + 1)


def q_is(page, pattern):
    expect(page).to_have_url(re.compile(rf"[?&]q={pattern}(&|$)"))


def test_a_search_is_typed_linked_and_read_back(traced, open_page):
    """A search narrows the list, stands in the address, and survives a reload as the same text."""
    page = open_page()
    expect_rows(page, 5)
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("op:answer -status:error near")
    expect_rows(page, 1)
    q_is(page, "op%3Aanswer(\\+|%20)-status%3Aerror(\\+|%20)near")
    page.reload()
    expect(box(page)).to_have_value("op:answer -status:error near")
    expect_rows(page, 1)
    page.get_by_role("button", name="Clear the search").click()
    expect_rows(page, 5)


def test_completion_is_of_keys_then_of_values(traced, open_page):
    """What is typed is completed by keys, then by what is there, from the keyboard alone."""
    page = open_page()
    expect_rows(page, 5)
    box(page).focus()
    page.keyboard.type("o")
    expect(completions(page).first).to_contain_text("op:")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("op:")
    expect(completions(page)).to_have_text([re.compile("answer.*3"), re.compile("sort_mail.*2")])
    page.keyboard.type("so")
    expect(completions(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("op:sort_mail ")
    expect_rows(page, 2)
    page.keyboard.type("scores.e")
    expect(completions(page)).to_have_count(0)


def test_mistakes_are_said_in_place(traced, open_page):
    """A search that cannot be read is explained and marked; the last list that was right stays."""
    page = open_page("traces?q=op:answer")
    expect_rows(page, 3)
    box(page).fill("op:answer latncy:>1s")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean latency?")
    expect(page.locator("[data-faulty=true]")).to_have_text("latncy:>1s")
    expect(box(page)).to_have_attribute("aria-invalid", "true")
    expect_rows(page, 3)
    box(page).fill("op:answer latency:<1h")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect_rows(page, 3)


def test_a_link_with_a_mistake_says_so(traced, open_page):
    """A page that is opened with a search that cannot be read says why, and is mended by typing."""
    page = open_page("traces?q=status:eror")
    expect(page.get_by_role("heading", name="This search cannot be read")).to_be_visible()
    box(page).fill("status:error")
    expect_rows(page, 1)


def test_filters_keep_step_with_the_text(traced, open_page):
    """A click puts a term into the text, a second value beside it, a third takes it out again."""
    page = open_page()
    panel = filters(page)
    expect(panel.get_by_role("button", name=re.compile("^answer"))).to_contain_text("3")
    panel.get_by_role("button", name=re.compile("^answer")).click()
    expect(box(page)).to_have_value("op:answer")
    expect_rows(page, 3)
    # Its own counts stay, so that another can be chosen beside it; the others follow.
    expect(panel.get_by_role("button", name=re.compile("^sort_mail"))).to_contain_text("2")
    expect(panel.get_by_role("button", name=re.compile("^success success"))).to_contain_text("2")
    panel.get_by_role("button", name=re.compile("^sort_mail")).click()
    expect(box(page)).to_have_value("op:answer,sort_mail")
    expect_rows(page, 5)
    panel.get_by_role("button", name="Without status error").click()
    expect(box(page)).to_have_value("op:answer,sort_mail -status:error")
    expect_rows(page, 4)
    box(page).fill("op:answer")
    expect(panel.get_by_role("button", name=re.compile("^sort_mail"))).to_have_attribute(
        "aria-pressed", "false"
    )
    panel.get_by_role("button", name=re.compile("^true")).click()
    expect(box(page)).to_have_value("op:answer scores.exact:true")
    expect_rows(page, 1)


def test_choosing_can_be_gone_back_from(traced, open_page):
    """Back and forward step through what was chosen; what was typed is one step."""
    page = open_page()
    expect_rows(page, 5)
    filters(page).get_by_role("button", name=re.compile("^answer")).click()
    expect_rows(page, 3)
    filters(page).get_by_role("button", name=re.compile("^error error")).click()
    expect_rows(page, 1)
    page.go_back()
    expect_rows(page, 3)
    expect(box(page)).to_have_value("op:answer")
    page.go_back()
    expect_rows(page, 5)
    page.go_forward()
    expect_rows(page, 3)
    box(page).fill("op:answer far")
    expect_rows(page, 1)
    page.go_back()
    expect_rows(page, 5)


def test_a_drag_over_the_bars_sets_the_time(traced, open_page):
    """A drag and the arrow keys say from when to when; one click shows all times again."""
    page = open_page()
    expect_rows(page, 5)
    bars = page.get_by_role("img", name=re.compile("Calls over time"))
    size = bars.bounding_box()
    page.mouse.move(size["x"] + 1, size["y"] + 20)
    page.mouse.down()
    page.mouse.move(size["x"] + size["width"] * 0.4, size["y"] + 20, steps=4)
    page.mouse.up()
    expect(box(page)).to_have_value(re.compile(r"^started:\S+Z\.\.\S+Z$"))
    expect(page.locator("[data-inside=false]").first).to_be_attached()
    expect(rows(page).filter(has_text="how far")).to_be_visible()
    expect(rows(page).filter(has_text="another letter")).to_have_count(0)
    before = box(page).input_value()
    page.get_by_role("slider", name="Calls until").press("ArrowLeft")
    expect(box(page)).not_to_have_value(before)
    page.get_by_role("button", name="Show all times").click()
    expect(box(page)).to_have_value("")
    expect_rows(page, 5)


def test_the_live_tail_obeys_the_search(traced, client, open_page):
    """What comes in appears when the search finds it, and only then; counts follow."""
    page = open_page("traces?q=op:answer")
    expect_rows(page, 3)
    sort_mail("a third letter")
    answer("how late")
    expect_rows(page, 4)
    expect(filters(page).get_by_role("button", name=re.compile("^sort_mail"))).to_contain_text("3")


def test_filters_on_a_phone(traced, open_page):
    """At 390 px the filters are behind a button, and nothing is wider than the screen."""
    page = open_page(viewport={"width": 390, "height": 800})
    expect_rows(page, 5)
    expect(filters(page)).to_have_count(0)
    page.get_by_role("button", name="Filters", exact=True).click()
    filters(page).get_by_role("button", name=re.compile("^answer")).click()
    page.get_by_role("button", name="Hide filters").click()
    expect_rows(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_calls_inside_traces_are_offered(traced, open_page):
    """Where only calls inside a trace match, one click shows them."""
    page = open_page("traces?q=op:look_up")
    expect(page.get_by_role("heading", name="No trace matches")).to_be_visible()
    page.get_by_role("button", name="Search all calls").click()
    expect_rows(page, 2)


def test_a_view_is_saved_opened_and_deleted(traced, open_page):
    """A search is saved under a name, opens again as its text, and is gone when it is deleted."""
    page = open_page("traces?q=op:answer")
    expect_rows(page, 3)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Save this search as").fill("Answers")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("^Answers"))).to_contain_text("op:answer")
    page.keyboard.press("Escape")
    box(page).fill("status:error")
    expect_rows(page, 1)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name=re.compile("^Answers")).click()
    expect(box(page)).to_have_value("op:answer")
    expect_rows(page, 3)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Delete the view Answers").click()
    expect(page.get_by_role("button", name=re.compile("^Answers"))).to_have_count(0)


def test_one_of_many_views_is_found_by_its_name(traced, server, open_page):
    """Where there are more than a few, the list has a filter on their names and searches."""
    address = f"{server.url}/api/projects/local/test/views"
    for number in range(12):
        view = {"label": f"View {number}", "search": f"op:answer latency:>{number}s"}
        httpx.post(address, json=view).raise_for_status()
    page = open_page("traces")
    page.get_by_role("button", name="Views").click()
    views = page.get_by_role("dialog", name="Saved views")
    expect(views.get_by_role("listitem")).to_have_count(12)
    views.get_by_role("searchbox", name="Find a view").fill("view 11")
    expect(views.get_by_role("listitem")).to_have_count(1)
    views.get_by_role("searchbox", name="Find a view").fill("nothing")
    expect(views.get_by_text("No view has “nothing”")).to_be_visible()


def test_the_figures_say_what_the_search_cost(client, open_page):
    """The sum of known costs is that of the calls that are found, whatever is searched."""
    for tokens in (1_000_000, 3_000_000):
        usage = {"prompt_tokens": tokens, "completion_tokens": 0}
        weavelite.log_call("chat", {}, kind="llm", model="gpt-4o", usage=usage)
    client.finish()
    page = open_page()
    figures = page.get_by_role("region", name="Figures")
    expect(figures).to_contain_text("4.0 M tokens")
    expect(figures).to_contain_text("$10.00")
    box(page).fill("tokens:>2000000")
    box(page).press("Enter")
    expect(figures).to_contain_text("$7.50")
    expect(figures).not_to_contain_text("$10.00")
