"""A judge by a prompt of one's own, as Weave has it."""

import re
from collections.abc import Mapping
from typing import Any

from weavelite.errors import EvaluationError
from weavelite.scorers.endpoint import EndpointScorer, Form
from weavelite.scorers.fences import RULE, fence_of
from weavelite.scorers.texts import text_of

_PLACE = re.compile(r"\{\{|\}\}|\{(\w+)\}")
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

    async def score(self, *, output: Any, **kwargs: Any) -> dict[str, Any]:
        """Asks once."""
        prompt = filled(self.scoring_prompt, {**kwargs, "output": output})
        schema = self.response_schema or _ANSWER
        messages = [{"role": "system", "content": RULE}, {"role": "user", "content": prompt}]
        form = Form("score", schema, _reader(schema))
        return await self._ask(self.model, messages, form, 0.0)


def filled(template: str, values: Mapping[str, Any]) -> str:
    """Puts values into a template, each between tags that it cannot close."""
    names = {found[1] for found in _PLACE.finditer(template) if found[1]}
    missing = sorted(names - set(values))
    if missing:
        raise EvaluationError(
            f"The scoring prompt names {', '.join(missing)}, and the row has "
            f"{', '.join(values)}: rename it, or write {{{{ and }}}} for braces."
        )
    texts = {name: text_of(values[name]) for name in sorted(names)}
    digits = fence_of(texts)

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if not name:
            return found[0][0]
        return f"<{name}-{digits}>\n{texts[name]}\n</{name}-{digits}>"

    return _PLACE.sub(put, template)


def _reader(schema: Mapping[str, Any]) -> Any:
    required = list(schema.get("required", ()))

    def read(answer: Any) -> dict[str, Any]:
        missing = [name for name in required if name not in answer]
        if missing:
            raise ValueError(f"{', '.join(missing)} is missing")
        return dict(answer)

    return read
