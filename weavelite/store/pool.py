"""What is large is kept once: strings, lists and dictionaries of bodies, by digest.

A body's strings and containers above a size are replaced by references. A list of messages refers
to the longest list that it continues, so that a chat of n turns takes the room of n turns; an
answer is kept so that the messages of the next turn can refer to it. What else is seen for the
first time stays where it is, since most of it never comes again. The drain packs, never the
caller; small bodies are not even parsed.
"""

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

from weavelite.store import counters, packed
from weavelite.store.recent import GENERATION, Recent

SMALL = 512
"""Characters of a body below which nothing is looked for."""
_LONG = 256
_DEEP = 100
"""Levels below which a body is kept as it came, far from the interpreter's limit."""
_BACK = 32
"""How many of a list's last items may be new for it to be found as a continuation."""
_CONTAINERS = frozenset({list, dict})


class _TooDeepError(Exception):
    """Says that a body has more levels than are packed."""


class Pool:
    """Packs bodies inside the caller's transaction, and remembers which entries there are."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._many = connection.executemany
        self._recent = Recent(connection)
        self._entries: list[tuple[int, bytes, int, str]] = []
        self._links: list[tuple[int, int]] = []
        self._refreshed = self._eager = False
        self._depth = 0

    def forget(self) -> None:
        """Forgets what a transaction that was rolled back has added."""
        self._recent.forget()
        self._refreshed = False
        self._entries.clear()
        self._links.clear()

    def begin(self) -> None:
        """Starts a transaction, before which others may have written."""
        self._refreshed = False

    def pack(self, text: str, refs: list[int], *, eager: bool = False) -> str:
        """Returns a JSON text with references for what is large, which it adds to `refs`.

        When none is added the text is returned as it was, and no reference is to be looked for.
        An eager packing keeps strings in the pool at first sight, others at the second.
        """
        if not self._refreshed:
            self._recent.refresh()
            self._refreshed = True
        self._eager, self._depth = eager, 0
        before = len(refs)
        try:
            whole = [_escaped(text)]
            self._inside(whole[0] if type(whole[0]) is dict else whole, refs)
        except (_TooDeepError, RecursionError):
            del refs[before:]
        return text if len(refs) == before else orjson.dumps(whole[0]).decode()

    def flush(self) -> None:
        """Writes the entries that packing has made."""
        self._many("INSERT INTO pool(id, digest, kind, value) VALUES (?,?,?,?)", self._entries)
        self._many("INSERT OR IGNORE INTO pool_links(child, parent) VALUES (?,?)", self._links)
        self._entries.clear()
        self._links.clear()

    def _inside(self, holder: Any, refs: list[int]) -> None:
        """Packs in its place what is in a container, and not the container."""
        if self._depth == _DEEP:
            raise _TooDeepError
        self._depth += 1
        for place, value in holder.items() if type(holder) is dict else enumerate(holder):
            kind = type(value)
            if kind is str:
                if len(value) >= _LONG:
                    holder[place] = self._text(value, refs)
            elif kind is dict:
                holder[place] = self._node(value, refs)
            elif kind is list:
                whole = _CONTAINERS.isdisjoint(map(type, value))
                holder[place] = (self._node if whole else self._list)(value, refs)
        self._depth -= 1

    def _text(self, text: str, refs: list[int]) -> str:
        digest = _digest(b"text" + text.encode())
        seen = self._recent.seen(digest)
        if not seen and not self._eager:
            return text
        id = (seen and self._recent.find(digest)) or self._add(digest, *_kept(text), ())
        refs.append(id)
        return packed.entry(id)

    def _node(self, value: Any, refs: list[int]) -> Any:
        """Packs a dictionary, or a list without containers."""
        own: list[int] = []
        self._inside(value, own)
        text = orjson.dumps(value)
        if len(text) >= _LONG:
            digest = _digest(b"node" + text)
            if self._recent.seen(digest):
                id = self._recent.find(digest)
                own = [id or self._add(digest, packed.NODE, text.decode(), own)]
                value = packed.entry(own[0])
        refs += own
        return value

    def _list(self, items: list[Any], refs: list[int]) -> Any:
        """Packs a list of containers as the continuation of the longest one that is known."""
        digests = _beginnings(items)
        found = ((new, self._recent.find(digest)) for new, digest in enumerate(digests))
        new, start = next((pair for pair in found if pair[1]), (len(items), None))
        if start is not None and not new:
            refs.append(start)
            return packed.entry(start)
        own: list[int] = []
        rest = items[len(items) - new :]
        for item in rest:
            if type(item) in _CONTAINERS:
                self._inside(item, own)
        if start is not None:
            own.append(start)
            rest.insert(0, packed.items_of(start))
        text = orjson.dumps(rest)
        if start is None and len(text) < _LONG:
            refs += own
            return rest
        id = self._add(digests[0], packed.NODE, text.decode(), own)
        refs.append(id)
        return packed.entry(id)

    def _add(self, digest: bytes, kind: int, value: str, children: Iterable[int]) -> int:
        id = self._recent.add(digest)
        self._entries.append((id, digest, kind, value))
        self._links += [(child, id) for child in set(children)]
        return id


def _escaped(text: str) -> Any:
    """Reads JSON; strings and keys that could be taken for references are escaped."""
    value = orjson.loads(text)
    return packed.escaped(value) if packed.MARK in text or "\\u007f" in text else value


def _kept(text: str) -> tuple[int, str]:
    """Says how a text is kept: as JSON when it has a NUL, since SQLite searches only up to one."""
    return (packed.NODE, orjson.dumps(text).decode()) if "\0" in text else (packed.TEXT, text)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:16]


def _beginnings(items: list[Any]) -> list[bytes]:
    """Returns the digests of a list, of it without its last item, without its last two, ...

    They are of the items' text as it came, so that what is known need not be packed to be found.
    """
    head = items[:-_BACK]
    text = orjson.dumps(head)[1:-1] + b"," if head else b""
    running = hashlib.sha256(b"list" + text)
    digests = []
    for item in items[-_BACK:]:
        running.update(orjson.dumps(item) + b",")
        digests.append(running.copy().digest()[:16])
    return digests[::-1]


def release(connection: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """Deletes what only the bodies of some calls, which are still there, refer to."""
    loose: set[int] = set()
    for seq in seqs:
        loose |= unuse(connection, seq)
    if loose:
        _sweep(connection, loose)


def unuse(connection: sqlite3.Connection, seq: int) -> set[int]:
    """Takes back what the bodies of a call, which are still there, use; returns the entries."""
    found = connection.execute(
        "SELECT inputs, output, rest, packed FROM bodies WHERE seq = ?", (seq,)
    ).fetchone()
    refs = {
        ref
        for bit, text in enumerate(found[:3] if found else ())
        if found[3] >> bit & 1
        for ref in packed.refs(orjson.loads(text))
    }
    connection.executemany(
        "DELETE FROM pool_uses WHERE pool_id = ? AND seq = ?", [(ref, seq) for ref in refs]
    )
    return refs


def _sweep(connection: sqlite3.Connection, loose: set[int]) -> None:
    while loose:
        id = loose.pop()
        used = connection.execute(
            "SELECT 1 FROM pool_uses WHERE pool_id = ? UNION ALL"
            " SELECT 1 FROM pool_links WHERE child = ? LIMIT 1",
            (id, id),
        ).fetchone()
        if used is not None:
            continue
        row = connection.execute(
            "DELETE FROM pool WHERE id = ? RETURNING kind, value", (id,)
        ).fetchone()
        if row is not None and row[0] == packed.NODE:
            children = set(packed.refs(orjson.loads(row[1])))
            connection.executemany(
                "DELETE FROM pool_links WHERE child = ? AND parent = ?",
                [(child, id) for child in children],
            )
            loose |= children
    counters.add(connection, {GENERATION: 1})
