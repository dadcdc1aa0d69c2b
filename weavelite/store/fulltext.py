"""Searches texts: bodies, what they share in the pool, models, errors and names.

An index of trigrams says in which blocks of calls and of pool entries a text may be; whether it is
there is always read. So a search finds any part of a text, in any language, and the index stays
small. It is built in pieces by who serves the store; `_marks` says how far it is, and what came
later is read through. Where SQLite has no such index, everything is.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from weavelite.errors import QueryError
from weavelite.query import CallQuery
from weavelite.store.packed import TEXT

CALLS, POOL = "calls indexed", "pool indexed"
PENDING = 1024
"""Calls and entries that wait at least: most calls that are to end have ended then."""
_BLOCK, _POOL_BLOCK = 16, 4
_SLICE = 1024
_CHARACTERS = 400_000
"""What is indexed at a time, in a few hundredths of a second."""
_LATE = 200
_MOST = 400
"""Blocks up to which all finds are read at once; of more, the first that a list needs."""
_MANY = 4_000
"""The same for refs: calls with one are seldom among the newest, which a list would read first."""
_FAR = 8 * PENDING
_GRAM, _GRAMS = 3, 40
LONGEST = 4_000
"""Characters of a text that is searched for; SQLite has a limit of its own, on bytes."""

TABLES = "CREATE TABLE _texts_open(seq INTEGER PRIMARY KEY) STRICT"
_INDEX = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS {0} USING"
    " fts5(text, content = '', columnsize = 0, detail = none, tokenize = 'trigram')"
)
_COLUMNS = ("c.display_name", "c.error", "c.model")
_IN_JSON = "iif({0} IS NULL, '', json_quote({0}))"  # SQLite reads a text up to a NUL only
_TEXT_OF_CALL = " || ' ' || ".join(
    [*map(_IN_JSON.format, _COLUMNS), "b.inputs", "coalesce(b.output, '')"]
)
_CALLS_WITH_BODIES = "calls c JOIN bodies b ON b.seq = c.seq"
_LIKE = "LIKE ? ESCAPE '\\'"
_OWN_COLUMN = f"{{0}} {_LIKE} OR (instr({{0}}, char(0)) AND json_quote({{0}}) {_LIKE})"
_OWN = (
    f"({' OR '.join(map(_OWN_COLUMN.format, _COLUMNS))} OR EXISTS (SELECT 1 FROM"
    f" bodies b WHERE b.seq = c.seq AND (b.inputs {_LIKE} OR b.output {_LIKE})))"
)
_USERS = (
    "WITH RECURSIVE found(id) AS (SELECT id FROM pool WHERE {0}"
    f" value LIKE iif(kind = {TEXT}, ?, ?) ESCAPE '\\'"
    " UNION SELECT l.parent FROM pool_links l JOIN found ON l.child = found.id)"
    " SELECT u.seq FROM pool_uses u JOIN found ON u.pool_id = found.id"
)
"""The calls whose bodies refer to an entry with a text, or to a list that holds one."""
_MAYBE = (
    f"((c.seq - 1) / {_BLOCK} IN (SELECT value FROM json_each(?)) OR c.seq > ?"
    " OR c.seq IN (SELECT value FROM json_each(?)))"
)
_IN_BLOCKS = (
    "c.seq IN (SELECT x.seq FROM json_each(?) j JOIN calls x ON x.seq BETWEEN"
    f" j.value * {_BLOCK} + 1 AND (j.value + 1) * {_BLOCK}"
    " UNION ALL SELECT seq FROM calls WHERE seq > ? UNION ALL SELECT value FROM json_each(?))"
)
CHOSEN = "c.seq IN (SELECT value FROM json_each(?))"
_POOL_MAYBE = (
    f"id IN (SELECT p.id FROM json_each(?) j JOIN pool p ON p.id BETWEEN"
    f" j.value * {_POOL_BLOCK} + 1 AND (j.value + 1) * {_POOL_BLOCK}"
    " UNION ALL SELECT id FROM pool WHERE id > ?) AND"
)


class NoIndexError(Exception):
    """Says that there is no index of trigrams, or that this SQLite cannot have one."""


Condition = tuple[str, list[Any]]
"""Is a condition on calls `c`, and its values; CHOSEN names those that are found by number."""


def create(db: Any) -> None:
    """Makes the tables; the index itself is made by who fills it."""
    db.execute(TABLES)
    for name in (CALLS, POOL):
        db.execute("INSERT INTO _marks VALUES (?, 0)", (name,))


def _mark(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT upto FROM _marks WHERE name = ?", (name,)).fetchone()
    return int(row[0])


# Filling the index


def waiting(connection: sqlite3.Connection, keep: int = PENDING) -> bool:
    """Tells whether there is enough to index."""
    return any(
        connection.execute(f"SELECT coalesce(max({key}), 0) FROM {table}").fetchone()[0]
        - _mark(connection, mark)
        >= max(2 * keep, 1)
        for key, table, mark in (("seq", "calls", CALLS), ("id", "pool", POOL))
    )


def advance(connection: sqlite3.Connection, keep: int = PENDING) -> int:
    """Indexes a piece of what waits, in the caller's transaction; returns how many it was.

    Raises NoIndexError where SQLite has no index of trigrams.
    """
    try:
        for table in ("_body_texts", "_pool_texts"):
            connection.execute(_INDEX.format(table))
    except sqlite3.OperationalError as error:
        raise NoIndexError from error
    return _index_calls(connection, keep) + _index_pool(connection, keep)


def _index_calls(connection: sqlite3.Connection, keep: int) -> int:
    start = _mark(connection, CALLS)
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    end = _end(
        connection,
        "SELECT seq, length(inputs) + coalesce(length(output), 0) FROM bodies",
        "seq", start, last - keep, _BLOCK,
    )  # fmt: skip
    if end > start:
        connection.execute(
            f"INSERT INTO _body_texts(rowid, text) SELECT (c.seq - 1) / {_BLOCK} * 2,"
            f" group_concat({_TEXT_OF_CALL}, ' ') FROM {_CALLS_WITH_BODIES}"
            " WHERE c.seq > ? AND c.seq <= ? GROUP BY 1",
            (start, end),
        )
        connection.execute(
            "INSERT INTO _texts_open SELECT seq FROM calls"
            " WHERE seq > ? AND seq <= ? AND end_ns IS NULL",
            (start, end),
        )
        _move(connection, CALLS, end)
    return end - start + _index_late(connection)


def index_again(connection: sqlite3.Connection, seq: int) -> None:
    """Lets a call whose texts have changed be indexed once more, by itself."""
    if seq <= _mark(connection, CALLS):
        connection.execute("INSERT OR IGNORE INTO _texts_open VALUES (?)", (seq,))


def _index_late(connection: sqlite3.Connection) -> int:
    """Indexes calls that were open when their block was, each by itself."""
    late = connection.execute(
        "SELECT o.seq FROM _texts_open o LEFT JOIN calls c ON c.seq = o.seq"
        " WHERE c.seq IS NULL OR c.end_ns IS NOT NULL ORDER BY o.seq LIMIT ?",
        (_LATE,),
    ).fetchall()
    connection.executemany(
        f"INSERT INTO _body_texts(rowid, text) SELECT c.seq * 2 + 1, {_TEXT_OF_CALL}"
        f" FROM {_CALLS_WITH_BODIES} WHERE c.seq = ?",
        late,
    )
    connection.executemany("DELETE FROM _texts_open WHERE seq = ?", late)
    return len(late)


def _index_pool(connection: sqlite3.Connection, keep: int) -> int:
    start = _mark(connection, POOL)
    last = connection.execute("SELECT coalesce(max(id), 0) FROM pool").fetchone()[0]
    end = _end(
        connection, "SELECT id, length(value) FROM pool", "id", start, last - keep, _POOL_BLOCK
    )
    if end > start:
        connection.execute(
            f"INSERT INTO _pool_texts(rowid, text) SELECT (id - 1) / {_POOL_BLOCK},"
            " group_concat(value, ' ') FROM pool WHERE id > ? AND id <= ? GROUP BY 1",
            (start, end),
        )
        _move(connection, POOL, end)
    return end - start


def _end(
    connection: sqlite3.Connection, sizes: str, key: str, start: int, last: int, block: int
) -> int:
    """Chooses how far a piece goes: whole blocks, at least one, of not too much text."""
    last = start + max(0, min(last - start, _SLICE)) // block * block
    total = 0
    for number, size in connection.execute(
        f"{sizes} WHERE {key} > ? AND {key} <= ? ORDER BY {key}", (start, last)
    ):
        total += size
        if total > _CHARACTERS:
            return min(last, start + ((int(number) - start - 1) // block + 1) * block)
    return last


def _move(connection: sqlite3.Connection, name: str, upto: int) -> None:
    connection.execute("UPDATE _marks SET upto = ? WHERE name = ?", (upto, name))


def drop(connection: sqlite3.Connection) -> None:
    """Drops the index, which may hold parts of deleted texts; it is made anew from the rest."""
    for table in ("_body_texts", "_pool_texts"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute("DELETE FROM _texts_open")
    for name in (CALLS, POOL):
        _move(connection, name, 0)


# Searching


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Is a text, as patterns: as it is, and as it stands in JSON."""

    plain: str
    in_json: str

    @property
    def own(self) -> list[str]:
        """Are the values of `_OWN`."""
        return [self.plain, self.in_json] * len(_COLUMNS) + [self.in_json] * 2

    @property
    def pooled(self) -> list[str]:
        """Are the values of `_USERS`."""
        return [self.plain, self.in_json]


