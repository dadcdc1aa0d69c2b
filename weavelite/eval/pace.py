"""How fast providers are asked: as fast as it goes, until one says that it is too much.

A pace is a token bucket whose rate is found out: a provider that refuses (429 and the like) halves
it, what works raises it a little. The model and the scorers that ask one provider share its pace.
"""

import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator
from typing import Any

from weavelite.eval.failures import Failure

LONGEST_PAUSE = 120.0
"""Seconds that a step waits at most before it is tried again, whatever a provider asks for."""
FIRST_PAUSE = 0.5
_SLOWEST, _WINDOW, _SETTLING, _BURST = 0.05, 10.0, 1.0, 0.5
_RAISE, _CUT = 1.03, 0.5
_SEEN = 1000
_REFUSAL = 1 / 5
"""Is how much of a retry a refusal uses up: the pace takes some to be found."""

_RANDOM = random.Random()  # not the global source, which the user may have seeded

Clock = Callable[[], float]


class Pace:
    """Is the pace of one provider; starts are booked in order, and may lie in the future.

    It begins at half of what was seen when the provider first refused something.
    """

    def __init__(self, clock: Clock, rate: float) -> None:
        self.rate = max(_SLOWEST, rate * _CUT)
        """Is how many steps may start in a second."""
        self._clock = clock
        self._next = 0.0
        self._cut_at = clock()
        self._lock = threading.Lock()

    def book(self) -> float:
        """Books the next start; returns how many seconds it is away."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + 1 / self.rate
            return start - now

    def refused(self, retry_after: float | None) -> None:
        """Slows down, once for all that were refused together, and pauses."""
        with self._lock:
            now = self._clock()
            if now - self._cut_at >= _SETTLING:
                self.rate = max(_SLOWEST, self.rate * _CUT)
                self._cut_at = now
            pause = min(FIRST_PAUSE if retry_after is None else retry_after, LONGEST_PAUSE)
            self._next = max(self._next, now + pause)

    def worked(self) -> None:
        """Goes a little faster."""
        with self._lock:
            self.rate *= _RAISE


class Paces:
    """Are the paces of all providers that have refused something."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.clock = clock
        self._of_provider: dict[str, Pace] = {}

    def of(self, provider: str, rate: float) -> Pace:
        """Returns the pace of a provider; `rate` is how fast it is asked if it has none."""
        return self._of_provider.setdefault(provider, Pace(self.clock, rate))


PACES = Paces()
"""Is for all evaluations of this process: they may ask the same providers."""


class Patience:
    """Says, for the steps of a run, how often each is tried again, and at what pace.

    A step is known by its `key`, and to ask a provider from the first time that one refuses it.
    """

    def __init__(
        self,
        retries: int = 3,
        paces: Paces = PACES,
        choose: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self.retries = retries
        self._paces = paces
        self._choose = choose
        self._of_step: dict[Any, Pace] = {}
        self._starts: dict[Any, deque[float]] = defaultdict(lambda: deque(maxlen=_SEEN))

    def pace(self, key: Any) -> Pace | None:
        """Returns the pace of a step, None while nothing has been refused to it."""
        return self._of_step.get(key)

    def tries(self, key: Any) -> Generator[float, Failure | None, None]:
        """Yields the seconds to wait before each try, and is sent how that failed, if it did."""
        left, backoff = float(self.retries), 0.0
        while True:
            pace = self._of_step.get(key)
            if pace is None:
                self._starts[key].append(self._paces.clock())
            failure = yield backoff + (pace.book() if pace is not None else 0.0)
            if failure is None:
                if pace is not None:
                    pace.worked()
                return
            if failure.is_busy:
                self.refused(key, failure)
            left -= _REFUSAL if failure.is_busy else 1
            if not failure.is_passing or left < 0:
                return
            backoff = 0.0 if failure.is_busy else self._backoff(self.retries - left)

    def refused(self, key: Any, failure: Failure) -> None:
        """Slows down whom a step asks, for all steps that ask it."""
        pace = self._paces.of(failure.provider or "", self._rate(key))
        self._of_step[key] = pace
        pace.refused(failure.retry_after)

    def _rate(self, key: Any) -> float:
        now = self._paces.clock()
        recent = [at for at in self._starts[key] if now - _WINDOW < at]
        return len(recent) / max(now - recent[0], _BURST) if recent else 1.0

    def _backoff(self, tried: float) -> float:
        seconds: float = FIRST_PAUSE * 2**tried * (0.5 + self._choose()) / 2
        return min(LONGEST_PAUSE, seconds)
