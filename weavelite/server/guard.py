"""Who may ask: requests that name a loopback host, and come from a page of this server or no page.

A page of another site can make a browser send requests here; its name in `Host` (DNS rebinding) or
in `Origin` gives it away.
"""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Guard:
    """Refuses what other sites send, and tells the browser to run and load only what is ours."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...] = ()) -> None:
        self._app = app
        self._hosts = {*LOOPBACK, *hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        problem = self._problem(
            headers.get(b"host", b"").decode("latin-1"),
            headers.get(b"origin", b"").decode("latin-1"),
        )
        if problem is not None:
            await JSONResponse({"error": problem, "remedy": _REMEDY}, 403)(scope, receive, send)
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_policy)

    def _problem(self, host: str, origin: str) -> str | None:
        if _name(host) not in self._hosts:
            return f"This server does not answer to the host name {host!r}."
        if origin and origin.partition("://")[2] != host:
            return f"This server does not answer to pages of {origin!r}."
        return None


_REMEDY = "Open it as http://127.0.0.1:<port>, or name the host with weavelite ui --allow-host."


def _name(host: str) -> str:
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