def wanted(connection: sqlite3.Connection, project: int, query: CallQuery) -> Condition | None:
    """Writes what calls with the texts of a query fulfil, None where it has none.

    Letters of ASCII are found in either case. Of several texts those that are found by the index
    alone come first; then the whole is told by `is_few`.
    """
    texts = [text for text in (query.text, *query.texts) if text]
    having = [_having(connection, project, text) for text in texts]
    lacking = [_having(connection, project, text) for text in query.lacking if text]
    having.sort(key=lambda condition: not is_few(condition))
    parts = [*having, *((f"({text}) IS NOT 1", values) for text, values in lacking)]
    if not parts:
        return None
    return " AND ".join(text for text, _ in parts), [v for _, values in parts for v in values]


def hint(connection: sqlite3.Connection, text: str, *, is_ref: bool = False) -> Condition | None:
    """Names the calls whose bodies hold a text; None where the index does not know, or of many.

    JSON must write the text as it is.
    """
    text = text[:LONGEST]
    match = _grams(text)
    try:
        patterns = _Wanted(_anywhere(text), _anywhere(text))
        found = match and _indexed(connection, patterns, match, [], _MANY if is_ref else _MOST)
    except NoIndexError:
        return None
    return found if found and is_few(found) else None


def is_few(condition: Condition) -> bool:
    """Tells whether a condition names the calls that can fulfil it."""
    return condition[0].startswith(CHOSEN)


