"""Where a call stands: the innermost call, and what is set around it."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from weavelite.trace.call import Call
    from weavelite.trace.client import Client


class ThreadContext:
    """Is a conversation; each exchange in it, a call with what is below it, is a turn."""

    __slots__ = ("thread_id", "turn_id")

    def __init__(self, thread_id: str | None) -> None:
        self.thread_id = thread_id
        self.turn_id: str | None = None
        """Is the turn that began last: the id of its outermost call."""

    def take(self, call: "Call", parent: "Call | None") -> None:
        """Takes a call in, as a turn of its own unless it is below a call of this thread."""
        call.thread_id, call.turn_id = self.thread_id, None
        if self.thread_id is None:
            return
        if parent is not None and parent.thread_id == self.thread_id:
            call.turn_id = parent.turn_id
        else:
            call.turn_id = self.turn_id = call.id


class Around(NamedTuple):
    """Is what is set for all calls in a block."""

    attributes: dict[str, Any] | None = None
    thread: ThreadContext | None = None


CURRENT: ContextVar["Call | None"] = ContextVar("weavelite_call", default=None)
AROUND: ContextVar[Around | None] = ContextVar("weavelite_around", default=None)

USAGE: ContextVar[Callable[[tuple[str | None, dict[str, Any]]], None] | None] = ContextVar(
    "weavelite_usage", default=None
)
"""Is told of each model that reports usage in a block, and what it reports."""

Carried = tuple["Call | None", Around | None]

Resolver = Callable[["Call | None"], "Call | None"]
RESOLVERS: list[Resolver] = []
"""Asked at each start for the innermost call, by integrations that keep a stack of their own."""


class Session:
    """Holds the client of this process; `tracing` is it too, unless tracing is off."""

    __slots__ = (
        "apply_scorer", "client", "init", "is_joined", "start", "start_anyhow", "tracing"
    )  # fmt: skip

    def __init__(self) -> None:
        self.client: Client | None = None
        self.tracing: Client | None = None
        self.apply_scorer: Callable[..., Awaitable[Any]] | None = None
        """Applies a scorer to a call, once the package of evaluations is there."""
        self.start: Callable[[], Client | None] | None = None
        """Starts a client without `init` when WEAVELITE_PROJECT is set; used once."""
        self.start_anyhow: Callable[[], Client | None] | None = None
        """Starts a client without `init`, named after the folder if need be; used once."""
        self.init: Callable[..., Client] | None = None
        """Is `init`, for a process that joins the one that it came from; used once."""
        self.is_joined = False
        """Says that this process records where the one does that it came from."""


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


def current() -> "Call | None":
    """Returns the innermost call on weavelite's own context, if it is recorded in this process."""
    call = CURRENT.get()
    return None if call is None or call.is_remote or call.is_dropped else call


@contextmanager
def attributes(values: dict[str, Any]) -> Iterator[None]:
    """Adds attributes to every call that starts inside; inner values win."""
    around = AROUND.get() or Around()
    with _around(around._replace(attributes={**(around.attributes or {}), **values})):
        yield


@contextmanager
def thread(thread_id: str | None) -> Iterator[ThreadContext]:
    """Makes every call that starts inside part of a conversation; None takes them out of one."""
    made = ThreadContext(thread_id)
    with _around((AROUND.get() or Around())._replace(thread=made)):
        yield made


@contextmanager
def _around(values: Around) -> Iterator[None]:
    token = AROUND.set(values)
    try:
        yield
    finally:
        AROUND.reset(token)


@contextmanager
def innermost_is(call: "Call | None") -> Iterator[None]:
    """Makes a call the innermost one while the block runs."""
    token = CURRENT.set(call)
    try:
        yield
    finally:
        reset(token)


def reset(token: Any) -> None:
    """Takes a call off the context; an event loop may finalise what is left in another one."""
    try:
        CURRENT.reset(token)
    except ValueError:
        pass


# What a new thread, or a task of a pool, carries on: our own variables, and no others. A copy of
# the whole context would bring the program's own (such as decimal's) where it does not expect them.


def carried() -> Carried | None:
    """Returns what is to be carried to where code is going to run; None when nothing is set."""
    call, around = innermost(), AROUND.get()
    return None if call is None and around is None else (call, around)


@contextmanager
def carrying(values: Carried) -> Iterator[None]:
    """Sets what was carried here, while the block runs."""
    call, around = CURRENT.set(values[0]), AROUND.set(values[1])
    try:
        yield
    finally:
        CURRENT.reset(call)
        AROUND.reset(around)
