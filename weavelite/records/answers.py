"""What a store answers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from weavelite.records.words import Status


@dataclass(slots=True, kw_only=True)
class CallHeader:
    """Is a call without its bodies: what trees show."""

    id: str
    trace_id: str
    span_id: str
    parent_span_id: str | None
    op_name: str
    op_digest: str | None
    display_name: str | None
    kind: str
    status: Status
    start_us: int
    end_us: int | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    sum_tokens: int | None
    """Counts the tokens of the call and all below it, each once: those of the deepest reporters."""
    error: str | None
    thread_id: str | None
    sum_cost: float | None = None
    """Sums up, in US dollars, what is known of the cost of `sum_tokens`."""
    cost_partial: bool = False
    """Tells that some of `sum_tokens` have no known price."""
    estimated: bool = False
    """Tells that some of `sum_tokens` were counted here, since the provider told none."""


@dataclass(slots=True, kw_only=True)
class Shown:
    """Is a value as a cell of a list has it; `more` tells that it is longer than its text here."""

    value: int | float | bool | str | None
    more: bool = False


@dataclass(slots=True, kw_only=True)
class ListColumn:
    """Names what some calls hold, in how many of them it is, and what it is in one."""

    name: str
    calls: int
    example: Shown


@dataclass(slots=True, kw_only=True)
class ListedCall(CallHeader):
    """Is a call as a list shows it: with the start of its bodies, its reactions and scores."""

    input_preview: str = ""
    output_preview: str = ""
    reactions: list[str] = field(default_factory=list)
    scores: dict[str, int | float | bool | str] = field(default_factory=dict)
    values: list[Shown] = field(default_factory=list)
    """Are what was asked for as columns, in the order in which it was."""


@dataclass(slots=True, kw_only=True)
class Feedback:
    """Is a reaction, a note or a score that was attached to a call."""

    id: str
    call_id: str
    type: str
    payload: dict[str, Any]
    creator: str | None
    created_us: int

    @property
    def feedback_type(self) -> str:
        """Is the type, as Weave calls it."""
        return self.type

    @property
    def created_at(self) -> datetime:
        """Is when it was added, in UTC."""
        return datetime.fromtimestamp(self.created_us / 1e6, UTC)


@dataclass(slots=True, kw_only=True)
class Price:
    """Is what a user says that a token of a model costs, from a time on.

    Tokens of a cache that have no price of their own cost what a prompt's do.
    """

    id: str
    llm_id: str
    provider_id: str
    prompt_token_cost: float
    completion_token_cost: float
    cache_read_input_token_cost: float | None
    cache_creation_input_token_cost: float | None
    prompt_token_cost_unit: str
    completion_token_cost_unit: str
    effective_us: int
    created_us: int

    @property
    def effective_date(self) -> datetime:
        """Is the time from which it holds, in UTC."""
        return datetime.fromtimestamp(self.effective_us / 1e6, UTC)


@dataclass(slots=True, kw_only=True)
class ModelUsage:
    """Is what requests to one model used, and what that cost in US dollars, by bucket."""

    model: str
    provider: str | None
    requests: int
    tokens: dict[str, int]
    costs: dict[str, float]
    cost: float | None
    cost_partial: bool
    estimated: bool
    price: Price | None
    """Is the user's price that holds; None when it is the table's, or there is none."""
    input_price: float | None
    output_price: float | None


@dataclass(slots=True, kw_only=True)
class CallDetail(CallHeader):
    """Is a whole call."""

    reactions: list[str] = field(default_factory=list)
    scores: dict[str, int | float | bool | str] = field(default_factory=dict)
    parent_id: str | None
    project: str
    inputs: Any
    output: Any
    exception: str | None
    attributes: dict[str, Any]
    summary: dict[str, Any]
    otel: dict[str, Any] | None
    turn_id: str | None = None
    feedback: list[Feedback]
    usage: list[ModelUsage] = field(default_factory=list)
    """Is what the call and all below it used, a model each; `summary` has the provider's words."""


@dataclass(slots=True, kw_only=True)
class StoredCell:
    """Is a cell of a run, as far as verdicts are made of it: of long texts in it is the start."""

    id: str
    trace_id: str
    status: Status
    error: str | None
    inputs: Any
    output: Any
    attributes: dict[str, Any]
    sum_tokens: int | None
    sum_cost: float | None


@dataclass(slots=True, kw_only=True)
class CallPage:
    """Is a page of calls; `next` is the key to ask for the page after it.

    In an order other than that of start there is no page after it.
    """

    calls: list[ListedCall]
    next: str | None


@dataclass(slots=True, kw_only=True)
class ThreadSummary:
    """Is a conversation as a list shows it; figures are of its newest calls where it has `more`."""

    id: str
    newest: str
    """Is the id of the call by which it is placed: its newest, or the newest that was found."""
    latest: ListedCall
    """Is the turn in which something happened last."""
    turns: int
    calls: int
    more: bool
    errors: int
    running: int
    first_us: int
    last_us: int
    sum_tokens: int | None
    sum_cost: float | None
    cost_partial: bool
    estimated: bool


