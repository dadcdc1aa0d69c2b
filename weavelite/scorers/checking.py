"""Checks a judge against people: an evaluation in which the judge is the model.

So the checks of two judges on the same labels are compared like any two models, and the scorer that
compares with people is the same version in both.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import PrivateAttr

from weavelite.errors import EvaluationError, JudgeError
from weavelite.eval.dataset import Dataset, as_dataset, columns_of
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.model import Model
from weavelite.eval.roles import judge as role_of
from weavelite.eval.scorer import Scorer
from weavelite.scorers.criteria import Criterion
from weavelite.scorers.judge import LLMJudge
from weavelite.scorers.report import Difference, JudgeCost, JudgeReport
from weavelite.trace.context import tracing_client
from weavelite.verdicts.agreement import Agreement, agreement

if TYPE_CHECKING:
    from weavelite.scorers.pairwise import PairwiseJudge
    from weavelite.trace.call import Call

Labelled = Dataset | Iterable[Mapping[str, Any]]
Labels = Mapping[str, str]
"""The columns of people's judgements, by criterion."""

Part = dict[str, Any]


class JudgeAtWork(Model):
    """Is a judge as a model: it gets a row without its labels, and says what it decides.

    Args:
        judge: an `LLMJudge` or a `PairwiseJudge`.
        column: what is judged.
        labels: the columns that it must not see; rows without any are not judged.

    """

    judge: Any
    column: str
    labels: list[str]
    _errors: list[str] = PrivateAttr(default_factory=list)

    async def predict(self, **row: Any) -> dict[str, Any] | None:
        """Judges a row; None without a label."""
        if all(_is_missing(row.get(label)) for label in self.labels):
            return None
        shown = {k: v for k, v in row.items() if k not in (*self.labels, self.column, "output")}
        try:
            score = await self.judge.score(output=row[self.column], **shown)
        except Exception as error:
            self._errors.append(f"{type(error).__name__}: {error}".partition("\n")[0])
            raise
        parts = {c.name: _said(self.judge, c, score) for c in criteria_of_judge(self.judge)}
        return next(iter(parts.values())) if len(parts) == 1 else parts


class PeopleScorer(Scorer):
    """Tells whether a judge says of a row what people say.

    Args:
        labels: the columns of people's judgements, by criterion.
        scales: how these are read: the scale of each criterion.
        wanted: the kappa from which a judge is good enough.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"agrees": True, "kappa": True, "alpha": True}

    labels: dict[str, str]
    scales: dict[str, Any]
    wanted: float = 0.6
    _scores: list[Any] = PrivateAttr(default_factory=list)

    async def score(self, *, output: Any, **row: Any) -> dict[str, Any] | None:
        """Compares what was decided with the labels of a row; None without a label."""
        if output is None:
            return None
        parts = {}
        for criterion in self.criteria():
            said = output if len(self.labels) == 1 else output[criterion.name]
            human = label_in(row, self.labels[criterion.name], criterion)
            agrees = None if human is None else said["judge"] == human
            parts[criterion.name] = {"agrees": agrees, "human": human, **said}
        return next(iter(parts.values())) if len(parts) == 1 else parts

    def summarize(self, score_rows: list[Any]) -> dict[str, Any]:
        """Works out the agreement."""
        self._scores = list(score_rows)
        found = {name: _figures(said) for name, said in self.agreements().items()}
        return next(iter(found.values())) if len(found) == 1 else found

    def criteria(self) -> list[Criterion]:
        """Makes criteria that read labels."""
        return [Criterion(description="", name=n, scale=scale) for n, scale in self.scales.items()]

    def agreements(self) -> dict[str, Agreement]:
        """Compares judge and people, by criterion."""
        return {
            criterion.name: agreement(
                [(part["human"], part["judge"]) for _, part in self.parts(criterion.name)],
                order=criterion.values,
                level=_level(criterion),
                wanted=self.wanted,
            )
            for criterion in self.criteria()
        }

    def parts(self, name: str) -> list[tuple[int, Part]]:
        """Lists what there is of a criterion, with the number of each row."""
        found = [
            (number, score if len(self.labels) == 1 else score[name])
            for number, score in enumerate(self._scores)
            if score
        ]
        return [(number, part) for number, part in found if part["human"] is not None]


def _level(criterion: Criterion) -> Any:
    return "interval" if criterion.is_integer else "ordinal" if criterion.is_ordered else "nominal"


def criteria_of_judge(judge: "LLMJudge | PairwiseJudge") -> list[Criterion]:
    """Lists what a judge decides."""
    return judge.criteria if isinstance(judge, LLMJudge) else [judge.criterion()]


def label_in(row: Mapping[str, Any], column: str, criterion: Criterion) -> Any:
    """Reads people's judgement in a row, None where there is none."""
    value = row.get(column)
    return None if _is_missing(value) else criterion.read(value)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or bool(value != value)


def _said(judge: Any, criterion: Criterion, score: Mapping[str, Any]) -> Part:
    if isinstance(judge, LLMJudge):
        shown = score if len(judge.criteria) == 1 else score[criterion.name]
        return {"judge": judge.label_of(score, criterion), "explanation": shown["explanation"]}
    return {
        "judge": score["winner"],
        "explanation": " / ".join(score["explanations"]),
        "consistent": score["consistent"],
        "position": score["position"],
    }


