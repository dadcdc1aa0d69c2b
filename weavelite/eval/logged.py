"""What a logged run is of: a model known by name, rows that come one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from weavelite.errors import EvaluationError
from weavelite.eval.dataset import Dataset, as_dataset
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.model import Model
from weavelite.ids import digest_json
from weavelite.refs import Ref, is_ref
from weavelite.tables import Table, jsonable
from weavelite.trace.context import tracing_client


class LoggedModel(Model):
    """Is a model of which a name is known, and perhaps fields."""

    fields: dict[str, Any] = Field(default_factory=dict)


def logged_model(model: Any) -> Model:
    """Makes a model of what a user may give for one; raises EvaluationError."""
    match model:
        case Model():
            return model
        case None:
            return LoggedModel(name="model")
        case str():
            return LoggedModel(name=model)
        case Mapping():
            fields = {str(name): value for name, value in model.items() if name != "name"}
            return LoggedModel(name=str(model.get("name") or "model"), fields=fields)
    raise EvaluationError(
        f"model is a weavelite.Model, a name or a dictionary, not {type(model).__name__}."
    )


class LoggedRows:
    """Knows the rows of a logged run: those of a dataset, and those that are just logged."""

    def __init__(self, dataset: Any) -> None:
        is_name = dataset is None or (isinstance(dataset, str) and not is_ref(dataset))
        self.dataset: Dataset | None = None if is_name else as_dataset(dataset)
        self.name = dataset if isinstance(dataset, str) else getattr(self.dataset, "name", None)
        self._known: set[str] | None = None
        self._times: Counter[str] = Counter()

    def place(
        self,
        inputs: Mapping[str, Any],
        example_id: str | None,
        row_digest: str | None,
        trial: int | None,
    ) -> tuple[Any, int]:
        """Returns what stands for a row in its cell, and which time it is asked."""
        client = tracing_client()
        row = dict(inputs) if example_id is None else {"example_id": example_id}
        if client is None:
            return row, trial or 0
        save = client.publisher.save
        digest = row_digest or digest_json(jsonable(row, save))
        if trial is None:
            trial = self._times[digest]
        self._times[digest] += 1
        if self.dataset is not None and digest in self._digests(save):
            return f"{client.publisher.ref_of(self.dataset)}/attr/rows/id/{digest}", trial
        table = client.publisher.table(Table([row]))
        return str(Ref(table.project, "table", table.name, "", ("id", digest))), trial

    def _digests(self, save: Any) -> set[str]:
        if self._known is None and self.dataset is not None:
            self._known = set(self.dataset.rows.row_digests(save))
        return self._known or set()


class LoggedEvaluation(Evaluation):
    """Is the evaluation of a logged run: its rows and scorers are known when they have come."""

    dataset: Any = None
    dataset_name: str | None = None

    @classmethod
    def named(cls, name: str | None, rows: LoggedRows, scorers: Sequence[str]) -> Self:
        """Makes the evaluation of a run, named as the run or else as its dataset."""
        return cls(
            name=name or rows.name or "evaluation",
            dataset=rows.dataset,
            dataset_name=None if rows.dataset is not None else rows.name,
            scorers=list(scorers),
        )

    @field_validator("dataset", mode="before")
    @classmethod
    def _dataset(cls, value: Any) -> Any:
        return value

    @field_validator("scorers", mode="before")
    @classmethod
    def _scorers(cls, value: Any) -> list[Any]:
        return list(value or ())

    @model_validator(mode="after")
    def _lower(self) -> Self:
        return self
