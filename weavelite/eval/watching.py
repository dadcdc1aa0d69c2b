"""Who is told of the runs that this program makes: `weavelite eval run`, and tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from weavelite.trace.call import Call

_WATCHERS: list[Callable[[Call], None]] = []


@contextmanager
def watching(watch: Callable[[Call], None]) -> Iterator[None]:
    """Hands the call of each run that begins inside to a function, which says the verdict, too."""
    _WATCHERS.append(watch)
    try:
        yield
    finally:
        _WATCHERS.remove(watch)


def is_watched() -> bool:
    """Tells whether somebody else says how runs compare with their baselines."""
    return bool(_WATCHERS)


def tell(call: Call) -> None:
    """Tells of a run that has just begun."""
    for watch in _WATCHERS:
        watch(call)
