"""Records the calls of a block in a store of their own, for users' tests."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import overload

from weavelite.refs import parse_project
from weavelite.settings import read_settings
from weavelite.trace import threads
from weavelite.trace.call import Call
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION, innermost_is

_PROJECT = "captured"


class CapturedCalls(Sequence[Call]):
    """Is the calls that were captured, oldest first; inside of the block, those that have begun."""

    def __init__(self, client: Client) -> None:
        self._client: Client | None = client
        self._calls: list[Call] = []

    def close(self) -> None:
        """Reads the calls: from now on they do not change."""
        self._calls, self._client = self._now(), None

    def _now(self) -> list[Call]:
        return self._calls if self._client is None else list(self._client.get_calls())

    def named(self, op_name: str) -> list[Call]:
        """Returns the calls of an op."""
        return [call for call in self._now() if call.op_name == op_name]

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> list[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | list[Call]:
        return self._now()[index]

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return f"<{len(self)} calls: {', '.join(call.op_name for call in self)}>"


@contextmanager
def capture_calls() -> Iterator[CapturedCalls]:
    """Records the calls of a block in a temporary store, and gives them as a list.

    The program's own project gets none of them, and goes on after the block. What they hold beside
    JSON, such as images, is read inside of the block: then the store is removed.
    """
    folder = Path(tempfile.mkdtemp(prefix="weavelite-"))
    settings = replace(read_settings({}), home=folder, print_link=False, drain="none")
    client = Client(parse_project(_PROJECT), settings.store, settings)
    before = SESSION.client, SESSION.tracing
    SESSION.client = SESSION.tracing = client
    if before[0] is None:
        threads.install()
    captured = CapturedCalls(client)
    try:
        with innermost_is(None):
            yield captured
    finally:
        SESSION.client, SESSION.tracing = before
        if before[0] is None:
            threads.uninstall()
        captured.close()
        client.finish()
        shutil.rmtree(folder, ignore_errors=True)
