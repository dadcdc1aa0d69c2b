"""Requests carry the trace over HTTP: what a server does is below what the client did."""

import asyncio
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest

import weavelite
from weavelite.otel import AsgiMiddleware, WsgiMiddleware, headers


@weavelite.op
def answer(path):
    return path


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def wsgi_server(client):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        answer("whole")

        def pieces():
            yield b"one"
            answer("piece")
            yield b"two"

        return pieces()

    served = make_server("127.0.0.1", 0, WsgiMiddleware(app), handler_class=Quiet)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


def below(client, name):
    calls = list(client.get_calls())
    above = next(call for call in calls if call.op_name == name)
    return [call.inputs["path"] for call in calls if call.parent_id == above.id]


def test_wsgi_requests_are_below_their_callers(client, wsgi_server):
    """What an application does for a request, also while its answer is read, is below the call."""

    @weavelite.op
    def ask():
        return httpx.get(wsgi_server, headers=headers()).text

    assert ask() == "onetwo"
    assert below(client, "ask") == ["whole", "piece"]
    httpx.get(wsgi_server)
    assert sum(call.parent_id is None for call in client.get_calls()) == 3


def test_asgi_requests_are_below_their_callers(client):
    """The same of an ASGI application; requests without a header, or with rubbish, are roots."""

    async def app(scope, receive, send):
        answer(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    transport = httpx.ASGITransport(AsgiMiddleware(app))

    async def main():
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:

            @weavelite.op
            async def ask():
                await http.get("/a", headers=headers())

            await asyncio.gather(ask(), ask())
            await http.get("/b")
            await http.get("/c", headers={"traceparent": "rubbish"})

    asyncio.run(main())
    calls = list(client.get_calls())
    parents = {call.inputs.get("path"): call.parent_id for call in calls if call.inputs}
    assert parents["/a"] is not None and parents["/b"] is None and parents["/c"] is None
    assert len({call.trace_id for call in calls}) == 4
