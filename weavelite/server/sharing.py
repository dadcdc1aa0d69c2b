"""A page that opens from the disk: the viewer in one file, with the answers of the API inside."""

import base64
import gzip
import hashlib
import html
import re
import time
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any, get_args

import orjson

from weavelite.errors import NotFoundError, StoreError
from weavelite.query import CallQuery
from weavelite.refs import parse_project
from weavelite.runs.choosing import MOST_RUNS
from weavelite.server.app import create_app
from weavelite.server.asking import Asker
from weavelite.server.routes.overview import ALL, UserOrder
from weavelite.server.viewer import STATIC
from weavelite.store.sqlite import SqliteStore
from weavelite.version import __version__

PAGE = STATIC / "share" / "index.html"
LARGEST = 64 * 1024 * 1024
"""Bytes of answers, unpacked, that a browser still opens at ease."""
_DIGEST = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{43}(?![A-Za-z0-9])")
_PAIRED = 4
_PIECE = 200
"""Up to how many runs each pair of them can be compared in the page."""


@dataclass(frozen=True, slots=True)
class Share:
    """Says what a page holds."""

    entity: str
    project: str
    filter: str
    traces: int
    calls: int
    made_us: int = 0
    version: str = __version__


def share_page(path: Path, project: str, filter: str, traces: int, template: Path = PAGE) -> str:
    """Writes a page that shows all of a project of a (small) store.

    Raises StoreError when the viewer is not built, or the store is too large for a page.
    """
    if not template.exists():
        raise StoreError("The viewer is not built here: run `make viewer`, or `pip install .`.")
    store = SqliteStore(path)
    try:
        with Asker(create_app(store, path)) as asker:
            crawl = _Crawl(asker, store, project)
            crawl.all()
            _hold_content(store, crawl.answers)
    finally:
        store.close()
    named = parse_project(project)
    made_us = time.time_ns() // 1000
    share = Share(named.entity, named.name, filter, traces, crawl.calls, made_us)
    crawl.answers["share"] = orjson.dumps(asdict(share)).decode()
    packed = gzip.compress(orjson.dumps(crawl.answers), 9, mtime=0)
    return _filled(template.read_text(), named.name, base64.b64encode(packed).decode())


