"""Leaderboards: models by what runs in the store say of them, the best of each column marked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelite.errors import NotFoundError
from weavelite.refs import is_ref, parse_ref
from weavelite.store.base import Store
from weavelite.verdicts import EvaluationRun
from weavelite.verdicts.metrics import MetricKind

_SHORT = 6
KIND = "Leaderboard"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardColumn:
    """Is one metric of one evaluation.

    `evaluation` is a ref, or a name for all versions; `path` leads to a number in the summary.
    """

    evaluation: str
    path: Path
    title: str
    lower_is_better: bool = False
    kind: MetricKind = "number"


@dataclass(slots=True, kw_only=True)
class Standing:
    """Is what one run says of a model."""

    value: float
    run_id: str
    ended_us: int | None
    is_best: bool = False


@dataclass(slots=True, kw_only=True)
class BoardRow:
    """Is a model; per column its standings, the newest run first."""

    model: str
    model_ref: str
    standings: list[list[Standing]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Standings:
    """Is a leaderboard; `saved` and `datasets` name the others that there are.

    `looked_at` is how many of the newest runs there were to rank models by.
    """

    name: str | None
    dataset: str | None
    columns: list[BoardColumn]
    rows: list[BoardRow]
    saved: list[str]
    datasets: list[str]
    looked_at: int


def standings(
    store: Store,
    project: str,
    runs: Sequence[EvaluationRun],
    *,
    name: str | None = None,
    dataset: str | None = None,
) -> Standings:
    """Makes the leaderboard of a saved choice of metrics, of a dataset, or of all there is."""
    chosen = [run for run in runs if dataset in (None, run.dataset)]
    if name is None:
        columns = all_columns(chosen)
    else:
        columns = stored_columns(name, store.object_version(project, name, "latest").value)
    return Standings(
        name=name,
        dataset=dataset,
        columns=columns,
        rows=board(columns, chosen),
        saved=[each.name for each in store.objects(project) if each.kind == KIND],
        datasets=list(dict.fromkeys(run.dataset for run in runs if run.dataset is not None)),
        looked_at=len(runs),
    )


def stored_columns(name: str, value: Any) -> list[BoardColumn]:
    """Reads the columns of a saved leaderboard; raises NotFoundError when it is none."""
    if not isinstance(value, Mapping) or value.get("_class_name") != "Leaderboard":
        raise NotFoundError(f"{name!r} is not a Leaderboard.")
    return [
        stored_column(
            str(item["evaluation_object_ref"]),
            str(item["scorer_name"]),
            str(item["summary_metric_path"]),
            lower_is_better=bool(item.get("should_minimize")),
        )
        for item in value["columns"]
    ]


def stored_column(
    evaluation: str, scorer: str, metric_path: str, *, lower_is_better: bool
) -> BoardColumn:
    """Makes the column of a saved leaderboard."""
    return BoardColumn(
        evaluation=evaluation,
        path=(scorer, *filter(None, metric_path.split("."))),
        title=f"{scorer}.{metric_path}",
        lower_is_better=lower_is_better,
        kind="fraction" if metric_path.endswith("true_fraction") else "number",
    )


def board(columns: Sequence[BoardColumn], runs: Sequence[EvaluationRun]) -> list[BoardRow]:
    """Puts models side by side, in the order of their first runs; `runs` are newest first."""
    finished = [run for run in runs if run.status == "success"]
    rows: dict[str, BoardRow] = {}
    for run in reversed(finished):
        if any(_fits(run, column) for column in columns):
            rows.setdefault(_model_of(run), BoardRow(model=run.model, model_ref=_model_of(run)))
    for column in columns:
        found = _standings(column, finished)
        _mark_best(column, found.values())
        for ref, row in rows.items():
            row.standings.append(found.get(ref, []))
    kept = [row for row in rows.values() if any(row.standings)]
    _tell_apart(kept)
    return kept


def _tell_apart(rows: Sequence[BoardRow]) -> None:
    """Adds the start of the version to models of one name."""
    names = Counter(row.model for row in rows)
    for row in rows:
        if names[row.model] > 1 and is_ref(row.model_ref):
            row.model = f"{row.model}:{parse_ref(row.model_ref).version[:_SHORT]}"


def all_columns(runs: Sequence[EvaluationRun]) -> list[BoardColumn]:
    """Makes a column of each metric that a scorer gave, evaluation by evaluation."""
    found: dict[tuple[str, str], BoardColumn] = {}
    for run in runs:
        for metric in run.metrics:
            key = run.evaluation, metric.name
            if metric.scorer in (None, "output") or run.status != "success" or key in found:
                continue
            path = _path_of(run.summary, metric.name)
            found[key] = BoardColumn(
                evaluation=run.evaluation,
                path=path,
                title=f"{run.evaluation} · {metric.name}",
                lower_is_better=metric.higher_is_better is False,
                kind=metric.kind,
            )
    return [found[key] for key in sorted(found)]


def _path_of(summary: Any, name: str) -> Path:
    """Finds the number of a metric: `true_fraction` or `mean` stands below its name."""
    path = _split(summary, name)
    value = _at(summary, path)
    if isinstance(value, Mapping):
        last = "true_fraction" if "true_fraction" in value else "mean"
        return (*path, last)
    return path


def _split(summary: Any, name: str) -> Path:
    """Reads a dotted name along a summary, whose keys may have dots of their own."""
    if not isinstance(summary, Mapping) or name in summary:
        return (name,)
    for key, value in summary.items():
        if name.startswith(f"{key}."):
            return (str(key), *_split(value, name[len(str(key)) + 1 :]))
    return (name,)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _fits(run: EvaluationRun, column: BoardColumn) -> bool:
    if not is_ref(column.evaluation):
        return run.evaluation == column.evaluation
    wanted = parse_ref(column.evaluation)
    if wanted.version == "*":
        return run.evaluation == wanted.name
    return run.evaluation_ref == column.evaluation


def _model_of(run: EvaluationRun) -> str:
    return run.model_ref or run.model


def _standings(column: BoardColumn, runs: Sequence[EvaluationRun]) -> dict[str, list[Standing]]:
    """Reads what the runs say, by model; the newest run first."""
    found: defaultdict[str, list[Standing]] = defaultdict(list)
    for run in runs:
        value = _at(run.summary, column.path)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and _fits(run, column):
            one = Standing(value=float(value), run_id=run.id, ended_us=run.end_us)
            found[_model_of(run)].append(one)
    return found


def _mark_best(column: BoardColumn, standings: Iterable[list[Standing]]) -> None:
    newest = [of_model[0] for of_model in standings]
    if newest:
        best = (min if column.lower_is_better else max)(one.value for one in newest)
        for one in newest:
            one.is_best = one.value == best
