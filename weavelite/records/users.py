"""What a store answers about users."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class UserFigures:
    """Says how a user's traces went; latencies are in microseconds, and p50 and p95 of the newest.

    Where `partial`, some of the tokens have no known price. `errors` are traces.
    """

    user: str
    traces: int
    calls: int
    errors: int
    mean_us: int | None
    p50_us: int | None
    p95_us: int | None
    last_us: int | None
    tokens: int = 0
    cost: float = 0.0
    partial: bool = False


@dataclass(slots=True, kw_only=True)
class Users:
    """Names the first users of a stretch of time in some order; `more` are there beside them."""

    users: list[UserFigures]
    more: int
