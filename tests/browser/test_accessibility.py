"""Every page, empty and full, light and dark, is held to axe: no serious fault."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect

import weavelite

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "viewer/node_modules/axe-core/axe.min.js"
PAGES = ("overview", "traces", "threads", "evaluations", "objects", "ops", "sql")


@weavelite.op
def look_up(word):
    if word == "nothing":
        raise KeyError("no such word")
    return {"word": word, "meaning": f"what {word} means"}


@weavelite.op(kind="llm")
def chat(messages):
    return {"role": "assistant", "content": f"# Answer\n\n{look_up(messages[-1]['content'])}"}


def exact(expected, output):
    return expected == output


@pytest.fixture
def full(client):
    """Calls, errors, messages, an evaluation and objects; returns addresses of single things."""
    with weavelite.thread("birds"):
        _, call = chat.call([{"role": "user", "content": "tern"}])
    call.feedback.add_note("a note")
    call.feedback.add_reaction("👍")
    with contextlib.suppress(KeyError):
        look_up("nothing")
    weavelite.publish(weavelite.Dataset(name="words", rows=[{"a": 1}, {"a": 2}]))
    evaluation = weavelite.Evaluation(
        dataset=[{"word": "a", "expected": 1}, {"word": "nothing", "expected": 2}],
        scorers=[exact],
    )
    with ThreadPoolExecutor(1) as pool:  # playwright's loop runs in this thread
        for _ in range(2):
            pool.submit(asyncio.run, evaluation.evaluate(look_up)).result()
    runs = [each.id for each in evaluation.get_evaluate_calls()]
    client.finish()
    return {
        "trace": f"traces/{call.trace_id}",
        "thread": f"threads/birds?turn={call.id}",
        "peek": f"traces?call={call.id}",
        "object": "objects/words",
        "op": "ops/look_up",
        "run": f"evaluations/compare?ids={runs[0]}",
        "compare": f"evaluations/compare?ids={','.join(runs)}",
    }


def serious(page):
    """Lists what axe finds to be serious or critical, each with its first place."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def settled(page):
    page.get_by_role("navigation", name="Pages").wait_for()
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    page.wait_for_timeout(300)  # for what fades in
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_fault(full, open_page, at, scheme):
    """Whoever reads by screen reader, keyboard or low contrast is not shut out of any page."""
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for address in (*PAGES, *full.values()):
        page.goto(at(address))
        found[address] = serious(settled(page))
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_empty_pages_have_no_serious_fault(client, open_page, at):
    """An empty project is readable, too."""
    client.finish()
    page = open_page(reduced_motion="reduce")
    found = {}
    for address in PAGES:
        page.goto(at(address))
        found[address] = serious(settled(page))
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_a_phone_shuts_nobody_out(full, open_page, at):
    """What is left out where there is little room leaves its name."""
    page = open_page(
        viewport={"width": 390, "height": 800}, color_scheme="dark", reduced_motion="reduce"
    )
    found = {}
    for address in ("traces", "overview", full["trace"], full["object"]):
        page.goto(at(address))
        found[address] = serious(settled(page))
    assert {address: faults for address, faults in found.items() if faults} == {}


OPEN = {
    "keys": lambda page: page.keyboard.press("?"),
    "palette": lambda page: page.keyboard.press("Control+k"),
    "columns": lambda page: page.get_by_role("button", name="Columns").click(),
    "views": lambda page: page.get_by_role("button", name="Views").click(),
    "completions": lambda page: page.get_by_role("combobox", name="Search traces").click(),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_has_no_serious_fault(full, open_page, at, scheme):
    """Menus, sheets and lists over a page are held to the same."""
    page = open_page(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for name, act in OPEN.items():
        page.goto(at("traces"))
        act(settled(page))
        page.wait_for_timeout(300)
        found[name] = serious(page)
    assert {name: faults for name, faults in found.items() if faults} == {}
