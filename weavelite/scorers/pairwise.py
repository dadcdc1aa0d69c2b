"""A language model that says which of two outputs is better, asked in both orders."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from weavelite.scorers.criteria import Criterion
from weavelite.scorers.endpoint import EndpointScorer, Form, Messages
from weavelite.scorers.fences import RULE, fenced

if TYPE_CHECKING:
    from weavelite.scorers.checking import Labelled
    from weavelite.scorers.report import JudgeReport

Place = Literal["first", "second", "tie"]
PLACES: tuple[Place, ...] = ("first", "second", "tie")

_ASK = """\
You compare two outputs of programs, named first and second, for the same task. Decide which one \
is better by this criterion, and by nothing else: {criteria}

Their order, length and style say nothing about it. If neither is better, it is a tie."""
_SHAPE = """\
Explain first, in one to four sentences, and decide then. Answer with one JSON object and nothing \
else, of this form:
{"explanation": "<why>", "winner": <"first" or "second" or "tie">}"""


class PairwiseJudge(EndpointScorer):
    """Asks a language model whether an output is better than another one of the same row.

    It is asked twice, with the outputs in both orders: only who wins in both is the winner, all
    else is a tie. A score is `{"winner", "preference", "consistent", "position", "explanations"}`:
    the preference is 1 where the output wins, 0 where the other does, and 0.5 for a tie; `position`
    is "first" or "second" where that place won twice, whatever stood there.

    Args:
        model: as the endpoint calls it.
        criteria: what makes an output better.
        against: the column with the other output.
        inputs: columns that the judge sees beside the two, such as `["question"]`.
        reference: the column with a right output, if there is one.
        instructions: anything else that the judge should know.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"preference": True, "consistent": True}

    model: str
    criteria: str
    against: str = "baseline"
    inputs: list[str] = Field(default_factory=list)
    reference: str | None = None
    instructions: str = ""

    def wanted_columns(self) -> list[str]:
        """Names the columns that the judge sees."""
        return [*self.inputs, *([self.reference] if self.reference else []), self.against]

    async def score(self, *, output: Any, **kwargs: Any) -> dict[str, Any]:
        """Compares the output with the other one of its row."""
        given = self._seen(kwargs)
        other = given.pop(self.against)
        one, swapped = await asyncio.gather(
            self._winner(output, other, given), self._winner(other, output, given)
        )
        return self._together(one, swapped)

    def summarize(self, score_rows: list[Any]) -> dict[str, Any] | None:
        """Counts who won, where the two orders disagree, and which place won then."""
        rows = [row for row in score_rows if row]
        if not rows:
            return None
        winners = Counter(row["winner"] for row in rows)
        places = Counter(row["position"] for row in rows if row["position"])
        consistent = sum(bool(row["consistent"]) for row in rows)
        return {
            "preference": {"mean": sum(row["preference"] for row in rows) / len(rows)},
            "consistent": {"true_count": consistent, "true_fraction": consistent / len(rows)},
            "wins": winners["output"],
            "losses": winners[self.against],
            "ties": winners["tie"],
            "position_bias": {place: places[place] for place in ("first", "second")},
        }

    async def check_against(
        self,
        labelled: "Labelled",
        label: str = "human",
        *,
        output: str = "output",
        rows_ahead: int | None = None,
        wanted: float = 0.6,
        name: str | None = None,
    ) -> "JudgeReport":
        """Compares pairs that people have compared, and says whether the judge can be trusted.

        The check is kept as an evaluation of the judge on these rows.

        Args:
            labelled: rows, or a `Dataset` of them.
            label: the column of people's judgement: the name of the column of the better one, or
                "tie".
            output: the column of what is judged.
            rows_ahead: of how many rows the cost is projected.
            wanted: the kappa from which the judge is good enough.
            name: what the check is called.

        """
        from weavelite.scorers.checking import check_judge  # what only a check needs

        return await check_judge(
            self, labelled, label, output=output, rows_ahead=rows_ahead, wanted=wanted, name=name
        )

    def criterion(self) -> Criterion:
        """Is the winner as a scale."""
        return Criterion(
            description=self.criteria, name="winner", scale=["output", self.against, "tie"]
        )

    def _seen(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return self._columns(self.wanted_columns(), row)

    async def _winner(self, first: Any, second: Any, given: Mapping[str, Any]) -> dict[str, Any]:
        shown = fenced({**given, "first": first, "second": second})
        messages: Messages = [
            {"role": "system", "content": self._system()},
            {"role": "user", "content": shown},
        ]
        return await self._ask(self.model, messages, FORM, 0.0)

    def _system(self) -> str:
        parts = [
            _ASK.format(criteria=self.criteria),
            *([self.instructions] if self.instructions else []),
            *([f"The text {self.reference} is a right output."] if self.reference else []),
            RULE,
            _SHAPE,
        ]
        return "\n\n".join(parts)

    def _together(self, one: Mapping[str, Any], swapped: Mapping[str, Any]) -> dict[str, Any]:
        """Makes one judgement of two, of which the second saw the outputs swapped."""
        names = {"first": "output", "second": self.against, "tie": "tie"}
        back = {"first": self.against, "second": "output", "tie": "tie"}
        winners = names[one["winner"]], back[swapped["winner"]]
        consistent = winners[0] == winners[1]
        winner = winners[0] if consistent else "tie"
        same_place = one["winner"] == swapped["winner"] != "tie"
        return {
            "winner": winner,
            "preference": {"output": 1.0, self.against: 0.0}.get(winner, 0.5),
            "consistent": consistent,
            "position": one["winner"] if same_place else None,
            "explanations": [one["explanation"], swapped["explanation"]],
        }


def _read(answer: Any) -> dict[str, Any]:
    explanation, winner = answer.get("explanation"), str(answer.get("winner")).strip().casefold()
    if not isinstance(explanation, str) or not explanation.strip():
        raise ValueError("explanation is missing")
    if winner not in PLACES:
        raise ValueError(
            f"winner is {answer.get('winner')!r}, and has to be one of first, second, tie"
        )
    return {"explanation": explanation.strip(), "winner": winner}


FORM = Form(
    "comparison",
    {
        "type": "object",
        "properties": {
            "explanation": {"type": "string"},
            "winner": {"type": "string", "enum": list(PLACES)},
        },
        "required": ["explanation", "winner"],
        "additionalProperties": False,
    },
    _read,
)
