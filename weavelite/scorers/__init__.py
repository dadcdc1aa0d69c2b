"""Scorers and judges that are ready to use; each is imported when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from weavelite.objects import ROOMS

if TYPE_CHECKING:
    from weavelite.scorers.agents import CostScorer, StepsScorer, ToolCallsScorer
    from weavelite.scorers.checking import JudgeAtWork, PeopleScorer
    from weavelite.scorers.classes import ClassificationScorer, MultiTaskBinaryClassificationF1
    from weavelite.scorers.criteria import Criterion
    from weavelite.scorers.embedding import EmbeddingSimilarityScorer, OpenAIModerationScorer
    from weavelite.scorers.formats import PydanticScorer, ValidJSONScorer, ValidXMLScorer
    from weavelite.scorers.judge import JudgedExample, LLMJudge
    from weavelite.scorers.labelling import labelled_rows
    from weavelite.scorers.numbers import NumericScorer
    from weavelite.scorers.overlap import BLEUScorer, ChrFScorer, ROUGEScorer
    from weavelite.scorers.pairwise import PairwiseJudge
    from weavelite.scorers.pii import PIIScorer, PresidioScorer
    from weavelite.scorers.prompted import LLMAsAJudgeScorer
    from weavelite.scorers.rag import (
        ContextEntityRecallScorer,
        ContextRelevancyScorer,
        FaithfulnessScorer,
        HallucinationFreeScorer,
    )
    from weavelite.scorers.report import JudgeReport
    from weavelite.scorers.summarization import SummarizationScorer
    from weavelite.scorers.texts import (
        ContainsScorer,
        ExactMatchScorer,
        LevenshteinScorer,
        RegexScorer,
        StringMatchScorer,
    )

_ROOMS = {
    "agents": "CostScorer StepsScorer ToolCallsScorer",
    "checking": "JudgeAtWork PeopleScorer",
    "classes": "ClassificationScorer MultiTaskBinaryClassificationF1",
    "criteria": "Criterion",
    "embedding": "EmbeddingSimilarityScorer OpenAIModerationScorer",
    "formats": "PydanticScorer ValidJSONScorer ValidXMLScorer",
    "judge": "JudgedExample LLMJudge",
    "labelling": "labelled_rows",
    "numbers": "NumericScorer",
    "overlap": "BLEUScorer ChrFScorer ROUGEScorer",
    "pairwise": "PairwiseJudge",
    "pii": "PIIScorer PresidioScorer",
    "prompted": "LLMAsAJudgeScorer",
    "rag": (
        "ContextEntityRecallScorer ContextRelevancyScorer FaithfulnessScorer "
        "HallucinationFreeScorer"
    ),
    "report": "JudgeReport",
    "summarization": "SummarizationScorer",
    "texts": "ContainsScorer ExactMatchScorer LevenshteinScorer RegexScorer StringMatchScorer",
}
"""Names, by the module that each is in."""

_ROOM_OF = {name: __name__ + "." + room for room, names in _ROOMS.items() for name in names.split()}
ROOMS.update(_ROOM_OF)

__all__ = [
    "BLEUScorer",
    "ChrFScorer",
    "ClassificationScorer",
    "ContainsScorer",
    "ContextEntityRecallScorer",
    "ContextRelevancyScorer",
    "CostScorer",
    "Criterion",
    "EmbeddingSimilarityScorer",
    "ExactMatchScorer",
    "FaithfulnessScorer",
    "HallucinationFreeScorer",
    "JudgeAtWork",
    "JudgeReport",
    "JudgedExample",
    "LLMAsAJudgeScorer",
    "LLMJudge",
    "LevenshteinScorer",
    "MultiTaskBinaryClassificationF1",
    "NumericScorer",
    "OpenAIModerationScorer",
    "PIIScorer",
    "PairwiseJudge",
    "PeopleScorer",
    "PresidioScorer",
    "PydanticScorer",
    "ROUGEScorer",
    "RegexScorer",
    "StepsScorer",
    "StringMatchScorer",
    "SummarizationScorer",
    "ToolCallsScorer",
    "ValidJSONScorer",
    "ValidXMLScorer",
    "labelled_rows",
]


def __getattr__(name: str) -> Any:
    room = _ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"weavelite.scorers has no {name!r}: it has {', '.join(__all__)}")
    return getattr(import_module(room), name)


def __dir__() -> list[str]:
    return __all__
