"""Makes ops of what can be called: the outermost function is what the user means."""

import functools
import inspect
from types import FunctionType
from typing import Any

from weavelite.trace.op import op, state_of

_MADE = "__weavelite_made__"
"""Is the attribute of a function that holds the ops that were made of it."""


def as_op(value: Any, kind: str = "op") -> Any:
    """Makes a function, or an object with `__call__`, an op, unless it is one."""
    if state_of(value) is not None:
        return value
    if not (inspect.isroutine(value) or isinstance(value, functools.partial | type)):
        return as_op(value.__call__, kind)
    return op(kind=kind)(value)


def as_known_op(value: Any, kind: str = "op") -> Any:
    """Makes a function an op once, which knows what its runs have changed themselves."""
    if not isinstance(value, FunctionType) or state_of(value) is not None:
        return as_op(value, kind)
    made = value.__dict__.setdefault(_MADE, {})
    if (value, kind) not in made:  # `functools.wraps` hands the attribute on to other functions
        made[value, kind] = as_op(value, kind)
    return made[value, kind]
