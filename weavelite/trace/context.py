"""Where a call stands: the innermost call, and the attributes that are set around it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weavelite.trace.call import Call
    from weavelite.trace.client import Client

CURRENT: ContextVar["Call | None"] = ContextVar("weavelite_call", default=None)
ATTRIBUTES: ContextVar[dict[str, Any] | None] = ContextVar("weavelite_attributes", default=None)

Resolver = Callable[["Call | None"], "Call | None"]
RESOLVERS: list[Resolver] = []
"""Asked at each start for the innermost call, by integrations that keep a stack of their own."""


class Session:
    """Holds the client of this process; `tracing` is it too, unless tracing is off."""

    __slots__ = ("client", "start", "start_anyhow", "tracing")

    def __init__(self) -> None:
        self.client: Client | None = None
        self.tracing: Client | None = None
        self.start: Callable[[], Client | None] | None = None
        """Starts a client without `init` when WEAVELITE_PROJECT is set; used once."""
        self.start_anyhow: Callable[[], Client | None] | None = None
        """Starts a client without `init`, named after the folder if need be; used once."""


SESSION = Session()


def tracing_client() -> "Client | None":
    """Returns the client to record with, None when tracing is off."""
    client = SESSION.tracing
    if client is None and SESSION.client is None and SESSION.start is not None:
        start, SESSION.start = SESSION.start, None
        client = start()
    return client


def innermost() -> "Call | None":
    """Returns the call that runs here, None outside of any."""
    call = CURRENT.get()
    for resolve in RESOLVERS:
        call = resolve(call)
    return call


@contextmanager
def attributes(values: dict[str, Any]) -> Iterator[None]:
    """Adds attributes to every call that starts inside; inner values win."""
    token = ATTRIBUTES.set({**(ATTRIBUTES.get() or {}), **values})
    try:
        yield
    finally:
        ATTRIBUTES.reset(token)
