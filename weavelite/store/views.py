"""The store in SQL: documented views, whose names end in their version.

A view never changes what its columns mean; what would is a new version beside it. PLAIN views rest
in the file, so that any tool that opens SQLite has them. ASSISTED ones need functions of weavelite,
for prices and for bodies whose large parts rest elsewhere, and are there where `assist` was called.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from weavelite.prices import Prices
from weavelite.records.words import CELL, EVALUATE, NOTE, REACTION, SCORE, STATUSES
from weavelite.store.costing import prices
from weavelite.store.unpack import Unpacker
from weavelite.usage import BUCKETS


@dataclass(frozen=True, slots=True)
class View:
    """Is a view: its name, what a row of it is, and its statement."""

    name: str
    meaning: str
    select: str


def _time(column: str) -> str:
    """Writes a time as ISO 8601 in UTC; it sorts as text, and SQLite's date functions take it."""
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1e9, 'unixepoch')"


def _uuid(column: str) -> str:
    cuts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    parts = (f"substr(hex({column}), {start}, {length})" for start, length in cuts)
    return "lower(" + " || '-' || ".join(parts) + ")"


_ID = _uuid("c.id")
_STATUS = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(STATUSES))
_PROJECT = "p.entity || '/' || p.name"
_TOTAL = " + ".join(f"u.{name}" for name in BUCKETS)

CALLS = View(
    "calls_v1",
    "a call; roots of traces have no parent_span_id, and total_tokens of all below them",
    f"SELECT {_ID} AS id, lower(hex(c.trace_id)) AS trace_id, lower(hex(c.span_id)) AS span_id,"
    f" lower(nullif(hex(c.parent_span), '')) AS parent_span_id, {_PROJECT} AS project,"
    " o.name AS op, o.digest AS op_digest, o.kind AS kind,"
    " coalesce(c.display_name, o.name) AS name,"
    f" CASE c.status {_STATUS} END AS status, {_time('c.start_ns')} AS started_at,"
    f" {_time('c.end_ns')} AS ended_at, (c.end_ns - c.start_ns) / 1e6 AS latency_ms,"
    " c.model AS model, c.input_tokens AS input_tokens, c.output_tokens AS output_tokens,"
    " c.sum_tokens AS total_tokens, c.thread_id AS thread_id, c.error AS error, c.seq AS seq"
    " FROM calls c JOIN ops o ON o.key = c.op_key JOIN projects p ON p.id = c.project_id",
)
USAGE = View(
    "usage_v1",
    "the tokens that a call reports of a model, in disjoint buckets; sum those where counted is 1",
    f"SELECT {_ID} AS call_id, lower(hex(c.trace_id)) AS trace_id, {_PROJECT} AS project,"
    f" nullif(u.model, '') AS model, u.provider AS provider, {_time('c.start_ns')} AS started_at,"
    " 1 - u.nested AS counted, u.estimated AS estimated,"
    f" {', '.join(f'u.{name} AS {name}' for name in BUCKETS)}, {_TOTAL} AS total_tokens,"
    " u.seq AS seq"
    " FROM usage u JOIN calls c ON c.seq = u.seq JOIN projects p ON p.id = c.project_id",
)
SCORES = View(
    "scores_v1",
    "a score of a call by a scorer: value as JSON, and as a number where it is one or is yes or no",
    f"SELECT f.id AS id, {_uuid('f.call_id')} AS call_id, {_PROJECT} AS project,"
    f" substr(f.type, {len(SCORE) + 1}) AS scorer, f.payload -> '$.output' AS value,"
    " CASE WHEN json_type(f.payload, '$.output') IN ('integer', 'real', 'true', 'false')"
    " THEN f.payload ->> '$.output' END AS number, f.creator AS creator,"
    f" {_time('f.created_ns')} AS created_at"
    " FROM feedback f JOIN projects p ON p.id = f.project_id"
    f" WHERE f.type >= '{SCORE}' AND f.type < '{SCORE[:-1]}/'",
)
FEEDBACK = View(
    "feedback_v1",
    "a reaction (an emoji), a note (a text), or other feedback on a call; scores too",
    f"SELECT f.id AS id, {_uuid('f.call_id')} AS call_id, {_PROJECT} AS project, CASE f.type"
    f" WHEN '{REACTION}' THEN 'reaction' WHEN '{NOTE}' THEN 'note' ELSE f.type END AS type,"
    " coalesce(f.payload ->> '$.emoji', f.payload ->> '$.note') AS text, f.payload AS payload,"
    f" f.creator AS creator, {_time('f.created_ns')} AS created_at"
    " FROM feedback f JOIN projects p ON p.id = f.project_id",
)
PLAIN = (CALLS, USAGE, SCORES, FEEDBACK)
"""Are made by a migration, which is added to when one of these is."""

