"""A language model as a judge: criteria in, explained scores out."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from weavelite.eval.summary import auto_summarize
from weavelite.scorers.criteria import Combine, Criterion, criteria_of
from weavelite.scorers.endpoint import EndpointScorer, Form, Messages
from weavelite.scorers.fences import RULE, fenced

if TYPE_CHECKING:
    from weavelite.scorers.checking import Labelled
    from weavelite.scorers.report import JudgeReport

_ORDER = "Explain first, in one to four sentences, and decide then."
_HEAD = "You judge what a program put out. Decide by these criteria, and by nothing else:"
_SHAPE = "Answer with one JSON object and nothing else, of this form:"


class JudgedExample(BaseModel):
    """Is an example for a judge: what was put out, of what, and the right judgement.

    Args:
        output: what a program put out.
        given: the other texts, by the names in the judge's `inputs` and its `reference`.
        score: the value of the scale, or one for each criterion by name.
        explanation: why.

    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    output: Any
    score: Any
    explanation: str
    given: dict[str, Any] = Field(default_factory=dict)


class LLMJudge(EndpointScorer):
    """Asks a language model how good an output is.

    A score is `{"score", "explanation"}`, of categories with the `label` too, and of several votes
    with the `votes` and their `spread`; of several criteria, such a dictionary under the name of
    each. The judge sees the output, and those columns of the row that are named here.

    Args:
        model: as the endpoint calls it.
        criteria: what is asked: a text, a `Criterion`, or several.
        inputs: columns that the judge sees beside the output, such as `["question"]`.
        reference: the column with a right output, if there is one.
        votes: how often it is asked; odd numbers have no ties.
        combine: "majority" (by default, but for integers) or "mean" of the votes.
        examples: judgements to go by.
        instructions: anything else that the judge should know.

    """

    model: str
    criteria: list[Criterion]
    inputs: list[str] = Field(default_factory=list)
    reference: str | None = None
    votes: int = Field(default=1, ge=1, le=99)
    combine: Combine | None = None
    examples: list[JudgedExample] = Field(default_factory=list)
    instructions: str = ""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            model: str,
            criteria: str | Criterion | Sequence[str | Criterion],
            inputs: Sequence[str] = (),
            reference: str | None = None,
            votes: int = 1,
            combine: Combine | None = None,
            examples: Sequence[JudgedExample] = (),
            instructions: str = "",
            base_url: str | None = None,
            api_key_name: str = ...,
            temperature: float | None = None,
            max_tokens: int | None = None,
            column_map: dict[str, str] | None = None,
            name: str | None = None,
            description: str | None = None,
        ) -> None: ...

    @field_validator("criteria", mode="before")
    @classmethod
    def _criteria(cls, value: Any) -> Any:
        return criteria_of(value)

    @model_validator(mode="after")
    def _fits(self) -> "LLMJudge":
        names = [criterion.name for criterion in self.criteria]
        if not names or len(set(names)) < len(names):
            raise ValueError("a judge needs criteria, and each a name of its own")
        if self.combine == "mean" and any(not c.is_ordered for c in self.criteria):
            raise ValueError("categories without values have no mean: take the majority")
        for example in self.examples:
            self._values_of(example)
        return self

    @property
    def higher_is_better(self) -> Mapping[str, bool]:  # type: ignore[override]  # by criterion
        """Says which way is better, by key."""
        alone = len(self.criteria) == 1
        said: dict[str, bool] = {}
        for criterion in self.criteria:
            start = "" if alone else f"{criterion.name}."
            said |= {f"{start}score": criterion.higher_is_better, f"{start}spread": False}
        return said

    def wanted_columns(self) -> list[str]:
        """Names the columns that the judge sees."""
        return [*self.inputs, *([self.reference] if self.reference else [])]

    async def score(self, *, output: Any, **kwargs: Any) -> dict[str, Any]:
        """Judges one output; the other arguments are the columns of its row."""
        messages = self._messages(output, self._seen(kwargs))
        votes, failed = await self._voted(messages)
        scores = {
            criterion.name: self._counted(criterion, [vote[criterion.name] for vote in votes])
            for criterion in self.criteria
        }
        score = next(iter(scores.values())) if len(scores) == 1 else scores
        return {**score, "failed_votes": failed} if failed else score

    def summarize(self, score_rows: list[Any]) -> dict[str, Any] | None:
        """Sums up scores, and counts labels and votes that were not unanimous."""
        rows = [row for row in score_rows if row]
        summary = auto_summarize(rows)
        if summary is None and not rows:
            return None
        summary = summary or {}
        summary.pop("failed_votes", None)
        for criterion in self.criteria:
            alone = len(self.criteria) == 1
            part = summary if alone else summary.setdefault(criterion.name, {})
            part |= _counts([row if alone else row[criterion.name] for row in rows])
        return summary

    async def check_against(
        self,
        labelled: "Labelled",
        label: str | Mapping[str, str] = "human",
        *,
        output: str = "output",
        rows_ahead: int | None = None,
        wanted: float = 0.6,
        name: str | None = None,
    ) -> "JudgeReport":
        """Judges rows that people have judged, and says whether the judge can be trusted.

        The check is kept as an evaluation of the judge on these rows. Rows without a label are
        left out, and counted.

        Args:
            labelled: rows, or a `Dataset` of them.
            label: the column of people's judgement; of several criteria, by their names.
            output: the column of what is judged.
            rows_ahead: of how many rows the cost is projected.
            wanted: the kappa from which the judge is good enough.
            name: what the check is called.

        """
        from weavelite.scorers.checking import check_judge  # what only a check needs

        return await check_judge(
            self, labelled, label, output=output, rows_ahead=rows_ahead, wanted=wanted, name=name
        )

    def label_of(self, score: Mapping[str, Any], criterion: Criterion) -> Any:
        """Finds the value of the scale in a score."""
        part = score if len(self.criteria) == 1 else score[criterion.name]
        if "label" in part:
            return part["label"]
        return criterion.nearest(part["score"]) if criterion.is_ordered else part["score"]

    def _seen(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return self._columns(self.wanted_columns(), row)

    def _messages(self, output: Any, given: Mapping[str, Any]) -> Messages:
        messages = [{"role": "system", "content": self._system()}]
        for example in self.examples:
            messages += [
                {"role": "user", "content": fenced({**example.given, "output": example.output})},
                {"role": "assistant", "content": self._answer_of(example)},
            ]
        return [*messages, {"role": "user", "content": fenced({**given, "output": output})}]

    def _system(self) -> str:
        parts = [
            "\n".join([_HEAD, *(criterion.described() for criterion in self.criteria)]),
            *([self.instructions] if self.instructions else []),
            *([f"The text {self.reference} is a right output."] if self.reference else []),
            RULE,
            f"{_ORDER} {_SHAPE}\n{_written(self.criteria)}",
        ]
        return "\n\n".join(parts)

    def _values_of(self, example: JudgedExample) -> dict[str, Any]:
        values = example.score
        if len(self.criteria) == 1:
            (criterion,) = self.criteria
            return {criterion.name: criterion.read(values)}
        if not isinstance(values, Mapping):
            raise ValueError("the score of an example is a dictionary, with a value by criterion")
        return {
            criterion.name: criterion.read(values.get(criterion.name))
            for criterion in self.criteria
        }

    def _answer_of(self, example: JudgedExample) -> str:
        import json

        values = self._values_of(example)
        parts = {
            name: {"explanation": example.explanation, "score": value}
            for name, value in values.items()
        }
        return json.dumps(next(iter(parts.values())) if len(parts) == 1 else parts)

    async def _voted(self, messages: Messages) -> tuple[list[dict[str, Any]], int]:
        """Asks for all votes at once; while most can be read, the others do not count."""
        temperature = 0.0 if self.votes == 1 else None  # votes that have to be alike tell nothing
        form = form_of(self.criteria)
        asked = (self._ask(self.model, messages, form, temperature) for _ in range(self.votes))
        came = await asyncio.gather(*asked, return_exceptions=True)
        votes = [vote for vote in came if not isinstance(vote, BaseException)]
        errors = [error for error in came if isinstance(error, BaseException)]
        if 2 * len(votes) <= self.votes:
            raise errors[0]
        return votes, len(errors)

    def _counted(self, criterion: Criterion, votes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        values = [vote["score"] for vote in votes]
        score, label, spread = criterion.combined(values, self.combine)
        why = next(
            (v["explanation"] for v in votes if v["score"] == label), votes[0]["explanation"]
        )
        counted: dict[str, Any] = {} if score is None else {"score": score}
        if not (criterion.is_bool or criterion.is_integer):
            counted["label"] = label
        counted["explanation"] = why
        return {**counted, "votes": list(votes), "spread": spread} if self.votes > 1 else counted


def form_of(criteria: Sequence[Criterion]) -> Form[dict[str, dict[str, Any]]]:
    """Makes the form of an answer: an explanation and a score, or such a pair by criterion."""
    parts = {criterion.name: _part(criterion) for criterion in criteria}
    alone = next(iter(parts.values())) if len(parts) == 1 else None

    def read(answer: Any) -> dict[str, dict[str, Any]]:
        if alone is not None:
            return {criteria[0].name: _read_part(criteria[0], answer)}
        return {c.name: _read_part(c, answer.get(c.name), f"{c.name}.") for c in criteria}

    return Form("judgement", alone or _object(parts), read)


def _part(criterion: Criterion) -> dict[str, Any]:
    return _object({"explanation": {"type": "string"}, "score": criterion.schema_of_value})


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _read_part(criterion: Criterion, part: Any, start: str = "") -> dict[str, Any]:
    if not isinstance(part, Mapping):
        raise ValueError(f"it has no {criterion.name}")
    explanation = part.get("explanation")
    if not isinstance(explanation, str) or not explanation.strip():
        raise ValueError(f"{start}explanation is missing")
    if "score" not in part:
        raise ValueError(f"{start}score is missing")
    return {"explanation": explanation.strip(), "score": criterion.read(part["score"])}


def _written(criteria: Sequence[Criterion]) -> str:
    def part(criterion: Criterion) -> str:
        values = [
            str(value).lower() if criterion.is_bool else str(value) for value in criterion.values
        ]
        shown = (
            " or ".join(f'"{v}"' for v in values) if _is_text(criterion) else " or ".join(values)
        )
        return f'{{"explanation": "<why>", "score": <{shown}>}}'

    if len(criteria) == 1:
        return part(criteria[0])
    return "{" + ", ".join(f'"{c.name}": {part(c)}' for c in criteria) + "}"


def _is_text(criterion: Criterion) -> bool:
    return not (criterion.is_bool or criterion.is_integer)


def _counts(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    labels = Counter(part["label"] for part in parts if "label" in part)
    split = sum(1 for part in parts if part.get("spread"))
    counts: dict[str, Any] = {"labels": dict(labels)} if labels else {}
    if any("spread" in part for part in parts):
        counts["split_votes"] = split
    return counts
