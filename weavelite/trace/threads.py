"""Threads start in the call that starts them; tasks of pools run in the call that submits them.

Python's threads begin with an empty context, so their calls would be traces of their own. What is
patched passes straight on to the original unless a call is current or attributes are set here.
"""

import concurrent.futures
import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from weavelite.trace import recording, remote
from weavelite.trace.context import SESSION, Carried, carried, carrying
from weavelite.trace.patching import unwrap, wrap

_NOTHING: Carried = (None, None)

LAZY = ("concurrent.futures.thread", "concurrent.futures.process", "multiprocessing.pool")
"""Modules that take long to import: they are patched when the program imports them."""


class _Switch:
    def __init__(self) -> None:
        self.on = False


_SWITCH = _Switch()


def install() -> None:
    """Patches the standard library's threads and pools."""
    _SWITCH.on = True
    patch()


def patch() -> None:
    """Patches what has been imported by now, if `install` is in force."""
    if _SWITCH.on:
        _each(wrap)


def uninstall() -> None:
    """Takes the patches back."""
    _SWITCH.on = False
    _each(lambda owner, name, _: unwrap(owner, name))


def _each(act: Callable[[Any, str, Callable[[Any], Any]], Any]) -> None:
    for module, cls, names, make in _PATCHES:
        owner = getattr(sys.modules.get(module), cls, None)
        for name in names if owner is not None else ():
            act(owner, name, make)


def _carried() -> Carried | None:
    found: list[Carried | None] = [None]
    recording.guarded(lambda: found.append(carried()), "a thread's parent could not be found")
    return found[-1]


# A thread's own `run`, which its class may override, is shadowed until the thread has begun.


def _starting(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def start(self: Any) -> None:
        values = _carried()
        if values is None or self.ident is not None:
            return original(self)
        own = self.__dict__.get("run")
        self.__dict__["run"] = functools.partial(_run_thread, self, self.run, own, values)
        try:
            return original(self)
        except BaseException:
            _unshadow(self, own)
            raise

    return start


def _run_thread(thread: Any, run: Callable[[], None], own: Any, values: Carried) -> None:
    _unshadow(thread, own)
    with carrying(values):
        run()


def _unshadow(thread: Any, own: Any) -> None:
    if own is None:
        thread.__dict__.pop("run", None)
    else:
        thread.__dict__["run"] = own


# A worker that a pool starts while it takes a task serves other calls' tasks, too: it carries none.


def _submitting(original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        values = _carried()
        if values is None or _is_elsewhere(self):
            return original(self, fn, *args, **kwargs)
        with carrying(_NOTHING):
            return original(self, _run_here, values, fn, *args, **kwargs)

    return submit


def _submitting_there(original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        values = _carried() or _of_no_call()
        if values is None:
            return original(self, fn, *args, **kwargs)
        with carrying(_NOTHING):
            return original(self, remote.run_there, remote.handle(values), fn, *args, **kwargs)

    return submit


def _of_no_call() -> Carried | None:
    """Is carried to another process by what belongs to no call: that it may have to record."""
    return None if SESSION.tracing is None else _NOTHING


def _run_here(values: Carried, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    with carrying(values):
        return fn(*args, **kwargs)


def _is_elsewhere(pool: Any) -> bool:
    """Says whether a pool's threads belong to other interpreters, where a call cannot go."""
    return any(cls.__name__ == "InterpreterPoolExecutor" for cls in type(pool).__mro__)


class Thread(threading.Thread):
    """Is a thread that starts in the call that starts it, though patching may be off."""

    start = _starting(lambda self: threading.Thread.start(self))


class ThreadPoolExecutor(concurrent.futures.ThreadPoolExecutor):
    """Is a pool whose tasks run in the call that submits them, though patching may be off."""

    submit = _submitting(
        lambda self, *task, **named: concurrent.futures.ThreadPoolExecutor.submit(
            self, *task, **named
        )
    )


# `multiprocessing.Pool` has its workers from the start, as processes or, in `ThreadPool`, threads.


def _beginning(original: Callable[..., None]) -> Callable[..., None]:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        if _carried() is None:
            return original(self, *args, **kwargs)
        with carrying(_NOTHING):
            return original(self, *args, **kwargs)

    return __init__


def _applying(original: Callable[..., Any]) -> Callable[..., Any]:
    def apply(self: Any, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        values = _carried()
        pools: Any = sys.modules["multiprocessing.pool"]
        is_here = isinstance(self, pools.ThreadPool)
        if not is_here:
            values = values or _of_no_call()
        if values is None:
            return original(self, func, *args, **kwargs)
        if is_here:
            task = functools.partial(_run_here, values, func)
        else:
            task = functools.partial(remote.run_there, remote.handle(values), func)
        return original(self, task, *args, **kwargs)

    return apply


_Patch = tuple[str, str, tuple[str, ...], Callable[[Any], Any]]

_PATCHES: tuple[_Patch, ...] = (
    ("threading", "Thread", ("start",), _starting),
    ("concurrent.futures.thread", "ThreadPoolExecutor", ("submit",), _submitting),
    ("concurrent.futures.process", "ProcessPoolExecutor", ("submit",), _submitting_there),
    ("multiprocessing.pool", "Pool", ("__init__",), _beginning),
    ("multiprocessing.pool", "ThreadPool", ("__init__",), _beginning),
    ("multiprocessing.pool", "Pool", ("apply_async", "_map_async", "imap", "imap_unordered"),
     _applying),
)  # fmt: skip
