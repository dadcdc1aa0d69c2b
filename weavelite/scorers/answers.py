"""Reads what a language model answers: the JSON in a text that may have more around it."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

LONGEST = 400_000
"""Letters of an answer that are looked at, from the end."""

_MOST = 1000
_DECODER = json.JSONDecoder()


def read_answer(text: str, read: Callable[[Any], T]) -> T:
    """Reads the last JSON object of a text that `read` takes; raises ValueError that says why.

    The last one, since models that think aloud draft before they answer.
    """
    reason = "it holds no JSON object"
    for found in reversed(list(objects_in(text[-LONGEST:]))):
        try:
            return read(found)
        except ValueError as error:
            reason = str(error)
    raise ValueError(reason)


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Finds the outermost JSON objects of a text, in order."""
    at = text.find("{")
    for _ in range(_MOST):
        if at < 0:
            return
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            if isinstance(found, dict):
                yield found
        at = text.find("{", end)
