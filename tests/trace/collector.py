"""A collector of OpenTelemetry in a process of its own: OTLP over HTTP, by opentelemetry-proto.

`python -m tests.trace.collector PORT FILE [REFUSED]` appends the spans of each request to a file, a
line of JSON each; requests with a span whose name is REFUSED are answered with 400.
"""

import gzip
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service


class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = service.ExportTraceServiceRequest.FromString(body)
        spans = [span for group in request.resource_spans for scope in group.scope_spans
                 for span in scope.spans]  # fmt: skip
        refused = any(span.name == self.server.refused for span in spans)
        self.send_response(400 if refused else 200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()
        if not refused:
            with open(self.server.file, "a") as file:
                file.writelines(json.dumps(_plain(span)) + "\n" for span in spans)

    def log_message(self, *args):
        pass


def _plain(span):
    attributes = {pair.key: getattr(pair.value, pair.value.WhichOneof("value"))
                  for pair in span.attributes}  # fmt: skip
    return {"name": span.name, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
            "parent": span.parent_span_id.hex(), "attributes": attributes,
            "status": span.status.message}  # fmt: skip


@contextmanager
def running(port, file, refused=""):
    """Runs a collector while the block does."""
    command = [sys.executable, "-m", "tests.trace.collector", str(port), str(file), refused]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield
        time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Collector)
    server.file, server.refused = sys.argv[2:4]
    print("ready", flush=True)
    server.serve_forever()
