"""An OpenAI-compatible endpoint on loopback whose answers are a function of the request."""

import json

from tests.loopback import JsonHandler, Loopback, serving


class Refusal(Exception):
    """Is answered as an error of the API."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Endpoint(Loopback):
    def __init__(self):
        super().__init__(_Handler)
        self.keys = []
        self.answer = lambda asked: "{}"

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


def running():
    return serving(Endpoint())


class _Handler(JsonHandler):
    def do_POST(self):
        asked = self.read_json()
        with self.server.lock:
            self.server.asked.append(asked)
            self.server.keys.append(self.headers["authorization"])
            try:
                status, answer = 200, self.server.answer(asked)
            except Refusal as error:
                status, answer = error.status, {"error": {"message": str(error)}}
        told = answer if isinstance(answer, dict) else completion(asked, answer)
        self.send(status, json.dumps(told).encode())


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
