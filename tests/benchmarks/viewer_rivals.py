"""The list and a trace in Chromium, beside Phoenix and MLflow, on the same spans sent by OTLP.

    python -m venv .benchmarks/phoenix && .benchmarks/phoenix/bin/pip install arize-phoenix
    python -m venv .benchmarks/mlflow && .benchmarks/mlflow/bin/pip install mlflow
    python -m tests.benchmarks.viewer_rivals [SPANS [FOLDER]]

Who is not installed is left out. A folder keeps what the servers were sent, so that their pages can
be asked again without it. A page is usable when the newest trace stands in its list, or the
innermost span of a trace is shown.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.benchmarks.large_store import text
from tests.browser.conftest import FLAGS

ROOT = Path(__file__).parents[2]
SPANS = 100_000
OF_A_TRACE = 20
BATCH = 100
REPEATS = 5
PATIENCE = 1800
"""Seconds until all that was sent is to be seen."""
LAST = "kingfisher"
INNERMOST = "parse_the_answer"
BUSY = (429, 503)
"""Ask the sender of OTLP to try again."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Is a server: how it is started, what it needs of a request, where its pages are."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    headers: dict[str, str]
    list_page: str
    trace_page: str


def rivals(folder: Path, port: int) -> list[Rival]:
    """Lists who is installed."""
    phoenix, mlflow = (ROOT / f".benchmarks/{name}/bin/{name}" for name in ("phoenix", "mlflow"))
    store = str(folder / "weavelite.db")
    found = [
        Rival("weavelite", (sys.executable, "-m", "weavelite", "ui", "--store", store,
              "--port", str(port), "--no-browser"), {}, {"x-weavelite-project": "rivals"},
              "/local/rivals/traces",
              "/local/rivals/traces/{trace}"),
        Rival("Phoenix", (str(phoenix), "serve"),
              {"PHOENIX_PORT": str(port), "PHOENIX_WORKING_DIR": str(folder),
               "PHOENIX_GRPC_PORT": str(port + 1), "PHOENIX_TELEMETRY_ENABLED": "false"}, {},
              "/projects/{project}/spans", "/projects/{project}/traces/{trace}"),
        Rival("MLflow", (str(mlflow), "server", "--port", str(port), "--backend-store-uri",
              f"sqlite:///{folder}/mlflow.db"), {"MLFLOW_DISABLE_TELEMETRY": "true"},
              {"x-mlflow-experiment-id": "0"}, "/#/experiments/0/traces",
              "/#/experiments/0/traces?selectedEvaluationId=tr-{trace}"),
    ]  # fmt: skip
    return [rival for rival in found if Path(rival.command[0]).exists()]


