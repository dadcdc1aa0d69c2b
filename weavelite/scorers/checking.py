"""Checks a judge against people, as an evaluation of it on rows that they have judged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import PrivateAttr

from weavelite.errors import EvaluationError, JudgeError
from weavelite.eval.dataset import Dataset, as_dataset
from weavelite.eval.evaluation import Evaluation
from weavelite.eval.model import Model
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
Part = dict[str, Any]


class RecordedOutput(Model):
    """Is the model of a check: it puts out again what the row has."""

    column: str = "output"

    def predict(self, **row: Any) -> Any:
        """Returns what was put out before."""
        return row[self.column]


class JudgeCheck(Scorer):
    """Scores a judge: whether it says of an output what people say.

    Args:
        judge: an `LLMJudge` or a `PairwiseJudge`.
        labels: the columns of people's judgements, by criterion.
        wanted: the kappa from which the judge is good enough.

    """

    judge: Any
    labels: dict[str, str]
    wanted: float = 0.6
    _scores: list[Any] = PrivateAttr(default_factory=list)
    _errors: list[str] = PrivateAttr(default_factory=list)

    async def score(self, *, output: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Judges an output without sight of the labels, and compares; None without a label."""
        criteria = criteria_of_judge(self.judge)
        human = {c.name: label_in(kwargs, self.labels[c.name], c) for c in criteria}
        if all(label is None for label in human.values()):
            return None
        hidden = set(self.labels.values())
        row = {name: value for name, value in kwargs.items() if name not in hidden}
        try:
            score = await self.judge.score(output=output, **row)
        except Exception as error:
            self._errors.append(f"{type(error).__name__}: {error}".partition("\n")[0])
            raise
        parts = {c.name: _part(self.judge, c, score, human[c.name]) for c in criteria}
        return next(iter(parts.values())) if len(parts) == 1 else parts

    def summarize(self, score_rows: list[Any]) -> dict[str, Any]:
        """Works out the agreement."""
        self._scores = list(score_rows)
        found = {name: _figures(said) for name, said in self.agreements().items()}
        return next(iter(found.values())) if len(found) == 1 else found

    def agreements(self) -> dict[str, Agreement]:
        """Compares judge and people, by criterion."""
        return {
            criterion.name: agreement(
                [(part["human"], part["judge"]) for _, part in self.parts(criterion)],
                order=criterion.values,
                level=_level(criterion),
                wanted=self.wanted,
            )
            for criterion in criteria_of_judge(self.judge)
        }

    def parts(self, criterion: Criterion) -> list[tuple[int, Part]]:
        """Lists what there is of a criterion, with the number of each row."""
        alone = len(self.labels) == 1
        found = [
            (number, score if alone else score[criterion.name])
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
    if value is None or (isinstance(value, str) and not value.strip()) or value != value:
        return None
    return criterion.read(value)


def _part(judge: Any, criterion: Criterion, score: Mapping[str, Any], human: Any) -> Part:
    if isinstance(judge, LLMJudge):
        said = judge.label_of(score, criterion)
        shown = score if len(judge.criteria) == 1 else score[criterion.name]
        part = {"explanation": shown["explanation"]}
    else:
        said = score["winner"]
        part = {"explanation": " / ".join(score["explanations"])}
        part |= {"consistent": score["consistent"], "position": score["position"]}
    agrees = None if human is None else said == human
    return {"agrees": agrees, "human": human, "judge": said, **part}


def _figures(found: Agreement) -> dict[str, Any]:
    figures = {
        "agrees": {"true_count": found.agreed, "true_fraction": found.share},
        "kappa": found.kappa,
        "alpha": found.alpha,
    }
    return {**figures, "standing": found.standing, "verdict": found.verdict}


async def check_judge(
    judge: "LLMJudge | PairwiseJudge",
    labelled: Labelled,
    label: str | Mapping[str, str],
    *,
    output: str,
    rows_ahead: int | None,
    wanted: float,
    name: str | None,
) -> JudgeReport:
    """Runs the check, and reads from the store what it took."""
    labels = _labels(judge, label)
    dataset = labelled if isinstance(labelled, Dataset) else as_dataset(list(labelled))
    rows = list(dataset.rows)
    unlabelled = _checked(rows, labels, criteria_of_judge(judge), output)
    known_as = name or f"check of {judge.name or type(judge).__name__}"
    check = JudgeCheck(name="agreement", judge=judge, labels=labels, wanted=wanted)
    evaluation = Evaluation(
        name="judge-check", dataset=dataset, scorers=[check], evaluation_name=known_as
    )
    model = RecordedOutput(name="recorded-output", column=output)
    summary, call = await _run(evaluation, model)
    judged = sum(bool(score) for score in check._scores)
    if not judged:
        raise JudgeError(f"No row could be judged. {(check._errors or ['No error is known.'])[0]}")
    return JudgeReport(
        judge=f"{judge.model} as {judge.name or type(judge).__name__}",
        agreements=check.agreements(),
        differences=_differences(check, rows, output),
        unlabelled=unlabelled,
        failed=len(rows) - unlabelled - judged,
        errors=check._errors or ["no error is known"],
        cost=_cost_of(call, judged),
        rows_ahead=rows_ahead,
        **_positions(check),
        url=call.ui_url if call is not None and call.client is not None else None,
        summary=summary,
    )


async def _run(evaluation: Evaluation, model: Model) -> "tuple[dict[str, Any], Call | None]":
    if tracing_client() is None:
        return await evaluation.evaluate(model), None
    run = cast(Any, Evaluation.evaluate).call
    return cast("tuple[dict[str, Any], Call]", await run(evaluation, model, __should_raise=True))


def _labels(judge: Any, label: str | Mapping[str, str]) -> dict[str, str]:
    names = [criterion.name for criterion in criteria_of_judge(judge)]
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
    labels: Mapping[str, str],
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
    check: JudgeCheck, rows: Sequence[Mapping[str, Any]], output: str
) -> list[Difference]:
    judge, found = check.judge, []
    seen = [*judge.inputs, *([judge.reference] if judge.reference else []), output]
    if not isinstance(judge, LLMJudge):
        seen.append(judge.against)
    for criterion in criteria_of_judge(judge):
        for number, part in check.parts(criterion):
            if part["agrees"]:
                continue
            columns = [(judge.column_map or {}).get(name, name) for name in seen]
            found.append(
                Difference(
                    index=number,
                    criterion=criterion.name,
                    row={name: rows[number].get(name) for name in columns},
                    human=part["human"],
                    judge=part["judge"],
                    explanation=part["explanation"],
                )
            )
    return sorted(found, key=lambda difference: difference.index)


def _positions(check: JudgeCheck) -> dict[str, Any]:
    parts = [score for score in check._scores if score and "position" in score]
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
