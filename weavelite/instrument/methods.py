"""Functions of others whose runs become calls: plain, awaited, and those that give streams."""

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from weavelite.instrument.calls import (
    active,
    end,
    is_recorded_above,
    quiet,
    start,
    suppress,
)
from weavelite.instrument.streams import Reading, Result, Sum, read_along
from weavelite.trace.call import Call
from weavelite.trace.patching import wrap

OWNERS = ("self", "cls")

Inputs = Callable[[dict[str, Any]], Mapping[str, Any]]


def _as_given(given: dict[str, Any]) -> dict[str, Any]:
    return given


def _as_is(value: Any) -> Result:
    return value, None, None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Says how the runs of a function become calls.

    Args:
        name: of its calls, such as `acme.chat.create`.
        kind: llm, tool, agent, chain, retriever, embedding, op.
        inputs: what to record of the arguments, which it gets by name, `self` among them.
        about: attributes of the call, of the same arguments; `thread_id` is the call's thread.
        model: the name of the model that is asked, of the same arguments.
        told: output, usage and model of what the function gave.
        total: makes what adds up a stream; None where there are none.
        streams: tells whether what the function gave is a stream; by default what can be
            iterated and is no plain container.
        requests: whether it is a request to a model: then it is left out where a framework above
            records it, and what happens beneath is not recorded again. Else calls below nest.
        when: whether these arguments are recorded at all; by default, all are.
        display_name: what lists show in place of the name, of the arguments.

    """

    name: str
    kind: str = "op"
    inputs: Inputs = _as_given
    about: Inputs | None = None
    model: Callable[[dict[str, Any]], Any] | None = None
    told: Callable[[Any], Result] = _as_is
    total: Callable[[], Sum] | None = None
    streams: Callable[[Any], bool] | None = None
    requests: bool = False
    when: Callable[[dict[str, Any]], bool] | None = None
    display_name: Callable[[dict[str, Any]], str | None] | None = None


class _Begun(NamedTuple):
    call: Call
    started: float


def trace(owner: Any, name: str, method: Method, *, asynchronous: bool | None = None) -> bool:
    """Makes calls of the runs of `owner.name`, until `unwrap(owner, name)`.

    Returns False, and changes nothing, when there is no such attribute or it is wrapped already.

    Args:
        owner: a class or a module.
        name: of its function.
        method: says what is recorded.
        asynchronous: whether the function is to be awaited; by default, as inspection tells.

    """
    return wrap(owner, name, functools.partial(_traced, method, asynchronous))


def _traced(method: Method, asynchronous: bool | None, original: Any) -> Callable[..., Any]:
    named = _naming(original)
    if asynchronous is None:
        asynchronous = inspect.iscoroutinefunction(original)

    def traced(*args: Any, **kwargs: Any) -> Any:
        begun = _begin(method, named(args, kwargs))
        if begun is None:
            return original(*args, **kwargs)
        try:
            with _inside(method, begun.call):
                result = original(*args, **kwargs)
        except BaseException as error:
            end(begun.call, error=error)
            raise
        return _receive(method, begun, result)

    async def traced_async(*args: Any, **kwargs: Any) -> Any:
        begun = _begin(method, named(args, kwargs))
        if begun is None:
            return await original(*args, **kwargs)
        try:
            with _inside(method, begun.call):
                result = await original(*args, **kwargs)
        except BaseException as error:
            end(begun.call, error=error)
            raise
        return _receive(method, begun, result)

    return traced_async if asynchronous else traced


def _naming(original: Any) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]:
    """Makes what names the arguments of a function; what is not given is left out."""
    try:
        parameters = inspect.signature(original).parameters.values()
    except (ValueError, TypeError):
        parameters = {}.values()
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in by_place]

    def named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        given = dict(zip(names, args, strict=False))
        if len(args) > len(names):
            given["args"] = args[len(names) :]
        return {**given, **kwargs}

    return named


@quiet
def _begin(method: Method, given: dict[str, Any]) -> _Begun | None:
    if method.requests and is_recorded_above():
        return None
    if method.when is not None and not method.when(given):
        return None
    model = method.model(given) if method.model is not None else None
    call = start(
        method.name,
        {
            name: value
            for name, value in method.inputs(given).items()
            if name not in ("self", "cls")
        },
        kind=method.kind,
        display_name=method.display_name(given) if method.display_name is not None else None,
        attributes=method.about(given) if method.about is not None else None,
        model=model if isinstance(model, str) else None,
    )
    return None if call is None else _Begun(call, time.perf_counter())


def _inside(method: Method, call: Call) -> AbstractContextManager[None]:
    return suppress() if method.requests else active(call)


def _receive(method: Method, begun: _Begun, result: Any) -> Any:
    """Ends the call with what the function gave, or when that stream has been read."""
    reading = _reading(method, begun, result)
    if reading is None:
        _end(method, begun.call, result)
        return result
    return read_along(result, reading)


@quiet
def _reading(method: Method, begun: _Begun, result: Any) -> Reading | None:
    if method.total is None or not (method.streams or _is_stream)(result):
        return None
    return Reading(begun.call, method.total(), begun.started, nests=not method.requests)


def _is_stream(value: Any) -> bool:
    return hasattr(value, "__next__") or hasattr(value, "__anext__")


def _end(method: Method, call: Call, result: Any) -> None:
    told = quiet(method.told)(result)
    output, usage, model = (None, None, None) if told is None else told
    end(call, output, usage=usage, model=model)
