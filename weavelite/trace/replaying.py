"""Runs a captured call again, with the user's code and some inputs changed."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from weavelite.errors import NotFoundError, NotStartedError, ReplayError
from weavelite.objects import Object, op_state
from weavelite.refs import is_ref, op_name
from weavelite.trace.call import Call
from weavelite.trace.context import innermost_is
from weavelite.trace.loading import StoredObject, StoredOp, live_ops
from weavelite.trace.op import LIVE, OVERRIDE, op

REPLAY_OF = "replay_of"
"""Is the attribute of a call that names the call which it repeats."""


def replay(
    call: Call, fn: Callable[..., Any] | None = None, changes: Mapping[str, Any] | None = None
) -> Call:
    """Runs a call again and returns the new one; what the function raises is on it.

    Args:
        call: a call that was read from the store.
        fn: the function, or a method of a class; by default the op of this name that the program
            has, of the same version if there are more. Stored code is never run.
        changes: values by path: `question`, `config.temperature`, `messages.0.content`, or
            `self.prompt` for a field of the object that has the method.

    """
    if call.client is None:
        raise NotStartedError("replay()")
    inputs = {name: _value(call, value) for name, value in call.inputs.items()}
    for path, value in (changes or {}).items():
        inputs = _changed(inputs, path.removeprefix("inputs.").split("."), value, path)
    shell = _op_of(call, fn, inputs)
    args, kwargs = _arguments(shell, inputs)
    with innermost_is(None):
        ran = shell.call(*args, **kwargs, **{OVERRIDE: {"attributes": {REPLAY_OF: call.id}}})
        result, made = _awaited(ran) if inspect.isawaitable(ran) else ran
        _run_out(result)
    new: Call = made
    return new


def _value(call: Call, value: Any) -> Any:
    """Reads an object that an input names."""
    return call.client.get(value) if call.client is not None and is_ref(value) else value


def _op_of(call: Call, fn: Callable[..., Any] | None, inputs: Mapping[str, Any]) -> Any:
    """Finds the op to run: what is given, the method of the object, or the program's own."""
    if isinstance(fn, StoredOp):
        raise ReplayError(f"{fn.name} is stored code, which is not run: give the function.")
    if fn is not None:
        return fn if op_state(fn) is not None else op(fn)
    owner = inputs.get("self")
    if isinstance(owner, StoredObject):
        raise ReplayError(
            f"The class {owner.get('_class_name')} of {call.op_name} is not known here: import the "
            "module that defines it, or name its file."
        )
    if isinstance(owner, Object):
        method = getattr(type(owner), call.op_name.rpartition(".")[2], None)
        if method is not None and op_state(method) is not None:
            return method
    name = op_name(call.op_name)
    same = [] if call.client is None else live_ops(call.client, name, call.op_digest)
    found = same or list(LIVE.get(name, {}).values())
    if not found:
        raise NotFoundError(
            f"There is no op {call.op_name} in this program: import the module that defines it, or "
            "give the function."
        )
    return found[-1].shell


def _arguments(shell: Any, inputs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Gives inputs back as arguments: those that have no name, and those that do."""
    state = op_state(shell)
    rest = dict(inputs)
    bound = hasattr(shell, "__self__")
    if bound:
        rest.pop("self", None)
    names = state.names[1:] if bound else state.names
    args = []
    for name in names:
        if name not in rest:
            break
        args.append(rest.pop(name))
    if state.rest_name in rest:
        args += rest.pop(state.rest_name)
    return args, rest


def _changed(value: Any, path: list[str], new: Any, whole: str) -> Any:
    """Puts a value at a path; what holds it is copied."""
    step, *rest = path
    if isinstance(value, Mapping):
        inner = value.get(step)
        if rest and step not in value:
            raise _nothing_there(whole, value)
        return {**value, step: _changed(inner, rest, new, whole) if rest else new}
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        at = int(step)
        return [
            *value[:at],
            _changed(value[at], rest, new, whole) if rest else new,
            *value[at + 1 :],
        ]
    if isinstance(value, Object) and step in type(value).model_fields:
        inner = _changed(getattr(value, step), rest, new, whole) if rest else new
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return type(value)(**fields | {step: inner})
    raise _nothing_there(whole, value)


def _nothing_there(path: str, value: Any) -> NotFoundError:
    known = (
        list(value) if isinstance(value, Mapping)
        else list(type(value).model_fields) if isinstance(value, Object)
        else []
    )  # fmt: skip
    there = f"; there are: {', '.join(map(str, known))}" if known else ""
    return NotFoundError(f"{path} leads to nothing in the inputs{there}.")


def _awaited(ran: Awaitable[Any]) -> Any:
    """Waits for a coroutine, whether a loop runs here or not."""
    found: list[Any] = []
    failed: list[BaseException] = []

    async def wait() -> Any:
        return await ran

    def run() -> None:
        try:
            found.append(asyncio.run(wait()))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="weavelite-replay")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


def _run_out(result: Any) -> None:
    """Takes all of a stream, so that its call ends."""
    if inspect.isgenerator(result):
        for _ in result:
            pass
    elif inspect.isasyncgen(result):

        async def drain() -> None:
            async for _ in result:
                pass

        _awaited(drain())
