"""Fixtures: a clean environment, a real store in a temporary folder, a real server on loopback."""

import contextlib
import os
import socket
import threading
import time

import pytest
import uvicorn

import weavelite
from weavelite.privacy import Privacy
from weavelite.server.app import create_app
from weavelite.settings import read_settings
from weavelite.store.sqlite import SqliteStore
from weavelite.trace.recording import _complaints

with contextlib.suppress(ImportError):  # the environments of integrations do without
    from hypothesis import HealthCheck
    from hypothesis import settings as hypothesis_settings

    hypothesis_settings.register_profile(  # a busy machine is slow, and no less right
        "weavelite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    hypothesis_settings.load_profile("weavelite")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path):
    """No setting of the machine reaches a test, and no test reaches the machine's own store."""
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("WEAVELITE_", "OTEL_", "LANGCHAIN_", "LANGSMITH_", "TRACEPARENT")):
            del os.environ[name]
    os.environ["WEAVELITE_HOME"] = str(tmp_path / "home")
    os.environ["WEAVELITE_PRINT_LINK"] = "false"
    yield
    weavelite.finish()
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(autouse=True)
def uncomplaining():
    """Each test hears of what goes wrong in it, though other tests have met the same."""
    _complaints.clear()


@pytest.fixture
def store_path(tmp_path):
    return tmp_path / "weavelite.db"


@pytest.fixture
def client(store_path):
    """Traces into project local/test, in a real store."""
    client = weavelite.init("test", store=store_path)
    yield client
    weavelite.finish()


@pytest.fixture
def store(store_path):
    with contextlib.closing(SqliteStore(store_path)) as store:
        yield store


class Served:
    """A real server on a free port of loopback."""

    def __init__(self, store, path, privacy=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            create_app(store, path, privacy=privacy), port=self.port, log_level="warning"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self):
        self._server.should_exit = True
        self._thread.join(timeout=10)


@pytest.fixture
def server(store, store_path):
    served = Served(store, store_path)
    yield served
    served.stop()


@pytest.fixture
def private_server(store, store_path):
    """A server that keeps metadata only."""
    privacy = Privacy.of(read_settings({"WEAVELITE_CAPTURE": "metadata"}))
    served = Served(store, store_path, privacy)
    yield served
    served.stop()
