"""What routes answer beside the records of the store."""

from dataclasses import dataclass, field
from typing import Any

from weavelite.records.answers import (
    CallDetail,
    Facet,
    LabelChange,
    ListColumn,
    ListedCall,
    ObjectSummary,
    ObjectVersion,
    OpSummary,
    ProjectSummary,
    Shown,
    Stats,
    TableRow,
)
from weavelite.store.selecting import ViewColumns
from weavelite.verdicts import ComparedCell, EvaluationRun
from weavelite.verdicts.alone import RunScores


@dataclass(slots=True, kw_only=True)
class ServerInfo:
    """Says which weavelite answers, and from which store."""

    version: str
    store: str
    started_us: int


@dataclass(slots=True, kw_only=True)
class Projects:
    """Lists projects, the one with the newest call first."""

    projects: list[ProjectSummary]


@dataclass(slots=True, kw_only=True)
class Revision:
    """Changes when anything in the store does."""

    revision: str


@dataclass(slots=True, kw_only=True)
class Deleted:
    """Says how many were deleted."""

    deleted: int


@dataclass(slots=True, kw_only=True)
class DeletedCalls:
    """Says how many calls were chosen, and how many that makes with all below them."""

    chosen: int
    deleted: int


@dataclass(slots=True, kw_only=True)
class Columns:
    """Names what calls hold, the commonest first."""

    columns: list[ListColumn]


@dataclass(slots=True, kw_only=True)
class Previews:
    """Lists calls with the start of their bodies."""

    calls: list[ListedCall]


@dataclass(slots=True, kw_only=True)
class Cut:
    """Says that of a value at a path only the start is here: `next` is where the rest begins.

    `kind` is `text`, `list` or `object`; `total` counts letters, items or fields; `digest` names
    all of it, where this is asked for.
    """

    path: list[str]
    kind: str
    total: int
    next: int
    digest: str = ""


@dataclass(slots=True, kw_only=True)
class CallBody:
    """Is what went into a call, and what came out of it."""

    id: str
    inputs: Any
    output: Any
    cuts: list[Cut]


@dataclass(slots=True, kw_only=True)
class Bodies:
    """Lists bodies of calls; what several of them hold stands in `shared`."""

    shared: list[Any]
    calls: list[CallBody]


@dataclass(slots=True, kw_only=True)
class Facets:
    """Counts the calls that a search finds, by key."""

    facets: list[Facet]


@dataclass(slots=True, kw_only=True)
class Ops:
    """Lists ops by name."""

    ops: list[OpSummary]


@dataclass(slots=True, kw_only=True)
class VersionActivity:
    """Sums up the calls of a version of an op."""

    digest: str
    version: int
    stats: Stats


@dataclass(slots=True, kw_only=True)
class OpActivity:
    """Sums up the calls of the newest versions of an op, newest first."""

    versions: list[VersionActivity]


@dataclass(slots=True, kw_only=True)
class Objects:
    """Lists objects by name."""

    objects: list[ObjectSummary]


@dataclass(slots=True, kw_only=True)
class ObjectVersions:
    """Lists the versions of an object, newest first."""

    name: str
    kind: str
    versions: list[ObjectVersion]


@dataclass(slots=True, kw_only=True)
class TableRef:
    """Points at the rows of a dataset."""

    digest: str
    rows: int


@dataclass(slots=True, kw_only=True)
class ObjectDetail(ObjectVersion):
    """Is a version of an object, with where its rows are if it is a dataset."""

    table: TableRef | None = None
    cuts: list[Cut] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class LabelChanges:
    """Lists changes of an object's aliases and tags, newest first."""

    changes: list[LabelChange]


@dataclass(slots=True, kw_only=True)
class Uses:
    """Counts the calls that had a ref among their inputs, and lists calls that gave it back.

    `more` tells that there are more calls than were counted.
    """

    calls: int
    more: bool
    made_by: list[ListedCall]


@dataclass(slots=True, kw_only=True)
class ShownRow(TableRow):
    """Is a row whose large cells may be cut; `size` is how many bytes of JSON all of it is."""

    cuts: list[Cut] = field(default_factory=list)
    size: int


