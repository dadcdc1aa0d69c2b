"""Takes a tour of the viewer: each page full, empty, failing, with long texts, with many rows.

    python scripts/tour.py FOLDER [NAME ...] [--store HOME]

Writes a picture of each at 1280 and 390 pixels, in light and dark, and says where a page is wider
than the window, complains, takes long, or does not come. With names, only pages and states so
called are seen. The store of a tour is large: with --store it is kept for the next one.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from screenshots import FLAGS, served
from tour_stores import fill, save_views

SIZES = {"1280": {"width": 1280, "height": 800}, "390": {"width": 390, "height": 800}}
SETTLED, SLOW, MANY = 400, 3, 4_000
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
SQL_ROWS = (
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) "
    "select i, i * i as square, 'row ' || i as name from n"
)
UNKNOWN = {
    "trace": "traces/" + "0" * 32,
    "thread": "threads/none",
    "object": "objects/none",
    "op": "ops/none",
    "comparison": "evaluations/compare?ids=019c0000-0000-7000-8000-000000000000",
    "difference": "traces/difference?before=019c0000-0000-7000-8000-000000000000"
    "&after=019c0000-0000-7000-8000-000000000001",
    "peek": "traces?call=019c0000-0000-7000-8000-000000000000",
    "link": "r/call/019c0000-0000-7000-8000-000000000000",
    "version": "objects/rows?version=nowhere",
    "uses": "objects/rows?version=nowhere&view=uses",
    "kind": "objects?kind=Nothing",
    "compared": "evaluations/compare",
    "project": "../nowhere/traces",
    "project-overview": "../nowhere/overview",
    "search": "traces?q=op:",
    "search-broken": f"traces?q={quote('latency:>soon ' + chr(34) + 'open')}",
    "search-nothing": "traces?q=nothinglikethis",
    "sql": "sql?query=select%20nothing",
    "page": "nowhere",
}


def found(page: Page, base: str, project: str) -> dict[str, str]:
    """Says the address of a page of each thing that a project has."""
    ask = Asking(page, base, project)
    pages: dict[str, str] = {}
    roots = ask("calls?limit=200")["calls"]
    other = next((call for call in roots if call["kind"] != "evaluation"), None)
    if other:
        trace = f"traces/{other['trace_id']}"
        inside = ask(trace)["calls"]
        views = ["", "?view=tree", "?view=flame", "?view=conversation", "?tab=output"]
        pages |= {
            f"trace{view.replace('?', '-').replace('=', '-')}": trace + view for view in views
        }
        pages |= {
            f"call-{each['op_name'][:12]}-{at}": f"{trace}?call={each['id']}"
            for at, each in enumerate(inside[1:5])
        }
        for tab in ("attributes", "feedback", "use", "code", "usage", "exception"):
            pages[f"trace-{tab}"] = f"{trace}?tab={tab}"
        pages["peek"] = f"traces?call={other['id']}"
        pages["difference"] = f"traces/difference?before={roots[-1]['id']}&after={other['id']}"
    for thread in ask("threads")["threads"][:1]:
        pages["thread"] = f"threads/{quote(thread['id'])}"
    for item in ask("objects")["objects"]:
        pages.setdefault(f"object-{item['kind'].lower()}", f"objects/{quote(item['name'])}")
    for op in ask("ops")["ops"][:1]:
        pages["op"] = f"ops/{quote(op['name'])}"
    if runs := [run["id"] for run in ask("evaluations")["evaluations"][:2]]:
        pages["comparison"] = f"evaluations/compare?ids={','.join(runs)}"
    return pages


def many(page: Page, base: str) -> dict[str, str]:
    """Says the addresses of pages that have very much on them."""
    ask = Asking(page, base, "many")

    def trace(q: str) -> str:
        return f"traces/{ask(f'calls?limit=1&q={quote(q)}')['calls'][0]['trace_id']}"

    runs = {run["name"]: run["id"] for run in ask("evaluations?limit=500")["evaluations"]}
    eight = ",".join(runs[f"many-{number}"] for number in range(8))
    metrics = ",".join(runs[f"metrics-{number}"] for number in range(2))
    wide, deep = trace("op:wide"), trace("op:deep")
    pages = {
        "feedback": f"{trace('has:note')}?tab=feedback",
        "versions": "objects/prompt",
        "versions-history": "objects/prompt?view=history",
        "rows": "objects/rows",
        "rows-edit": "objects/rows?view=edit",
        "columns": "objects/columns",
        "columns-edit": "objects/columns?view=edit",
        "compare": f"evaluations/compare?ids={eight}",
        "compare-metrics": f"evaluations/compare?ids={metrics}",
        "sql-rows": f"sql?query={quote(SQL_ROWS)}",
        "views": "traces",
        "palette": "traces",
        "palette-text": "traces",
        "columns-menu": "traces",
        "typing": "traces",
    }
    for name, address in (("wide", wide), ("deep", deep)):
        for view in ("timeline", "tree", "flame", "conversation"):
            pages[f"{name}-{view}"] = f"{address}?view={view}"
    return pages


def huge(page: Page, base: str) -> dict[str, str]:
    """Says the addresses of calls with very long messages and attributes."""
    calls = Asking(page, base, "huge")
    trace = f"traces/{calls('calls?limit=1')['calls'][0]['trace_id']}"
    inside = calls(trace)["calls"]
    pages = {f"huge-{at}": f"{trace}?call={call['id']}" for at, call in enumerate(inside)}
    pages["huge-attributes"] = f"{trace}?call={inside[-1]['id']}&tab=attributes"
    pages["huge-conversation"] = f"{trace}?view=conversation"
    return pages


class Asking:
    """Asks the API about a project."""

    def __init__(self, page: Page, base: str, project: str) -> None:
        self._page, self._base = page, f"{base}/api/projects/local/{project}/"

    def __call__(self, path: str) -> dict:
        """Returns the answer."""
        return self._page.request.get(self._base + path).json()


def _open_views(page: Page) -> None:
    page.get_by_role("button", name="Views").click()


def _open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Go to").wait_for()


def _type_in_palette(page: Page) -> None:
    _open_palette(page)
    page.keyboard.type("thing-49")


def _open_columns(page: Page) -> None:
    page.get_by_role("button", name="Columns").click()


def _type(page: Page) -> None:
    page.get_by_role("combobox", name="Search").click()
    page.keyboard.type("model:")


ACTS: dict[str, Callable[[Page], None]] = {
    "views": _open_views,
    "palette": _open_palette,
    "palette-text": _type_in_palette,
    "columns-menu": _open_columns,
    "typing": _type,
}


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
            page.route("**/api/**", lambda route: fail_with(route, broken))
        began = time.monotonic()
        page.goto(f"{self._base}/local/{address}")
        page.locator("main").wait_for()
        page.wait_for_timeout(SETTLED)
        try:
            if act := ACTS.get(name.split("-", 1)[1].rsplit("-", 2)[0]):
                act(page)
                page.wait_for_timeout(SETTLED)
            loading = page.locator("[role=status][aria-label=Loading]").first
            loading.wait_for(state="detached", timeout=8_000)
        except Error as error:
            print(f"{name}: {str(error).splitlines()[0]}")
        page.wait_for_timeout(SETTLED)
        page.evaluate("1")
        if (took := time.monotonic() - began) > SLOW:
            print(f"{name}: took {took:.1f} s")
        if (elements := page.evaluate("document.querySelectorAll('*').length")) > MANY:
            print(f"{name}: has {elements:,} elements")
        if (wider := page.evaluate(WIDER)) > 0:
            print(f"{name}: is {wider} pixels wider than the window")
        page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
        page.close()


def fail_with(route: Route, how: str) -> None:
    """Answers as a server that fails, or as one that is not there."""
    if how == "stopped":
        route.abort("connectionrefused")
    else:
        problem = {"error": "The store does not answer: disk I/O error.", "remedy": ""}
        route.fulfill(status=500, json=problem)


@contextlib.contextmanager
def filled(home: Path) -> Iterator[str]:
    """Serves the store of a tour, which it fills first where there is none."""
    os.environ |= {"WEAVELITE_HOME": str(home), "WEAVELITE_PRINT_LINK": "false"}
    is_new = not (home / "weavelite.db").exists()
    if is_new:
        with ThreadPoolExecutor(1) as pool, contextlib.redirect_stdout(io.StringIO()):
            pool.submit(fill).result()
    with served(home) as base:
        if is_new:
            save_views(base, "many")
        yield base


def main() -> None:
    """Takes the tour."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="pages or states; else all")
    parser.add_argument("--store", type=Path, help="where the store of the tour is kept")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory() as home,
        filled(options.store or Path(home)) as base,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        tour = Tour(browser, base, options.folder, options.names)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        tour.see("long", "long", PAGES | found(page, base, "long"))
        tour.see("odd", "odd", PAGES | found(page, base, "odd"))
        tour.see("many", "many", PAGES | found(page, base, "many") | many(page, base))
        tour.see("huge", "huge", huge(page, base))
        tour.see("empty", "empty", PAGES)
        tour.see("unknown", "many", UNKNOWN)
        for how in ("stopped", "500"):
            tour.see(how, "long", PAGES | found(page, base, "long"), how)
        browser.close()


if __name__ == "__main__":
    main()
