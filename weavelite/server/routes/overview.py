"""How a project goes: figures over a stretch of time."""

import time
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends

from weavelite.errors import QueryError
from weavelite.query.amounts import moment
from weavelite.records.figures import Overview, Scores, Spend, Users
from weavelite.server.parts import IN_PROJECT, TheProject, TheStore

router = APIRouter(prefix=IN_PROJECT + "/overview")

ALL = "all"


@dataclass(slots=True)
class Stretch:
    """Is a stretch of time between moments as searches have them: 2026-01-31T12:00, or -24h.

    That since `all` is from the first call to the last.
    """

    since: str = "-24h"
    until: str = ""


def _stretch(
    store: TheStore, project: TheProject, asked: Annotated[Stretch, Depends()]
) -> tuple[float, float]:
    now = time.time()
    first, last = store.bounds(project) or (now, now)
    start = first if asked.since == ALL else _second(asked.since, now)
    end = _second(asked.until, now) if asked.until else last if asked.since == ALL else now
    if end < start:
        raise QueryError("The end is before the start: exchange `since` and `until`.")
    return start, end


def _second(text: str, now: float) -> float:
    found = moment(text, now)
    if found is None:
        raise QueryError(f"{text!r} is no time: write 2026-01-31T12:00, or -24h, or all.")
    return found.start


TheStretch = Annotated[tuple[float, float], Depends(_stretch)]


@router.get("")
def overview(store: TheStore, project: TheProject, stretch: TheStretch) -> Overview:
    """Counts traces, errors and tokens, and tells latencies, by bars and by ops."""
    return store.overview(project, *stretch)


@router.get("/spend")
def overview_spend(store: TheStore, project: TheProject, stretch: TheStretch) -> Spend:
    """Sums up tokens and cost by model."""
    return store.spend(project, *stretch)


UserOrder = Literal["traces", "errors", "latency", "tokens", "cost"]


@router.get("/users")
def overview_users(
    store: TheStore, project: TheProject, stretch: TheStretch, order: UserOrder = "traces"
) -> Users:
    """Sums up the traces of the users who have most of something."""
    return store.users(project, *stretch, order)


@router.get("/scores")
def overview_scores(store: TheStore, project: TheProject, stretch: TheStretch) -> Scores:
    """Averages scores by scorer."""
    return store.scores(project, *stretch)