def _having(
    connection: sqlite3.Connection, project: int, text: str, most: int = _MOST
) -> Condition:
    if len(text) > LONGEST:
        raise QueryError(
            f"text: {len(text):,} characters are too many to search for; {LONGEST:,} are allowed."
        )
    text = text.encode(errors="replace").decode()
    in_json = orjson.dumps(text).decode()[1:-1]
    patterns = _Wanted(_anywhere(text), _anywhere(in_json))
    ops = [
        row[0]
        for row in connection.execute(
            f"SELECT key FROM ops WHERE project_id = ? AND name {_LIKE}", (project, patterns.plain)
        )
    ]
    try:
        match = _grams(text, in_json)
        if match is not None:
            return _indexed(connection, patterns, match, ops, most)
    except NoIndexError:
        pass
    return _anything(patterns, ops, "1", [], _USERS.format(""), [])


def _anywhere(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def numbers(seqs: list[int]) -> str:
    """Writes the value of CHOSEN."""
    return orjson.dumps(seqs).decode()


def _grams(*texts: str) -> str | None:
    """Writes what finds blocks with one of some texts, None of those that are too short."""
    if any(len(text) < _GRAM or "\0" in text for text in texts):
        return None
    either = []
    for text in dict.fromkeys(texts):
        grams = list(dict.fromkeys(text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)))
        some = grams[:: -(-len(grams) // _GRAMS)]
        either.append(" AND ".join('"' + gram.replace('"', '""') + '"' for gram in some))
    return " OR ".join(f"({grams})" for grams in either)


def _indexed(
    connection: sqlite3.Connection, patterns: _Wanted, match: str, ops: list[int], most: int
) -> Condition:
    # What is not indexed is looked up first: what is indexed meanwhile is then found twice.
    upto, pool_upto = _mark(connection, CALLS), _mark(connection, POOL)
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM calls").fetchone()[0]
    single = [row[0] for row in connection.execute("SELECT seq FROM _texts_open")]
    found = _maybe(connection, "_body_texts", match, upto // _BLOCK)
    entries = _maybe(connection, "_pool_texts", match, pool_upto // _POOL_BLOCK)
    users, of_users = _USERS.format(""), []
    if entries is not None:
        users, of_users = _USERS.format(_POOL_MAYBE), [numbers(entries), pool_upto]
    if found is None:
        return _anything(patterns, ops, "1", [], users, of_users)
    blocks = [rowid >> 1 for rowid in found if not rowid & 1]
    single += [rowid >> 1 for rowid in found if rowid & 1]
    candidates = [numbers(blocks), upto, numbers(single)]
    near = last - upto <= _FAR and len(found) <= most
    if ops or not near or entries is None or len(entries) > _MOST:
        return _anything(patterns, ops, _MAYBE, candidates, users, of_users)
    seqs = connection.execute(
        f"SELECT c.seq FROM calls c WHERE {_IN_BLOCKS} AND {_OWN} UNION SELECT seq FROM ({users})",
        [*candidates, *patterns.own, *of_users, *patterns.pooled],
    ).fetchall()
    return CHOSEN, [numbers([row[0] for row in seqs])]


def _maybe(connection: sqlite3.Connection, table: str, match: str, blocks: int) -> list[int] | None:
    """Finds where a text may be; None where that is nearly everywhere, and no help."""
    most = max(_MOST, blocks // 8)
    try:
        found = connection.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?", (match, most + 1)
        ).fetchall()
    except sqlite3.OperationalError as error:  # nobody has made it, or SQLite cannot read it
        raise NoIndexError from error
    return [row[0] for row in found] if len(found) <= most else None


def _anything(
    patterns: _Wanted,
    ops: list[int],
    maybe: str,
    candidates: list[Any],
    users: str,
    of_users: list[Any],
) -> Condition:
    """Writes what is asked of one call after the other; what is cheap to tell comes first."""
    return (
        f"(c.op_key IN (SELECT value FROM json_each(?)) OR ({maybe} AND {_OWN})"
        f" OR c.seq IN ({users}))",
        [numbers(ops), *candidates, *patterns.own, *of_users, *patterns.pooled],
    )
