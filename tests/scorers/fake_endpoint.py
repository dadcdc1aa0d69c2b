"""An OpenAI-compatible endpoint on loopback whose answers are a function of the request."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Refusal(Exception):
    """Is answered as an error of the API."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.keys = []
        self.answer = lambda asked: "{}"
        self.lock = threading.Lock()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answers(self, *texts):
        """Answers with one text after the other, and with the last one from then on."""
        left = list(texts)
        self.answer = lambda asked: left.pop(0) if len(left) > 1 else left[0]

    def refuses(self, *forms):
        """Takes no request with these response formats."""
        answer = self.answer

        def judged(asked):
            form = asked.get("response_format", {"type": "text"})["type"]
            if form in forms:
                raise Refusal(400, f"response_format {form} is not supported")
            return answer(asked)

        self.answer = judged


@contextmanager
def running():
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.asked.append(asked)
            self.server.keys.append(self.headers["authorization"])
            try:
                status, answer = 200, self.server.answer(asked)
            except Refusal as error:
                status, answer = error.status, {"error": {"message": str(error)}}
        self._send(status, answer if isinstance(answer, dict) else completion(asked, answer))

    def _send(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def completion(asked, text, finish_reason="stop", refusal=None):
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_764_000_000,
        "model": asked["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def embeddings(asked, vectors):
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": 9, "total_tokens": 9}
    return {"object": "list", "model": asked["model"], "data": data, "usage": usage}
