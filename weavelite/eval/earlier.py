"""Cells of earlier runs: what need not be run again, and why some of it has to be.

A cell is known by the model (its fields and its code), the row, the trial and what makes the row
fit; each score, by the scorer besides. A prediction that failed by the infrastructure is none. One
that the model failed at is kept: to ask again until it works would make the model look better.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from weavelite.eval.cell import EarlierCell
from weavelite.eval.provenance import drift
from weavelite.query import CallQuery, call_query
from weavelite.records.words import CELL, EVALUATE
from weavelite.refs import is_ref, parse_ref
from weavelite.runs.reading import evaluate_call, stored_value
from weavelite.trace.capture import is_whole
from weavelite.verdicts import row_digest

if TYPE_CHECKING:
    from weavelite.records.answers import CallDetail
    from weavelite.store.base import Store
    from weavelite.trace.client import Client

MOST_RUNS = 50
"""Is how many runs of a model are looked through, the newest first."""
_OPAQUE = re.compile(r"<[\w.]+ object.*>|<function [\w.<>]+>")
_MANY, _BELOW = 2_500, 10_000
"""Are how many calls are asked at once for those below, and how many come at once: a page each."""
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Is what the cells of a run are known by: the refs of the model and the scorers."""

    model: str
    scorers: Mapping[str, str]
    preprocess: Any
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Says of scorers, and of the model as "", why their versions do not tell all of them."""


CellKey = tuple[str, int]
"""Is the digest of a row, and the trial."""


@dataclass(slots=True)
class Earlier:
    """Holds cells of earlier runs, each to be taken once."""

    missing: set[CellKey] = field(default_factory=set)
    """Are the cells that are wanted, and not found yet."""
    runs: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Says what runs again although it looks the same, and why."""
    models: set[str] = field(default_factory=set)
    """Are the language models that the runs were answered by."""
    _cells: dict[CellKey, deque[EarlierCell]] = field(default_factory=dict)

    def take(self, example: str, trial: int) -> EarlierCell | None:
        """Gives the cell of a row, by its ref, in a trial."""
        if not self._cells:  # of nearly all runs
            return None
        found = self._cells.get((parse_ref(example).extra[-1] if example else "", trial))
        return found.popleft() if found else None

    def add(self, cells: Iterable[tuple[CellKey, EarlierCell]]) -> bool:
        """Adds the cells of a run; tells whether there were any."""
        found: dict[CellKey, deque[EarlierCell]] = defaultdict(deque)
        for key, cell in cells:
            found[key].append(cell)
        self._cells.update(found)
        self.missing.difference_update(found)
        return bool(found)


def earlier_cells(
    client: "Client", wanted: Wanted, runs: "Iterable[CallDetail]", missing: set[CellKey]
) -> Earlier:
    """Reads the missing cells of runs that fit, the first run that has a cell winning."""
    earlier = Earlier(missing)
    store = client.store
    reason = wanted.reasons.get("") or _not_whole(store, "the model", wanted.model)
    if reason is not None:
        earlier.reasons.append(reason)
        return earlier
    unsure = {
        name: reason
        for name, ref in wanted.scorers.items()
        if (reason := wanted.reasons.get(name) or _not_whole(store, f"scorer {name}", ref))
    }
    earlier.reasons += unsure.values()
    sure = {name: ref for name, ref in wanted.scorers.items() if name not in unsure}
    for run in runs:
        _add_run(client, run, wanted, sure, earlier)
        if not earlier.missing:
            break
    return earlier


def _add_run(
    client: "Client", run: "CallDetail", wanted: Wanted, sure: Mapping[str, str], earlier: Earlier
) -> None:
    evaluation = stored_value(client.store, _input(run, "self"))
    if not isinstance(evaluation, dict):
        return
    if evaluation.get("preprocess_model_input") != wanted.preprocess:
        earlier.reasons.append(f"preprocess_model_input is not that of {run.display_name}")
        return
    known = set(evaluation.get("scorers") or ())
    same = {name for name, ref in sure.items() if ref in known}
    cells = list(_read(client, run, same, earlier.missing))
    if len(same) < len(wanted.scorers):
        cells = list(_with_predictions(client.store, run.project, cells))
    if earlier.add(cells):
        earlier.runs.append(run.id)
        earlier.drift += drift(made_by(run))
        earlier.models |= _models(client.store, run)


def unfinished_run(client: "Client", model: str, name: str) -> "CallDetail | None":
    """Finds the newest run of a model by an evaluation of a name, if it was not brought to its end.

    A run came to its end when it did so itself, and no cell failed by the infrastructure.
    """
    for run in runs_of(client, model, 1, name):
        failed = run.status in ("error", "interrupted")
        return run if failed or _outside_errors(run) else None
    return None


def runs_of(
    client: "Client", model: str, most: int = MOST_RUNS, name: str | None = None
) -> "Iterator[CallDetail]":
    """Yields runs of a model, newest first; those that still run are passed over."""
    query = CallQuery(
        project=str(client.project),
        op_names=[EVALUATE],
        input_refs=[model],
        limit=max(4 * most, _LOOKED_AT),
    )
    found = 0
    for run in client.store.details(query):
        evaluation = _input(run, "self")
        fits = name is None or (is_ref(evaluation) and parse_ref(evaluation).name == name)
        if fits and run.status != "running" and found < most:
            found += 1
            yield run


