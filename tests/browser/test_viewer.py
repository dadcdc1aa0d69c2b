"""The viewer as built, in a real browser, on a real server, with what real programs traced."""

import asyncio
import contextlib
import gzip
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'


@weavelite.op
def look_up(word):
    if word == "nothing":
        raise KeyError("no such word")
    return {"word": word, "meaning": f"what {word} means"}


@weavelite.op
def explain(word, style="short"):
    with weavelite.attributes({"release": "r7"}):
        found = look_up(word)
    return f"{found['meaning']}, {style}"


def grid(page):
    return page.get_by_role("grid", name="Traces")


def row(page, text):
    return grid(page).get_by_role("row").filter(has_text=text)


def tree(page):
    return page.get_by_role("tree", name="Calls of this trace")


def panel(page):
    return page.get_by_role("region", name="Selected call")


def show_tab(page, name):
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel")


def traced(client):
    """One trace of two calls, one of one call, and one that fails."""
    _, call = explain.call("tern")
    look_up("stoat")
    with contextlib.suppress(KeyError):
        explain("nothing")
    client.finish()
    return call


def test_traces_appear_live(client, open_page):
    """A call shows as running while it runs, and with its output once it ends, without a reload."""
    go_on = threading.Event()

    @weavelite.op
    def slow(question):
        go_on.wait(60)
        return "answered at last"

    page = open_page()
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow, "how long?")
        expect(row(page, "slow")).to_contain_text("how long?")
        expect(row(page, "slow")).to_contain_text("running…")
        go_on.set()
        assert running.result(60) == "answered at last"
    expect(row(page, "slow")).to_contain_text("answered at last")
    explain("tern")
    expect(grid(page).get_by_role("row").nth(1)).to_contain_text("explain")
    expect(page.get_by_role("region", name="Figures")).to_contain_text("2 traces")


def test_a_trace_shows_all_there_is(client, open_page):
    """A trace has its tree, and each call its inputs, output, attributes and the code that ran."""
    traced(client)
    page = open_page()
    row(page, "tern").dblclick()
    items = tree(page).get_by_role("treeitem")
    expect(items).to_have_text([re.compile("explain.*(ms|µs)"), re.compile("look_up.*(ms|µs)")])
    expect(show_tab(page, "Input")).to_contain_text("tern")
    expect(show_tab(page, "Output")).to_contain_text("what tern means, short")
    expect(show_tab(page, "Code")).to_contain_text("found = look_up(word)")
    items.nth(1).click()
    expect(panel(page).get_by_role("heading", name="look_up")).to_be_visible()
    expect(page.get_by_role("tabpanel")).to_contain_text('raise KeyError("no such word")')
    expect(show_tab(page, "Attributes")).to_contain_text("r7")


def test_a_failed_call_shows_its_exception_first(client, open_page):
    """What failed is marked in the tree, and opens with its traceback."""
    traced(client)
    page = open_page()
    row(page, "nothing").dblclick()
    items = tree(page).get_by_role("treeitem")
    expect(items.get_by_label("error")).to_have_count(2)
    expect(page.get_by_role("tabpanel")).to_contain_text("Traceback")
    items.nth(1).click()
    expect(page.get_by_role("tabpanel")).to_contain_text("KeyError: 'no such word'")


