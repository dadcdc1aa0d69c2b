"""Times what a user of the viewer waits for, in headless Chromium, on a store of a million calls.

    python -m tests.benchmarks.viewer_speed FOLDER [QUESTION ...]

FOLDER has the store of `tests.benchmarks.seeded_store`, which makes it where it is missing. Each
question is a function of `QUESTIONS` that prints rows. The viewer has to be built.
"""

import contextlib
import gzip
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks import large_store, seeded_store, wide_store
from tests.browser.conftest import FLAGS
from weavelite.server.viewer import STATIC

REPEATS = 5
PAUSE_S = 0.7
"""Between pages: the browser takes one apart beside the next, on two cores."""
PROJECT = large_store.PROJECT
SCROLL = """async () => {
  const box = document.querySelector(SELECTOR);
  const times = [];
  let last = performance.now();
  for (let i = 0; i < 120; i += 1) {
    box.scrollTop += 600;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times;
}"""


class Asked(NamedTuple):
    """Is whom a question asks: a browser, and a server in a process of its own."""

    browser: Browser
    url: str
    pid: int


@contextlib.contextmanager
def served(path: Path) -> Iterator[tuple[str, int]]:
    """Serves a store in a process of its own."""
    command = [sys.executable, "-m", "weavelite", "ui", str(path), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split(" at ")[1].split()[0]
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/api/projects", timeout=60).raise_for_status()
                break
            time.sleep(0.02)
        yield url, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)


def say(what: str, value: str) -> None:
    """Prints a row of the table."""
    print(f"| {what} | {value} |", flush=True)


def opened(browser: Browser, url: str, selector: str) -> tuple[Page, float]:
    """Opens a page in a fresh context; returns it, and the milliseconds until it is usable."""
    page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
    page.set_default_timeout(60_000)
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(selector).first.wait_for()
    return page, (time.perf_counter() - started) * 1000


def time_to(asked: Asked, what: str, address: str, selector: str) -> None:
    """Says how long it takes until a page is usable, in a browser that knows nothing of it."""
    times = []
    for _ in range(REPEATS):
        page, took = opened(asked.browser, f"{asked.url}/{PROJECT}/{address}", selector)
        times.append(took)
        page.context.close()
        time.sleep(PAUSE_S)
    say(what, f"{statistics.median(times):.0f} ms")


def frames(page: Page, what: str, selector: str) -> None:
    """Says how long frames take while a list is scrolled, 600 pixels each."""
    times = sorted(page.evaluate(SCROLL.replace("SELECTOR", repr(selector)))[2:])
    at = [times[int(len(times) * part)] for part in (0.5, 0.95)]
    say(f"{what}: frame, median / p95", f"{at[0]:.0f} / {at[1]:.0f} ms")


def memory(asked: Asked, what: str) -> None:
    """Says how much memory the server has."""
    status = Path(f"/proc/{asked.pid}/status").read_text()
    say(f"server's memory, {what}", f"{int(status.split('VmRSS:')[1].split()[0]) / 1024:.0f} MB")


LIST = "[role=grid] [role=row][aria-rowindex='2']"


def traces(asked: Asked) -> None:
    """The list of a million calls: until it is there, a filter by typing, and scrolling."""
    memory(asked, "idle")
    time_to(asked, "list of traces usable", "traces", LIST)
    for name, text in (("errors", "status:error"), ("words", '"needle in a haystack"'),
                       ("op and errors", "op:answer status:error")):  # fmt: skip
        time_to(asked, f"list with a filter, {name}", f"traces?q={text}", LIST)
    page, _ = opened(asked.browser, f"{asked.url}/{PROJECT}/traces", LIST)
    page.wait_for_timeout(1500)
    times = []
    for word in ("status:error", "op:answer"):
        box = page.locator("input[role=combobox]").first
        with page.expect_response(lambda answer: "/calls?" in answer.url):
            started = time.perf_counter()
            box.fill(word)
            box.press("Enter")
        page.locator(LIST).first.wait_for()
        times.append((time.perf_counter() - started) * 1000)
        page.wait_for_timeout(1500)
    say("filter applied by typing", f"{statistics.median(times):.0f} ms")
    page.goto(f"{asked.url}/{PROJECT}/traces")
    page.locator(LIST).first.wait_for()
    page.wait_for_timeout(1500)
    frames(page, "scrolling the list", "[role=grid]")
    page.context.close()


def from_list(asked: Asked) -> None:
    """How long the trace takes from its row in the list: at once, and after a look at the row."""
    id = f"{seeded_store.HUGE_TRACE[:8]}-0000-0000-8000-000000000000"
    for how, seconds in (("at once", 0), ("after a look at the row", 3)):
        times = []
        for _ in range(REPEATS):
            page, _ = opened(asked.browser, f"{asked.url}/{PROJECT}/traces?q=id:{id}", LIST)
            page.wait_for_timeout(1500)
            if seconds:
                page.keyboard.press("j")
                page.wait_for_timeout(seconds * 1000)
            started = time.perf_counter()
            page.locator(f"{LIST} a").first.click()
            page.locator("[role=treeitem]").first.wait_for()
            times.append((time.perf_counter() - started) * 1000)
            page.context.close()
        what = f"trace of 30,000 calls: from the list, {how}"
        say(what, f"{statistics.median(times):.0f} ms")


