"""What the tests of the integrations share: a fake provider, a store, and programs of their own."""

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import weavelite
from weavelite import Call
from weavelite_integrations import _autoload

from .fake_openai import FakeOpenAI, running
from .needs import needs

PROJECT = "integrations"


@pytest.fixture(scope="session")
def server() -> Iterator[FakeOpenAI]:
    with running() as server:
        yield server


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    """Traces into a store of the test's own."""
    client = weavelite.init(PROJECT, store=tmp_path / "weavelite.db")
    yield client
    weavelite.finish()


@pytest.fixture
def ai(server: FakeOpenAI, client: Any) -> Iterator[Any]:
    """Is a client of the openai SDK whose calls are traced."""
    openai = needs("openai")
    with openai.OpenAI(base_url=server.base_url, api_key="secret-key", max_retries=0) as ai:
        yield ai


@pytest.fixture
def calls(client: Any) -> Callable[[], list[Call]]:
    return lambda: list(client.get_calls())


@pytest.fixture
def only(calls: Callable[[], list[Call]]) -> Callable[[], Call]:
    """Reads the one call that there must be."""

    def read() -> Call:
        (call,) = calls()
        return call

    return read


@pytest.fixture
def langchain_traced(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Asks for tracing by the variable; no run may stay open in the handler."""
    monkeypatch.setenv("WEAVELITE_TRACE_LANGCHAIN", "true")
    _autoload.install()
    from weavelite_integrations import _langchain_handler

    yield
    gc.collect()
    assert not _langchain_handler.RUNS


Tree = list[Any]


def tree(calls: list[Call], named: Callable[[Call], str] | None = None) -> Tree:
    """Shows calls as nested lists of names: [name, [its children ...], name, ...]."""

    def below(parent: str | None) -> Tree:
        shown: Tree = []
        for call in calls:
            if call.parent_id == parent:
                shown.append(named(call) if named else call.op_name.removeprefix("langchain."))
                if children := below(call.id):
                    shown.append(children)
        return shown

    return below(None)


@pytest.fixture
def traced_tree(calls: Callable[[], list[Call]]) -> Callable[[], Tree]:
    return lambda: tree(calls())


class Programs:
    """Runs small programs in a fresh Python, and reads what they left in the store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, program: str, *flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a program that must end well."""
        ours = ("WEAVELITE_", "LANGCHAIN_", "LANGSMITH_", "OPENAI_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        environment |= {"WEAVELITE_HOME": str(self.folder / "home"), "WEAVELITE_PROJECT": PROJECT}
        done = subprocess.run(
            [sys.executable, *flags, "-c", textwrap.dedent(program)],
            env={**environment, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done

    def calls(self) -> list[Call]:
        """Reads the calls that the programs left."""
        client = weavelite.init(PROJECT, store=self.folder / "home" / "weavelite.db")
        try:
            return list(client.get_calls())
        finally:
            weavelite.finish()

    def tree(self) -> Tree:
        """Reads them as names."""
        return tree(self.calls())


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    return Programs(tmp_path)
