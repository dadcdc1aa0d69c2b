"""Scorers of retrieval and of answers from what was retrieved, by a language model."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from weavelite.scorers.endpoint import EndpointScorer, Form
from weavelite.scorers.fences import RULE, fenced, filled, places_in

S = TypeVar("S", bound="Shape")

_JSON = "Answer with one JSON object and nothing else, which fits this schema:"


class Shape(BaseModel):
    """Is the base of answers: what the schema says, and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Entities(Shape):
    """Is what an extraction answers."""

    entities: list[str]


class Relevancy(Shape):
    """Is what is said of a context."""

    reasoning: str
    relevancy_score: Literal[0, 1]


class Observation(Shape):
    """Is one thing that was seen in an output."""

    hallucination_type: str
    observation: str


class Hallucination(Shape):
    """Is what is said of an output and its context."""

    chain_of_thought: str
    reasonings: list[Observation]
    conclusion: str
    has_hallucination: bool


class Claim(Shape):
    """Is one statement of an output, and whether the context bears it out."""

    claim: str
    explanation: str
    supported: bool


class Claims(Shape):
    """Is all that an output states."""

    claims: list[Claim]


class ShapeScorer(EndpointScorer):
    """Is the base of scorers that ask for an answer of one shape.

    Args:
        model_id: as the endpoint calls it.

    """

    model_id: str = "gpt-4o-mini"

    async def _shaped(
        self, shape: type[S], task: str, texts: Mapping[str, Any], template: str | None = None
    ) -> S:
        """Asks for an answer of a shape; texts go into a template where it has places for them."""
        if template is None and places_in(task) & set(texts):  # as prompts for Weave have
            task, template = "", task
        schema = shape.model_json_schema()
        system = "\n\n".join([*filter(None, [task]), RULE, f"{_JSON}\n{json.dumps(schema)}"])
        shown = fenced(texts) if template is None else filled(template, texts)
        messages = [{"role": "system", "content": system}, {"role": "user", "content": shown}]

        def read(answer: Any) -> S:
            try:
                return shape.model_validate(answer)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"]))
                raise ValueError(f"{place}: {first['msg']}") from None

        return await self._ask(self.model_id, messages, Form(shape.__name__, schema, read), 0.0)


async def entities_of(
    scorer: ShapeScorer, task: str, text: Any, template: str | None = None
) -> list[str]:
    """Lists what a text names, each once, in lower case."""
    found = await scorer._shaped(Entities, task, {"text": text}, template)
    return list(dict.fromkeys(name for item in found.entities if (name := item.strip().casefold())))


class ContextEntityRecallScorer(ShapeScorer):
    """Tells how many of the names in the output are in the context, too.

    Args:
        extraction_prompt: says what counts as a name; it may have a place for `{text}`.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"recall": True}

    extraction_prompt: str = (
        "List every entity that the text names (people, places, organisations, products, dates, "
        "amounts), each once, as it is written there."
    )

    async def score(self, *, output: Any, context: Any) -> dict[str, Any]:
        """Compares the names of both; an output that names nothing scores 0, as in Weave."""
        named, known = await asyncio.gather(
            entities_of(self, self.extraction_prompt, output),
            entities_of(self, self.extraction_prompt, context),
        )
        missing = [name for name in named if name not in set(known)]
        recall = 1 - len(missing) / len(named) if named else 0.0
        return {"recall": recall, "entities": named, "missing": missing}


class ContextRelevancyScorer(ShapeScorer):
    """Tells whether a context is to the point.

    Args:
        relevancy_prompt: says what that means; it may have places for `{question}` and `{context}`.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"relevancy_score": True}

    relevancy_prompt: str = (
        "Decide whether the context is relevant to the question: 1 if it helps to answer it, 0 if "
        "it does not. Give your reasoning first."
    )

    async def score(self, *, output: Any, context: Any) -> dict[str, Any]:
        """Asks about one context; as in Weave, the output stands for the question.

        Map the column of the question to it by a model that returns it, or judge by `LLMJudge`.
        """
        texts = {"question": output, "context": context}
        found = await self._shaped(Relevancy, self.relevancy_prompt, texts)
        return found.model_dump()


class HallucinationFreeScorer(ShapeScorer):
    """Tells whether the output says what its context does not bear out.

    Args:
        system_prompt: says what counts as a hallucination.
        user_prompt: a text with `{input_data}` and `{output}`; by default just these.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"has_hallucination": False}

    system_prompt: str = (
        "Decide whether the output hallucinates: whether it states anything that the context "
        "contradicts, or does not bear out; input_data is its context. What follows from that is "
        "no hallucination. Think step by step, note what you see and what kind of hallucination it "
        "is, then conclude, then decide."
    )
    user_prompt: str | None = None

    async def score(self, *, output: Any, context: Any) -> dict[str, Any]:
        """Judges one output."""
        texts = {"input_data": context, "output": output}
        found = await self._shaped(Hallucination, self.system_prompt, texts, self.user_prompt)
        return found.model_dump()


class FaithfulnessScorer(ShapeScorer):
    """Tells how much of what the output states its context bears out.

    Args:
        prompt: says what a statement is, and when it is borne out.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"faithfulness": True, "faithful": True}

    prompt: str = (
        "Split the output into the single statements of fact that it makes, each understandable "
        "by itself. For each, explain whether the context bears it out, then decide. Knowledge "
        "that is not in the context does not count. Greetings, questions and hedges are no "
        "statements."
    )

    async def score(self, *, output: Any, context: Any) -> dict[str, Any]:
        """Judges each statement; without any, `faithfulness` is None."""
        found = await self._shaped(Claims, self.prompt, {"context": context, "output": output})
        wrong = [claim.model_dump() for claim in found.claims if not claim.supported]
        count = len(found.claims)
        return {
            "faithfulness": 1 - len(wrong) / count if count else None,
            "faithful": not wrong,
            "claims": [claim.claim for claim in found.claims],
            "unsupported": wrong,
        }
