"""Markdown: rich's class, and weavelite's own, which needs no rich."""

from typing import Any

from weavelite.content import Markdown
from weavelite.serialize import NOT_MINE, Loader, Stored

MARKDOWN = "rich.markdown.Markdown"


def save(value: Any) -> Any:
    """Writes rich's Markdown as its text."""
    if type(value).__name__ != "Markdown" or not isinstance(getattr(value, "markup", None), str):
        return NOT_MINE
    return Stored(MARKDOWN, {"markup": value.markup, "code_theme": str(value.code_theme)})


def _load(stored: Stored) -> Markdown:
    return Markdown(str(stored.val["markup"]), str(stored.val.get("code_theme", "monokai")))


LOADERS: dict[str, Loader] = {MARKDOWN: _load}
