"""Runs the server in this process, on a free port, and opens a browser."""

import contextlib
import gc
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

from weavelite.errors import SettingError
from weavelite.prices import table_rates
from weavelite.store.base import Store

LOOPBACK = ("127.0.0.1", "localhost", "::1")
TRIES = 100
GARBAGE_AFTER = 100_000
"""Objects made since the collector last looked: the answer of a large trace is 30,000 at once, and
to look each 700, as Python does, was measured to take a third of its time."""


def free_port(host: str, wanted: int) -> int:
    """Finds the wanted port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + TRIES, 65_536)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return port
    raise SettingError(f"No port from {wanted} to {wanted + TRIES} is free: choose one by --port.")


def serve(
    store: Store, path: Path, *, host: str, port: int, hosts: tuple[str, ...], browser: bool
) -> None:
    """Serves a store until Ctrl-C."""
    if host not in LOOPBACK:
        raise SettingError(
            f"--host {host}: the server has no keys yet, so it listens on loopback only. To look "
            "from another machine, forward the port: ssh -L 8420:127.0.0.1:8420 <machine>."
        )
    import uvicorn

    from weavelite.privacy import Privacy
    from weavelite.server.app import create_app
    from weavelite.settings import read_settings

    found = free_port(host, port)
    if found != port:
        print(f"Port {port} is taken; this is {found}.", file=sys.stderr)
    address = f"http://{host}:{found}"
    config = uvicorn.Config(
        create_app(store, path, hosts=hosts, privacy=Privacy.of(read_settings())),
        host=host,
        port=found,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    print(f"weavelite shows {path} at {address}  (Ctrl-C ends)", flush=True)
    threading.Thread(target=_settle_in, daemon=True).start()
    if browser:
        threading.Thread(target=_open_when_ready, args=(server, address), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    store.close()


def _settle_in() -> None:
    """Reads the table of prices, for which the first page would wait; what is here then stays."""
    table_rates("gpt-4o", None, time.time_ns())
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def _open_when_ready(server: object, address: str) -> None:
    for _ in range(100):
        if getattr(server, "started", False):
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(address)
            return
        time.sleep(0.05)
