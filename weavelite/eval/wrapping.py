"""Makes ops of what can be called: the outermost function is what the user means."""

import functools
import inspect
from typing import Any

from weavelite.trace.op import op, state_of


def as_op(value: Any, kind: str = "op") -> Any:
    """Makes a function, or an object with `__call__`, an op, unless it is one."""
    if state_of(value) is not None:
        return value
    if not (inspect.isroutine(value) or isinstance(value, functools.partial | type)):
        return as_op(value.__call__, kind)
    return op(kind=kind)(value)
