"""What a run gave for each row: outputs, scores, errors, and the numbers in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from weavelite.records.answers import CallDetail, StoredCell
from weavelite.refs import is_ref
from weavelite.verdicts.metrics import (
    COST_MEAN,
    ERRORS,
    LATENCY_MEAN,
    OUTPUT,
    TOKENS_MEAN,
    numbers,
)

Call = TypeVar("Call", CallDetail, StoredCell)
CellKey = tuple[str, int, int]
"""Digest of the row, trial, and how many equal rows come before it."""
RowKey = str | tuple[str, int]
"""Digest of the row; with how many equal rows come before it, where any do: what is paired."""


@dataclass(slots=True, kw_only=True)
class ComparedCell:
    """Is what one run gave for a row.

    `is_infrastructure` tells that the error is of a limit or a connection, not of the model;
    `infrastructure_scorers` names the scores that such errors took away.
    """

    call_id: str
    trace_id: str
    output: Any
    scores: dict[str, Any]
    latency_s: float | None
    tokens: int | None
    cost: float | None = None
    error: str | None
    is_infrastructure: bool = False
    scorer_errors: dict[str, str]
    infrastructure_scorers: list[str] = field(default_factory=list)


def row_key(digest: str, twin: int) -> RowKey:
    """Names a row; most are named by a text, which is looked up sooner than a pair."""
    return (digest, twin) if twin else digest


def keyed(calls: Iterable[Call]) -> Iterator[tuple[CellKey, Call]]:
    """Yields cells with their rows, trials and twins; equal rows stay apart."""
    twins: dict[tuple[str, int], int] = {}
    for call in calls:
        inputs = call.inputs if isinstance(call.inputs, dict) else {}
        row, trial = row_digest(call) or str(inputs.get("example")), int(inputs.get("trial") or 0)
        twin = twins.get((row, trial), 0)
        twins[row, trial] = twin + 1
        yield (row, trial, twin), call


def row_digest(cell: CallDetail | StoredCell) -> str | None:
    """Returns the digest of the row that a cell is about."""
    example = str(cell.inputs.get("example")) if isinstance(cell.inputs, dict) else ""
    return example.rpartition("/")[2] if is_ref(example) else None


def read_cell(call: CallDetail | StoredCell) -> ComparedCell:
    """Reads what the call of a cell tells."""
    output = _mapping(call.output)
    errors = _mapping(output.get("errors"))
    apart = _mapping(errors.get("infrastructure"))
    reused = _mapping(call.attributes.get("reused"))
    apart_scorers = _mapping(apart.get("scorers"))
    error = errors.get("model") or apart.get("model") or call.error
    if error is None and call.status in ("running", "interrupted"):
        error = call.status
    return ComparedCell(
        call_id=call.id,
        trace_id=call.trace_id,
        output=output.get("output"),
        scores=dict(_mapping(output.get("scores"))),
        latency_s=output.get("model_latency"),
        tokens=reused.get("tokens") if reused else call.sum_tokens,
        cost=None if reused else call.sum_cost,
        error=error,
        is_infrastructure=apart.get("model") is not None
        or (not errors and call.status in ("running", "interrupted")),
        scorer_errors={**_mapping(errors.get("scorers")), **apart_scorers},
        infrastructure_scorers=list(apart_scorers),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def measures(cell: ComparedCell) -> list[tuple[str, str | None, bool | float]]:
    """Lists the numbers of a cell: metric, scorer, value; none where something else failed."""
    if cell.is_infrastructure:
        return []
    found: list[tuple[str, str | None, bool | float]] = [(ERRORS, None, cell.error is not None)]
    if cell.error is not None:
        return found
    for scorer, score in cell.scores.items():
        if score is True or score is False or type(score) is float:
            found.append((scorer, scorer, score))
        else:
            found += [(name, scorer, value) for name, value in numbers(score, scorer)]
    found += [(name, OUTPUT, value) for name, value in numbers(cell.output, OUTPUT)]
    if cell.latency_s is not None:
        found.append((LATENCY_MEAN, None, cell.latency_s))
    if cell.tokens:
        found.append((TOKENS_MEAN, None, float(cell.tokens)))
    if cell.cost is not None:
        found.append((COST_MEAN, None, cell.cost))
    return found
