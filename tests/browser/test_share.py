"""What `weavelite export` writes opens from the disk, with no server, and shows what was shared."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect
from typer.testing import CliRunner

import weavelite
from tests.browser.conftest import WAIT_MS
from weavelite.cli.commands import app

pytestmark = pytest.mark.browser

HOSTILE = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0"
    "000003010100c9fe92ef0000000049454e44ae426082"
)


@weavelite.op
def look_up(word):
    return f"what {word} means"


@weavelite.op
def explain(word, picture=None):
    return look_up(word)


def exact(expected, output):
    return expected == output


@pytest.fixture
def shared(tmp_path):
    """A page of some traces, opened from the disk; nothing it does may fail or ask anybody."""
    store = tmp_path / "home" / "weavelite.db"
    client = weavelite.init("test", store=store)
    explain("tern", picture=weavelite.Content.from_bytes(PICTURE, mimetype="image/png"))
    with weavelite.thread("sea/birds"):
        explain("gull")
        explain(HOSTILE)
    evaluation = weavelite.Evaluation(
        name="words", dataset=[{"word": "a", "expected": "what a means"}], scorers=[exact]
    )
    with ThreadPoolExecutor(1) as pool:  # playwright's loop runs in this thread
        pool.submit(asyncio.run, evaluation.evaluate(look_up)).result()
    client.flush()
    weavelite.finish()
    page = tmp_path / "share.html"
    done = CliRunner().invoke(app, ["export", "-o", str(page), "--store", str(store)])
    assert done.exit_code == 0, done.output
    return page


@pytest.fixture
def page(browser, shared):
    context = browser.new_context(viewport={"width": 1440, "height": 860}, locale="en-US")
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if is_sent(request) else None)
    page.goto(shared.as_uri())
    yield page
    context.close()
    assert [fault for fault in faults if fault != shared.as_uri()] == []


def is_sent(request):
    return not request.url.startswith(("data:", "blob:"))


def test_traces_open_from_the_list(page):
    """The list shows what was shared; a row opens its trace, with the picture in it."""
    grid = page.get_by_role("grid", name="Traces")
    grid.get_by_role("row").filter(has_text="word: tern").dblclick(position={"x": 90, "y": 10})
    expect(page).to_have_url(re.compile("#/local/test/traces/"))
    page.get_by_role("tab", name="Input").click()
    picture = page.get_by_role("tabpanel").get_by_role("img").first
    expect(picture).to_have_js_property("naturalWidth", 1)


def test_stored_text_never_runs(page):
    """Text that looks like the end of the page's script is text."""
    grid = page.get_by_role("grid", name="Traces")
    expect(grid.get_by_role("row").filter(has_text="window.ran")).to_have_count(1)
    assert page.evaluate("window.ran") is None


def test_evaluations_compare_in_the_page(page):
    """The run is in the list, and its rows open."""
    page.get_by_role("link", name="Evaluations").click()
    page.get_by_role("link", name=re.compile("^eval-")).first.click()
    expect(page.get_by_text("exact").first).to_be_visible()


def test_objects_and_code_are_there(page):
    """Datasets show their rows, and ops their code."""
    page.get_by_role("link", name="Ops").click()
    page.get_by_role("link", name="look_up").click()
    expect(page.get_by_text("def look_up").first).to_be_visible()


def test_threads_are_read_in_the_page(page):
    """A shared thread opens from the list, with what was asked and answered."""
    page.get_by_role("link", name="Threads").click()
    page.get_by_role("link", name="sea/birds").click()
    turns = page.get_by_role("feed", name="Conversation").get_by_role("article")
    expect(turns).to_have_count(2)
    expect(turns.first).to_contain_text("what gull means")
    assert page.evaluate("window.ran") is None


def test_nothing_is_offered_that_needs_a_server(page):
    """A shared copy is for reading: nothing deletes, notes, exports, or marks a baseline."""
    grid = page.get_by_role("grid", name="Traces")
    grid.get_by_role("row").filter(has_text="word: tern").dblclick(position={"x": 90, "y": 10})
    call = page.get_by_label("Selected call")
    expect(call.get_by_role("tab", name="Feedback")).to_be_visible()
    expect(call.get_by_role("tab", name="Use")).to_have_count(0)
    expect(call.get_by_role("button", name=re.compile("Delete|Add to"))).to_have_count(0)
    call.get_by_role("tab", name="Feedback").click()
    expect(call.get_by_role("tabpanel")).to_have_text("Nothing was said about this call.")
    page.get_by_role("link", name="Evaluations").click()
    page.get_by_role("link", name=re.compile("^eval-")).first.click()
    expect(page.get_by_text("exact").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^(Export|Make )"))).to_have_count(0)


def test_the_figures_are_there_and_lead_to_the_calls(page):
    """The overview is that of what was shared; a search that it leads to shows all, and says so."""
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_label("Figures")).to_contain_text("Traces")
    expect(page.get_by_role("group", name="Stretch of time")).to_have_count(0)
    page.get_by_label("Ops").get_by_role("link", name="look_up").click()
    expect(page.get_by_text("A shared page cannot search")).to_be_visible()
    expect(page.get_by_role("grid", name="Traces").get_by_text("gull").first).to_be_visible()


def test_the_leaderboard_of_each_dataset_is_there(page):
    """Whatever the list of choices offers can be chosen."""
    page.get_by_role("link", name="Evaluations").click()
    page.get_by_role("link", name="Leaderboard").click()
    rows = page.get_by_role("table", name="Leaderboard").get_by_role("row")
    expect(rows).to_have_count(3)
    choices = page.get_by_role("combobox", name="Leaderboard")
    offered = choices.get_by_role("option").all_inner_texts()
    assert len(offered) == 2
    for choice in offered:
        choices.select_option(choice)
        expect(page).to_have_url(re.compile("dataset=" if choice.startswith("On ") else "board$"))
        page.reload()
        expect(rows).to_have_count(3)
