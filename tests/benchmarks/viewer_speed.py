"""Times what a user of the viewer waits for, in headless Chromium, on a store of its own.

    python -m tests.benchmarks.viewer_speed [QUESTION ...]

Each question is a function of `QUESTIONS` that prints rows. The viewer has to be built.
"""

import contextlib
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

import weavelite
from tests.browser.conftest import FLAGS
from weavelite.server.app import create_app
from weavelite.store.sqlite import SqliteStore

REPEATS = 5
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


@contextlib.contextmanager
def served(path: Path) -> Iterator[str]:
    """Serves a store on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = SqliteStore(path)
    config = uvicorn.Config(create_app(store, path), port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        store.close()


def say(what: str, value: str) -> None:
    """Prints a row of the table."""
    print(f"{what:<58}{value:>14}", flush=True)


def opened(browser: Browser, url: str, selector: str) -> tuple[Page, float]:
    """Opens a page in a fresh context; returns it, and the milliseconds until it is usable."""
    page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
    page.set_default_timeout(60_000)
    started = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(selector).first.wait_for()
    return page, (time.perf_counter() - started) * 1000


def time_to(browser: Browser, what: str, url: str, selector: str) -> None:
    """Says how long it takes until a page is usable, in a browser that knows nothing of it."""
    times = []
    for _ in range(REPEATS):
        page, took = opened(browser, url, selector)
        times.append(took)
        page.context.close()
    say(what, f"{statistics.median(times):.0f} ms")


def frames(page: Page, what: str, selector: str) -> None:
    """Says how long frames take while a list is scrolled, 600 pixels each."""
    times = sorted(page.evaluate(SCROLL.replace("SELECTOR", repr(selector)))[2:])
    at = [times[int(len(times) * part)] for part in (0.5, 0.95)]
    say(f"{what}: frame, median / p95", f"{at[0]:.0f} / {at[1]:.0f} ms")


@weavelite.op(kind="tool")
def fetch(i: int) -> int:
    return i


@weavelite.op(kind="llm")
def ask(i: int) -> dict[str, object]:
    return {"role": "assistant", "content": f"answer {i}"}


@weavelite.op(kind="agent")
def crawl(pages: int) -> None:
    """Makes ten calls a page, nested."""
    for i in range(pages):
        visit(i)


@weavelite.op
def visit(i: int) -> None:
    ask(i)
    for k in range(8):
        fetch(k)


def huge_trace(browser: Browser, folder: Path) -> None:
    """A trace of 30,000 calls: until it is usable, and how smoothly it scrolls."""
    path = folder / "huge.db"
    client = weavelite.init("speed", store=path)
    _, call = crawl.call(3_000)
    weavelite.finish()
    del client
    with served(path) as url:
        api = f"{url}/api/projects/local/speed/traces/{call.trace_id}/packed"
        times = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            size = len(httpx.get(api).content)
            times.append((time.perf_counter() - started) * 1000)
        say("trace of 30,000 calls: answer of the server", f"{statistics.median(times):.0f} ms")
        say("trace of 30,000 calls: its size", f"{size / 1e6:.1f} MB")
        address = f"{url}/local/speed/traces/{call.trace_id}"
        views = {"timeline": "[role=treeitem]", "tree": "[role=treeitem]",
                 "flame": "[role=treeitem]", "conversation": "article"}  # fmt: skip
        for view, row in views.items():
            time_to(browser, f"trace of 30,000 calls: {view}", f"{address}?view={view}", row)
        for view, box in (("timeline", "[role=tree]"), ("tree", "[role=tree]")):
            page, _ = opened(browser, f"{address}?view={view}", views[view])
            page.wait_for_timeout(500)
            frames(page, f"trace of 30,000 calls: scrolling the {view}", box)
            page.context.close()
        page, _ = opened(browser, address, "[role=treeitem]")
        page.wait_for_timeout(500)
        started = time.perf_counter()
        for _ in range(20):
            page.keyboard.press("j")
        page.locator("[role=treeitem][aria-selected=true]").wait_for()
        say("trace of 30,000 calls: a step of j",
            f"{(time.perf_counter() - started) / 20 * 1000:.0f} ms")  # fmt: skip


QUESTIONS = {"huge_trace": huge_trace}


def main() -> None:
    """Asks the questions that are named, or all."""
    asked = sys.argv[1:] or list(QUESTIONS)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name in asked:
            QUESTIONS[name](browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