def _filled(page: str, title: str, packed: str) -> str:
    """Puts data into the page, and a policy that lets it run its own script and nothing else."""
    hashes = {
        kind: " ".join(f"'sha256-{_sha256(body)}'" for body in re.findall(pattern, page, re.DOTALL))
        for kind, pattern in (("script", r"<script[^>]*>(.*?)</script>"),)
    }
    policy = (
        f"default-src 'none'; script-src {hashes['script']}; style-src 'unsafe-inline'; "
        "img-src data: blob:; media-src data: blob:; font-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{html.escape(title)} · weavelite</title>"
    )
    page = re.sub(r"<link rel=\"icon\"[^>]*>", "", page)
    page = re.sub(r"<title>.*?</title>", lambda _: head, page, count=1)
    data = f'<script id="weavelite-share" type="text/plain">{packed}</script>'
    return page.replace('<div id="root"></div>', f'{data}<div id="root"></div>', 1)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Crawl:
    """Asks what the viewer can ask of a small store, and keeps the answers by their addresses.

    An address is a path below `/api/`, `?`, and parameters in the order of their names, all plain.
    """

    def __init__(self, asker: Asker, store: SqliteStore, project: str) -> None:
        self.answers: dict[str, str] = {}
        self.calls = 0
        self._asker = asker
        self._store = store
        self._project = project
        self._base = f"projects/{project}"
        self._size = 0

    def all(self) -> None:
        """Asks for everything."""
        self._ask("server")
        self._ask("projects")
        self._ask(f"{self._base}/revision")
        self._lists()
        self._overview()
        self._calls()
        self._threads()
        self._ops()
        self._objects()
        self._evaluations()

    def _ask(self, path: str, **params: str | int) -> Any:
        texts = {name: str(value) for name, value in params.items()}
        body = self._asker.get(f"/api/{path}", texts)
        self._keep(path, texts, body)
        return orjson.loads(body)

    def _keep(self, path: str, params: dict[str, str], body: bytes) -> None:
        key = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
        self.answers[f"{path}?{key}"] = body.decode()
        self._size += len(body)
        if self._size > LARGEST:
            raise StoreError(
                f"What was chosen is more than {LARGEST >> 20} MB, too much for a page: choose "
                "less, or export a store (-o slice.weavelite), which `weavelite ui` opens."
            )

    def _in(self, path: str, **params: str | int) -> Any:
        return self._ask(f"{self._base}/{path}", **params)

    def _lists(self) -> None:
        for roots in ("true", "false"):
            self._in("stats", trace_roots_only=roots)
            self._in("stats/spend", trace_roots_only=roots)
            self._pages("calls", "calls", trace_roots_only=roots, limit=50)

    def _overview(self) -> None:
        for figures in ("overview", "overview/spend", "overview/scores"):
            self._in(figures, since=ALL)
        for order in get_args(UserOrder):
            self._in("overview/users", since=ALL, order=order)

    def _calls(self) -> None:
        """Reads the calls at once: asked for one by one they take ten times as long."""
        traces = set()
        for call in self._store.details(CallQuery(project=self._project), costs=True):
            self._keep(f"{self._base}/calls/{call.id}", {}, orjson.dumps(call))
            traces.add(call.trace_id)
            self.calls += 1
        for trace_id in traces:
            self._in(f"traces/{trace_id}")

    def _threads(self) -> None:
        for thread in self._pages("threads", "threads", limit=50):
            self._in("thread", id=thread["id"])
            self._pages("thread/turns", "calls", id=thread["id"], limit=20)

    def _pages(self, path: str, of: str, **params: str | int) -> list[Any]:
        page = self._in(path, **params)
        found = list(page[of])
        while page["next"] is not None:
            page = self._in(path, **params, before=page["next"])
            found += page[of]
        return found

    def _ops(self) -> None:
        for op in self._in("ops")["ops"]:
            for version in self._in("op", name=op["name"])["versions"]:
                self._in("op/version", name=op["name"], version=version["digest"])
            for around in ("activity", "neighbours"):
                self._in(f"op/{around}", name=op["name"])

    def _objects(self) -> None:
        for thing in self._in("objects")["objects"]:
            self._in("labels", name=thing["name"])
            for version in self._in(f"objects/{thing['name']}")["versions"]:
                found = self._in(f"objects/{thing['name']}/{version['digest']}")
                ref = f"weave:///{self._project}/object/{thing['name']}:{version['digest']}"
                for around in ("uses", "lineage"):
                    self._in(around, ref=ref)
                if found["table"] is not None:
                    self._table(found["table"]["digest"])

    def _table(self, digest: str) -> None:
        after = -1
        while after is not None:
            after = self._ask(f"tables/{digest}/rows", after=after, limit=100)["next"]

    def _evaluations(self) -> None:
        ids = [run["id"] for run in self._in("evaluations")["evaluations"]]
        standings = self._in("evaluations/leaderboard")
        for dataset in standings["datasets"]:
            self._in("evaluations/leaderboard", dataset=dataset)
        cells: list[Any] = []
        rows: dict[str, Any] = {}
        for chosen in _comparisons(ids):
            found = self._in("evaluations/compare/outline", ids=",".join(chosen))
            if len(chosen) == 1:
                self._in("evaluations/scores", ids=chosen[0])
                self._cells(found, cells, rows)
        whole = orjson.dumps({"cells": cells, "rows": rows})
        self.answers[f"{self._base}/evaluations/cells?*"] = whole.decode()

    def _cells(self, found: Any, cells: list[Any], rows: dict[str, Any]) -> None:
        """Reads what a run said; the page has it as one answer, whatever is asked of it."""
        calls = [call for call in found["calls"][0] if call is not None]
        digests = list(dict.fromkeys(row["digest"] for row in found["rows"]))
        path = f"/api/{self._base}/evaluations/cells"
        for start in range(0, max(len(calls), len(digests)), _PIECE):
            piece = slice(start, start + _PIECE)
            params = {"ids": ",".join(calls[piece]), "rows": ",".join(digests[piece])}
            bodies = orjson.loads(self._asker.get(path, params))
            cells.extend(bodies["cells"])
            rows.update(bodies["rows"])


def _comparisons(ids: list[str]) -> list[list[str]]:
    """Lists what is compared: each run alone, all with each as the baseline, pairs of a few."""
    alone = [[id] for id in ids]
    if not 2 <= len(ids) <= MOST_RUNS:
        return alone
    together = [[id, *(other for other in ids if other != id)] for id in ids]
    pairs = [list(pair) for pair in permutations(ids, 2)] if 2 < len(ids) <= _PAIRED else []
    return alone + together + pairs


def _hold_content(store: SqliteStore, answers: dict[str, str]) -> None:
    """Puts in the content that answers name."""
    named = {digest for text in answers.values() for digest in _DIGEST.findall(text)}
    for digest in sorted(named):
        try:
            answers[f"content/{digest}"] = base64.b64encode(store.file(digest)).decode()
        except NotFoundError:  # it is the digest of something else
            continue
