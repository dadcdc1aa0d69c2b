"""Many processes share one store, from the moment that it is made."""

import contextlib
import subprocess
import sys
import textwrap

import pytest

from weavelite.errors import SchemaError, StoreError
from weavelite.journal.drain import drain_all
from weavelite.query import CallQuery
from weavelite.store.opening import connect
from weavelite.store.sqlite import SqliteStore


def test_sixteen_processes_open_a_fresh_store(tmp_path):
    """16 processes that open a fresh store at once and write 500 calls each leave 8,000 calls."""
    path = tmp_path / "weavelite.db"
    code = """
        import sys, weavelite
        client = weavelite.init("test", store=sys.argv[1])
        @weavelite.op
        def work(n): return n
        sys.stdin.readline()
        for n in range(500): work(n)
        client.flush()
        weavelite.finish()
        """
    programs = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(code), str(path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(16)
    ]
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    errors = [program.communicate()[1] for program in programs]
    assert errors == [""] * 16
    store = SqliteStore(path)
    drain_all(store, path)
    assert store.stats(CallQuery(project="local/test")).count == 8_000


def test_a_newer_store_is_refused(store_path):
    """A store of a later schema is left alone, with the remedy."""
    SqliteStore(store_path).close()
    with contextlib.closing(connect(store_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SchemaError, match="upgrade"):
        SqliteStore(store_path)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    """A file of something else is not touched, and the error names it."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        SqliteStore(path)
    assert path.read_text().startswith("not a database")
