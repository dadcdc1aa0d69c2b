"""Values side by side on the terminal: what was removed, and what was added."""

import json
from typing import Any

from rich.text import Text

from weavelite.differences import word_changes
from weavelite.serialize import in_words

_STYLES = {"same": "", "removed": "red strike", "added": "green"}
_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_NEAR = 80
"""Is how many letters of what is the same are shown on each side of a change."""


def shown(value: Any) -> str:
    """Writes a value as people read it: texts as they are, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(in_words(value), indent=2, default=str, ensure_ascii=False)


def difference_text(before: Any, after: Any, *, colored: bool) -> Text:
    """Writes two values as one text, in which words that went are red and those that came green.

    Without colours they stand in [-brackets-] and {+braces+}, as in `git diff --word-diff`.
    """
    text = Text()
    for kind, words in word_changes(shown(before), shown(after)):
        start, end = ("", "") if colored else _MARKS[kind]
        text.append(f"{start}{_short(words) if kind == 'same' else words}{end}", _STYLES[kind])
    return text


def _short(words: str) -> str:
    return words if len(words) <= 3 * _NEAR else f"{words[:_NEAR]} … {words[-_NEAR:]}"
