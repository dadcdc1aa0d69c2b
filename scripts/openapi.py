"""Writes viewer/openapi.json from the server, or checks (--check) that it is up to date."""

import sys
import tempfile
from pathlib import Path

from weavelite.server.app import create_app, openapi_json
from weavelite.store.sqlite import SqliteStore

TARGET = Path(__file__).parent.parent / "viewer" / "openapi.json"


def current() -> bytes:
    """Describes the API as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weavelite.db"
        store = SqliteStore(path)
        try:
            return openapi_json(create_app(store, path))
        finally:
            store.close()


if __name__ == "__main__":
    if "--check" not in sys.argv:
        TARGET.write_bytes(current())
    elif TARGET.read_bytes() != current():
        sys.exit("viewer/openapi.json is not what the server says now: run `make types`.")
