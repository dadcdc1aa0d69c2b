"""Which calls are wanted, as data: filter, order and page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weavelite.errors import QueryError
from weavelite.ids import uuid_bytes
from weavelite.records.words import (
    STATUSES,
)
from weavelite.refs import is_ref, parse_ref

SORT_FIELDS = ("started_at", "ended_at", "latency", "op_name")
DIRECTIONS = ("asc", "desc")
PAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Asks for calls of one project; empty sequences and None ask for all.

    `before` is the `next` of an earlier page, and holds for the order of start only.
    """

    project: str
    op_names: Sequence[str] = ()
    statuses: Sequence[str] = ()
    text: str | None = None
    trace_roots_only: bool = False
    call_ids: Sequence[str] | None = None
    trace_ids: Sequence[str] | None = None
    parent_ids: Sequence[str] | None = None
    thread_ids: Sequence[str] | None = None
    sort: tuple[str, str] = ("started_at", "desc")
    before: str | None = None
    offset: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        for status in self.statuses:
            if status not in STATUSES:
                raise QueryError(f"{status!r} is not a status: use one of {', '.join(STATUSES)}.")
        _check("sort field", self.sort[0], SORT_FIELDS)
        _check("sort direction", self.sort[1], DIRECTIONS)
        for ids in (self.call_ids, self.parent_ids, (self.before,) if self.before else None):
            for text in ids or ():
                uuid_bytes(text)
        for text in self.trace_ids or ():
            uuid_bytes(text)
        if self.before is not None and self.sort[0] != "started_at":
            raise QueryError("Pages by key are ordered by start: drop `before` or the sort order.")
        if (self.limit is not None and self.limit < 0) or self.offset < 0:
            raise QueryError("limit and offset are 0 or more.")


def _check(what: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise QueryError(f"{value!r} is not a {what}: use one of {', '.join(allowed)}.")


FILTER_KEYS = (
    "op_names",
    "call_ids",
    "trace_ids",
    "parent_ids",
    "thread_ids",
    "trace_roots_only",
    "statuses",
    "text",
)


def call_query(
    project: str,
    filter: Mapping[str, Any] | None = None,
    *,
    sort_by: Sequence[Mapping[str, str]] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> CallQuery:
    """Makes a query of Weave's words: a filter mapping, and a list of fields with directions."""
    known = dict(filter or {})
    for key in known:
        if key not in FILTER_KEYS:
            raise QueryError(f"{key!r} is not a filter: use one of {', '.join(FILTER_KEYS)}.")
    if "op_names" in known:
        known["op_names"] = [_op_name(name) for name in known["op_names"]]
    return CallQuery(project=project, **known, sort=_sort(sort_by), limit=limit, offset=offset)


def _op_name(name: str) -> str:
    return parse_ref(name).name if is_ref(name) else name


def _sort(sort_by: Sequence[Mapping[str, str]] | None) -> tuple[str, str]:
    if not sort_by:
        return ("started_at", "asc")
    if len(sort_by) > 1:
        raise QueryError("Calls are sorted by one field: give sort_by a list of one.")
    try:
        return (sort_by[0]["field"], sort_by[0].get("direction", "asc"))
    except KeyError:
        raise QueryError("sort_by is a list of {'field': ..., 'direction': ...}.") from None