def _figures(found: Agreement) -> dict[str, Any]:
    if not found.labels:
        return {}
    figures = {
        "agrees": {"true_count": found.agreed, "true_fraction": found.share},
        "kappa": found.kappa,
        "alpha": found.alpha,
    }
    return {**figures, "standing": found.standing, "verdict": found.verdict}


async def check_judge(
    judge: "LLMJudge | PairwiseJudge",
    labelled: Labelled,
    label: str | Labels,
    *,
    output: str,
    rows_ahead: int | None,
    wanted: float,
    name: str | None,
) -> JudgeReport:
    """Runs the check, and reads from the store what it took."""
    criteria = criteria_of_judge(judge)
    labels = _labels([criterion.name for criterion in criteria], label)
    dataset = labelled if isinstance(labelled, Dataset) else as_dataset(list(labelled))
    rows = list(dataset.rows)
    unlabelled = _checked(rows, labels, criteria, output)
    role_of(judge).arguments.check(
        [name for name in columns_of(rows) if name not in labels.values()]
    )
    await judge._client_here()  # a missing package or key is said once, and not for each row
    known_as = judge.name or type(judge).__name__
    scales = {criterion.name: criterion.scale for criterion in criteria}
    people = PeopleScorer(name="people", labels=labels, scales=scales, wanted=wanted)
    model = JudgeAtWork(
        name=f"{known_as}-at-work", judge=judge, column=output, labels=list(labels.values())
    )
    summary, call = await _run(
        Evaluation(
            name="judge-check",
            dataset=dataset,
            scorers=[people],
            evaluation_name=name or f"check of {known_as}",
        ),
        model,
    )
    judged = sum(bool(score) for score in people._scores)
    if not judged:
        raise JudgeError(
            f"No row could be judged by {judge.model} at {judge.base_url or 'its endpoint'}. "
            f"{(model._errors or ['No error is known.'])[0]}"
        )
    return JudgeReport(
        judge=f"{judge.model} as {known_as}",
        agreements=people.agreements(),
        differences=_differences(judge, people, rows, output),
        unlabelled=unlabelled,
        failed=len(rows) - unlabelled - judged,
        errors=model._errors or ["no error is known"],
        cost=_cost_of(call, judged),
        rows_ahead=rows_ahead,
        **_positions(people._scores),
        url=call.ui_url if call is not None else None,
        summary=summary,
    )


async def _run(evaluation: Evaluation, model: Model) -> "tuple[dict[str, Any], Call | None]":
    if tracing_client() is None:
        return await evaluation.evaluate(model), None
    run = cast(Any, Evaluation.evaluate).call
    return cast("tuple[dict[str, Any], Call]", await run(evaluation, model, __should_raise=True))


def _labels(names: Sequence[str], label: str | Labels) -> dict[str, str]:
    if isinstance(label, str):
        if len(names) > 1:
            raise EvaluationError(
                f"This judge decides {', '.join(names)}: say in which column people decide each, "
                f'as in label={{"{names[0]}": "human_{names[0]}", ...}}.'
            )
        return {names[0]: label}
    if set(label) != set(names):
        raise EvaluationError(f"label has to name a column for each of {', '.join(names)}.")
    return dict(label)


def _checked(
    rows: Sequence[Mapping[str, Any]],
    labels: Labels,
    criteria: Sequence[Criterion],
    output: str,
) -> int:
    """Reads all labels before anything is paid for; returns how many rows have none."""
    unlabelled = 0
    for number, row in enumerate(rows):
        if output not in row:
            raise EvaluationError(
                f"Row {number} has no column {output!r} to be judged: name it by output=..."
            )
        try:
            found = [label_in(row, labels[c.name], c) for c in criteria]
        except ValueError as error:
            raise EvaluationError(f"The label of row {number} cannot be read: {error}.") from None
        unlabelled += all(label is None for label in found)
    if unlabelled == len(rows):
        raise EvaluationError(
            f"No row has a label in {', '.join(map(repr, labels.values()))}: name the column of "
            "people's judgement by label=..."
        )
    return unlabelled


def _differences(
    judge: Any, people: PeopleScorer, rows: Sequence[Mapping[str, Any]], output: str
) -> list[Difference]:
    columns = [(judge.column_map or {}).get(name, name) for name in judge.wanted_columns()]
    columns.append(output)
    found = [
        Difference(
            index=number,
            criterion=name,
            row={column: rows[number].get(column) for column in columns},
            human=part["human"],
            judge=part["judge"],
            explanation=part["explanation"],
        )
        for name in people.labels
        for number, part in people.parts(name)
        if not part["agrees"]
    ]
    return sorted(found, key=lambda difference: difference.index)


def _positions(scores: Sequence[Any]) -> dict[str, Any]:
    parts = [score for score in scores if score and "position" in score]
    if not parts:
        return {}
    places = [part["position"] for part in parts]
    return {
        "places": {place: places.count(place) for place in ("first", "second")},
        "inconsistent": sum(not part["consistent"] for part in parts),
    }


def _cost_of(call: "Call | None", judged: int) -> JudgeCost | None:
    if call is None or call.client is None:
        return None
    read = call.client.get_call(call.id, include_costs=True)
    used = read.summary.get("weave", {}).get("costs", {}).values()
    costs = [model["total_cost"] for model in used]
    return JudgeCost(
        rows=judged,
        requests=sum(model["requests"] for model in used),
        tokens=sum(model["total_tokens"] for model in used),
        dollars=None if None in costs or not costs else sum(costs),
    )
