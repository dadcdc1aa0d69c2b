"""The `op` decorator: one recording mechanism, four thin shells."""

import functools
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any, TypeVar, overload

from weavelite.objects import OP_MARK, op_state
from weavelite.serialize import encode
from weavelite.trace import capture, recording
from weavelite.trace.call import Call
from weavelite.trace.context import CURRENT, tracing_client

if TYPE_CHECKING:
    from weavelite.refs import Ref
    from weavelite.trace.publishing import Publisher

F = TypeVar("F", bound=Callable[..., Any])

REDACTED = "REDACTED"
SECRET_NAMES = frozenset({"api_key", "apikey", "auth_headers", "authorization", "password"})


LIVE: dict[str, "weakref.WeakSet[OpState]"] = {}
"""The ops of this process by name, so that refs to them can be given back as the ops."""


class OpState:
    """Is what weavelite knows of an op: its name, how its arguments are named, its version."""

    def __init__(self, fn: Callable[..., Any], name: str | None, kind: str) -> None:
        self.fn = fn
        self.name = name or qualified_name(fn)
        self.kind = kind
        self.publisher: Publisher | None = None
        self.owner: type | None = None
        self.key = 0
        self.digest: str | None = None
        self.ref: Ref | None = None
        self.shell: Any = None
        self.inherited: dict[type, Any] = {}
        self._signature(fn)
        LIVE.setdefault(self.name, weakref.WeakSet()).add(self)

    def _signature(self, fn: Callable[..., Any]) -> None:
        try:
            parameters = list(inspect.signature(fn).parameters.values())
        except (TypeError, ValueError):  # some builtins have none
            parameters = []
        kinds = inspect.Parameter
        positional = (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
        self.names = tuple(p.name for p in parameters if p.kind in positional)
        self.rest_name = next((p.name for p in parameters if p.kind == kinds.VAR_POSITIONAL), None)
        self.defaults = tuple((p.name, p.default) for p in parameters if p.default is not p.empty)
        self.secrets = tuple(p.name for p in parameters if p.name.lower() in SECRET_NAMES)

    def inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Names the arguments of a call; defaults too, secrets hidden."""
        named = dict(zip(self.names, args, strict=False))
        if len(args) > len(self.names):
            named[self.rest_name or "args"] = args[len(self.names) :]
        if kwargs:
            named.update(kwargs)
        for name, default in self.defaults:
            if name not in named:
                named[name] = default
        if self.secrets or kwargs:
            self._hide(named)
        return named

    def _hide(self, named: dict[str, Any]) -> None:
        for name in named:
            if name.lower() in SECRET_NAMES:
                named[name] = REDACTED

    def as_in(self, cls: type) -> Any:
        """Gives this op as a subclass has it: one of its own where it overrides what it calls."""
        if self.owner is None or cls is self.owner:
            return self.shell
        if cls not in self.inherited:
            codes = [capture.source_of(self.fn, owner).digest for owner in (self.owner, cls)]
            name = f"{cls.__name__}.{qualified_name(self.fn).rpartition('.')[2]}"
            own = self.shell if len(set(codes)) == 1 else op(name=name, kind=self.kind)(self.fn)
            if own is not self.shell:
                getattr(own, OP_MARK).owner = cls
            self.inherited[cls] = own
        return self.inherited[cls]

    def bind(self, publisher: "Publisher", owner: type | None = None) -> None:
        """Publishes this version of the op, once a publisher; `owner` is the class of a method."""
        if self.publisher is publisher:
            return
        owner = self.owner or capture.defining_class(self.fn, owner)  # whichever class calls first
        code = capture.source_of(self.fn, owner)
        self.key, self.ref = publisher.define_op(self.name, self.kind, code)
        self.digest = self.ref.version
        self.publisher = publisher


def qualified_name(fn: Callable[..., Any]) -> str:
    """Names a function as Weave does: `Class.method`, or the name after the last `<locals>`."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    name = getattr(fn, "__qualname__", None) or type(fn).__qualname__
    return str(name).rsplit("<locals>.", 1)[-1].replace("<lambda>", "lambda")


@overload
def op(fn: F, /) -> F: ...
@overload
def op(*, name: str | None = None, kind: str = "op") -> Callable[[F], F]: ...
def op(fn: Any = None, /, *, name: str | None = None, kind: str = "op") -> Any:
    """Makes each run of a function a call.

    Works on functions, methods, coroutine functions, generators and async generators, with or
    without parentheses. What the function returns or raises reaches the caller unchanged.

    Args:
        fn: the function.
        name: what the op is called; by default the qualified name of the function.
        kind: llm, tool, agent, chain, retriever, embedding, scorer; by default op.

    """
    if fn is None:
        return functools.partial(_decorate, name=name, kind=kind)
    return _decorate(fn, name=name, kind=kind)


def _decorate(fn: Any, *, name: str | None, kind: str) -> Any:
    if isinstance(fn, classmethod | staticmethod):
        return type(fn)(_decorate(fn.__func__, name=name, kind=kind))
    if op_state(fn) is not None:
        return fn
    if not callable(fn):
        raise TypeError(f"@op decorates functions, not {type(fn).__name__}.")
    state = OpState(fn, name, kind)
    shell: Any
    run: Any
    if inspect.isasyncgenfunction(fn):
        shell, run = _async_stream_shell(state), _run_async_stream
    elif inspect.isgeneratorfunction(fn):
        shell, run = _stream_shell(state), _run_stream
    elif inspect.iscoroutinefunction(fn):
        shell, run = _async_shell(state), _run_async
    else:
        shell, run = _shell(state), _run
    functools.update_wrapper(shell, fn)
    setattr(shell, OP_MARK, state)
    state.shell = shell
    shell.call = _call_of(state, run)
    shell.resolve_fn = fn
    shell.name, shell.kind = state.name, kind
    shell.get_captured_code = functools.partial(_code_of, state)
    return shell


def state_of(value: Any) -> OpState | None:
    """Returns what is known of an op; None for what is not an op. Bound methods count."""
    state: OpState | None = op_state(value)
    return state


def _code_of(state: OpState) -> str:
    return capture.source_of(state.fn, state.owner).text


def _begin(state: OpState, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    client = tracing_client()
    if client is None:
        return None
    return recording.begin(state, client, state.inputs(args, kwargs))


# The four shells: each begins a call and runs it; `op.call` runs the same runners.


def _shell(state: OpState) -> Any:
    fn = state.fn

    def traced(*args: Any, **kwargs: Any) -> Any:
        call = _begin(state, args, kwargs)
        return fn(*args, **kwargs) if call is None else _run(call, fn, args, kwargs)

    return traced


def _run(call: Call, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    token = CURRENT.set(call)
    try:
        output = fn(*args, **kwargs)
    except BaseException as error:
        CURRENT.reset(token)
        recording.end(call, None, error)
        raise
    CURRENT.reset(token)
    recording.end(call, output)
    return output


def _async_shell(state: OpState) -> Any:
    fn = state.fn

    async def traced(*args: Any, **kwargs: Any) -> Any:
        call = _begin(state, args, kwargs)
        if call is None:
            return await fn(*args, **kwargs)
        return await _run_async(call, fn, args, kwargs)

    return traced


async def _run_async(call: Call, fn: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    token = CURRENT.set(call)
    try:
        output = await fn(*args, **kwargs)
    except BaseException as error:
        _reset(token)
        recording.end(call, None, error)
        raise
    _reset(token)
    recording.end(call, output)
    return output


def _stream_shell(state: OpState) -> Any:
    fn = state.fn

    def traced(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = _begin(state, args, kwargs)
        if call is None:
            return (yield from fn(*args, **kwargs))
        return (yield from _run_stream(call, fn, args, kwargs))

    return traced


def _run_stream(
    call: Call, fn: Callable[..., Any], args: Any, kwargs: Any
) -> Generator[Any, Any, Any]:
    """Runs a generator; its call is on the context only while its own body runs."""
    stream = fn(*args, **kwargs)
    items = Items(call)
    resume, value = stream.send, None
    try:
        while True:
            token = CURRENT.set(call)
            try:
                item = resume(value)
            finally:
                CURRENT.reset(token)
            items.add(item)
            try:
                resume, value = stream.send, (yield item)
            except GeneratorExit:
                stream.close()
                raise
            except BaseException as error:
                resume, value = stream.throw, error
    except StopIteration as stop:
        _end_stream(call, items)
        return stop.value
    except GeneratorExit:  # the reader has had enough
        _end_stream(call, items)
        raise
    except BaseException as error:
        _end_stream(call, items, error)
        raise


def _async_stream_shell(state: OpState) -> Any:
    fn = state.fn

    async def traced(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call = _begin(state, args, kwargs)
        stream = fn(*args, **kwargs) if call is None else _run_async_stream(call, fn, args, kwargs)
        resume, value = stream.asend, None
        while True:
            try:
                item = await resume(value)
            except StopAsyncIteration:
                return
            try:
                resume, value = stream.asend, (yield item)
            except GeneratorExit:
                await stream.aclose()
                raise
            except BaseException as error:
                resume, value = stream.athrow, error

    return traced


async def _run_async_stream(
    call: Call, fn: Callable[..., Any], args: Any, kwargs: Any
) -> AsyncGenerator[Any, Any]:
    """Runs an async generator; its call is on the context only while its own body runs."""
    stream = fn(*args, **kwargs)
    items = Items(call)
    resume, value = stream.asend, None
    try:
        while True:
            token = CURRENT.set(call)
            try:
                item = await resume(value)
            finally:
                _reset(token)
            items.add(item)
            try:
                resume, value = stream.asend, (yield item)
            except GeneratorExit:
                await stream.aclose()
                raise
            except BaseException as error:
                resume, value = stream.athrow, error
    except StopAsyncIteration:
        _end_stream(call, items)
    except GeneratorExit:  # the reader has had enough
        _end_stream(call, items)
        raise
    except BaseException as error:
        _end_stream(call, items, error)
        raise


def _reset(token: Any) -> None:
    """Takes a call off the context; an event loop may finalise what is left in another one."""
    try:
        CURRENT.reset(token)
    except ValueError:
        pass


class Items:
    """Are the items of a stream as JSON, up to the limit of what is captured."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._limit = call.client.capture_max if call.client is not None else 0
        self._texts: list[bytes] = []
        self._size = 0
        self._left_out = 0

    def add(self, item: Any) -> None:
        """Snapshots an item."""
        if self._size > self._limit:
            self._left_out += 1
            return
        text = recording.snapshot(self._call, item)
        self._texts.append(text)
        self._size += len(text)

    def json(self) -> bytes:
        """Returns the items as a list; what was left out is said at its end."""
        if self._left_out:
            self._texts.append(encode({"_type": "stub", "items": self._left_out}))
        return b"[" + b",".join(self._texts) + b"]"


def _end_stream(call: Call, items: Items, error: BaseException | None = None) -> None:
    recording.guarded(
        lambda: recording.close(call, items.json(), error), "a stream's end could not be recorded"
    )


# op.call: the result, and the call that it came from.


def _call_of(state: OpState, run: Callable[..., Any]) -> Callable[..., Any]:
    def start(args: Any, kwargs: Any) -> Call:
        return _begin(state, args, kwargs) or _untraced(state, args, kwargs)

    def call(*args: Any, **kwargs: Any) -> tuple[Any, Call]:
        made = start(args, kwargs)
        try:
            return run(made, state.fn, args, kwargs), made
        except Exception:
            return None, made  # as in Weave: the exception is on the call

    async def call_async(*args: Any, **kwargs: Any) -> tuple[Any, Call]:
        made = start(args, kwargs)
        try:
            return await run(made, state.fn, args, kwargs), made
        except Exception:
            return None, made

    return call_async if run is _run_async else call


def _untraced(state: OpState, args: Any, kwargs: Any) -> Call:
    """Makes a call that is not kept, for `op.call` while tracing is off."""
    call = Call()
    call.op_name, call.kind = state.name, state.kind
    call.inputs_json = encode(state.inputs(args, kwargs))
    return call