def with_those_before(client: "Client", run: "CallDetail | None") -> "Iterator[CallDetail]":
    """Yields a run, the one that it resumed, and so on."""
    seen: set[str] = set()
    while run is not None and run.id not in seen:
        seen.add(run.id)
        yield run
        before = made_by(run).get("resumed_from")
        run = read_run(client, before) if before else None


def read_run(client: "Client", run_id: str) -> "CallDetail":
    """Reads the call of a run; raises NotFoundError."""
    return evaluate_call(client.store, str(client.project), run_id)


def made_by(run: "CallDetail") -> Mapping[str, Any]:
    """Returns what a run says of its program; a user's attribute of that name says nothing."""
    found = run.attributes.get("run")
    return found if isinstance(found, Mapping) else {}


def model_of(run: "CallDetail") -> str:
    """Returns the ref of the model of a run."""
    return str(_input(run, "model"))


def _input(run: "CallDetail", name: str) -> Any:
    return run.inputs.get(name) if isinstance(run.inputs, Mapping) else None


def _outside_errors(run: "CallDetail") -> bool:
    errors = run.output.get("errors") if isinstance(run.output, Mapping) else None
    return isinstance(errors, Mapping) and "infrastructure" in errors


def _read(
    client: "Client", run: "CallDetail", same: set[str], missing: set[CellKey]
) -> Iterator[tuple[CellKey, EarlierCell]]:
    query = CallQuery(
        project=run.project,
        op_names=[CELL],
        parent_ids=[run.id],
        statuses=["success"],
        sort=[("started_at", "asc")],
        columns=["inputs", "output", "attributes", "tokens"],
    )
    for cell in client.store.details(query):
        digest = row_digest(cell)
        if digest is None:
            continue
        key = digest, int(cell.inputs.get("trial") or 0)
        known = _earlier_cell(client, cell, same) if key in missing else None
        if known is not None:
            yield key, known


def _earlier_cell(client: "Client", cell: "CallDetail", same: set[str]) -> EarlierCell | None:
    record = cell.output if isinstance(cell.output, Mapping) else {}
    errors = record.get("errors") or {}
    outside = errors.get("infrastructure") or {}
    if "output" not in record or outside.get("model"):
        return None  # a run that kept no content, or no prediction
    reused = cell.attributes.get("reused") or {}
    scores = record.get("scores") or {}
    failed = errors.get("scorers") or {}
    return EarlierCell(
        call_id=reused.get("from") or cell.id,
        prediction_id=None,
        output=record["output"],
        scores={name: scores[name] for name in same if name in scores},
        latency=record.get("model_latency"),
        tokens=int(reused.get("tokens") or cell.sum_tokens or 0),
        model_error=errors.get("model"),
        scorer_errors={name: failed[name] for name in same if name in failed},
        output_type=cell.attributes.get("output_type"),
        fetch=client.content,
    )


def _with_predictions(
    store: "Store", project: str, cells: "list[tuple[CellKey, EarlierCell]]"
) -> "Iterator[tuple[CellKey, EarlierCell]]":
    """Adds to cells which call predicted: the first below them, which new scores are for."""
    first: dict[str, str] = {}
    ids = [cell.call_id for _, cell in cells]
    for start in range(0, len(ids), _MANY):
        query = CallQuery(
            project=project,
            parent_ids=ids[start : start + _MANY],
            sort=[("started_at", "asc")],
            columns=["parent_id"],
            page_size=_BELOW,
        )
        for call in store.details(query):
            if call.parent_id is not None and call.kind != "scorer":
                first.setdefault(call.parent_id, call.id)
    for key, cell in cells:
        yield key, replace(cell, prediction_id=first.get(cell.call_id))


def _models(store: "Store", run: "CallDetail") -> set[str]:
    query = call_query(
        run.project,
        {"trace_ids": [run.trace_id]},
        query={"$expr": {"$gt": [{"$getField": "model"}, {"$literal": ""}]}},
        sort_by=[{"field": "started_at", "direction": "desc"}],
        limit=_LOOKED_AT,
        columns=["model"],
    )
    return {call.model for call in store.details(query) if call.model is not None}


def _not_whole(store: "Store", what: str, ref: str) -> str | None:
    """Says why a version does not tell all that makes a model or a scorer what it is, if so."""
    address = parse_ref(ref)
    if address.kind == "op":
        version = store.op_version(str(address.project), address.name, address.version)
        return None if is_whole(version.code) else f"{what} runs again: its code is not known"
    value = stored_value(store, ref)
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, str) and _OPAQUE.fullmatch(item):
            return f"{what} runs again: its field {name!r} is {item}, which has no version"
        if is_ref(item) and item != ref:
            reason = _not_whole(store, what, item)
            if reason is not None:
                return reason
    return None
