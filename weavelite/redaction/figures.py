"""What is left of records when nothing of their content is to be kept."""

import re
from typing import Any

_ERROR_NAME = re.compile(r"([A-Za-z_][\w.]{0,200}+)(?=:|$)", re.ASCII)


def figures_of(value: Any) -> Any:
    """Keeps the numbers of a value that stand under names, and yes and no; None when it has none.

    Lists are left out: they may be embeddings, or other content in numbers.
    """
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, dict):
        return None
    kept = {str(name): figures_of(item) for name, item in value.items()}
    return {name: item for name, item in kept.items() if item is not None} or None


def name_of_error(text: str) -> str:
    """Finds the name of an exception in its traceback, or in its one line; else `error`."""
    last = next((line for line in reversed(text.splitlines()) if _ERROR_NAME.match(line)), "")
    found = _ERROR_NAME.match(last)
    return found[1] if found is not None else "error"
