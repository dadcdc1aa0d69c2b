"""What every store does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from weavelite.query import CallQuery, FeedbackQuery
from weavelite.records.answers import (
    CallDetail,
    CallHeader,
    CallPage,
    Facet,
    Feedback,
    HeldRefs,
    LabelChange,
    ListColumn,
    ObjectSummary,
    ObjectVersion,
    OpNeighbours,
    OpSummary,
    OpVersion,
    OpVersions,
    PackedTrace,
    Price,
    ProjectSummary,
    Stats,
    StoredCell,
    TablePage,
    ThreadPage,
    ThreadSummary,
    Trace,
)
from weavelite.records.figures import Overview, Scores, Spend, Users
from weavelite.records.writes import (
    Batch,
    CallWrite,
    FeedbackWrite,
    KeptSpan,
    OpWrite,
    Progress,
)

Remap = Callable[[KeptSpan, list[dict[str, Any]]], tuple[OpWrite, CallWrite]]
"""Makes a call anew of what is kept of its span, and of events that have come."""


class Remapped(NamedTuple):
    """Is what one piece of a remapping did: how many calls it made anew, and how many differ now.

    `changes` counts in what they differ; `next` is the place behind which the next piece begins,
    None at the end.
    """

    made: int
    changed: int
    changes: dict[str, int]
    next: int | None


class Store(Protocol):
    """Keeps what is written to it; a call that has ended never changes.

    Every method raises StoreError when the store cannot be reached, and NotFoundError when what it
    is asked for is not there. Projects are written `entity/name`.
    """

    patience: float | None
    """Is for how many seconds a write waits for others, be it waiting already; then none does.

    None, as it is at first: each for a while.
    """
    on_wait: Callable[[], object] | None
    """Is called when a write has waited for a second."""

    def ingest(self, batch: Batch, progress: Progress | None = None) -> bool:
        """Writes a batch and moves the cursor in one transaction.

        An end beats a start; an ended call is left alone; what was deleted does not come back.
        Returns False, and writes nothing, when the cursor is not where `progress` starts: somebody
        else has drained that piece.
        """

    def join_events(self, mapping: Remap, spans: Sequence[tuple[bytes, bytes]]) -> int:
        """Makes calls anew for which events wait, of some trace and span ids; returns how many."""

    def renew_mapped(
        self, mapping: Remap, older_than: int, after: int = 0, limit: int = 500
    ) -> Remapped:
        """Makes calls anew that a mapping of a version below `older_than` made, a piece at a time.

        Looks at some of the calls behind the place `after`.
        """

    def position(self, segment: str) -> int | None:
        """Returns how far a segment is drained, None when all of it is."""

    def calls(self, query: CallQuery) -> CallPage:
        """Returns a page of headers."""

    def count(self, query: CallQuery) -> int:
        """Counts the calls that a query finds, of its page."""

    def details(self, query: CallQuery, *, costs: bool = False) -> Iterator[CallDetail]:
        """Yields whole calls, in the order of the query; with costs and usage if asked for."""

    def cells(
        self, project: str, run: CallHeader, *, row: str | None = None, is_brief: bool = False
    ) -> Iterator[StoredCell]:
        """Yields the cells of a run in the order in which they began, priced.

        Args:
            project: of the run.
            run: its call.
            row: leaves out cells that cannot be about a row: its digest, or the start of it.
            is_brief: reads of long texts in outputs the start, and of lists what is new in them.

        """

    def cells_by_id(self, project: str, call_ids: Sequence[str]) -> Iterator[StoredCell]:
        """Yields cells by the ids of their calls, whole and unpriced."""

    def trace_state(self, project: str, trace_id: str) -> str:
        """Returns a text that changes when calls of a trace come or go, or what they cost."""

    def call(self, project: str, call_id: str, *, costs: bool = False) -> CallDetail:
        """Returns a whole call; with costs and usage if asked for."""

    def trace(self, project: str, trace_id: str) -> Trace:
        """Returns the headers of a trace, by their start; raises NotFoundError."""

    def packed_trace(self, project: str, trace_id: str) -> PackedTrace:
        """Returns the headers of a trace as columns; raises NotFoundError."""

    def overview(self, project: str, start: float, end: float) -> Overview:
        """Says how a project went from one moment to another, in seconds since 1970."""

    def spend(self, project: str, start: float, end: float) -> Spend:
        """Says what models used and cost from one moment to another."""

    def spend_of(self, query: CallQuery) -> Spend:
        """Says what models used and cost in what a query finds, by day and by model."""

    def users(
        self, project: str, start: float, end: float, order: str = "traces", limit: int = 50
    ) -> Users:
        """Says how the traces of users went from one moment to another: those of the first users.

        `order` is traces, errors, latency (its mean), tokens or cost, of which most comes first.
        """

    def scores(self, project: str, start: float, end: float) -> Scores:
        """Says how scores went from one moment to another."""

    def bounds(self, project: str) -> tuple[float, float] | None:
        """Says when the first and the last call of a project started; None when it has none."""

    def threads(
        self, project: str, text: str = "", before: str | None = None, limit: int = 50
    ) -> ThreadPage:
        """Returns threads, the one with the newest call first; those with a text, if one is given.

        The text is in their id, or in one of their calls, and the newest such call places them.
        `before` is the `next` of a page.
        """

    def thread(self, project: str, thread_id: str) -> ThreadSummary:
        """Returns what is told of one thread."""

    def turns(
        self, project: str, thread_id: str, before: str | None = None, limit: int = 50
    ) -> CallPage:
        """Returns the turns of a thread, newest first: its calls that are below none of its own."""

    def stats(self, query: CallQuery) -> Stats:
        """Sums up what a query finds."""

    def columns(self, query: CallQuery) -> list[ListColumn]:
        """Names what the newest calls that a query finds hold, the commonest first."""

    def facets(self, queries: Mapping[str, CallQuery]) -> list[Facet]:
        """Counts what queries find, each by its key: op, status, kind, model or scores."""

    def delete_calls(self, project: str, call_ids: Sequence[str]) -> int:
        """Deletes calls and all below them, for good; returns how many."""

    def count_below(self, project: str, call_ids: Sequence[str]) -> int:
        """Counts calls with all below them: those that `delete_calls` would delete."""

    def add_feedback(self, feedback: FeedbackWrite) -> Feedback:
        """Attaches feedback to a call."""

    def delete_feedback(self, project: str, feedback_id: str) -> int:
        """Takes feedback back; returns how many."""

    def feedback(self, project: str, call_id: str | None = None) -> list[Feedback]:
        """Returns the feedback of a call, or of a project, oldest first."""

    def find_feedback(self, query: FeedbackQuery) -> list[Feedback]:
        """Returns the feedback that a query finds, oldest first."""

    def add_price(self, project: str, price: Price) -> None:
        """Notes what the tokens of a model cost; it holds for calls of the past, too."""

    def purge_prices(self, project: str, ids: Sequence[str]) -> int:
        """Takes prices back; returns how many."""

    def estimate(self) -> int:
        """Counts tokens of some calls whose providers told none; returns how many it could.

        They are marked as estimates. Not for the thread of a traced program: it takes its time.
        """

    def index(self) -> int:
        """Brings what sums and searches read up to date, a piece; returns how many calls it was.

        Not for the thread of a traced program: it takes its time.
        """

    def prices(self, project: str) -> list[Price]:
        """Returns the prices that were given for a project, oldest first."""

    def projects(self) -> list[ProjectSummary]:
        """Returns all projects, the one with the newest call first."""

    def ops(self, project: str) -> list[OpSummary]:
        """Returns the ops of a project by name."""

    def op_versions(self, project: str, name: str) -> OpVersions:
        """Returns the versions of an op, newest first, without code: maybe none."""

    def op_version(self, project: str, name: str, version: str) -> OpVersion:
        """Returns one version of an op with its code; `version` is a digest, `v3` or `latest`."""

    def op_neighbours(self, project: str, name: str) -> OpNeighbours:
        """Counts callers and callees of an op in the newest traces that it is in."""

    def objects(self, project: str) -> list[ObjectSummary]:
        """Returns the objects of a project by name."""

    def object_versions(self, project: str, name: str) -> list[ObjectVersion]:
        """Returns the versions of an object, newest first, without values."""

    def object_version(self, project: str, name: str, version: str) -> ObjectVersion:
        """Returns one version of an object; `version` is a digest, `v3`, an alias or `latest`."""

    def set_alias(self, project: str, name: str, alias: str, version: str | None) -> None:
        """Points an alias at a version, or takes it away; its history is kept."""

    def set_tag(self, project: str, name: str, version: str, tag: str, is_set: bool = True) -> None:
        """Puts a tag on a version, or takes it off; its history is kept."""

    def label_changes(self, project: str, name: str) -> list[LabelChange]:
        """Returns how the aliases and tags of an object came to be as they are, newest first."""

    def held_refs(self, project: str) -> list[HeldRefs]:
        """Returns the newest versions of objects that hold refs, newest first."""

    def aliases(self, project: str) -> list[str]:
        """Lists the aliases that a project uses now, by name, without `latest`."""

    def tags(self, project: str) -> list[str]:
        """Lists the tags that a project uses now, by name."""

    def table_rows(self, digest: str, after: int = -1, limit: int = 100) -> TablePage:
        """Returns the rows of a table that come after an index."""

    def row_digests(self, table: str) -> list[str]:
        """Returns the digests of the rows of a table, in their order."""

    def rows(self, digests: Sequence[str]) -> dict[str, object]:
        """Returns the values of rows by their digests; what is not there is left out."""

    def file(self, digest: str) -> bytes:
        """Returns the content of a file."""

    def counters(self) -> dict[str, int]:
        """Returns what was counted of trouble: records lost, damaged, refused."""

    def revision(self) -> str:
        """Returns a text that changes when anything in the store does."""

    def close(self) -> None:
        """Closes all connections."""
