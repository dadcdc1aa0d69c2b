"""Objects and ops: lists, versions, labels, differences, what used them, and editing of rows."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

ROWS = [{"question": f"q{n}", "expected": n} for n in range(3)]


@pytest.fixture
def published(client):
    """Two versions of a prompt and of a dataset, and a saved view, which is in no list."""
    for text in ("Answer {question}.", "Answer {question} in {language}, please."):
        weavelite.publish(weavelite.StringPrompt(text), name="ask")
    weavelite.publish(weavelite.Dataset(name="tickets", rows=ROWS[:2]))
    weavelite.publish(weavelite.Dataset(name="tickets", rows=ROWS))
    weavelite.set_aliases("ask:v0", "production")
    weavelite.publish({"label": "v", "_class_name": "SavedView", "_bases": []}, name="a-view")
    client.finish()
    return client


def value(page):
    return page.get_by_role("region", name="Value")


def test_lists_are_by_kind_with_counts(published, open_page):
    """The navigation counts each kind, a list can be filtered, and saved views are in none."""
    page = open_page("objects")
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Prompts 1")).to_be_visible()
    expect(pages.get_by_role("link", name="All objects 2")).to_be_visible()
    links = page.get_by_role("table").get_by_role("row")
    expect(links).to_have_count(3)
    expect(page.get_by_text("production v0")).to_be_visible()
    pages.get_by_role("link", name="Datasets").click()
    expect(page).to_have_url(re.compile("kind=Dataset"))
    expect(links).to_have_count(2)
    page.get_by_role("searchbox").fill("nothing")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(links).to_have_count(2)
    pages.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="No models yet")).to_be_visible()


def test_aliases_and_tags_are_set_and_their_history_is_shown(published, open_page):
    """An alias can be pointed elsewhere and taken away, a tag put on; the history keeps it all."""
    page = open_page("objects/ask")
    page.get_by_role("button", name="+ alias").click()
    page.get_by_label("Alias that points here").fill("production")
    page.keyboard.press("Enter")
    remove = page.get_by_role("button", name="Take away the alias production")
    expect(remove).to_be_visible()
    page.get_by_role("button", name="+ tag").click()
    page.get_by_label("Tag for this version").fill("reviewed")
    page.keyboard.press("Enter")
    versions = page.get_by_role("navigation", name="Versions").get_by_role("link")
    expect(versions.nth(0)).to_contain_text("reviewed")
    remove.click()
    expect(remove).to_have_count(0)
    page.get_by_role("button", name="History").click()
    events = page.get_by_role("list", name="History").get_by_role("listitem")
    expect(events.nth(0)).to_contain_text("production was taken away from v1")
    expect(events.nth(2)).to_contain_text("production was pointed at v1")
    expect(events.nth(3)).to_contain_text("production was pointed at v0")


def test_prompts_are_read_and_compared(published, open_page):
    """A prompt is shown with its variables, and any two versions word by word."""
    page = open_page("objects/ask")
    prompt = page.get_by_role("region", name="Prompt")
    expect(prompt).to_contain_text("{question}{language}")
    page.get_by_role("button", name="Changes").click()
    expect(value(page).locator("ins")).to_contain_text(["in {language}, please"])
    expect(page).to_have_url(re.compile("view=changes"))
    page.get_by_role("navigation", name="Versions").get_by_role("link").nth(1).click()
    expect(page.get_by_label("Compare with version")).to_have_value("v1")


def test_rows_are_edited_into_a_version(published, open_page):
    """Cells, new rows and columns are marked until they are saved; leaving asks first."""
    page = open_page("objects/tickets")
    page.get_by_role("button", name="Edit rows").click()
    page.get_by_label("question of row 0").fill("changed")
    page.get_by_role("button", name="Delete row 1").click()
    page.get_by_role("button", name="Paste rows…").click()
    page.get_by_label("Rows as CSV").fill("question,expected,lang\nnew one,7,fr\n")
    page.get_by_role("button", name="Add 1 row").click()
    expect(page.get_by_text("4 changes not saved")).to_be_visible()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Ops").click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Save as a new version").click()
    versions = page.get_by_role("navigation", name="Versions").get_by_role("link")
    expect(versions).to_have_count(3)
    expect(page.get_by_role("heading", name="3 rows")).to_be_visible()
    page.get_by_role("button", name="Changes").click()
    rows = page.get_by_role("region", name="Changes of rows")
    expect(rows).to_contain_text("1 row added, 1 removed, 1 changed, 1 the same")
    client = weavelite.init("test", store=published.store.path)
    kept = [{"question": "changed", "expected": 0}, ROWS[2]]
    same = [*kept, {"question": "new one", "expected": 7, "lang": "fr"}]
    ref = weavelite.publish(weavelite.Dataset(name="tickets", rows=same))
    client.finish()
    assert client.store.object_version("local/test", "tickets", "v2").digest == ref.digest


def test_a_dataset_is_made_by_pasting(client, open_page):
    """Cells of a spreadsheet become a dataset."""
    client.finish()
    page = open_page("objects?kind=Dataset")
    page.get_by_role("link", name="New dataset").click()
    page.get_by_role("heading", name="New dataset").wait_for()  # the list has a box for names, too
    page.get_by_label("Name").fill("fresh")
    page.get_by_role("button", name="Paste rows…").click()
    page.get_by_label("Rows as CSV").fill("q\tn\nhow far\t1\nhow near\t2\n")
    page.get_by_role("button", name="Add 2 rows").click()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("heading", name="2 rows")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("how near")).to_be_visible()


def test_who_used_a_version_is_shown(client, open_page):
    """A model leads to its calls and to the run that it was evaluated in, also by keyboard."""

    class Speller(weavelite.Model):
        @weavelite.op
        def predict(self, question):
            return question

    @weavelite.op
    def exact(expected, output):
        return expected == output

    dataset = weavelite.Dataset(name="tickets", rows=ROWS)
    evaluation = weavelite.Evaluation(name="spelling", dataset=dataset, scorers=[exact])
    with ThreadPoolExecutor(1) as pool:  # playwright's loop runs in this thread
        pool.submit(asyncio.run, evaluation.evaluate(Speller(name="speller"))).result()
    client.finish()
    page = open_page("objects/speller?view=uses")
    lineage = page.get_by_role("region", name="Lineage", exact=True)
    expect(lineage.get_by_role("link", name="spelling")).to_be_attached()
    expect(lineage.get_by_role("listitem")).to_have_count(4)
    lineage.get_by_role("link", name="Speller.predict").press("Enter")
    expect(page).to_have_url(re.compile("ops/Speller.predict"))
    page.get_by_role("button", name="Calls by version").click()
    expect(page.get_by_role("region", name="Called by")).to_contain_text("predict_and_score")
    page.go_back()
    page.go_back()
    page.get_by_role("link", name=re.compile(r"\d+ calls →")).click()
    expect(page).to_have_url(re.compile("/traces"))
    expect(page.get_by_role("grid", name="Traces").get_by_role("row").nth(1)).to_be_visible()


def test_code_of_two_versions_is_compared_by_lines(client, open_page):
    """What changed in the code of an op is shown line by line."""

    def make(text):
        if text == "old":

            @weavelite.op(name="say")
            def say(x):
                return "old"
        else:

            @weavelite.op(name="say")
            def say(x):
                return "new"

        return say

    for text in ("old", "new"):
        make(text)(1)
    client.finish()
    page = open_page("ops/say?view=changes")
    lines = page.get_by_role("region", name="Changed lines")
    expect(lines).to_contain_text('+ return "new"')
    expect(lines).to_contain_text('− return "old"')


def test_lists_and_versions_are_walked_by_keys(published, open_page):
    """A filter, objects, their versions and the way back need no pointer; the sheet says so."""
    page = open_page("objects?sort=name")
    page.get_by_role("link", name="tickets").wait_for()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="ask")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("objects/tickets"))
    versions = page.get_by_role("navigation", name="Versions").get_by_role("link")
    expect(versions).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("version=v0"))
    page.keyboard.press("?")
    expect(page.get_by_role("region", name="Keys: An object")).to_contain_text("version")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("objects\\?kind=Dataset"))
