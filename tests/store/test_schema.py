"""A store is made and migrated whole or not at all, whoever dies meanwhile."""

import contextlib
import subprocess
import sys

import pytest

from weavelite.store.care import check
from weavelite.store.opening import connect
from weavelite.store.schema import VERSION, ensure_schema
from weavelite.store.sqlite import SqliteStore

DIES = """
import os, sys
from pathlib import Path
from weavelite.store.schema import ensure_schema
from weavelite.store.opening import connect
path, at = Path(sys.argv[1]), int(sys.argv[2])
connection = connect(path)
seen = []
def count(statement):
    seen.append(statement)
    if len(seen) == at:
        os._exit(9)
connection.set_trace_callback(count)
ensure_schema(connection, path)
"""


@pytest.mark.parametrize("older", [0, 1])
@pytest.mark.parametrize("at", [1, 4, 12, 25, 40, 60])
def test_a_death_in_a_migration_leaves_a_good_store(store_path, older, at):
    """A process that dies at any statement of a migration leaves a store that others bring on."""
    if older:
        with contextlib.closing(connect(store_path)) as connection:
            ensure_schema(connection, store_path, to=older)
    done = subprocess.run([sys.executable, "-c", DIES, str(store_path), str(at)], timeout=60)
    assert done.returncode == 9
    SqliteStore(store_path).close()
    with contextlib.closing(connect(store_path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION
    assert check(store_path) == []
