"""What is on its way into a store."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class CallWrite(NamedTuple):
    """Is a call on its way into a store: started (`end_ns` None) or ended. Bodies are JSON text."""

    id: bytes
    trace_id: bytes
    span_id: bytes
    parent_span: bytes | None
    op_key: int
    start_ns: int
    end_ns: int | None
    failed: bool
    inputs: str
    output: str | None
    rest: dict[str, Any]
    fresh: bool
    """True when no earlier record of this call can be in the store."""
    remote: bool = False
    """True when the parent ran in another process, which may trace elsewhere."""


@dataclass(slots=True)
class OpWrite:
    """Is an op version on its way into a store; `code` is the digest of a file."""

    key: int
    project: str
    name: str
    kind: str
    digest: str | None = None
    code: str | None = None
    created_ns: int = 0


@dataclass(slots=True)
class ObjectWrite:
    """Is a published object on its way into a store; `val` is its JSON."""

    project: str
    name: str
    digest: str
    kind: str
    class_name: str | None
    val: str
    created_ns: int
    aliases: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TableWrite:
    """Is some rows of a table on their way into a store, as digest and JSON.

    The rows begin at `start` of `size`, None where they are the whole table. The table is there
    when its last row is.
    """

    digest: str
    rows: list[tuple[str, str]]
    start: int = 0
    size: int | None = None


@dataclass(slots=True)
class FeedbackWrite:
    """Is feedback on its way into a store."""

    id: str
    project: str
    call_id: str
    type: str
    payload: dict[str, Any]
    creator: str | None
    created_ns: int


class EventWrite(NamedTuple):
    """Is an event of a span, as JSON, which may come before its span does."""

    trace_id: bytes
    span_id: bytes
    event: str


class KeptSpan(NamedTuple):
    """Is what a store keeps of a span that came from OpenTelemetry; `raw` is as it was sent."""

    seq: int
    trace_id: bytes
    span_id: bytes
    parent_span: bytes | None
    start_ns: int
    end_ns: int | None
    project: str
    raw: dict[str, Any]


@dataclass(slots=True)
class ProcessWrite:
    """Says which process wrote: its calls that never ended are interrupted once it is gone."""

    id: str
    host: str
    pid: int
    started_ns: int
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """Is everything that one transaction of a drain writes, in the order that it needs."""

    process: ProcessWrite | None = None
    files: list[tuple[str, bytes]] = field(default_factory=list)
    ops: list[OpWrite] = field(default_factory=list)
    tables: list[TableWrite] = field(default_factory=list)
    objects: list[ObjectWrite] = field(default_factory=list)
    calls: list[CallWrite] = field(default_factory=list)
    feedback: list[FeedbackWrite] = field(default_factory=list)
    events: list[EventWrite] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """What is added to the counters of the store, such as records that were lost."""


@dataclass(slots=True, frozen=True)
class Progress:
    """Moves the cursor of a segment in the transaction that writes what was read from it."""

    segment: str
    start: int
    end: int
    process: str | None = None
    finished: bool = False
