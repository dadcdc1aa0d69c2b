"""Threads that do not keep a program from ending, and only as many as do some good."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any

_Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]

BRISK, SLOW = 0.001, 0.032
"""Seconds between looks at whether a thread more is wanted: soon at first, then less often."""

IDLE_PATIENCE, BUSY_PATIENCE = 0.001, 0.02
"""Seconds after which a row holds others up, while the processor idles and while it does not."""


class DaemonThreads(Executor):
    """Runs functions in one thread, and in up to `size` while those at work make others wait.

    Rows that only compute are done sooner by one thread: more of them fight for the interpreter.
    The threads of the standard library's pool are waited for at the end of the program: after
    Ctrl-C a model that hangs would hang it.
    """

    def __init__(self, size: int, name: str) -> None:
        self.size = size
        self._name = name
        self._todo: SimpleQueue[_Task | None] = SimpleQueue()
        self._started = 0
        self._since: dict[int, float] = {}
        self._looked = (time.perf_counter(), time.process_time())

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs a function as soon as a thread is free."""
        future: Future[Any] = Future()
        self._todo.put((future, fn, args, kwargs))
        if not self._started:
            self._start()
        return future

    def beat(self) -> None:
        """Says that the thread that runs this goes on to something new."""
        self._since[threading.get_ident()] = time.perf_counter()

    def replace(self) -> None:
        """Starts a thread more, in place of one that nobody waits for any longer."""
        self.size += 1
        self._start()

    async def grow(self) -> None:
        """Starts threads, as many again, whenever most of those at work hold others up."""
        pause = BRISK
        while self._started < self.size:
            await asyncio.sleep(pause)
            pause = min(2 * pause, SLOW)
            if self._holds_up():
                for _ in range(min(max(1, self._started), self.size - self._started)):
                    self._start()
                pause = BRISK

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets the threads end when they have done what they are at; waits for none."""
        for _ in range(self._started):
            self._todo.put(None)

    def _holds_up(self) -> bool:
        now, used = time.perf_counter(), time.process_time()
        looked, was_used = self._looked
        self._looked = now, used
        idle = 4 * (used - was_used) < now - looked
        before = now - (IDLE_PATIENCE if idle else BUSY_PATIENCE)
        begun = list(self._since.values())
        return not self._todo.empty() and 2 * sum(start < before for start in begun) > len(begun)

    def _start(self) -> None:
        name = f"{self._name}-{self._started}"
        self._started += 1
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        me = threading.get_ident()
        while (task := self._todo.get()) is not None:
            self.beat()
            future, fn, args, kwargs = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)
            del task, future, fn, args, kwargs  # an idle thread keeps nothing alive
            self._since.pop(me, None)
