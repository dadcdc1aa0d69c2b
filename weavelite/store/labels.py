"""Names that move between versions of objects (aliases), and labels on them (tags).

Both are histories: setting and taking back are rows that are added, and the newest row counts.
"""

import sqlite3

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
