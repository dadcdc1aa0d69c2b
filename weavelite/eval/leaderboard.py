"""Leaderboards as objects: which metrics of which evaluations models are ranked by."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from weavelite.errors import NotStartedError
from weavelite.objects import Object
from weavelite.trace.client import Client
from weavelite.trace.context import SESSION

if TYPE_CHECKING:
    from weavelite.runs.leaderboard import BoardColumn, BoardRow


class LeaderboardColumn(BaseModel):
    """Is one metric: of a version of an evaluation, by its ref, or of all of one name."""

    model_config = ConfigDict(defer_build=True)

    evaluation_object_ref: str
    scorer_name: str
    summary_metric_path: str
    should_minimize: bool | None = None

    def as_column(self) -> "BoardColumn":
        """Writes the column as what runs are read by."""
        from weavelite.runs.leaderboard import stored_column  # for those who read

        return stored_column(
            self.evaluation_object_ref,
            self.scorer_name,
            self.summary_metric_path,
            lower_is_better=bool(self.should_minimize),
        )


class Leaderboard(Object):
    """Is a choice of metrics of evaluations; its results come from runs that are in the store."""

    columns: list[LeaderboardColumn]

    def results(self) -> "list[LeaderboardModelResult]":
        """Returns the models with what their runs say, newest first in each column."""
        if SESSION.client is None:
            raise NotStartedError("Leaderboard.results()")
        return get_leaderboard_results(self, SESSION.client)


@dataclass(slots=True)
class LeaderboardScore:
    """Is what one run says of a model in a column."""

    value: float
    evaluate_call_ref: str
    ended_at: datetime | None
    is_best: bool


@dataclass(slots=True)
class LeaderboardColumnResult:
    """Is what the runs of a model say in a column, newest first."""

    column: LeaderboardColumn
    scores: list[LeaderboardScore] = field(default_factory=list)


@dataclass(slots=True)
class LeaderboardModelResult:
    """Is a model, and what its runs say in each column."""

    model_ref: str
    column_scores: list[LeaderboardColumnResult] = field(default_factory=list)


def get_leaderboard_results(spec: Leaderboard, client: Client) -> list[LeaderboardModelResult]:
    """Returns the models of a leaderboard, in the order of their first runs."""
    from weavelite.runs.leaderboard import board
    from weavelite.runs.reading import evaluation_runs

    project = str(client.project)
    runs = evaluation_runs(client.store, project)
    rows = board([column.as_column() for column in spec.columns], runs)
    return [_result(spec, row, project) for row in rows]


def _result(spec: Leaderboard, row: "BoardRow", project: str) -> LeaderboardModelResult:
    columns = [
        LeaderboardColumnResult(
            column,
            [
                LeaderboardScore(
                    value=one.value,
                    evaluate_call_ref=f"weave:///{project}/call/{one.run_id}",
                    ended_at=_time(one.ended_us),
                    is_best=one.is_best,
                )
                for one in standings
            ],
        )
        for column, standings in zip(spec.columns, row.standings, strict=True)
    ]
    return LeaderboardModelResult(row.model_ref, columns)


def _time(microseconds: Any) -> datetime | None:
    return None if microseconds is None else datetime.fromtimestamp(microseconds / 1e6, UTC)
