"""Threads that do not keep a program from ending."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any

_Task = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class DaemonThreads(Executor):
    """Runs functions in at most `size` threads, which are started when they are needed.

    The threads of the standard library's pool are waited for at the end of the program: after
    Ctrl-C a model that hangs would hang it.
    """

    def __init__(self, size: int, name: str) -> None:
        self.size = size
        self._name = name
        self._todo: SimpleQueue[_Task | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs a function as soon as a thread is free."""
        future: Future[Any] = Future()
        self._todo.put((future, fn, args, kwargs))
        if self._started < self.size and not self._idle.acquire(blocking=False):
            name = f"{self._name}-{self._started}"
            self._started += 1
            threading.Thread(target=self._work, name=name, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Lets the threads end when they have done what they are at; waits for none."""
        for _ in range(self._started):
            self._todo.put(None)

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            future, fn, args, kwargs = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:
                    future.set_exception(error)
            del task, future, fn, args, kwargs  # an idle thread keeps nothing alive
            self._idle.release()
