"""Takes a tour of the viewer: each page full, empty, failing, with long texts, with many rows.

    python scripts/tour.py FOLDER [NAME ...]

Writes a picture of each at 1280 and 390 pixels, in light and dark, and says where a page is wider
than the window, complains, or does not come. With names, only pages and states so called are seen.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from screenshots import FLAGS, served

import weavelite

SIZES = {"1280": {"width": 1280, "height": 800}, "390": {"width": 390, "height": 800}}
LONG = "x" * 100_000
NAME = "a_name_that_has_no_end_" * 6
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAGES = {
    "overview": "overview",
    "traces": "traces",
    "calls": "traces?all=true&facets=true",
    "threads": "threads",
    "evaluations": "evaluations",
    "leaderboard": "evaluations/leaderboard",
    "objects": "objects",
    "datasets": "objects?kind=Dataset",
    "ops": "ops",
    "sql": f"sql?query={quote('select op, count(*) as calls from calls_v1 group by op')}",
    "new-dataset": "new-dataset",
}
UNKNOWN = {
    "trace": "traces/" + "0" * 32,
    "thread": "threads/none",
    "object": "objects/none",
    "op": "ops/none",
    "comparison": "evaluations/compare?ids=019c0000-0000-7000-8000-000000000000",
    "difference": "traces/difference?before=019c0000-0000-7000-8000-000000000000"
    "&after=019c0000-0000-7000-8000-000000000001",
    "search": "traces?q=op:",
    "sql": "sql?query=select%20nothing",
    "page": "nowhere",
}


@weavelite.op(name=NAME, kind="agent")
def long_agent(question: str, more: dict) -> dict:
    """Has long inputs, outputs, names and a long chat."""
    messages = [{"role": "user", "content": question}, {"role": "user", "content": LONG}]
    long_chat(messages)
    try:
        fail(LONG)
    except ValueError:
        pass
    return {LONG[:200]: LONG, "short": "said", "list": list(range(500))}


@weavelite.op(kind="llm")
def long_chat(messages: list[dict]) -> dict:
    """Answers at length."""
    return {"role": "assistant", "content": "# " + LONG + "\n\n" + "word " * 5_000}


@weavelite.op
def fail(text: str) -> None:
    """Fails at length."""
    raise ValueError(text)


@weavelite.op
def small(number: int) -> int:
    """Is called often."""
    return number


@weavelite.op
def long_score(output: str) -> dict:
    """Scores under a long name."""
    return {NAME: len(output) / 1_000, "said": "x" * 3_000}


@weavelite.op
def predict(question: str) -> str:
    """Answers a row."""
    return question * 3


def fill() -> None:
    """Traces what is long, and what is many."""
    weavelite.init("long")
    with weavelite.thread(NAME), weavelite.attributes({NAME: LONG}):
        _, call = long_agent.call("why" * 3_000, {"deep": {"deeper": {"deepest": LONG}}})
        call.feedback.add_note(LONG[:900])
    rows = [{"question": LONG[:5_000], NAME: n} for n in range(20)]
    dataset = weavelite.Dataset(name=NAME, rows=rows)
    weavelite.publish(weavelite.StringPrompt("{" + NAME + "} " + LONG), name="prompt-" + NAME)
    for number in range(2):
        evaluation = weavelite.Evaluation(
            name=NAME, evaluation_name=f"{NAME}{number}", dataset=dataset, scorers=[long_score]
        )
        asyncio.run(evaluation.evaluate(predict))
    weavelite.finish()
    weavelite.init("many")
    for number in range(3_000):
        small(number)
    for number in range(60):
        weavelite.publish({"n": number}, name=f"thing-{number % 30}")
        with weavelite.thread(f"thread-{number}"):
            small(number)
    table = [{f"c{column}": f"{row} {column}" for column in range(14)} for row in range(1_000)]
    weavelite.publish(weavelite.Dataset(name="wide", rows=table))
    weavelite.finish()
    weavelite.init("empty")
    weavelite.finish()


def found(page: Page, base: str, project: str) -> dict[str, str]:
    """Says the address of a page of each thing that a project has."""

    def get(path: str) -> dict:
        answer = page.request.get(f"{base}/api/projects/local/{project}/{path}")
        return answer.json()

    pages: dict[str, str] = {}
    roots = get("calls?limit=200")["calls"]
    other = next((call for call in roots if call["kind"] != "evaluation"), None)
    if other:
        trace = f"traces/{other['trace_id']}"
        inside = get(trace)["calls"]
        views = ["", "?view=tree", "?view=flame", "?view=conversation", "?tab=output"]
        pages |= {
            f"trace{view.replace('?', '-').replace('=', '-')}": trace + view for view in views
        }
        pages |= {
            f"call-{each['op_name'][:12]}": f"{trace}?call={each['id']}" for each in inside[1:4]
        }
        pages["trace-attributes"] = f"{trace}?tab=attributes"
        pages["trace-feedback"] = f"{trace}?tab=feedback"
        pages["trace-use"] = f"{trace}?tab=use"
        pages["trace-code"] = f"{trace}?tab=code"
        pages["peek"] = f"traces?call={other['id']}"
        pages["difference"] = f"traces/difference?before={roots[-1]['id']}&after={other['id']}"
    for thread in get("threads")["threads"][:1]:
        pages["thread"] = f"threads/{quote(thread['id'])}"
    for item in get("objects")["objects"]:
        pages.setdefault(f"object-{item['kind'].lower()}", f"objects/{quote(item['name'])}")
    for op in get("ops")["ops"][:1]:
        pages["op"] = f"ops/{quote(op['name'])}"
    if runs := [run["id"] for run in get("evaluations")["evaluations"][:2]]:
        pages["comparison"] = f"evaluations/compare?ids={','.join(runs)}"
    return pages


class Tour:
    """Goes through pages, and takes pictures of them."""

    def __init__(self, browser: Browser, base: str, folder: Path, wanted: list[str]) -> None:
        self._base, self._folder, self._wanted = base, folder, wanted
        self._contexts = {
            f"{size}-{scheme}": browser.new_context(viewport=SIZES[size], color_scheme=scheme)
            for size in SIZES
            for scheme in ("light", "dark")
        }
        folder.mkdir(parents=True, exist_ok=True)

    def see(self, state: str, project: str, pages: dict[str, str], broken: str = "") -> None:
        """Takes pictures of pages in one state; `broken` is how the server fails them."""
        for name, address in pages.items():
            if self._wanted and not {state, name} & {*self._wanted}:
                continue
            for look, context in self._contexts.items():
                if not broken or look in ("1280-light", "390-dark"):
                    self._take(context, f"{state}-{name}-{look}", f"{project}/{address}", broken)

    def _take(self, context: BrowserContext, name: str, address: str, broken: str) -> None:
        page = context.new_page()
        page.on("pageerror", lambda error: print(f"{name}: {error}"))
        if broken:
            page.route("**/api/projects/local/**", lambda route: fail_with(route, broken))
        page.goto(f"{self._base}/local/{address}")
        page.locator("main").wait_for()
        page.wait_for_timeout(400)
        try:
            loading = page.locator("[role=status][aria-label=Loading]").first
            loading.wait_for(state="detached", timeout=8_000)
        except Error:
            print(f"{name}: is still loading")
        if (wider := page.evaluate(WIDER)) > 0:
            print(f"{name}: is {wider} pixels wider than the window")
        page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
        page.close()


def fail_with(route: Route, how: str) -> None:
    """Answers as a server that fails, or as one that is not there."""
    if how == "stopped":
        route.abort("connectionrefused")
    else:
        route.fulfill(status=500, content_type="text/plain", body="Internal Server Error")


def main() -> None:
    """Takes the tour."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="pages or states; else all")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"WEAVELITE_HOME": home, "WEAVELITE_PRINT_LINK": "false"}
        with ThreadPoolExecutor(1) as pool:
            pool.submit(fill).result()
        with served(Path(home)) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            tour = Tour(browser, base, options.folder, options.names)
            page = browser.new_page()
            for state in ("long", "many"):
                tour.see(state, state, PAGES | found(page, base, state))
            tour.see("empty", "empty", PAGES)
            tour.see("unknown", "many", UNKNOWN)
            for how in ("stopped", "500"):
                tour.see(how, "many", PAGES | found(page, base, "many"), how)
            browser.close()


if __name__ == "__main__":
    main()
