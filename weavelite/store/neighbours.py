"""Which ops call an op, and which it calls: seen in the newest traces that it is in."""

import sqlite3
from collections import Counter

from weavelite.records.answers import OpNeighbours

_TRACES, _CALLS = 20, 2_000
_NEWEST = 500
"""Calls of the op that are looked through for traces, and calls that are read of one trace."""


def neighbours(connection: sqlite3.Connection, project: int, name: str) -> OpNeighbours:
    """Counts callers and callees; what many traces or a long one hold is not read to its end."""
    traces = connection.execute(
        "SELECT DISTINCT trace_id FROM (SELECT c.trace_id FROM calls c WHERE c.op_key IN"
        " (SELECT key FROM ops WHERE project_id = ? AND name = ?) ORDER BY c.id DESC LIMIT ?)"
        " LIMIT ?",
        (project, name, _NEWEST, _TRACES),
    ).fetchall()
    callers: Counter[str] = Counter()
    callees: Counter[str] = Counter()
    for (trace,) in traces:
        calls = connection.execute(
            "SELECT c.span_id, c.parent_span, o.name FROM calls c JOIN ops o ON o.key = c.op_key"
            " WHERE c.trace_id = ? LIMIT ?",
            (trace, _CALLS),
        ).fetchall()
        ops = {span: op for span, _, op in calls}
        for _, parent, op in calls:
            caller = ops.get(parent)
            if caller is not None and op == name:
                callers[caller] += 1
            if caller == name:
                callees[op] += 1
    return OpNeighbours(
        traces=len(traces),
        callers=dict(callers.most_common()),
        callees=dict(callees.most_common()),
    )
