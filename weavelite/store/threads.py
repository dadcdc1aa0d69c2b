"""Conversations: the threads of a project, and the turns of a thread.

A turn is a call of a thread that no call of that thread stands above. Threads are listed by their
newest call, or the newest that has what is searched for. None is read whole for that: its figures
are of its newest calls.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from weavelite.errors import NotFoundError
from weavelite.ids import uuid_bytes, uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.answers import CallHeader, CallPage, ListedCall, ThreadPage, ThreadSummary
from weavelite.records.words import STATUSES
from weavelite.store import costing, fulltext, narrowing, reading, rows, sql

COUNTED = 1000
"""Is how many calls of a thread are summed up, the newest."""
BRIEF = 100
"""Is how many, where a page of threads has more than ALL_COUNTED."""
ALL_COUNTED = 10_000
FEW = 2000
"""Is up to how many threads are put in order all at once; of more, the newest calls are walked."""

_NEWEST = "SELECT max(n.id) FROM calls n WHERE n.project_id = ?1 AND n.thread_id = "
_NAMES = (  # from name to name in the index, without reading the calls between
    "WITH RECURSIVE named(name) AS (SELECT min(thread_id) FROM calls WHERE project_id = ?1"
    " AND thread_id IS NOT NULL UNION ALL SELECT (SELECT min(thread_id) FROM calls"
    " WHERE project_id = ?1 AND thread_id > named.name) FROM named WHERE named.name IS NOT NULL)"
    f" SELECT ({_NEWEST} name), name FROM named WHERE name IS NOT NULL LIMIT ?2"
)
_WALK = (  # the plus keeps SQLite from sorting all calls of all threads
    "SELECT c.id, c.thread_id FROM calls c WHERE c.project_id = ?1 AND +c.thread_id IS NOT NULL"
    f" AND (?2 IS NULL OR c.id < ?2) AND c.id = ({_NEWEST} c.thread_id)"
    " ORDER BY c.id DESC LIMIT ?3"
)
_NAMED = (
    "SELECT max(c.id), c.thread_id FROM calls c WHERE c.project_id = ? AND c.thread_id IS NOT NULL"
    " AND instr(lower(c.thread_id), lower(?)) GROUP BY c.thread_id"
)
_MATCHES = (
    "SELECT c.id, c.thread_id FROM calls c JOIN ops o ON o.key = c.op_key"
    " WHERE c.thread_id IS NOT NULL AND {0}"
)
_ABOVE = (
    "WITH RECURSIVE above(span, thread, id) AS ("
    " SELECT p.parent_span, p.thread_id, p.id FROM calls p"
    "  WHERE p.trace_id = c.trace_id AND p.span_id = c.parent_span"
    " UNION SELECT p.parent_span, p.thread_id, p.id FROM above JOIN calls p"
    "  ON p.trace_id = c.trace_id AND p.span_id = above.span)"
)
_IS_TURN = f"NOT EXISTS ({_ABOVE} SELECT 1 FROM above WHERE thread = c.thread_id)"
_TURN_OF = f"({_ABOVE} SELECT min(id) FROM above WHERE thread = c.thread_id)"
_LATEST = f"SELECT coalesce({_TURN_OF}, c.id) FROM calls c WHERE c.project_id = ? AND c.id = ?"
_TURNS = (
    "SELECT c.id FROM calls c WHERE c.project_id = ?1 AND c.thread_id = ?2"
    f" AND (?3 IS NULL OR c.id < ?3) AND {_IS_TURN} ORDER BY c.id DESC LIMIT ?4"
)
_RECENT = (
    "SELECT c.seq FROM calls c WHERE c.project_id = ? AND c.thread_id = ?"
    " ORDER BY c.id DESC LIMIT ?"
)
_FIGURES = (
    "SELECT count(*), min(c.start_ns), max(coalesce(c.end_ns, c.start_ns)), sum(c.status = {0}),"
    f" sum(c.status = {{1}}) FROM calls c WHERE c.seq IN ({_RECENT})"
).format(STATUSES.index("error"), STATUSES.index("running"))
_RECENT_TURNS = (
    f"SELECT {sql.COLUMNS} FROM calls c JOIN ops o ON o.key = c.op_key"
    f" WHERE c.seq IN ({_RECENT}) AND {_IS_TURN}"
)
_SIZE = f"SELECT count(*) FROM ({_RECENT})"
Place = tuple[bytes, str]
"""Is the call by which a thread is placed in the list, and the thread's id."""


def page(
    connection: sqlite3.Connection,
    project: int,
    text: str,
    before: str | None,
    limit: int,
    few: int = FEW,
) -> ThreadPage:
    """Returns threads, the one with the newest call first, from those before a call on.

    With a text, those that have it in their id or in a call.
    """
    last = None if before is None else uuid_bytes(before)
    places = connection.execute(_NAMES, (project, few + 1)).fetchall()
    if text:
        places = _Finding(connection, project, text).places(places, len(places) > few, last, limit)
    elif len(places) > few:
        places = connection.execute(_WALK, (project, last, limit)).fetchall()
    later = sorted((place for place in places if last is None or place[0] < last), reverse=True)
    shown = later[:limit]
    next = uuid_of_bytes(shown[-1][0]) if len(later) >= limit > 0 else None
    return ThreadPage(threads=_summaries(connection, project, shown), next=next)


