"""The statements that read ops, objects, tables and files."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.records.answers import (
    HeldRefs,
    ObjectSummary,
    ObjectVersion,
    OpSummary,
    OpVersion,
    OpVersions,
    TablePage,
    TableRow,
)
from weavelite.refs import SCHEME, is_ref, op_name
from weavelite.store import labels
from weavelite.store.labels import aliases, tags
from weavelite.store.rows import microseconds
from weavelite.store.tallies import MARK, WIDTHS

_VERSION_NUMBER = re.compile(r"v(\d{1,12})")
_DIGEST_PREFIX = 4
_VARIABLES = 900
_MOST_HOLDERS = 5_000

_CALLS_BY_OP = (
    "WITH counted(op_key, calls) AS (SELECT op_key, sum(calls) FROM ("
    f"SELECT op_key, calls FROM _tallies WHERE project_id = ?1 AND width = {WIDTHS[-1]} UNION ALL"
    " SELECT op_key, 1 FROM calls WHERE +project_id = ?1"
    f" AND seq > (SELECT upto FROM _marks WHERE name = '{MARK}')) GROUP BY op_key)"
)
_OP = (
    f"{_CALLS_BY_OP} SELECT name, kind, digest, version, created_ns,"
    " coalesce((SELECT calls FROM counted WHERE op_key = ops.key), 0), code FROM ops"
    " WHERE project_id = ?1 AND name IN (SELECT value FROM json_each(?2)) AND digest IS NOT NULL"
)
_OBJECT = (
    "SELECT name, kind, class_name, digest, version, created_ns, val FROM objects"
    " WHERE project_id = ? AND name = ?"
)


def ops(connection: sqlite3.Connection, project: int) -> list[OpSummary]:
    """Returns the ops of a project by name."""
    found = connection.execute(
        f"{_CALLS_BY_OP} SELECT name, max(kind),"
        " sum(coalesce((SELECT calls FROM counted WHERE op_key = ops.key), 0)), count(digest),"
        " max((SELECT start_ns FROM calls WHERE op_key = ops.key ORDER BY id DESC LIMIT 1))"
        " FROM ops WHERE project_id = ?1 GROUP BY name ORDER BY name",
        (project,),
    )
    return [
        OpSummary(
            name=row[0], kind=row[1], calls=row[2], versions=row[3], last_us=microseconds(row[4])
        )
        for row in found
    ]


def _op_version(row: tuple[Any, ...], code: str | None = None) -> OpVersion:
    name, kind, digest, version, created_ns, calls, _ = row
    return OpVersion(
        name=name,
        kind=kind,
        digest=digest,
        version=version,
        created_us=created_ns // 1000,
        calls=calls,
        code=code,
    )


def op_versions(connection: sqlite3.Connection, project: int, name: str) -> OpVersions:
    """Returns the versions of an op, newest first, without code."""
    names = _own_names(connection, project, name)
    (kind,) = connection.execute(
        "SELECT max(kind) FROM ops"
        " WHERE project_id = ? AND name IN (SELECT value FROM json_each(?))",
        (project, names),
    ).fetchone()
    if kind is None:
        raise NotFoundError(f"There is no op {name!r} in this project.")
    found = connection.execute(f"{_OP} ORDER BY version DESC", (project, names))
    return OpVersions(name=name, kind=kind, versions=[_op_version(row) for row in found])


def op_version(connection: sqlite3.Connection, project: int, name: str, version: str) -> OpVersion:
    """Returns one version of an op with its code."""
    condition, value = _of_version(version)
    if version == "latest":
        condition, value = "1 OR ?3", 0
    names = _own_names(connection, project, name)
    row = connection.execute(
        f"{_OP} AND ({condition}) ORDER BY version DESC LIMIT 1", (project, names, value)
    ).fetchone()
    if row is None:
        raise NotFoundError(f"There is no version {version!r} of op {name!r} in this project.")
    return _op_version(row, file(connection, row[6]).decode() if row[6] else None)


def _own_names(connection: sqlite3.Connection, project: int, name: str) -> str:
    """Lists, as JSON, the ops of a name or else those whose refs carry it: `my op` as `my-op`."""
    query = "SELECT DISTINCT name FROM ops WHERE project_id = ?"
    names = [own for (own,) in connection.execute(query, (project,))]
    fitting = [own for own in names if op_name(own) == name]
    return json.dumps([name] if name in names else fitting)


def _of_version(version: str) -> tuple[str, str | int]:
    number = _VERSION_NUMBER.fullmatch(version)
    if number is not None:
        return "version = ?3", int(number[1])
    if _DIGEST_PREFIX <= len(version) < 43 and version.isalnum():
        return f"substr(digest, 1, {len(version)}) = ?3", version
    return "digest = ?3", version


def objects(connection: sqlite3.Connection, project: int) -> list[ObjectSummary]:
    """Returns the objects of a project by name."""
    pointing, tagged = labels.of_project(connection, project)
    found = connection.execute(
        "SELECT o.name, o.kind, o.class_name, n.versions, o.digest, o.version, o.created_ns"
        " FROM (SELECT name, count(*) AS versions FROM objects WHERE project_id = ?1 GROUP BY name)"
        " n JOIN objects o ON o.project_id = ?1 AND o.name = n.name AND o.digest ="
        " (SELECT a.digest FROM aliases a WHERE a.project_id = ?1 AND a.name = n.name"
        " AND a.alias = 'latest' ORDER BY a.id DESC LIMIT 1) ORDER BY o.name",
        (project,),
    )
    return [
        ObjectSummary(
            name=row[0],
            kind=row[1],
            class_name=row[2],
            versions=row[3],
            latest=row[4],
            version=row[5],
            created_us=row[6] // 1000,
            aliases=pointing.get(row[0], {}),
            tags=tagged.get(row[0], {}),
        )
        for row in found
    ]


def held_refs(connection: sqlite3.Connection, project: int) -> list[HeldRefs]:
    """Returns the newest versions of objects that hold refs, newest first."""
    found = connection.execute(
        "SELECT name, kind, class_name, digest, version, created_ns, val FROM objects"
        " WHERE project_id = ? AND instr(val, ?) ORDER BY created_ns DESC LIMIT ?",
        (project, SCHEME, _MOST_HOLDERS),
    )
    return [
        HeldRefs(
            name=row[0],
            kind=row[1],
            class_name=row[2],
            digest=row[3],
            version=row[4],
            created_us=row[5] // 1000,
            refs=list(dict.fromkeys(_refs(json.loads(row[6])))),
        )
        for row in found
    ]


def _refs(value: Any) -> Iterator[str]:
    match value:
        case str() if is_ref(value):
            yield value
        case dict():
            for item in value.values():
                yield from _refs(item)
        case list():
            for item in value:
                yield from _refs(item)


def _object(
    connection: sqlite3.Connection, project: int, row: tuple[Any, ...], *, value: bool
) -> ObjectVersion:
    name, kind, class_name, digest, version, created_ns, val = row
    return ObjectVersion(
        name=name,
        kind=kind,
        class_name=class_name,
        digest=digest,
        version=version,
        created_us=created_ns // 1000,
        aliases=[alias for alias, target in aliases(connection, project, name) if target == digest],
        tags=tags(connection, project, name, digest),
        value=json.loads(val) if value else None,
    )


def object_versions(connection: sqlite3.Connection, project: int, name: str) -> list[ObjectVersion]:
    """Returns the versions of an object, newest first, without values."""
    found = connection.execute(f"{_OBJECT} ORDER BY version DESC", (project, name)).fetchall()
    if not found:
        raise NotFoundError(f"There is no object {name!r} in this project.")
    return [_object(connection, project, row, value=False) for row in found]


def object_version(
    connection: sqlite3.Connection, project: int, name: str, version: str
) -> ObjectVersion:
    """Returns one version of an object; aliases come before digests that begin so."""
    pointed = dict(aliases(connection, project, name)).get(version)
    condition, value = ("digest = ?3", pointed) if pointed else _of_version(version)
    found = connection.execute(
        f"{_OBJECT} AND ({condition}) LIMIT 2", (project, name, value)
    ).fetchall()
    if not found:
        known = connection.execute(f"{_OBJECT} LIMIT 1", (project, name)).fetchone()
        what = f"version {version!r} of object {name!r}" if known else f"object {name!r}"
        raise NotFoundError(f"There is no {what} in this project.")
    if len(found) > 1:
        raise NotFoundError(f"More than one version of {name!r} begins with {version!r}.")
    return _object(connection, project, found[0], value=True)


def table_rows(connection: sqlite3.Connection, digest: str, after: int, limit: int) -> TablePage:
    """Returns the rows of a table that come after an index."""
    size = connection.execute("SELECT size FROM tables WHERE digest = ?", (digest,)).fetchone()
    if size is None:
        raise NotFoundError(f"There is no table {digest}.")
    found = connection.execute(
        "SELECT t.position, t.row_digest, r.val FROM table_rows t JOIN rows r"
        " ON r.digest = t.row_digest WHERE t.table_digest = ? AND t.position > ?"
        " ORDER BY t.position LIMIT ?",
        (digest, after, limit),
    )
    page = [TableRow(index=row[0], digest=row[1], value=json.loads(row[2])) for row in found]
    more = bool(page) and page[-1].index + 1 < size[0]
    return TablePage(rows=page, total=size[0], next=page[-1].index if more else None)


def row_digests(connection: sqlite3.Connection, table: str) -> list[str]:
    """Returns the digests of the rows of a table, in their order."""
    found = connection.execute(
        "SELECT row_digest FROM table_rows WHERE table_digest = ? ORDER BY position", (table,)
    )
    return [digest for (digest,) in found]


def rows(connection: sqlite3.Connection, digests: Sequence[str]) -> dict[str, object]:
    """Returns the values of rows by their digests; what is not there is left out."""
    values: dict[str, object] = {}
    for start in range(0, len(digests), _VARIABLES):
        some = list(digests[start : start + _VARIABLES])
        marks = ", ".join("?" * len(some))
        found = connection.execute(f"SELECT digest, val FROM rows WHERE digest IN ({marks})", some)
        values.update((digest, json.loads(val)) for digest, val in found)
    return values


def file(connection: sqlite3.Connection, digest: str) -> bytes:
    """Returns the content of a file."""
    row = connection.execute("SELECT content FROM files WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no file {digest}.")
    return bytes(row[0])