def batches(count: int) -> Iterator[tuple[bytes, str]]:
    """Yields requests, and the id of the last trace in each."""
    random = Random(1)
    traces = count // OF_A_TRACE
    now = time.time_ns()
    for first in range(0, traces, BATCH // OF_A_TRACE):
        request = ExportTraceServiceRequest()
        scope = request.resource_spans.add().scope_spans.add()
        for number in range(first, min(first + BATCH // OF_A_TRACE, traces)):
            trace = random.randbytes(16)
            start = now - (traces - number) * 50_000_000
            parent = b""
            for at in range(OF_A_TRACE):
                span = scope.spans.add(trace_id=trace, span_id=random.randbytes(8))
                span.parent_span_id = parent
                parent = span.span_id if at % 4 == 0 else parent
                is_last = at == OF_A_TRACE - 1
                span.name = INNERMOST if is_last else f"step {at}" if at else "answer"
                span.start_time_unix_nano = start + at * 1_000_000
                span.end_time_unix_nano = start + 40_000_000
                words = LAST if number == traces - 1 and not at else text(random, 12)
                for key, value in (
                    ("openinference.span.kind", "CHAIN" if at else "AGENT"),
                    ("input.value", words),
                    ("output.value", text(random, 30)),
                ):
                    span.attributes.add(key=key).value.string_value = value
        yield request.SerializeToString(), trace.hex()


@contextlib.contextmanager
def served(rival: Rival, url: str, folder: Path) -> Iterator[float]:
    """Runs a server; gives the seconds until it answers."""
    started = time.perf_counter()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            rival.command, env={**os.environ, **rival.environment}, stdout=log, stderr=log
        )
        try:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(url, timeout=60)
                    break
                if server.poll() is not None:
                    raise SystemExit((folder / "log").read_text()[-2000:])
                time.sleep(0.1)
            yield time.perf_counter() - started
        finally:
            server.terminate()
            server.wait(timeout=60)


def usable(browser: Browser, address: str, words: str) -> float:
    """Returns the milliseconds until words stand in a page, in a browser that knows nothing."""
    times = []
    for _ in range(REPEATS):
        page = browser.new_context(viewport={"width": 1440, "height": 860}).new_page()
        page.set_default_timeout(120_000)
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.get_by_text(words).first.wait_for()
        times.append((time.perf_counter() - started) * 1000)
        page.context.close()
    return statistics.median(times)


def wait_for(browser: Browser, address: str, words: str) -> None:
    """Loads a page again and again until words stand in it; raises TimeoutError."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        page = browser.new_page()
        page.goto(address, wait_until="commit")
        try:
            page.get_by_text(words).first.wait_for(timeout=60_000)
            return
        except PlaywrightTimeout:
            continue
        finally:
            page.close()
    raise TimeoutError(f"{words} is not to be seen in {address}.")


def project_of(url: str) -> str:
    """Finds Phoenix's name for the project that the spans are in."""
    answer = httpx.get(f"{url}/v1/projects", timeout=60)
    return str(answer.json()["data"][0]["id"]) if answer.headers.get("content-type", "").startswith(
        "application/json") and answer.status_code == 200 else ""  # fmt: skip


def fill(rival: Rival, url: str, count: int) -> tuple[str, float]:
    """Sends the spans; returns the id of the last trace, and the spans taken a second."""
    headers = {"content-type": "application/x-protobuf", **rival.headers}
    started = time.perf_counter()
    trace = ""
    with httpx.Client(timeout=300) as client:
        for body, trace in batches(count):  # noqa: B007 - the last one is looked at
            while not _taken(client, f"{url}/v1/traces", body, headers):
                time.sleep(0.5)
    return trace, count / (time.perf_counter() - started)


def _taken(client: httpx.Client, url: str, body: bytes, headers: dict[str, str]) -> bool:
    """Sends a request once; tells whether it need not be sent again."""
    try:
        answer = client.post(url, content=body, headers=headers)
    except httpx.TransportError:
        return False
    if answer.status_code in BUSY:
        return False
    answer.raise_for_status()
    return True


def ask(rival: Rival, browser: Browser, url: str, folder: Path, count: int) -> None:
    """Fills a server if it is empty, starts it anew, and prints its row."""
    kept = folder / "filled.json"
    if not kept.exists():
        with served(rival, url, folder):
            filled = fill(rival, url, count)
            page = url + rival.list_page.format(trace="", project=project_of(url))
            wait_for(browser, page, LAST)  # what is taken may wait to be stored
            kept.write_text(json.dumps(filled))
    trace, sent = json.loads(kept.read_text())
    with served(rival, url, folder) as ready:
        places = {"trace": trace, "project": project_of(url)}
        listed = usable(browser, url + rival.list_page.format(**places), LAST)
        opened = usable(browser, url + rival.trace_page.format(**places), INNERMOST)
    print(
        f"| {rival.name} | {ready:.1f} s | {sent:,.0f} | {listed:,.0f} ms | {opened:,.0f} ms |",
        flush=True,
    )


def main(count: int, folder: Path) -> None:
    """Asks all who are installed."""
    print(f"{count:,} spans, {OF_A_TRACE} a trace\n")
    print("| server | ready | spans/s taken | list usable | trace usable |\n|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for place in range(len(rivals(folder, 0))):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            own = folder / str(place)
            own.mkdir(parents=True, exist_ok=True)
            ask(rivals(own, port)[place], browser, f"http://127.0.0.1:{port}", own, count)
        browser.close()


if __name__ == "__main__":
    spans = int(sys.argv[1]) if len(sys.argv) > 1 else SPANS
    if len(sys.argv) > 2:
        main(spans, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(spans, Path(temporary))
