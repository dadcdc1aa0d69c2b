"""Scorers of classifications: precision, recall and F1."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from weavelite.eval.scorer import Scorer
from weavelite.scorers.texts import text_of

Figures = dict[str, float]


def figures(true: int, wrong: int, missed: int) -> Figures:
    """Works out precision, recall and F1; what divides by nothing is 0."""
    precision = true / (true + wrong) if true + wrong else 0.0
    recall = true / (true + missed) if true + missed else 0.0
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    return {"f1": f1, "precision": precision, "recall": recall}


class ClassificationScorer(Scorer):
    """Compares the class in the output with that of the target.

    A row's score is whether it is right, and both classes; the summary has accuracy, and precision,
    recall and F1 of each class, and their macro, micro and weighted averages.

    Args:
        class_names: the classes; by default those that are met. Other outputs count as wrong.
        ignore_case: takes `Spam` for `spam`, and leaves out white space at the ends.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        f"{group}{name}": True
        for group in ("", "macro.", "micro.", "weighted.")
        for name in (("correct", "accuracy") if not group else ("f1", "precision", "recall"))
    }
    class_names: list[str] = Field(default_factory=list)
    ignore_case: bool = True

    def score(self, *, output: Any, target: Any) -> dict[str, Any]:
        """Compares the two classes."""
        predicted, wanted = self._class(output), self._class(target)
        if not wanted:
            raise ValueError(f"ClassificationScorer needs a class as target, not {target!r}.")
        return {"correct": predicted == wanted, "predicted": predicted, "target": wanted}

    def summarize(self, score_rows: list[Any]) -> dict[str, Any] | None:
        """Sums up by class, and over all classes."""
        pairs = [(row["target"], row["predicted"]) for row in score_rows if row]
        if not pairs:
            return None
        names = [self._class(name) for name in self.class_names] or _met(pairs)
        by_class, summed = _by_class(pairs, names)
        right = sum(target == predicted for target, predicted in pairs)
        return {
            "correct": {"true_count": right, "true_fraction": right / len(pairs)},
            "accuracy": right / len(pairs),
            **summed,
            "classes": by_class,
        }

    def _class(self, value: Any) -> str:
        text = text_of(value)
        return text.strip().casefold() if self.ignore_case else text


def _met(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return sorted({name for pair in pairs for name in pair})


def _by_class(
    pairs: Sequence[tuple[str, str]], names: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Figures]]:
    right = Counter(target for target, predicted in pairs if target == predicted)
    wanted = Counter(target for target, _ in pairs)
    given = Counter(predicted for _, predicted in pairs)
    by_class: dict[str, Figures] = {}
    for name in names:
        true = right[name]
        by_class[name] = figures(true, given[name] - true, wanted[name] - true)
    true = sum(right[name] for name in by_class)
    wrong = sum(given[name] - right[name] for name in by_class)
    missed = sum(wanted[name] - right[name] for name in by_class)
    support = {name: wanted[name] for name in by_class}
    summed = {
        "macro": _mean(by_class, dict.fromkeys(by_class, 1)),
        "micro": figures(true, wrong, missed),
        "weighted": _mean(by_class, support),
    }
    return {name: {**by_class[name], "support": support[name]} for name in by_class}, summed


def _mean(by_class: Mapping[str, Figures], weights: Mapping[str, int]) -> Figures:
    total = sum(weights.values()) or 1
    return {
        key: sum(by_class[name][key] * weights[name] for name in by_class) / total
        for key in ("f1", "precision", "recall")
    }


class MultiTaskBinaryClassificationF1(Scorer):
    """Judges several yes-or-no questions at once; the summary has F1, precision, recall of each.

    Args:
        class_names: keys of the output and of the target, which are dictionaries.

    """

    class_names: list[str]

    @property
    def higher_is_better(self) -> Mapping[str, bool]:  # type: ignore[override]  # by class
        """Says which way is better, by key."""
        keys = ("f1", "precision", "recall", "correct")
        return {f"{name}.{key}": True for name in self.class_names for key in keys}

    def score(self, *, output: Any, target: Any) -> dict[str, dict[str, bool]]:
        """Compares output and target by key; a key that is missing is a no."""
        given, wanted = _asked(output), _asked(target)
        return {
            name: {
                "correct": wanted.get(name) == given.get(name),
                "negative": not given.get(name),
            }
            for name in self.class_names
        }

    def summarize(self, score_rows: list[Any]) -> dict[str, Figures] | None:
        """Sums up by key."""
        rows = [row for row in score_rows if row]
        return {name: _of_rows([row[name] for row in rows]) for name in self.class_names} or None


def _of_rows(rows: Sequence[Mapping[str, bool]]) -> Figures:
    found = Counter((bool(row["correct"]), bool(row["negative"])) for row in rows)
    return figures(found[True, False], found[False, False], found[False, True])


def _asked(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
