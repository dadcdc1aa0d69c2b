"""Scorers that ask an endpoint for something other than a text: embeddings, moderation."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from weavelite.errors import JudgeError
from weavelite.scorers.endpoint import EndpointScorer, called
from weavelite.scorers.texts import text_of


class EmbeddingSimilarityScorer(EndpointScorer):
    """Compares the meaning of output and target, by the cosine of their embeddings.

    Args:
        model_id: the model of embeddings.
        threshold: the similarity from which they count as similar.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"similarity_score": True, "is_similar": True}

    model_id: str = "text-embedding-3-small"
    threshold: float = Field(default=0.5, ge=-1, le=1)

    async def score(self, *, output: Any, target: Any) -> dict[str, Any]:
        """Embeds both texts in one request."""
        texts = [text_of(output), text_of(target)]
        if not all(text.strip() for text in texts):  # endpoints refuse what is empty
            return {"similarity_score": 0.0, "is_similar": self.threshold <= 0}
        client = await self._client_here()
        model = self._name_at(client, self.model_id)
        answer = await called(client.embeddings.create, model=model, input=texts)
        vectors = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) != 1:
            raise JudgeError(f"{model} did not embed both texts alike: does it embed?")
        similarity = cosine(*vectors)
        return {"similarity_score": similarity, "is_similar": similarity >= self.threshold}


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Is the cosine of the angle between two vectors; 0 where one has no direction."""
    length = math.hypot(*one) * math.hypot(*other)
    if not length:
        return 0.0
    return max(-1.0, min(1.0, math.fsum(a * b for a, b in zip(one, other, strict=True)) / length))


class OpenAIModerationScorer(EndpointScorer):
    """Tells whether a moderation endpoint passes the output.

    Args:
        model_id: the model of moderation.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"passed": True}

    model_id: str = "omni-moderation-latest"

    async def score(self, *, output: Any) -> dict[str, Any]:
        """Asks once; the categories are those that were flagged."""
        client = await self._client_here()
        model = self._name_at(client, self.model_id)
        answer = await called(client.moderations.create, model=model, input=text_of(output))
        found = answer.results[0]
        flagged = {name: True for name, is_so in _items(found.categories) if is_so}
        scores = {name: score for name, score in _items(found.category_scores) if name in flagged}
        return {"passed": not found.flagged, "categories": flagged, "category_scores": scores}


def _items(fields: Any) -> list[tuple[str, Any]]:
    """Lists the fields of an answer by the names that the endpoint has for them."""
    return list(fields.model_dump(by_alias=True).items()) if fields is not None else []