def thread(connection: sqlite3.Connection, project: int, thread_id: str) -> ThreadSummary:
    """Returns what a list shows of one thread; raises NotFoundError."""
    newest = connection.execute(f"{_NEWEST} ?2", (project, thread_id)).fetchone()[0]
    if newest is None:
        raise NotFoundError(f"There is no thread {thread_id} in this project.")
    return _summaries(connection, project, [(newest, thread_id)])[0]


def turns(
    connection: sqlite3.Connection, project: int, thread_id: str, before: str | None, limit: int
) -> CallPage:
    """Returns a page of the turns of a thread, newest first."""
    last = None if before is None else uuid_bytes(before)
    ids = [row[0] for row in connection.execute(_TURNS, (project, thread_id, last, limit))]
    calls = _listed(connection, project, ids)
    return CallPage(calls=calls, next=calls[-1].id if len(ids) >= limit > 0 else None)


class _Finding:
    """Finds the newest call with a text of each thread; of one with the text as a name, the newest.

    What is in few calls is found by them, else each thread is walked from its end, or where there
    are many threads, all calls are, until there are enough threads.
    """

    def __init__(self, connection: sqlite3.Connection, project: int, text: str) -> None:
        query = CallQuery(project="", text=text)
        wanted = narrowing.narrowed(connection, project, query)
        self._connection = connection
        self._named = connection.execute(_NAMED, (project, text)).fetchall()
        self._is_few = wanted is not None and fulltext.is_few(wanted)
        self._condition, self._values = sql.where(query, project, wanted)

    def places(
        self, newest: list[Place], is_many: bool, last: bytes | None, limit: int
    ) -> list[Place]:
        """Returns places; `newest` are those of all threads, or of some where there are many."""
        if self._is_few:
            matches = self._matches("true ORDER BY c.id", ())
            return list({name: (id, name) for id, name in [*matches, *self._named]}.values())
        if is_many:
            return [*self._named, *self._walked(last, limit)]
        known = {name for _, name in self._named}
        others = [name for _, name in newest if name not in known]
        return [*self._named, *(place for name in others for place in self._newest(name))]

    def _newest(self, name: str) -> list[Place]:
        return list(self._matches("c.thread_id = ? ORDER BY c.id DESC LIMIT 1", (name,)))

    def _walked(self, last: bytes | None, limit: int) -> list[Place]:
        found: list[Place] = []
        seen = {name for _, name in self._named}
        order = "+c.thread_id IS NOT NULL AND (? IS NULL OR c.id < ?) ORDER BY c.id DESC"
        for id, name in self._matches(order, (last, last)):
            if name in seen:
                continue
            seen.add(name)
            if last is None or not self._is_after(name, last):
                found.append((id, name))
            if len(found) >= limit:
                break
        return found

    def _is_after(self, name: str, last: bytes) -> bool:
        """Tells whether a thread was on an earlier page."""
        return any(self._matches("c.thread_id = ? AND c.id >= ? LIMIT 1", (name, last)))

    def _matches(self, which: str, values: tuple[object, ...]) -> Iterable[Place]:
        statement = _MATCHES.format(f"{self._condition} AND {which}")
        return self._connection.execute(statement, (*self._values, *values))


def _summaries(
    connection: sqlite3.Connection, project: int, places: Sequence[Place]
) -> list[ThreadSummary]:
    latest = [connection.execute(_LATEST, (project, newest)).fetchone()[0] for newest, _ in places]
    shown = {call.id: call for call in _listed(connection, project, latest)}
    sizes = [
        connection.execute(_SIZE, (project, name, COUNTED)).fetchone()[0] for _, name in places
    ]
    most = COUNTED if sum(sizes) <= ALL_COUNTED else BRIEF
    counted = [_recent_turns(connection, (project, name, most)) for _, name in places]
    costing.some_calls(connection, project, [call for calls in counted for call in calls])
    return [
        _summary(place, connection.execute(_FIGURES, (project, place[1], most)).fetchone(),
                 size > most or size == COUNTED, shown[uuid_of_bytes(id)], calls)
        for place, size, id, calls in zip(places, sizes, latest, counted, strict=True)
    ]  # fmt: skip


def _recent_turns(connection: sqlite3.Connection, of: tuple[int, str, int]) -> list[CallHeader]:
    return [rows.header(row) for row in connection.execute(_RECENT_TURNS, of)]


def _summary(
    place: Place,
    figures: tuple[int, int, int, int, int],
    more: bool,
    latest: ListedCall,
    turns: Sequence[CallHeader],
) -> ThreadSummary:
    newest, name = place
    calls, first, last, errors, running = figures
    tokens = [call.sum_tokens for call in turns if call.sum_tokens is not None]
    costs = [call.sum_cost for call in turns if call.sum_cost is not None]
    return ThreadSummary(
        id=name,
        newest=uuid_of_bytes(newest),
        turns=len(turns),
        calls=calls,
        more=more,
        errors=errors,
        running=running,
        first_us=first // 1000,
        last_us=last // 1000,
        sum_tokens=sum(tokens) if tokens else None,
        sum_cost=sum(costs) if costs else None,
        cost_partial=any(call.cost_partial for call in turns),
        estimated=any(call.estimated for call in turns),
        latest=latest,
    )


def _listed(connection: sqlite3.Connection, project: int, ids: Sequence[bytes]) -> list[ListedCall]:
    """Returns calls as a list shows them, newest first."""
    if not ids:
        return []
    query = CallQuery(project="", call_ids=[uuid_of_bytes(id) for id in ids], limit=len(ids))
    return reading.page(connection, project, query).calls