@dataclass(slots=True, kw_only=True)
class ShownRows:
    """Is a page of a table; `next` is the index to ask for rows after."""

    rows: list[ShownRow]
    total: int
    next: int | None


@dataclass(slots=True, kw_only=True)
class ChangedRow:
    """Is a row that was `added`, `removed` or `changed`, with its places and values.

    A row that is large comes without its values: `is_large` says so.
    """

    kind: str
    before_index: int | None
    after_index: int | None
    before: Any
    after: Any
    is_large: bool = False


@dataclass(slots=True, kw_only=True)
class TableChanges:
    """Counts rows that differ between two tables, and lists the first of them."""

    added: int
    removed: int
    changed: int
    same: int
    rows: list[ChangedRow]


@dataclass(slots=True, kw_only=True)
class Evaluations:
    """Lists runs of evaluations, newest first."""

    evaluations: list[EvaluationRun]


@dataclass(slots=True, kw_only=True)
class FirstDifference:
    """Is the first thing in which two traces diverge, and the ops by which one gets there.

    `what` is `op`, `inputs`, `output`, `error`, `order`, or `calls` where only one has the call.
    """

    path: list[str]
    what: str
    before_id: str | None
    after_id: str | None


@dataclass(slots=True, kw_only=True)
class TraceComparison:
    """Says how two traces compare: `same` counts calls that are equal in both."""

    before: int
    after: int
    same: int
    first: FirstDifference | None


@dataclass(slots=True, kw_only=True)
class SqlViews:
    """Lists views, and queries to begin with."""

    views: list[ViewColumns]
    examples: list[str]


@dataclass(slots=True, kw_only=True)
class SqlResult:
    """Is what a statement found: `more` tells that there are more rows; bytes are hexadecimal."""

    columns: list[str]
    rows: list[list[str | int | float | None]]
    more: bool
    seconds: float


@dataclass(slots=True, kw_only=True)
class ScoresOfRuns:
    """Says of runs what their rows say so far."""

    runs: list[RunScores]


@dataclass(slots=True, kw_only=True)
class CellBodies:
    """Holds cells of runs, and rows of datasets by their digests; what is not there is left out."""

    cells: list[ComparedCell]
    rows: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Problem:
    """Says what is wrong, and what to do; of a search also from which character to which."""

    error: str
    remedy: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(slots=True, kw_only=True)
class SearchCheck:
    """Says what is wrong with the text of a search; None where it can be used."""

    problem: Problem | None = None


@dataclass(slots=True, kw_only=True)
class SavedView:
    """Is a search with a name; `columns` is what the viewer says of columns."""

    name: str
    label: str
    search: str
    all: bool
    columns: dict[str, Any]
    created_us: int


@dataclass(slots=True, kw_only=True)
class SavedViews:
    """Lists saved views by label."""

    views: list[SavedView]


@dataclass(slots=True, kw_only=True)
class RowsPreview:
    """Is the first rows that calls would make, as a list shows values.

    `calls` counts what was found, `missing` what was named and is not there any more.
    """

    calls: int
    missing: int
    rows: list[dict[str, Shown]]


@dataclass(slots=True, kw_only=True)
class AddedRows:
    """Says which version has the rows now, how many are new, and how many it had before.

    `missing` counts calls that were named and are not there any more.
    """

    version: ObjectVersion
    added: int
    known: int
    missing: int


@dataclass(slots=True, kw_only=True)
class ShownCall(CallDetail):
    """Is a call whose large bodies may be cut; `sizes` says how many bytes of JSON these are."""

    cuts: list[Cut] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class PartItem:
    """Is an item of a list, by its place, or a field of an object."""

    name: str
    value: Any


@dataclass(slots=True, kw_only=True)
class Part:
    """Is a part of a value: of a text, else of what is in it; `next` is where the rest begins."""

    text: str = ""
    items: list[PartItem] = field(default_factory=list)
    next: int | None = None
    cuts: list[Cut] = field(default_factory=list)
