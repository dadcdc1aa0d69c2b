"""Scorers that compare texts by their letters."""

import json
import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import field_validator

from weavelite.eval.scorer import Scorer


def text_of(value: Any) -> str:
    """Makes a text of what a model returned: texts as they are, nothing as "", the rest as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return str(value)


_ARTICLES = re.compile(r"\b(a|an|the)\b", re.IGNORECASE)


class TextScorer(Scorer):
    """Is the base of scorers that may look past differences which do not matter.

    Args:
        ignore_case: takes `A` for `a`.
        ignore_space: takes any run of white space for one space, and none at the ends.
        ignore_punctuation: leaves out ASCII punctuation.
        ignore_articles: leaves out a, an and the.
        ignore_accents: takes `é` for `e`, and letters of other widths and styles for the plain one.

    """

    ignore_case: bool = False
    ignore_space: bool = False
    ignore_punctuation: bool = False
    ignore_articles: bool = False
    ignore_accents: bool = False

    def _plain(self, value: Any) -> str:
        text = text_of(value)
        if self.ignore_accents:
            letters = unicodedata.normalize("NFKD", text)
            text = "".join(letter for letter in letters if not unicodedata.combining(letter))
        if self.ignore_case:
            text = text.casefold()
        if self.ignore_articles:
            text = _ARTICLES.sub(" ", text)
        if self.ignore_punctuation:
            text = text.translate(str.maketrans("", "", string.punctuation))
        if self.ignore_space or self.ignore_articles:
            text = " ".join(text.split())
        return text


class ExactMatchScorer(TextScorer):
    """Tells whether the output is the target; of several targets, any.

    Values that are not text are compared as values, so that `1` is `1.0` and keys have no order.
    """

    higher_is_better = True

    def score(self, *, output: Any, target: Any) -> bool:
        """Compares the output with the target, or with each of a list of targets."""
        if not isinstance(output, str) and output == target:
            return True
        targets = target if isinstance(target, list) and isinstance(output, str) else [target]
        return any(self._same(output, wanted) for wanted in targets)

    def _same(self, output: Any, wanted: Any) -> bool:
        if isinstance(output, str) and isinstance(wanted, str):
            return self._plain(output) == self._plain(wanted)
        return bool(output == wanted)


class ContainsScorer(TextScorer):
    """Tells whether the output contains the target: all of several, or any.

    Args:
        match: whether the output needs all of a list of targets, or any of them.

    """

    higher_is_better = True
    match: Literal["all", "any"] = "all"

    def score(self, *, output: Any, target: Any) -> bool:
        """Looks for the target, or the targets of a list, in the output."""
        targets = list(target) if isinstance(target, list | tuple | set) else [target]
        if not targets or any(wanted is None for wanted in targets):
            raise ValueError(f"ContainsScorer looks for texts, and the target is {target!r}.")
        text = self._plain(output)
        decide = all if self.match == "all" else any
        return decide(self._plain(wanted) in text for wanted in targets)


class RegexScorer(Scorer):
    """Tells whether a regular expression is found in the output.

    Args:
        pattern: by default the row's column `pattern`.
        match: "search" finds it anywhere, "full" wants all of the output to be it.
        ignore_case: takes `A` for `a`.

    """

    higher_is_better = True
    pattern: str | None = None
    match: Literal["search", "full"] = "search"
    ignore_case: bool = False

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"pattern is no regular expression: {error}") from None
        return value

    def score(self, *, output: Any, pattern: str | None = None) -> bool:
        """Looks for the scorer's pattern, or else for the row's."""
        wanted = self.pattern if self.pattern is not None else pattern
        if not isinstance(wanted, str):
            raise ValueError("RegexScorer needs a pattern: RegexScorer(pattern=...), or a column.")
        compiled = re.compile(wanted, re.IGNORECASE if self.ignore_case else 0)
        look = compiled.search if self.match == "search" else compiled.fullmatch
        return look(text_of(output)) is not None


class StringMatchScorer(Scorer):
    """Tells whether the target contains the output, whatever the case; nothing is in no target."""

    higher_is_better: ClassVar[Mapping[str, bool]] = {"string_in_input": True}

    def score(self, *, output: Any, target: Any) -> dict[str, bool]:
        """Looks for the output in the target."""
        text = text_of(output).casefold()
        return {"string_in_input": bool(text) and text in text_of(target).casefold()}


class LevenshteinScorer(Scorer):
    """Counts how many letters have to be put in, taken out or changed to make output target."""

    higher_is_better: ClassVar[Mapping[str, bool]] = {
        "levenshtein_distance": False,
        "levenshtein_similarity": True,
    }

    def score(self, *, output: Any, target: Any) -> dict[str, float]:
        """Counts the edits, and gives the similarity: 1 for the same, 0 for nothing in common."""
        text, wanted = text_of(output), text_of(target)
        distance = levenshtein(text, wanted)
        longest = max(len(text), len(wanted))
        return {
            "levenshtein_distance": distance,
            "levenshtein_similarity": 1 - distance / longest if longest else 1.0,
        }


def levenshtein(one: Sequence[Any], other: Sequence[Any]) -> int:
    """Counts the edits between two texts; by RapidFuzz where it is installed, which is quicker."""
    try:
        from rapidfuzz.distance import Levenshtein
    except ImportError:
        return plain_levenshtein(one, other)
    return int(Levenshtein.distance(one, other))


def plain_levenshtein(one: Sequence[Any], other: Sequence[Any]) -> int:
    """Counts the edits between two texts, row by row of the table."""
    if len(one) < len(other):
        one, other = other, one
    above = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        row = [number]
        for index, wanted in enumerate(other, 1):
            changed = above[index - 1] + (letter != wanted)
            row.append(min(changed, above[index] + 1, row[-1] + 1))
        above = row
    return above[-1]
