"""Takes the README's pictures of the viewer, and with --all every page in light and dark.

    make demo SERVE=0
    python scripts/screenshots.py [--all FOLDER]

Reads the store in WEAVELITE_HOME, else the one that the demo left in .demo.
"""

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1440, "height": 860}
SQL = "select op, count(*) as calls, avg(latency_ms) as ms from calls_v1 group by op order by 2"
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def served(home: Path) -> Iterator[str]:
    """Runs `weavelite ui` on a free port, for as long as it is needed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "weavelite", "ui", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "WEAVELITE_HOME": str(home)}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 30
            while not answers(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"`{' '.join(command)}` does not answer at {url}.")
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()


def answers(url: str) -> bool:
    """Says whether a server is there already."""
    try:
        return httpx.get(f"{url}/api/server").is_success
    except httpx.TransportError:
        return False


class Project:
    """Finds in the project with the newest activity what there is to show."""

    def __init__(self, url: str) -> None:
        self._url = url
        projects = self._get("/api/projects")["projects"]
        if not projects:
            raise SystemExit("The store is empty. Run `make demo SERVE=0` first.")
        self.path = f"{projects[0]['entity']}/{projects[0]['name']}"

    def _get(self, path: str, **parameters: object) -> dict:
        answer = httpx.get(self._url + path, params=parameters, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str, **parameters: object) -> dict:
        """Asks the API about this project."""
        return self._get(f"/api/projects/{self.path}/{path}", **parameters)

    def pages(self) -> dict[str, str]:
        """Says the address of every page by its name, with the newest data on it."""
        roots = self.get("calls", limit=100)["calls"]
        agent = newest(roots, "agent") or newest(roots, "chain") or roots[0]
        calls = self.get(f"traces/{agent['trace_id']}")["calls"]
        spoke = [call["id"] for call in calls if call["kind"] == "llm"] or [agent["id"]]
        pages = {
            "overview": "overview",
            "traces": f"traces?all=true&facets=true&call={spoke[-1]}",
            "traces-roots": "traces",
            "threads": "threads",
            "traces-peek": f"traces?call={agent['id']}",
            "traces-all": "traces?all=true",
            "traces-none": "traces?q=there-is-no-such-text",
            "trace": f"traces/{agent['trace_id']}?call={spoke[-1]}",
            "trace-tree": f"traces/{agent['trace_id']}?view=tree",
            "trace-flame": f"traces/{agent['trace_id']}?view=flame",
            "trace-conversation": f"traces/{agent['trace_id']}?view=conversation",
            "trace-use": f"traces/{agent['trace_id']}?tab=use",
            "trace-code": f"traces/{agent['trace_id']}?tab=code",
            "trace-attributes": f"traces/{agent['trace_id']}?tab=attributes",
            "trace-feedback": f"traces/{agent['trace_id']}?tab=feedback",
            "evaluations": "evaluations",
            "leaderboard": "evaluations/leaderboard",
            "sql": f"sql?query={SQL}",
            "objects": "objects",
            "ops": "ops",
        }
        chain = newest(roots, "chain")
        if chain:
            pages["trace-chain"] = f"traces/{chain['trace_id']}"
        pages.update(self._evaluation_pages())
        for each in self.get("objects")["objects"]:
            pages.setdefault(f"object-{each['kind'].lower()}", f"objects/{each['name']}")
        ops = self.get("ops")["ops"]
        if ops:
            most = max(ops, key=lambda op: (op["versions"], op["calls"]))
            pages["op"] = f"ops/{most['name']}"
        return pages

    def _evaluation_pages(self) -> dict[str, str]:
        runs = self.get("evaluations")["evaluations"][:2]
        if len(runs) < 2:
            return {}
        ids = ",".join(run["id"] for run in reversed(runs))
        rows = self.get("evaluations/compare", ids=ids)["rows"]
        cell = next(cell for row in rows for cell in row["cells"] if cell)
        return {
            "compare": f"evaluations/compare?ids={ids}",
            "compare-regressed": f"evaluations/compare?ids={ids}&group=regressed",
            "evaluation": f"evaluations/compare?ids={runs[0]['id']}",
            "trace-evaluation": f"traces/{runs[0]['trace_id']}",
            "trace-cell": f"traces/{cell['trace_id']}?call={cell['call_id']}",
        }


def newest(calls: list[dict], kind: str) -> dict | None:
    """Picks the first call of a kind; the list is newest first."""
    return next((call for call in calls if call["kind"] == kind), None)


class Camera:
    """Takes pictures of pages once everything on them has come."""

    def __init__(self, browser: Browser, url: str, *, scheme: str, size: dict = SIZE) -> None:
        context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=1)
        self._page = context.new_page()
        self._url = url

    def take(self, address: str, path: Path) -> None:
        """Writes the picture of one page, and says how large it is."""
        page = self._page
        page.goto(f"{self._url}/{address}")
        page.locator("main").wait_for()
        page.locator("[role=status][aria-label=Loading]").first.wait_for(state="detached")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, animations="disabled")
        print(f"{path}  {path.stat().st_size / 1000:.0f} KB")


def main() -> None:
    """Takes what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, light and dark")
    options = parser.parse_args()
    home = Path(os.environ.get("WEAVELITE_HOME") or ROOT / ".demo").absolute()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("There is no Chromium. `sh scripts/chromium.sh` installs one.")
    with served(home) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        project = Project(url)
        pages = project.pages()
        if options.all is None:
            camera = Camera(browser, url, scheme="light")
            for name in ("traces", "trace", "compare", "overview"):
                if name in pages:
                    camera.take(f"{project.path}/{pages[name]}", IMAGES / f"{name}.png")
        else:
            for scheme in ("light", "dark"):
                camera = Camera(browser, url, scheme=scheme)
                for name, address in pages.items():
                    camera.take(f"{project.path}/{address}", options.all / f"{name}-{scheme}.png")
            phone = Camera(browser, url, scheme="light", size=PHONE)
            for name, address in pages.items():
                phone.take(f"{project.path}/{address}", options.all / f"{name}-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
