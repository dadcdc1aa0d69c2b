"""Calls of integrations: begun and ended by hand, and kept from being recorded twice."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import (
    RESOLVERS,
    SESSION,
    Resolver,
    ThreadContext,
    innermost,
    innermost_is,
    tracing_client,
)
from weavelite.trace.manual import named_op

P = ParamSpec("P")
R = TypeVar("R")

CONTEXT = object()
"""Stands for the innermost call here, as the parent of a call."""

_SUPPRESSED: ContextVar[bool] = ContextVar("weavelite_suppressed", default=False)
# A framework's model run that is open here; tells whether it still awaits its provider's answer.
# Nobody resets it (LangChain ends runs in contexts of their own), so it must know its own end.
_AWAITING: ContextVar[Callable[[], bool] | None] = ContextVar("weavelite_awaiting", default=None)


def is_on() -> bool:
    """Tells whether calls are recorded; starts weavelite when WEAVELITE_PROJECT asks for it."""
    return tracing_client() is not None


def ensure_started() -> bool:
    """Starts weavelite by the settings when no `init` was called; tells whether tracing is on."""
    if SESSION.tracing is None and SESSION.client is None and SESSION.start_anyhow is not None:
        starting, SESSION.start_anyhow = SESSION.start_anyhow, None
        recording.guarded(starting, "weavelite could not be started")
    return SESSION.tracing is not None


def start(
    name: str,
    inputs: Mapping[str, Any],
    *,
    kind: str = "op",
    display_name: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    parent: Any = CONTEXT,
    model: str | None = None,
) -> Call | None:
    """Starts a call, which is not put on the context; None when tracing is off or suppressed.

    Args:
        name: the op's name, such as `openai.chat.completions.create`.
        inputs: snapshotted now.
        kind: llm, tool, agent, chain, retriever, embedding, op.
        display_name: what lists show in place of the name.
        attributes: kept with the call; `thread_id` among them is the call's thread.
        parent: CONTEXT, None for a new trace, or a call.
        model: the name of the language model.

    """
    try:
        client = tracing_client()
        if client is None or _SUPPRESSED.get():
            return None
        above = innermost() if parent is CONTEXT else parent
        if above is not None and above.is_dropped:
            return None
        call = recording.start(client, named_op(client, name, kind), inputs, above)
        call.model, call.display_name = model, display_name
        if attributes:
            annotate(call, attributes)
        return call
    except Exception:
        recording.complain(f"a call of {name} could not be recorded")
        return None


def annotate(call: Call | None, attributes: Mapping[str, Any]) -> None:
    """Adds attributes to an open call."""
    if call is None or call.end_ns:
        return
    merged = {**(call._attributes or {}), **attributes}
    thread = merged.pop("thread_id", None)
    if thread is not None and str(thread) != call.thread_id:
        ThreadContext(str(thread)).take(call, call.parent)
    call._attributes = merged


def end(
    call: Call | None,
    output: Any = None,
    *,
    error: BaseException | str | None = None,
    usage: Mapping[str, Any] | None = None,
    model: str | None = None,
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Ends a call; the first end counts.

    Args:
        call: None is passed over, so that what `start` gave can be handed on.
        output: snapshotted now.
        error: what was raised, or what is told of it.
        usage: what the provider reports, word for word.
        model: replaces the one that was told at the start.
        inputs: replace those of the start, where a library tells them only now.

    """
    if call is None or call.end_ns:
        return
    if inputs is not None:
        recording.guarded(lambda: recording.note_inputs(call, inputs), "inputs could not be read")
    if model is not None:
        call.model = model
    if usage:
        recording.guarded(
            lambda: recording.note_usage(call, dict(usage)), "usage could not be read"
        )
    recording.end(call, output, error)


def active(call: Call | None) -> AbstractContextManager[None]:
    """Puts a call on the context while the block runs."""
    return nullcontext() if call is None else innermost_is(call)


@contextmanager
def suppress() -> Iterator[None]:
    """Keeps integrations from recording what runs inside: it is recorded already."""
    token = _SUPPRESSED.set(True)
    try:
        yield
    finally:
        _SUPPRESSED.reset(token)


def is_suppressed() -> bool:
    """Tells whether `suppress` is in force here."""
    return _SUPPRESSED.get()


def records_provider(awaits: Callable[[], bool]) -> None:
    """Says that a framework records the model call that is to be made here, while `awaits` holds.

    It holds for what follows in this context, also where nobody can take it back.
    """
    _AWAITING.set(awaits)


def is_recorded_above() -> bool:
    """Tells whether a request to a model made here is recorded by the framework around it."""
    if _SUPPRESSED.get():
        return True
    awaiting = _AWAITING.get()
    return awaiting is not None and awaiting()


def add_parent_resolver(resolver: Resolver) -> None:
    """Lets an integration say what the innermost call is, at each start of a call."""
    if resolver not in RESOLVERS:
        RESOLVERS.append(resolver)


def quiet(function: Callable[P, R]) -> Callable[P, R | None]:
    """Makes a function that logs what it raises, once, and returns None then."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception:
            recording.complain(f"{function.__qualname__} failed")
            return None

    return guarded
