"""Fills in tokens that no provider told: read and counted outside of any transaction."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from weavelite.estimates import Estimator, estimate
from weavelite.store import metering
from weavelite.store.unpack import Unpacker
from weavelite.usage import Tokens

PIECE = 50

_WAITING = (
    "SELECT n.seq, c.trace_id, c.span_id, c.model, o.kind, b.inputs, b.output, b.rest, b.packed"
    " FROM unmetered n JOIN calls c ON c.seq = n.seq JOIN ops o ON o.key = c.op_key"
    " JOIN bodies b ON b.seq = n.seq WHERE n.seq > ? ORDER BY n.seq LIMIT ?"
)

Counted = tuple[int, tuple[bytes, bytes], metering.Report | None]
"""Is seq, trace id and span id, and the estimate; None of a call that has nothing to count."""


class Counting:
    """Goes through the calls that wait to be counted, piece by piece, again and again."""

    def __init__(self, estimator: Estimator | None = None) -> None:
        self._estimator = estimator or Estimator()
        self._after = 0

    def next_piece(self, connection: sqlite3.Connection) -> list[Counted]:
        """Counts the next calls; those whose encoding is not here are left for later."""
        waiting = connection.execute(_WAITING, (self._after, PIECE)).fetchall()
        self._after = waiting[-1][0] if len(waiting) == PIECE else 0
        return list(self._counted(waiting, Unpacker(connection)))

    def _counted(self, waiting: list[tuple[Any, ...]], read: Unpacker) -> Iterator[Counted]:
        for seq, trace_id, span_id, model, kind, inputs, output, rest, packed in waiting:
            span = (trace_id, span_id)
            if kind != "llm" or output is None or model is None:
                yield seq, span, None
                continue
            encoding = self._estimator.encoding(model)
            if encoding is None:
                continue
            found = estimate(encoding, read(inputs, packed & 1), read(output, packed & 2))
            if found is None:
                yield seq, span, None
                continue
            provider = metering.provider_of(read(rest, packed & 4)) if rest else None
            yield seq, span, (model, provider, True, Tokens(input=found[0], output=found[1]))


def keep(connection: sqlite3.Connection, counted: list[Counted]) -> int:
    """Writes estimates inside the caller's transaction; returns how many."""
    kept = 0
    for seq, span, report in counted:
        gone = connection.execute("DELETE FROM unmetered WHERE seq = ?", (seq,))
        if gone.rowcount == 1 and report is not None:
            metering.add_estimate(connection, span, report)
            kept += 1
    return kept
