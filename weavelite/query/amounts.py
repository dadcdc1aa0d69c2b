"""Numbers, spans of time and moments as people write them: 1.5k, 250ms, -2h, 2026-01-31."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)([^\W\d]*)")
SPANS = {
    "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0,
    "h": 3600.0, "d": 86_400.0, "w": 604_800.0,
}  # fmt: skip
COUNTS = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_DAY, _MINUTE = 86_400.0, 60.0
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


class Moment(NamedTuple):
    """Is a time in seconds since 1970, and how long it lasts as written: a date is a day."""

    start: float
    lasts: float

    @property
    def end(self) -> float:
        """Is when it is over."""
        return self.start + self.lasts


def number(text: str) -> float | int | None:
    """Reads a plain number; None when it is none."""
    found = _NUMBER.fullmatch(text)
    return _figure(found[1]) if found and not found[2] else None


def count(text: str) -> float | int | None:
    """Reads a number that may end in k or M."""
    return _with_unit(text, COUNTS)


def span(text: str) -> float | None:
    """Reads seconds, or a number of another unit of time."""
    return _with_unit(text, SPANS)


def _with_unit(text: str, units: dict[str, float]) -> float | int | None:
    found = _NUMBER.fullmatch(text)
    if found is None or (found[2] and found[2] not in units):
        return None
    return _figure(found[1]) * units[found[2]] if found[2] else _figure(found[1])


def _figure(text: str) -> float | int:
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 19 else float(text)


def moment(text: str, now: float) -> Moment | None:
    """Reads a date, a time (of UTC where it names no zone), or how long ago it was, as -1h."""
    if text.startswith("-") and (ago := span(text)) is not None and not number(text):
        return Moment(now + ago, 0.0)
    if not _CLOCK.fullmatch(text) and not _DATE.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    start = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    if _DATE.fullmatch(text):
        return Moment(start, _DAY)
    clock = text[11:].partition("Z")[0].partition("+")[0].partition("-")[0]
    return Moment(start, 0.0 if "." in clock else (_MINUTE, 1.0)[clock.count(":") - 1])
