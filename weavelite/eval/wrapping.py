"""Makes ops of what can be called: the outermost function is what the user means."""

import functools
import inspect
from typing import Any

from weavelite.objects import OP_MARK
from weavelite.trace.op import OpState, op, state_of


def op_state(value: Any) -> OpState | None:
    """Returns what is known of an op, None for a decorator's function around an op."""
    state = state_of(value)
    if state is None or getattr(value, "__func__", value) is not state.shell:
        return None
    return state


def as_op(value: Any, kind: str = "op") -> Any:
    """Makes a function, or an object with `__call__`, an op, unless it is one."""
    if op_state(value) is not None:
        return value
    if not (inspect.isroutine(value) or isinstance(value, functools.partial | type)):
        return as_op(value.__call__, kind)
    if hasattr(value, OP_MARK):  # functools.wraps took over the mark of the op inside
        value = functools.partial(value)
    return op(kind=kind)(value)
