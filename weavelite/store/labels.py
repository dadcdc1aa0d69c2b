"""Names that move between versions of objects (aliases), and labels on them (tags).

Both are histories: setting and taking back are rows that are added, and the newest row counts.
"""

import sqlite3

from weavelite.records.answers import LabelChange

TABLE = """
CREATE TABLE tags(
  id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
  tag TEXT NOT NULL, is_set INTEGER NOT NULL, created_ns INTEGER NOT NULL) STRICT;
CREATE INDEX tags_by_version ON tags(project_id, name, digest, tag);
"""
NOWHERE = ""
"""Is where an alias points that was taken away."""

_LATEST = "latest"


def aliases(connection: sqlite3.Connection, project: int, name: str) -> list[tuple[str, str]]:
    """Lists where each alias of an object points now."""
    return connection.execute(
        "SELECT alias, digest FROM aliases WHERE id IN"
        " (SELECT max(id) FROM aliases WHERE project_id = ? AND name = ? GROUP BY alias)"
        " AND digest <> ? ORDER BY alias",
        (project, name, NOWHERE),
    ).fetchall()


def set_alias(
    connection: sqlite3.Connection, project: int, name: str, alias: str, digest: str, at_ns: int
) -> None:
    """Points an alias at a version, or NOWHERE, unless it points there already."""
    now = connection.execute(
        "SELECT digest FROM aliases WHERE project_id = ? AND name = ? AND alias = ?"
        " ORDER BY id DESC LIMIT 1",
        (project, name, alias),
    ).fetchone()
    if (NOWHERE if now is None else now[0]) != digest:
        connection.execute(
            "INSERT INTO aliases(project_id, name, alias, digest, created_ns) VALUES (?,?,?,?,?)",
            (project, name, alias, digest, at_ns),
        )


def tags(connection: sqlite3.Connection, project: int, name: str, digest: str) -> list[str]:
    """Lists the tags of a version, by name."""
    found = connection.execute(
        "SELECT tag FROM tags WHERE id IN (SELECT max(id) FROM tags"
        " WHERE project_id = ? AND name = ? AND digest = ? GROUP BY tag) AND is_set ORDER BY tag",
        (project, name, digest),
    )
    return [tag for (tag,) in found]


def set_tag(
    connection: sqlite3.Connection,
    project: int,
    name: str,
    digest: str,
    tag: str,
    is_set: bool,
    at_ns: int,
) -> None:
    """Puts a tag on a version or takes it off, unless that is so already."""
    if (tag in tags(connection, project, name, digest)) != is_set:
        connection.execute(
            "INSERT INTO tags(project_id, name, digest, tag, is_set, created_ns)"
            " VALUES (?,?,?,?,?,?)",
            (project, name, digest, tag, int(is_set), at_ns),
        )


def all_aliases(connection: sqlite3.Connection, project: int) -> list[str]:
    """Lists the aliases that a project uses now, by name; `latest` goes without saying."""
    found = connection.execute(
        "SELECT DISTINCT alias FROM aliases WHERE id IN (SELECT max(id) FROM aliases"
        " WHERE project_id = ? GROUP BY name, alias) AND digest <> ? AND alias <> ? ORDER BY alias",
        (project, NOWHERE, _LATEST),
    )
    return [alias for (alias,) in found]


def all_tags(connection: sqlite3.Connection, project: int) -> list[str]:
    """Lists the tags that a project uses now, by name."""
    found = connection.execute(
        "SELECT DISTINCT tag FROM tags WHERE id IN (SELECT max(id) FROM tags"
        " WHERE project_id = ? GROUP BY name, digest, tag) AND is_set ORDER BY tag",
        (project,),
    )
    return [tag for (tag,) in found]


def of_project(
    connection: sqlite3.Connection, project: int
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Returns, by object, the versions that aliases point at, and the newest that have a tag."""
    pointing = connection.execute(
        "SELECT a.name, a.alias, o.version FROM aliases a JOIN objects o ON"
        " o.project_id = a.project_id AND o.name = a.name AND o.digest = a.digest WHERE a.id IN"
        " (SELECT max(id) FROM aliases WHERE project_id = ? GROUP BY name, alias)"
        " AND a.alias <> ? ORDER BY a.alias",
        (project, _LATEST),
    )
    tagged = connection.execute(
        "SELECT t.name, t.tag, max(o.version) FROM tags t JOIN objects o ON"
        " o.project_id = t.project_id AND o.name = t.name AND o.digest = t.digest WHERE t.id IN"
        " (SELECT max(id) FROM tags WHERE project_id = ? GROUP BY name, digest, tag) AND t.is_set"
        " GROUP BY t.name, t.tag ORDER BY t.tag",
        (project,),
    )
    return _by_name(pointing), _by_name(tagged)


def _by_name(rows: sqlite3.Cursor) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, label, version in rows:
        found.setdefault(name, {})[label] = version
    return found


def changes(connection: sqlite3.Connection, project: int, name: str) -> list[LabelChange]:
    """Returns the history of an object's aliases and tags, newest first."""
    found = connection.execute(
        "SELECT kind, label, is_set, digest, (SELECT version FROM objects o WHERE"
        " o.project_id = ?1 AND o.name = ?2 AND o.digest = h.digest), created_ns FROM ("
        " SELECT 'alias' AS kind, alias AS label, digest <> ?3 AS is_set, iif(digest <> ?3, digest,"
        " lag(digest, 1, '') OVER (PARTITION BY alias ORDER BY id)) AS digest, created_ns, id"
        " FROM aliases WHERE project_id = ?1 AND name = ?2 UNION ALL"
        " SELECT 'tag', tag, is_set, digest, created_ns, id FROM tags"
        " WHERE project_id = ?1 AND name = ?2) h ORDER BY created_ns DESC, id DESC",
        (project, name, NOWHERE),
    )
    return [
        LabelChange(
            kind=row[0],
            label=row[1],
            is_set=bool(row[2]),
            digest=row[3],
            version=row[4],
            at_us=row[5] // 1000,
        )
        for row in found
    ]