def test_reactions_and_notes(client, open_page, at):
    """A reaction and a note are added and taken back, and each time the store knows."""
    call = traced(client)
    page = open_page(f"r/call/{call.id}")
    show_tab(page, "Feedback")
    page.get_by_role("button", name="Add 👍").click()
    expect(page.get_by_role("button", name="Remove 👍")).to_be_visible()
    page.get_by_label("New note").fill("worth a second look")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("worth a second look")
    page.reload()
    expect(page.get_by_role("tabpanel")).to_contain_text("worth a second look")
    page.goto(at("traces"))
    expect(row(page, "tern")).to_contain_text("👍")

    page.goto(at(f"r/call/{call.id}"))
    show_tab(page, "Feedback")
    page.get_by_role("button", name="Remove 👍").click()
    expect(page.get_by_role("button", name="Add 👍")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("worth a second look")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Add 👍")).to_be_visible()
    expect(page.get_by_text("worth a second look")).to_have_count(0)


def test_deleting_asks_first(client, open_page, at):
    """Delete says how much will go and can be refused; once confirmed, the calls are gone."""
    call = traced(client)
    page = open_page(f"r/call/{call.id}")
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This call and the 1 call below it")
    dialog.get_by_role("button", name="Keep").click()
    expect(tree(page).get_by_role("treeitem")).to_have_count(2)
    page.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete 2 calls").click()
    expect(page).to_have_url(at("traces"))
    expect(grid(page).get_by_role("row")).to_have_count(3)
    expect(row(page, "tern")).to_have_count(0)


def test_objects_have_versions_and_rows(client, open_page):
    """Each version of an object is shown, what changed too, and a dataset's rows as one scrolls."""
    rows = [{"id": i, "sentence": f"sentence {i}"} for i in range(150)]
    weavelite.publish(weavelite.Dataset(name="sentences", rows=rows[:3]))
    weavelite.publish(weavelite.Dataset(name="sentences", rows=rows))
    client.finish()
    page = open_page("objects")
    page.get_by_role("link", name="sentences").click()
    versions = page.get_by_role("navigation", name="Versions").get_by_role("link")
    expect(versions).to_have_count(2)
    expect(page.get_by_role("heading", name="150 rows")).to_be_visible()
    table = page.get_by_role("table", name="Rows of the dataset")
    expect(table.get_by_text("sentence 2", exact=True)).to_be_visible()
    assert table.get_by_role("row").count() < 80
    table.hover()
    last = table.get_by_text("sentence 149", exact=True)
    with page.expect_response(re.compile("/rows.*after=99")):
        table.evaluate("it => it.scrollTo(0, it.scrollHeight)")
    expect(table.locator("[aria-rowindex='101']")).to_be_attached()
    table.evaluate("it => it.scrollTo(0, it.scrollHeight)")
    expect(last).to_be_visible()
    last.click()
    expect(table.get_by_role("button", name="Row 149")).to_have_attribute("aria-expanded", "true")
    versions.nth(1).click()
    expect(page).to_have_url(re.compile("version=v0"))
    expect(page.get_by_role("heading", name="3 rows")).to_be_visible()
    versions.nth(0).click()
    page.get_by_role("button", name="Changes").click()
    expect(page.get_by_role("region", name="Value")).to_contain_text("3 → 150")


def evaluated(client):
    """Two models over six sentences: the first is wrong on two, the second on another one."""

    class Speller(weavelite.Model):
        known: dict

        @weavelite.op
        def predict(self, sentence):
            return self.known.get(sentence, sentence)

    @weavelite.op
    def exact(correction, output):
        return correction == output

    rows = [{"sentence": f"sentense {i}", "correction": f"sentence {i}"} for i in range(6)]
    right = {each["sentence"]: each["correction"] for each in rows}
    plain = Speller(name="plain", known={key: right[key] for key in list(right)[:4]})
    better = Speller(name="better", known={key: right[key] for key in list(right)[1:]})
    evaluation = weavelite.Evaluation(name="spelling", dataset=rows, scorers=[exact])
    # Playwright's event loop runs in this thread.
    with ThreadPoolExecutor(1) as pool:
        for model in (plain, better):
            pool.submit(lambda model=model: asyncio.run(evaluation.evaluate(model))).result(60)
    client.finish()


def test_back_and_forward(client, open_page, at):
    """The browser's buttons go from page to page, each as it was left."""
    traced(client)
    page = open_page("traces?q=op:explain")
    expect(grid(page).get_by_role("row")).to_have_count(3)
    row(page, "tern").dblclick()
    expect(tree(page).get_by_role("treeitem")).to_have_count(2)
    page.get_by_role("link", name="Objects").click()
    expect(page.get_by_role("heading", name="No objects yet")).to_be_visible()
    page.go_back()
    expect(tree(page).get_by_role("treeitem")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/traces\?q=op%3Aexplain"))
    expect(grid(page).get_by_role("row")).to_have_count(3)
    page.go_forward()
    expect(tree(page).get_by_role("treeitem")).to_have_count(2)


def test_the_keyboard_is_enough(client, open_page, at):
    """j, k, Enter and Esc walk through list and trace; / searches, and ? tells the keys."""
    traced(client)
    page = open_page()
    expect(row(page, "tern")).to_be_visible()
    page.keyboard.press("j")
    peek = page.get_by_role("complementary")
    expect(peek.get_by_role("heading", name="explain")).to_be_visible()
    page.keyboard.press("j")
    expect(peek.get_by_role("heading", name="look_up")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(tree(page).get_by_role("treeitem")).to_have_count(2)
    page.keyboard.press("j")
    expect(panel(page).get_by_role("heading", name="look_up")).to_be_visible()
    page.keyboard.press("Escape")
    expect(grid(page)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next and previous row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search traces")).to_be_focused()


def test_an_empty_store_teaches(server, client, open_page, at):
    """An empty store shows the first lines of a program, and the first trace as it comes."""
    page = open_page("/")
    expect(page.get_by_role("heading", name="Nothing is traced yet")).to_be_visible()
    expect(page.locator("pre")).to_contain_text("@weavelite.op")
    look_up("tern")
    expect(page).to_have_url(at("traces"))
    expect(row(page, "look_up")).to_be_visible()


def test_stored_text_is_only_text(client, open_page, at):
    """HTML in inputs, outputs, exceptions, notes and rows is shown as written, and not run."""

    @weavelite.op(name="hostile")
    def hostile(text, messages):
        if text == "raise":
            raise ValueError(HOSTILE)
        return {"role": "assistant", "content": HOSTILE}

    messages = [{"role": "user", "content": HOSTILE}]
    _, call = hostile.call(HOSTILE, messages)
    with contextlib.suppress(ValueError):
        hostile("raise", messages)
    call.feedback.add_note(HOSTILE)
    weavelite.publish(weavelite.Dataset(name="rows", rows=[{"text": HOSTILE}]))
    client.finish()
    trace = f"traces/{call.trace_id}?call={call.id}&tab="
    pages = ["traces", "traces?q=status:error", "objects/rows"]
    pages += [trace + tab for tab in ("messages", "input", "output", "feedback")]
    page = open_page()
    for address in pages:
        page.goto(at(address))
        expect(page.get_by_text("<img src=x onerror=").first).to_be_visible()
        assert page.locator("img[src=x]").count() == 0
        assert page.evaluate("window.ran") is None
    page.goto(at("traces?q=status:error"))
    row(page, "hostile").dblclick()
    expect(page.get_by_role("tabpanel")).to_contain_text("ValueError: <img src=x")
    assert page.evaluate("window.ran") is None


def brightness(page):
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3


def test_dark_and_light(client, open_page):
    """The system's colours are followed until the reader chooses; the choice survives a reload."""
    page = open_page(color_scheme="light")
    expect(page.get_by_role("heading", name="No traces yet")).to_be_visible()
    assert brightness(page) > 220
    page.get_by_role("button", name="Dark").click()
    assert brightness(page) < 40
    page.reload()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert brightness(page) < 40
    dark = open_page(color_scheme="dark")
    expect(dark.get_by_role("heading", name="No traces yet")).to_be_visible()
    assert brightness(dark) < 40


def test_a_phone_needs_no_sideways_scrolling(client, open_page, at):
    """At 390 px no page is wider than the screen, and what it is about is on it."""
    evaluated(client)
    call = traced(client)
    found = client.get_calls({"op_names": ["Evaluation.evaluate"]})
    runs = ",".join(each.id for each in found)
    pages = {
        "traces": "explain",
        f"traces?call={call.id}": "Input and output",
        f"traces/{call.trace_id}": "look_up",
        "evaluations": "spelling",
        f"evaluations/compare?ids={runs}": "same dataset",
        "objects": "better",
        "objects/better": "weavelite.ref",
        "ops": "look_up",
        "ops/look_up": "raise KeyError",
    }
    page = open_page(viewport={"width": 390, "height": 844})
    for address, text in pages.items():
        page.goto(at(address))
        expect(page.get_by_role("main").get_by_text(text).first).to_be_attached()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, address


def test_the_first_load_is_small(client, open_page, server, capsys):
    """All that a browser fetches to show the list is at most 335 KB, compressed."""
    traced(client)
    page = open_page()
    expect(row(page, "tern")).to_be_visible()
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    entries = page.evaluate("performance.getEntriesByType('resource').map(it => it.name)")
    files = {url for url in entries if "/assets/" in url} | {page.url}
    size = 0
    for url in files:
        body = httpx.get(url).content
        size += len(body) if url.endswith(".woff2") else len(gzip.compress(body))
    with capsys.disabled():
        print(f"\nthe first load is {size / 1000:.0f} KB in {len(files)} files")
    assert len(files) > 4
    assert size <= 335_000


def test_a_trace_of_30000_calls_opens(client, open_page, at, capsys):
    """A huge trace travels once, opens, scrolls to its end, and keeps the page small."""

    @weavelite.op
    def leaf(i):
        return i

    @weavelite.op
    def crawl(n):
        for i in range(n):
            leaf(i)

    _, call = crawl.call(29_999)
    client.finish()
    page = open_page()
    expect(row(page, "crawl")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    started = time.perf_counter()
    page.goto(at(f"traces/{call.trace_id}"))
    expect(tree(page).get_by_role("treeitem").nth(10)).to_be_visible()
    seconds = time.perf_counter() - started
    with capsys.disabled():
        print(f"\na trace of 30,000 calls opened in {seconds:.2f} s")
    expect(page.get_by_role("region", name="Calls")).to_contain_text("30,000 calls")
    assert len([url for url in asked if url.endswith("/packed")]) == 1
    assert page.locator("*").count() < 2_000
    tree(page).evaluate("it => it.scrollTo(0, it.scrollHeight)")
    expect(tree(page).get_by_role("treeitem").last).to_contain_text("leaf")
    assert page.locator("*").count() < 2_000
