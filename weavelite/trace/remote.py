"""Calls of other processes as parents: by W3C trace context, which is text and goes anywhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from weavelite.trace import recording
from weavelite.trace.call import DROPPED, Call
from weavelite.trace.context import SESSION, Carried, innermost_is, thread
from weavelite.trace.home import Home, Traceparent, home_of, settle

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")

Parent = Call | str | Mapping[str, Any] | None


def remote_call(text: str) -> Call | None:
    """Makes a call of a `traceparent`, of which only the ids are known; None for what is none."""
    found = _TRACEPARENT.fullmatch(text.strip().lower())
    trace, span = (int(part, 16) for part in found.group(1, 2)) if found else (0, 0)
    if not trace or not span:
        return None
    call = Call()
    call.is_remote = True
    call.trace_high, call.trace_low = divmod(trace, 1 << 64)
    call.low = span
    if call.low == call.trace_low:  # a root's id is its trace id
        call.high = call.trace_high
    return call


def parent_call(parent: Parent) -> Call | None:
    """Finds the call that is meant: itself, a `traceparent`, or headers that have one."""
    if parent is None or isinstance(parent, Call):
        return parent
    if isinstance(parent, str):
        return remote_call(parent)
    return remote_call(str(_header(parent)))


def _header(headers: Mapping[str, Any]) -> Any:
    found = (text for name, text in headers.items() if str(name).lower() == "traceparent")
    return next(found, "")


def _home_in(parent: Parent) -> Home | None:
    text = _header(parent) if isinstance(parent, Mapping) else parent
    return text.home if isinstance(text, Traceparent) else None


@contextmanager
def under(parent: Parent) -> Iterator[None]:
    """Makes the calls of a block children of a call that may run in another process.

    What comes from outside may be anything: a text that is no `traceparent` is passed over. In a
    process that does not record yet, the `traceparent` of a call that came there in a pickle makes
    it record where that call is recorded.

    Args:
        parent: a call, the `traceparent` of one, the headers of a request, or None for new traces.

    """
    recording.guarded(lambda: settle(_home_in(parent)), "weavelite could not be started")
    found: list[Call | None] = []
    recording.guarded(lambda: found.append(parent_call(parent)), "a parent could not be read")
    if parent is not None and not any(found):
        yield
        return
    with innermost_is(found[0]):
        yield


class Handle(NamedTuple):
    """Is what a task of a process pool carries: text, which can be pickled."""

    traceparent: str
    thread_id: str | None
    turn_id: str | None
    around: tuple[str | None, ...]
    """Is the thread that is set around the task, if one is."""
    dropped: bool
    home: Home | None = None


def handle(values: Carried) -> Handle:
    """Makes what can be pickled of what is carried."""
    call, around = values
    inside = around.thread if around is not None else None
    return Handle(
        call.traceparent if call is not None else "",
        call.thread_id if call is not None else None,
        call.turn_id if call is not None else None,
        (inside.thread_id,) if inside is not None else (),
        call is not None and call.is_dropped,
        home_of(SESSION.tracing),
    )


def run_there(handle: Handle, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Runs a task in a process of a pool, under the call that submitted it."""
    recording.guarded(lambda: settle(handle.home), "weavelite could not be started")
    call = DROPPED if handle.dropped else remote_call(handle.traceparent)
    if call is not None and not handle.dropped:
        call.thread_id, call.turn_id = handle.thread_id, handle.turn_id
    with ExitStack() as around:
        around.enter_context(innermost_is(call))
        for thread_id in handle.around:
            around.enter_context(thread(thread_id))
        return fn(*args, **kwargs)
