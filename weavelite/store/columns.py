"""What a list shows of calls beside their headers: what bodies, scores and notes hold at a path."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import orjson

from weavelite.query import CallQuery, Field, written
from weavelite.records.answers import ListColumn, Shown
from weavelite.records.words import SCORE
from weavelite.serialize import looks_tagged
from weavelite.store import fulltext, narrowing, sql
from weavelite.store.fields import of_calls
from weavelite.store.preview import LIMIT, PARSED, preview
from weavelite.store.stepping import FALSE, TRUE, below
from weavelite.store.unpack import Unpacker

NEWEST = 300
"""Calls that are looked through for names of columns."""
MOST_NAMES = 200
_DEPTH = 3
_BODIES = {"inputs": 1, "output": 2, "rest": 4}
_AMONG = "c.seq IN (SELECT value FROM json_each(?))"
_REMEMBERED = 4_000_000


def values(
    connection: sqlite3.Connection, seqs: Sequence[int], fields: Sequence[Field]
) -> dict[int, list[Any]]:
    """Reads what calls hold in some fields, whole, in the order of the fields."""
    found: dict[int, list[Any]] = {seq: [None] * len(fields) for seq in seqs}
    numbers = fulltext.numbers(list(seqs))
    in_bodies = [(at, field) for at, field in enumerate(fields) if field.root in _BODIES]
    others = [(at, field) for at, field in enumerate(fields) if field.root not in _BODIES]
    if in_bodies:
        _from_bodies(connection, numbers, in_bodies, found)
    if others:
        _from_columns(connection, numbers, others, found)
    return found


def _from_bodies(
    connection: sqlite3.Connection,
    numbers: str,
    fields: list[tuple[int, Field]],
    found: dict[int, list[Any]],
) -> None:
    roots = sorted({field.root for _, field in fields})
    unpack = Unpacker(connection, most=_REMEMBERED)
    statement = (
        f"SELECT c.seq, c.packed, {', '.join(f'c.{root}' for root in roots)} FROM bodies c"
        f" WHERE {_AMONG}"
    )
    for seq, packed, *texts in connection.execute(statement, (numbers,)):
        bodies = {root: orjson.loads(text) for root, text in zip(roots, texts, strict=True) if text}
        for at, field in fields:
            path = [step for step in field.path if step is not None]
            body = bodies.get(field.root)
            is_packed = packed & _BODIES[field.root]
            found[seq][at] = unpack.at(body, path) if is_packed else reduce(below, path, body)


def _from_columns(
    connection: sqlite3.Connection,
    numbers: str,
    fields: list[tuple[int, Field]],
    found: dict[int, list[Any]],
) -> None:
    written = [of_calls(field).sql for _, field in fields]
    statement = (
        f"SELECT c.seq, {', '.join(item.text for item in written)} FROM calls c"
        f" JOIN ops o ON o.key = c.op_key WHERE {_AMONG}"
    )
    given = [value for item in written for value in item.values]
    for seq, *row in connection.execute(statement, (*given, numbers)):
        for (at, _), value in zip(fields, row, strict=True):
            found[seq][at] = {TRUE: True, FALSE: False}.get(value, value)


def shown(value: Any) -> Shown:
    """Shortens a value to what a cell of a list shows, and tells whether there is more of it."""
    if value is None or isinstance(value, bool | int | float):
        return Shown(value=value)
    line = preview(value)
    return Shown(value=line, more=len(line) > LIMIT)


def names(connection: sqlite3.Connection, project: int, query: CallQuery) -> list[ListColumn]:
    """Names what the newest calls that a query finds hold, with how many of them hold it."""
    text = narrowing.narrowed(connection, project, query)
    condition, given = sql.where(query, project, text)
    order, more = sql.order(query)
    seqs = [
        row[0]
        for row in connection.execute(
            "SELECT c.seq FROM calls c JOIN ops o ON o.key = c.op_key"
            f" WHERE {condition} ORDER BY {order} LIMIT {NEWEST}",
            [*given, *more],
        )
    ]
    counts: Counter[str] = Counter()
    examples: dict[str, Any] = {}
    for name, value in _held(connection, fulltext.numbers(seqs)):
        counts[name] += 1
        examples.setdefault(name, value)
    return [
        ListColumn(name=name, calls=calls, example=shown(examples[name]))
        for name, calls in counts.most_common(MOST_NAMES)
    ]


def _held(connection: sqlite3.Connection, numbers: str) -> Iterator[tuple[str, Any]]:
    unpack = Unpacker(connection, brief=True)
    statement = (
        "SELECT c.packed, c.inputs, c.output, c.rest FROM bodies c"
        f" WHERE {_AMONG} AND max(length(c.inputs), length(coalesce(c.output, '')),"
        f" length(coalesce(c.rest, ''))) <= {PARSED} ORDER BY c.seq DESC"
    )
    for packed, inputs, output, rest in connection.execute(statement, (numbers,)):
        if inputs:
            yield from _leaves(["inputs"], unpack(inputs, packed & 1))
        if output:
            yield from _leaves(["output"], unpack(output, packed & 2))
        attributes = unpack(rest, packed & 4).get("attributes") if rest else None
        yield from _leaves(["attributes"], attributes or {})
    scored = (
        "SELECT f.type, f.payload FROM feedback f JOIN calls c ON c.id = f.call_id"
        f" AND c.project_id = f.project_id WHERE {_AMONG} AND f.type GLOB ?"
    )
    for type, payload in connection.execute(scored, (numbers, SCORE + "*")):
        output = orjson.loads(payload).get("output")
        yield from _leaves(["scores", type.removeprefix(SCORE)], output)


def _leaves(path: list[str], value: Any) -> Iterator[tuple[str, Any]]:
    """Yields what is to be named: values that are no dictionaries, and what lies deep."""
    if isinstance(value, dict) and not looks_tagged(value) and len(path) <= _DEPTH:
        for key, item in value.items():
            yield from _leaves([*path, key], item)
    else:
        yield written(path), value
