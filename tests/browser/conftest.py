"""A real Chromium, and a page that holds every test to what must be true of all pages."""

import contextlib
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 20_000
expect.set_options(timeout=WAIT_MS)


# Not for the session: while playwright lives, its event loop runs in this thread, and the tests
# of other folders could not call asyncio.run.
@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "There is no Chromium. `sh scripts/chromium.sh` installs one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Writes down what no page may do: complain, fail, or talk to another host."""

    def __init__(self, page, host):
        self.faults = []
        self._host = host
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, message):
        late = "preloaded using link preload but not used" in message.text  # on a busy machine
        if message.type in ("error", "warning") and not late:
            self.faults.append(f"console: {message.text}")

    def _on_request(self, request):
        url = urlsplit(request.url)
        if url.scheme != "data" and url.netloc != self._host:
            self.faults.append(f"another host: {request.url}")

    def _on_response(self, response):
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


@pytest.fixture
def open_page(browser, server):
    """Makes watched pages of the project local/test; after the test, none may have had a fault."""
    watches = []
    with contextlib.ExitStack() as contexts:

        def open_page(address="traces", **options):
            size = {"width": 1440, "height": 860}
            context = browser.new_context(**{"viewport": size, "locale": "en-US", **options})
            contexts.callback(context.close)
            context.set_default_timeout(WAIT_MS)
            page = context.new_page()
            watches.append(Watch(page, urlsplit(server.url).netloc))
            page.goto(url_of(server, address))
            return page

        yield open_page
    assert [fault for watch in watches for fault in watch.faults] == []


@pytest.fixture
def at(server):
    """The address of a page of the project local/test."""
    return lambda address: url_of(server, address)


def url_of(server, address):
    return server.url + (address if address.startswith("/") else f"/local/test/{address}")
