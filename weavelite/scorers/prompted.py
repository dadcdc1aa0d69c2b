"""A judge by a prompt of one's own, as Weave has it."""

from collections.abc import Mapping
from typing import Any

from weavelite.scorers.endpoint import EndpointScorer, Form
from weavelite.scorers.fences import RULE, filled, places_in

_ANSWER = {
    "type": "object",
    "properties": {"reasoning": {"type": "string"}, "passed": {"type": "boolean"}},
    "required": ["reasoning", "passed"],
    "additionalProperties": False,
}


class LLMAsAJudgeScorer(EndpointScorer):
    """Fills a prompt with the output and columns of the row, and returns what the model answers.

    `LLMJudge` has criteria and scales instead, and can be checked against people.

    Args:
        model: as the endpoint calls it.
        scoring_prompt: a text with `{output}`, and with columns such as `{question}`.
        response_schema: the JSON schema of the answer; by default `{"reasoning", "passed"}`.

    """

    model: str
    scoring_prompt: str
    response_schema: dict[str, Any] | None = None

    @property
    def higher_is_better(self) -> Mapping[str, bool] | None:  # type: ignore[override]  # by schema
        """Says which way is better, by key; None where the schema is the user's."""
        return {"passed": True} if self.response_schema is None else None

    def wanted_columns(self) -> list[str]:
        """Names the columns that the prompt has places for."""
        return sorted(places_in(self.scoring_prompt) - {"output"})

    async def score(self, *, output: Any, **kwargs: Any) -> dict[str, Any]:
        """Asks once."""
        prompt = filled(
            self.scoring_prompt, self._columns(self.wanted_columns(), kwargs) | {"output": output}
        )
        schema = self.response_schema or _ANSWER
        messages = [{"role": "system", "content": RULE}, {"role": "user", "content": prompt}]
        form = Form("score", schema, _reader(schema))
        return await self._ask(self.model, messages, form, 0.0)


def _reader(schema: Mapping[str, Any]) -> Any:
    required = list(schema.get("required", ()))

    def read(answer: Any) -> dict[str, Any]:
        missing = [name for name in required if name not in answer]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing")
        return dict(answer)

    return read
