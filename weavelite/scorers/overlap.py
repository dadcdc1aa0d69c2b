"""Scorers of overlap with a reference: BLEU, chrF and ROUGE, by the libraries that define them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from weavelite.errors import MissingExtraError
from weavelite.eval.scorer import Scorer
from weavelite.eval.summary import auto_summarize
from weavelite.scorers.texts import text_of

Kind = Literal["rouge1", "rouge2", "rougeL", "rougeLsum"]


def _references(target: Any) -> list[str]:
    found = [text_of(item) for item in target] if isinstance(target, list | tuple) else None
    found = [text_of(target)] if found is None else found
    if not any(found):
        raise ValueError(f"A reference text is needed as target, not {target!r}.")
    return found


class BLEUScorer(Scorer):
    """Scores overlap of words with one or several references by sacreBLEU, 0 to 100.

    The summary has the mean over sentences, and `corpus`: BLEU of all rows together, which is what
    papers report and no mean of sentences.
    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"bleu": True, "corpus": True}

    def score(self, *, output: Any, target: Any) -> dict[str, Any]:
        """Scores one output; `counts` are what the figure of all rows is made of."""
        bleu = _sacrebleu().BLEU(effective_order=True)
        found = bleu.sentence_score(text_of(output), _references(target))
        lengths = [found.sys_len, found.ref_len]
        return {"bleu": found.score, "counts": [*found.counts, *found.totals, *lengths]}

    def summarize(self, score_rows: list[Any]) -> dict[str, Any] | None:
        """Adds the figure of the corpus to the mean."""
        rows = [row for row in score_rows if row]
        if not rows:
            return None
        sums = [sum(column) for column in zip(*(row["counts"] for row in rows), strict=True)]
        mean = auto_summarize([row["bleu"] for row in rows])
        found = _sacrebleu().BLEU.compute_bleu(sums[:4], sums[4:8], *sums[8:])
        return {"bleu": mean, "corpus": found.score}


class ChrFScorer(Scorer):
    """Scores overlap of letters with one or several references by sacreBLEU, 0 to 100.

    Args:
        word_order: 0 is chrF; 2, pairs of words counted too, is chrF++.

    """

    higher_is_better = True
    word_order: int = Field(default=0, ge=0, le=4)

    def score(self, *, output: Any, target: Any) -> float:
        """Scores one output."""
        chrf = _sacrebleu().CHRF(word_order=self.word_order)
        return float(chrf.sentence_score(text_of(output), _references(target)).score)


class ROUGEScorer(Scorer):
    """Scores overlap with a reference by rouge-score, 0 to 1; of several, the best.

    Args:
        kinds: rouge1 and rouge2 count words and pairs of words, rougeL the longest common
            sequence, rougeLsum the same line by line.
        stemmer: takes `walks` for `walk`; English only.

    """

    higher_is_better = True
    kinds: list[Kind] = Field(default_factory=lambda: list(get_args(Kind)[:3]))
    stemmer: bool = False

    def score(self, *, output: Any, target: Any) -> dict[str, float]:
        """Scores one output: the F-measure of each kind."""
        scorer = _rouge(tuple(self.kinds), self.stemmer)
        found = scorer.score_multi(_references(target), text_of(output))
        return {kind: float(found[kind].fmeasure) for kind in self.kinds}


def _sacrebleu() -> Any:
    try:
        from sacrebleu import metrics
    except ImportError:
        raise MissingExtraError("BLEUScorer or ChrFScorer", "text") from None
    return metrics


@lru_cache(16)
def _rouge(kinds: tuple[str, ...], stemmer: bool) -> Any:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise MissingExtraError("ROUGEScorer", "text") from None
    return RougeScorer(list(kinds), use_stemmer=stemmer)
