"""What the small servers of the tests have in common: they serve on a free port of loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar


class Loopback(ThreadingHTTPServer):
    """Answers requests by a handler, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.asked: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        """Is where the server listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def base_url(self) -> str:
        """Is what a client of OpenAI is given as `base_url`."""
        return f"{self.address}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps quiet about clients that went away in the middle of a stream, as tests do."""


class JsonHandler(BaseHTTPRequestHandler):
    """Reads JSON, and writes answers of a known length."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Is quiet."""

    def read_json(self) -> Any:
        """Reads the body of a request."""
        return json.loads(self.rfile.read(int(self.headers["content-length"])))

    def send(
        self, status: int, body: bytes, kind: str = "application/json", **headers: str
    ) -> None:
        """Writes an answer; `_` in the name of a header stands for `-`."""
        self.send_response(status)
        told = {"content-type": kind, "content-length": str(len(body)), **headers}
        for name, value in told.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


Server = TypeVar("Server", bound=Loopback)


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serves while the block runs."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
