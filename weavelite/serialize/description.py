"""A description of a value that says the same in each run."""

import re
from typing import Any

REPR_LIMIT = 2000

_ADDRESS = re.compile(r"(?: at)? 0x[0-9a-fA-F]{6,16}\b")


def stable_repr(value: Any) -> str:
    """Describes a value in at most 2,000 characters, the same in each run: no addresses."""
    try:
        text = _ADDRESS.sub("", repr(value))
    except Exception as error:  # the user's __repr__ may do anything
        text = f"<{type(value).__qualname__} object, whose repr raises {type(error).__name__}>"
    return text if len(text) <= REPR_LIMIT else text[:REPR_LIMIT] + "…"