COSTS = View(
    "costs_v1",
    "what a call's tokens of a model cost in US dollars, NULL where no price is known;"
    " sum those where counted is 1",
    f"SELECT {_ID} AS call_id, lower(hex(c.trace_id)) AS trace_id, {_PROJECT} AS project,"
    " o.name AS op, nullif(u.model, '') AS model, u.provider AS provider,"
    f" {_time('c.start_ns')} AS started_at, 1 - u.nested AS counted, u.estimated AS estimated,"
    f" {_TOTAL} AS total_tokens, weavelite_cost(c.project_id, u.model, u.provider, c.start_ns,"
    f" {', '.join(f'u.{name}' for name in BUCKETS)}) AS cost"
    " FROM usage u JOIN calls c ON c.seq = u.seq JOIN ops o ON o.key = c.op_key"
    " JOIN projects p ON p.id = c.project_id",
)
BODIES = View(
    "bodies_v1",
    "the inputs and the output of a call, as JSON: inputs ->> '$.question'",
    f"SELECT {_ID} AS call_id, weavelite_json(b.inputs, b.packed & 1) AS inputs,"
    " weavelite_json(b.output, b.packed & 2) AS output, b.seq AS seq"
    " FROM bodies b JOIN calls c ON c.seq = b.seq",
)
EVALUATIONS = View(
    "evaluations_v1",
    "a run of an evaluation: rows that are done, rows with errors, tokens, and the summary as JSON",
    f"SELECT {_ID} AS id, lower(hex(c.trace_id)) AS trace_id, {_PROJECT} AS project,"
    f" coalesce(c.display_name, o.name) AS name, CASE c.status {_STATUS} END AS status,"
    f" {_time('c.start_ns')} AS started_at, (c.end_ns - c.start_ns) / 1e6 AS latency_ms,"
    " (SELECT count(*) FROM calls r JOIN ops q ON q.key = r.op_key"
    f"  WHERE r.trace_id = c.trace_id AND r.parent_span = c.span_id AND q.name = '{CELL}'"
    "  AND r.end_ns IS NOT NULL) AS rows,"
    " (SELECT count(*) FROM calls r JOIN ops q ON q.key = r.op_key"
    f"  WHERE r.trace_id = c.trace_id AND r.parent_span = c.span_id AND q.name = '{CELL}'"
    f"  AND r.status = {STATUSES.index('error')}) AS error_rows,"
    " c.sum_tokens AS total_tokens, weavelite_json(b.output, b.packed & 2) AS summary"
    " FROM calls c JOIN ops o ON o.key = c.op_key JOIN projects p ON p.id = c.project_id"
    f" JOIN bodies b ON b.seq = c.seq WHERE o.name = '{EVALUATE}'",
)
ASSISTED = (COSTS, BODIES, EVALUATIONS)

EXAMPLES = (
    "select op, count(*), avg(latency_ms) from calls_v1 where project = :project"
    " group by op order by 2 desc",
    "select model, sum(total_tokens), sum(cost) from costs_v1 where project = :project and counted"
    " group by model",
    "select date(started_at) as day, sum(cost) from costs_v1 where project = :project and counted"
    " group by day",
    "select scorer, avg(number), count(*) from scores_v1 where project = :project group by scorer",
    "select inputs ->> '$.question', output from bodies_v1"
    " where seq in (select seq from calls_v1 where project = :project) limit 5",
)
"""Queries to begin with, of the project that is meant by `:project`."""


def create(connection: Any, views: tuple[View, ...] = PLAIN) -> None:
    """Makes views that rest in the file, in the place of what had their names."""
    for view in views:
        connection.execute(f"DROP VIEW IF EXISTS {view.name}")
        connection.execute(f"CREATE VIEW {view.name} AS {view.select}")


def assist(connection: sqlite3.Connection, reader: sqlite3.Connection) -> None:
    """Gives a connection the assisted views; what they look up is read through another one."""
    functions = _Functions(reader)
    connection.create_function("weavelite_cost", 4 + len(BUCKETS), functions.cost)
    connection.create_function("weavelite_json", 2, functions.json)
    for view in ASSISTED:
        connection.execute(f"CREATE TEMP VIEW IF NOT EXISTS {view.name} AS {view.select}")


class _Functions:
    """Are the functions of the assisted views."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._prices: dict[int, Prices] = {}
        self._unpack = Unpacker(connection)

    def cost(
        self, project: int, model: str, provider: str | None, start_ns: int, *tokens: int
    ) -> float | None:
        if project not in self._prices:
            self._prices[project] = Prices(prices(self._connection, project))
        cost = self._prices[project].cost(model, provider, start_ns, tokens)
        return None if cost is None else cost.total

    def json(self, text: str | None, is_packed: int) -> str | None:
        if text is None or not is_packed:
            return text
        return orjson.dumps(self._unpack(text, is_packed)).decode()
