"""What a store answers about how a project goes."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class OverviewBar:
    """Counts what started in a span of time; latencies are those of traces, in microseconds."""

    start_us: int
    traces: int
    calls: int
    errors: int
    tokens: int
    p50_us: int | None
    p95_us: int | None


@dataclass(slots=True, kw_only=True)
class OpFigures:
    """Counts the calls of an op; `tokens` are those that its calls report themselves.

    Latencies are those of the newest calls, in microseconds.
    """

    name: str
    kind: str
    calls: int
    errors: int
    tokens: int
    p50_us: int | None
    p95_us: int | None


@dataclass(slots=True, kw_only=True)
class ModelFigures:
    """Counts what calls of a model failed, and says how long the newest took, in microseconds."""

    model: str
    errors: int
    p50_us: int | None
    p95_us: int | None


@dataclass(slots=True, kw_only=True)
class Overview:
    """Says how a project went over a stretch of time, in bars of one width.

    Where `sampled`, latencies are of some traces of each bar. `errors` are of all calls.
    """

    start_us: int
    end_us: int
    width_us: int
    traces: int
    calls: int
    errors: int
    tokens: int
    p50_us: int | None
    p95_us: int | None
    sampled: bool
    bars: list[OverviewBar]
    ops: list[OpFigures]
    models: list[ModelFigures]


@dataclass(slots=True, kw_only=True)
class Spent:
    """Sums up requests to a model; where `partial`, some of the tokens have no known price."""

    model: str
    start_us: int
    requests: int = 0
    tokens: int = 0
    cost: float = 0.0
    partial: bool = False


@dataclass(slots=True, kw_only=True)
class SpentByOp:
    """Says what the requests of an op's own calls cost, not of those below them."""

    name: str
    kind: str
    cost: float = 0.0
    partial: bool = False


@dataclass(slots=True, kw_only=True)
class Spend:
    """Says what was used and cost: by bar and model, by model, and of a stretch of time by op."""

    bars: list[Spent]
    models: list[Spent]
    ops: list[SpentByOp] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Scored:
    """Is the mean of a scorer's scores."""

    scorer: str
    start_us: int
    count: int
    mean: float


@dataclass(slots=True, kw_only=True)
class Scores:
    """Says how scores went over a stretch of time: by bar and scorer, and by scorer."""

    bars: list[Scored]
    scorers: list[Scored]


@dataclass(slots=True, kw_only=True)
class UserFigures:
    """Says how a user's traces went; latencies are in microseconds, and p50 and p95 of the newest.

    Where `partial`, some of the tokens have no known price. `errors` are traces.
    """

    user: str
    traces: int
    calls: int
    errors: int
    mean_us: int | None
    p50_us: int | None
    p95_us: int | None
    last_us: int | None
    tokens: int = 0
    cost: float = 0.0
    partial: bool = False


@dataclass(slots=True, kw_only=True)
class Users:
    """Names the first users of a stretch of time in some order; `more` are there beside them."""

    users: list[UserFigures]
    more: int