@dataclass(slots=True, kw_only=True)
class ThreadPage:
    """Is a page of conversations; `next` is the key to ask for the page after it."""

    threads: list[ThreadSummary]
    next: str | None


@dataclass(slots=True, kw_only=True)
class Trace:
    """Is all calls of a trace, by their start."""

    trace_id: str
    calls: list[CallHeader]


@dataclass(slots=True)
class PackedOp:
    """Is an op that several calls of a trace ran."""

    name: str
    digest: str | None
    kind: str


@dataclass(slots=True)
class Sparse:
    """Is a column that few calls have a value in."""

    rows: list[int]
    values: list[Any]


@dataclass(slots=True, kw_only=True)
class PackedTrace:
    """Is all calls of a trace, by their start, as columns."""

    trace_id: str
    first_us: int
    ops: list[PackedOp]
    id: list[str]
    op: list[int]
    start: list[int]
    took: list[int | None]
    parent: list[int | str | None]
    """Is a row, or the span id of a parent that is not in the trace."""
    span: Sparse
    """Is left out where it is the end of the id, as it is unless another program chose it."""
    others: dict[str, Sparse]


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Counts the calls that started in a span of time."""

    start_us: int
    end_us: int
    count: int
    errors: int


@dataclass(slots=True, kw_only=True)
class Stats:
    """Sums up the calls that a query finds; latencies are in microseconds.

    `tokens` counts each once: of roots with all below them, of other lists what each call reports.
    """

    count: int
    errors: int
    p50_us: int | None
    p95_us: int | None
    tokens: int
    first_us: int | None
    last_us: int | None
    histogram: list[Bucket]


@dataclass(slots=True, kw_only=True)
class FacetValue:
    """Counts the calls that have a value."""

    value: str
    count: int


@dataclass(slots=True, kw_only=True)
class Facet:
    """Counts calls by what a key of a search looks at; of numbers it tells least and most.

    The commonest values are named, and `more` are not. Where `among` is a number, only so many of
    the newest calls were counted.
    """

    key: str
    values: list[FacetValue]
    more: int = 0
    among: int | None = None
    low: float | None = None
    high: float | None = None
    scored: int = 0


@dataclass(slots=True, kw_only=True)
class ProjectSummary:
    """Says how much a project holds, and when something was last traced into it."""

    entity: str
    name: str
    traces: int
    last_us: int | None


@dataclass(slots=True, kw_only=True)
class OpSummary:
    """Says how often an op was called, in how many versions of its code."""

    name: str
    kind: str
    calls: int
    versions: int
    last_us: int | None


@dataclass(slots=True, kw_only=True)
class OpVersion:
    """Is a version of an op; `code` is its source with all user code that it reaches."""

    name: str
    kind: str
    digest: str
    version: int
    created_us: int
    calls: int
    code: str | None = None


@dataclass(slots=True, kw_only=True)
class OpVersions:
    """Lists the versions of an op, newest first: none where all its calls came without code."""

    name: str
    kind: str
    versions: list[OpVersion]


@dataclass(slots=True, kw_only=True)
class ObjectSummary:
    """Says what the latest version of an object is, and which versions have names and labels."""

    name: str
    kind: str
    class_name: str | None
    versions: int
    latest: str
    version: int
    created_us: int
    aliases: dict[str, int] = field(default_factory=dict)
    """Says which version each alias points at, `latest` left out."""
    tags: dict[str, int] = field(default_factory=dict)
    """Says which version is the newest that has a tag."""


@dataclass(slots=True, kw_only=True)
class LabelChange:
    """Says that an alias was pointed at a version, or a tag put on one, or that it was taken away.

    Of an alias that was taken away, `digest` and `version` say where it had pointed.
    """

    kind: str
    label: str
    is_set: bool
    digest: str
    version: int | None
    at_us: int


@dataclass(slots=True, kw_only=True)
class HeldRefs:
    """Is a version of an object, with the refs that its value holds."""

    name: str
    kind: str
    class_name: str | None
    digest: str
    version: int
    created_us: int
    refs: list[str]


@dataclass(slots=True, kw_only=True)
class OpNeighbours:
    """Counts which ops called an op, and which it called, in the newest traces that it is in."""

    traces: int
    callers: dict[str, int]
    callees: dict[str, int]


@dataclass(slots=True, kw_only=True)
class ObjectVersion:
    """Is a version of an object; `value` is its JSON, and None in lists of versions."""

    name: str
    kind: str
    class_name: str | None
    digest: str
    version: int
    created_us: int
    aliases: list[str]
    tags: list[str] = field(default_factory=list)
    value: Any = None


@dataclass(slots=True, kw_only=True)
class TableRow:
    """Is a row of a table."""

    index: int
    digest: str
    value: Any


@dataclass(slots=True, kw_only=True)
class TablePage:
    """Is a page of a table; `next` is the index to ask for rows after."""

    rows: list[TableRow]
    total: int
    next: int | None
