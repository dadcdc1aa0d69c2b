"""What a store is asked for: calls, and feedback."""

from collections.abc import Sequence
from dataclasses import dataclass

from weavelite.errors import QueryError
from weavelite.ids import uuid_bytes
from weavelite.query.expressions import MOST_VALUES, Expression
from weavelite.query.fields import Field, call_field, expanded
from weavelite.records.words import (
    STATUSES,
)

DIRECTIONS = ("asc", "desc")
PAGE_LIMIT = 1000
START = "started_at"


def _check_numbers(**numbers: int | None) -> None:
    for name, number in numbers.items():
        least = 1 if name == "page_size" else 0
        if number is None and name == "limit":
            continue
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise QueryError(f"{name} is a whole number, {least} or more: {number!r} is none.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Asks for calls of one project; empty sequences of names and None ask for all.

    An op is named, or given as `name:digest`. Refs may end in `:*`, for
    any version, or in `*`, for what is inside it too. `sort` holds pairs of a field
    and a direction; what lacks the field comes last. `before` is the `next` of an earlier page, and
    holds for the order of start only. `columns` says what of a call is read, None all of it. The
    order goes on in the objects of the refs that are in the columns of `expand`. All of `texts` are
    somewhere in a call, beside `text`, and none of `lacking`.
    """

    project: str
    op_names: Sequence[str] = ()
    statuses: Sequence[str] = ()
    text: str | None = None
    texts: Sequence[str] = ()
    lacking: Sequence[str] = ()
    trace_roots_only: bool = False
    call_ids: Sequence[str] | None = None
    trace_ids: Sequence[str] | None = None
    parent_ids: Sequence[str] | None = None
    thread_ids: Sequence[str] | None = None
    turn_ids: Sequence[str] | None = None
    input_refs: Sequence[str] | None = None
    output_refs: Sequence[str] | None = None
    scored_by: Sequence[str] = ()
    where: Expression | None = None
    sort: Sequence[tuple[str, str]] = ((START, "desc"),)
    before: str | None = None
    offset: int = 0
    limit: int | None = None
    columns: Sequence[str] | None = None
    expand: Sequence[str] = ()
    page_size: int = PAGE_LIMIT

    def __post_init__(self) -> None:
        for status in self.statuses:
            if status not in STATUSES:
                raise QueryError(f"{status!r} is not a status: use one of {', '.join(STATUSES)}.")
        self._check_ids()
        for name, direction in self.sort:
            call_field(name)
            if direction not in DIRECTIONS:
                raise QueryError(f"{direction!r} is not a direction: use asc or desc.")
        for name in (*(self.columns or ()), *self.expand):
            call_field(name)
        if self.before is not None and not self.by_start:
            raise QueryError("Pages by key are ordered by start: drop `before` or the sort order.")
        _check_numbers(limit=self.limit, offset=self.offset, page_size=self.page_size)

    def _check_ids(self) -> None:
        lists = (self.call_ids, self.trace_ids, self.parent_ids, self.turn_ids)
        for text in (text for ids in lists for text in ids or ()):
            uuid_bytes(text)
        if self.before is not None:
            uuid_bytes(self.before)
        refs = (self.thread_ids, self.input_refs, self.output_refs, self.op_names, self.scored_by)
        if sum(len(items or ()) for items in (*lists, *refs)) > MOST_VALUES:
            raise QueryError(f"A filter names at most {MOST_VALUES} values: ask in parts.")

    @property
    def by_start(self) -> bool:
        """Tells whether calls come in the order of their start, which is that of their ids."""
        return bool(self.sort) and self.sort[0][0] == START

    def order(self) -> list[tuple[Field, str]]:
        """Returns the fields by which calls are sorted, with their directions."""
        return [(expanded(call_field(name), self.expand), way) for name, way in self.sort]

    def fields(self) -> list[Field] | None:
        """Returns which fields are read, None when all are."""
        return None if self.columns is None else [call_field(name) for name in self.columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackQuery:
    """Asks for feedback of one project, oldest first."""

    project: str
    where: Expression | None = None
    offset: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        _check_numbers(limit=self.limit, offset=self.offset)
