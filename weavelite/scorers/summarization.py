"""Scores summaries: a grade by a language model, and how many names there are to a word."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from weavelite.scorers.rag import Shape, ShapeScorer, entities_of
from weavelite.scorers.texts import text_of

GRADES = {"poor": 0.0, "ok": 0.5, "excellent": 1.0}


class Grade(Shape):
    """Is what is said of a summary."""

    reasoning: str
    grade: Literal["poor", "ok", "excellent"]


class SummarizationScorer(ShapeScorer):
    """Grades a summary (poor 0, ok 0.5, excellent 1), and measures how dense in names it is.

    Args:
        extraction_system_prompt: says what counts as a name.
        extraction_prompt: a text with `{text}`; by default just that.
        summarization_evaluation_system_prompt: says what the grades mean.
        summarization_evaluation_prompt: with `{input}` and `{summary}`; by default just these.
        entity_density_threshold: the names to a word from which a summary is dense.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "summarization_eval_score": True,
        "is_entity_dense": True,
        "entity_density": True,
    }

    extraction_system_prompt: str = "List every entity that the text names, each once."
    extraction_prompt: str | None = None
    summarization_evaluation_system_prompt: str = (
        "Grade the summary of the input. Reason first, then grade.\n"
        "excellent: has all key information, is dense and well written, and adds nothing that the "
        "input does not say.\n"
        "ok: has most of the key information, and adds nothing that the input does not say.\n"
        "poor: misses key information, or is vague, long-winded or badly written, or says what the "
        "input does not."
    )
    summarization_evaluation_prompt: str | None = None
    entity_density_threshold: float = Field(default=0.08, ge=0)

    async def score(self, *, input: Any, output: Any) -> dict[str, Any]:
        """Grades one summary of an input."""
        texts = {"input": input, "summary": output}
        names, found = await asyncio.gather(
            entities_of(self, self.extraction_system_prompt, output, self.extraction_prompt),
            self._shaped(
                Grade,
                self.summarization_evaluation_system_prompt,
                texts,
                self.summarization_evaluation_prompt,
            ),
        )
        words = len(text_of(output).split())
        density = len(names) / words if words else 0.0
        return {
            "summarization_eval_score": GRADES[found.grade],
            "llm_eval_reasoning": found.reasoning,
            "is_entity_dense": bool(words) and density >= self.entity_density_threshold,
            "entity_density": density,
        }