def huge_trace(asked: Asked) -> None:
    """A trace of 30,000 calls: until it is usable, and how smoothly it scrolls."""
    api = f"{asked.url}/api/projects/{PROJECT}/traces/{seeded_store.HUGE_TRACE}/packed"
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        size = len(httpx.get(api, timeout=60).content)
        times.append((time.perf_counter() - started) * 1000)
    answer = f"{statistics.median(times):.0f} ms, {size / 1e6:.1f} MB"
    say("trace of 30,000 calls: answer of the server", answer)
    address = f"traces/{seeded_store.HUGE_TRACE}"
    views = {"timeline": "[role=treeitem]", "tree": "[role=treeitem]",
             "flame": "[role=treeitem]", "conversation": "article"}  # fmt: skip
    for view, row in views.items():
        time_to(asked, f"trace of 30,000 calls: {view} usable", f"{address}?view={view}", row)
    from_list(asked)
    for view in ("timeline", "tree"):
        url = f"{asked.url}/{PROJECT}/{address}?view={view}"
        page, _ = opened(asked.browser, url, views[view])
        page.wait_for_timeout(500)
        frames(page, f"trace of 30,000 calls: scrolling the {view}", "[role=tree]")
        page.context.close()
    page, _ = opened(asked.browser, f"{asked.url}/{PROJECT}/{address}", "[role=treeitem]")
    page.wait_for_timeout(500)
    started = time.perf_counter()
    for _ in range(20):
        page.keyboard.press("j")
    page.locator("[role=treeitem][aria-selected=true]").wait_for()
    say("trace of 30,000 calls: a step of j", f"{(time.perf_counter() - started) * 50:.0f} ms")
    page.context.close()


def comparison(asked: Asked) -> None:
    """Four evaluations of 1,000 rows side by side."""
    found = httpx.get(f"{asked.url}/api/projects/{PROJECT}/evaluations", timeout=60).json()
    ids = ",".join(run["id"] for run in found["evaluations"][: seeded_store.RUNS])
    row = "[role=table][aria-label=Rows] [role=row][aria-rowindex='2'], [role=row] [role=cell]"
    time_to(asked, "comparison of 4 runs of 1,000 rows", f"evaluations/compare?ids={ids}", row)
    time_to(asked, "list of evaluations", "evaluations", "tbody tr")


def many_rows(asked: Asked) -> None:
    """Eight evaluations of many rows side by side: read for the first time, then known."""
    project = wide_store.PROJECT
    found = httpx.get(f"{asked.url}/api/projects/{project}/evaluations", timeout=60).json()
    ids = ",".join(run["id"] for run in found["evaluations"])
    if not ids:
        say("comparison of 8 runs of many rows", "no store: `tests.benchmarks.wide_store FOLDER`")
        return
    name = f"comparison of 8 runs of {max(run['rows'] for run in found['evaluations']):,} rows"
    url = f"{asked.url}/{project}/evaluations/compare?ids={ids}"
    row = "[aria-label='Compared rows'] [data-index] a"
    for what in ("first look", "usable"):
        page, took = opened(asked.browser, url, row)
        say(f"{name}: {what}", f"{took:.0f} ms")
        page.wait_for_timeout(1500)
        if what == "usable":
            box = "div:has(> [aria-label='Compared rows'])"
            frames(page, f"{name}: scrolling", box)
        page.context.close()


def overview(asked: Asked) -> None:
    """Figures of everything, and of what was spent."""
    time_to(asked, "overview of all: figures", "overview?since=all", "dd")
    time_to(asked, "overview of all: with costs", "overview?since=all", "[aria-label=Models]")


def bundle(asked: Asked) -> None:
    """What the first page loads, and what comes later."""
    sizes: dict[str, int] = {}

    def note(answer: object) -> None:
        url = answer.url  # type: ignore[attr-defined]
        if url.endswith((".js", ".css", ".woff2")):
            data = (STATIC / "assets" / url.rsplit("/", 1)[1]).read_bytes()
            sizes[url] = len(data if url.endswith("woff2") else gzip.compress(data))

    page = asked.browser.new_context().new_page()
    page.on("response", note)
    page.goto(f"{asked.url}/{PROJECT}/traces")
    page.locator(LIST).first.wait_for()
    page.wait_for_timeout(500)
    page.context.close()
    say("first load, gzipped, fonts in it", f"{sum(sizes.values()) / 1000:.0f} kB")
    memory(asked, "after all this")


QUESTIONS = {"traces": traces, "huge_trace": huge_trace, "comparison": comparison,
             "many_rows": many_rows, "overview": overview, "bundle": bundle}  # fmt: skip


def main(folder: Path, names: list[str]) -> None:
    """Asks the questions that are named, or all."""
    path = folder / "weavelite.db"
    if not path.exists():
        seeded_store.main(folder, large_store.CALLS)
    with sync_playwright() as playwright, served(path) as (url, pid):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        print("| what | median |\n|---|---|")
        for name in names or QUESTIONS:
            QUESTIONS[name](Asked(browser, url, pid))
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
