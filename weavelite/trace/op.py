"""The `op` decorator: one recording mechanism, four thin shells."""

import functools
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from weavelite.errors import NotStartedError
from weavelite.objects import OP_MARK, op_state
from weavelite.refs import op_name
from weavelite.trace import capture, recording
from weavelite.trace.call import Call
from weavelite.trace.calls import Calls
from weavelite.trace.context import SESSION, tracing_client
from weavelite.trace.manual import DisplayName, unkept
from weavelite.trace.options import PLAIN, Options
from weavelite.trace.options import begin as begin_with_options
from weavelite.trace.running import run, run_async, run_async_stream, run_stream

if TYPE_CHECKING:
    from weavelite.refs import Ref
    from weavelite.trace.publishing import Publisher

F = TypeVar("F", bound=Callable[..., Any])

OVERRIDE = "__weave"
"""Is the argument by which one call is named, or given attributes or an id, as in Weave."""


LIVE: dict[str, "weakref.WeakValueDictionary[int, OpState]"] = {}
"""The ops of this process by the name in their refs, those made last at the end."""


class OpState:
    """Is what weavelite knows of an op: its name, how its arguments are named, its version."""

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None,
        kind: str,
        options: Options = PLAIN,
        capture_code: bool = True,
    ) -> None:
        self.fn = fn
        self.options = None if options == PLAIN else options
        self.capture_code = capture_code
        self.name = name or qualified_name(fn)
        self.kind = kind
        self.publisher: Publisher | None = None
        self._looks = 0
        self._seen: str | None = None
        self.owner: type | None = None
        self._bound_in: type | None = None
        self.key = 0
        self.digest: str | None = None
        self.ref: Ref | None = None
        self.shell: Any = None
        self.inherited: dict[type, Any] = {}
        self._signature(fn)
        LIVE.setdefault(op_name(self.name), weakref.WeakValueDictionary())[id(self)] = self

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

    def inputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Names the arguments of a call; defaults too."""
        named = dict(zip(self.names, args, strict=False))
        if len(args) > len(self.names):
            named[self.rest_name or "args"] = args[len(self.names) :]
        if kwargs:
            named.update(kwargs)
        for name, default in self.defaults:
            if name not in named:
                named[name] = default
        return named

    def as_in(self, cls: type) -> Any:
        """Gives this op as a subclass has it: one of its own where it overrides what it calls."""
        if self.owner is None or cls is self.owner:
            return self.shell
        if cls not in self.inherited:
            codes = [capture.source_of(self.fn, owner).digest for owner in (self.owner, cls)]
            name = f"{cls.__name__}.{qualified_name(self.fn).rpartition('.')[2]}"
            own = self.shell if len(set(codes)) == 1 else self._again(name)
            if own is not self.shell:
                getattr(own, OP_MARK).owner = cls
            self.inherited[cls] = own
        return self.inherited[cls]

    def _again(self, name: str) -> Any:
        return _decorate(
            self.fn, name=name, kind=self.kind, options=self.options or PLAIN,
            capture_code=self.capture_code,
        )  # fmt: skip

    def bind(
        self, publisher: "Publisher", owner: type | None = None, looks: int | None = None
    ) -> bool:
        """Publishes this version of the op, once a publisher; tells whether it read the code.

        `owner` is the class of a method. Code is read anew when `looks` is given and has changed.
        """
        known = self.publisher is publisher
        if known and looks in (None, self._looks):
            return False
        self._looks = looks or 0
        self._bound_in = owner or self._bound_in  # whichever class calls first
        code = self._code()
        if not (known and code.digest == self._seen):
            self._seen = code.digest
            self.key, self.ref = publisher.define_op(self.name, self.kind, code)
            self.digest = self.ref.version
            self.shell.ref = self.ref
            self.publisher = publisher
        return True

    def settle(self) -> None:
        """Takes the values that the code reaches, as they are now, for those of this version."""
        self._seen = self._code().digest

    def _code(self) -> capture.Source:
        if not self.capture_code:
            return capture.NOT_CAPTURED
        owner = self.owner or capture.defining_class(self.fn, self._bound_in)
        return capture.source_of(self.fn, owner)


def qualified_name(fn: Callable[..., Any]) -> str:
    """Names a function as Weave does: `Class.method`, or the name after the last `<locals>`."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    name = getattr(fn, "__qualname__", None) or type(fn).__qualname__
    return str(name).rsplit("<locals>.", 1)[-1].replace("<lambda>", "lambda")


@overload
def op(fn: F, /) -> F: ...
@overload
def op(
    *,
    name: str | None = None,
    call_display_name: DisplayName | None = None,
    postprocess_inputs: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    postprocess_output: Callable[[Any], Any] | None = None,
    tracing_sample_rate: float = 1.0,
    enable_code_capture: bool = True,
    accumulator: Callable[[Any, Any], Any] | None = None,
    kind: str | None = None,
    color: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    eager_call_start: bool = False,
) -> Callable[[F], F]: ...
def op(
    fn: Any = None,
    /,
    *,
    name: str | None = None,
    kind: str | None = None,
    enable_code_capture: bool = True,
    **options: Any,
) -> Any:
    """Makes each run of a function a call.

    Works on functions, methods, coroutine functions, generators and async generators, with or
    without parentheses. What the function returns or raises reaches the caller unchanged.

    Args:
        fn: the function.
        name: what the op is called; by default the qualified name of the function.
        kind: llm, tool, agent, chain, retriever, embedding, scorer; by default op.
        enable_code_capture: False keeps none of the op's code.
        **options: call_display_name (text, or a function of the call) is what lists show;
            postprocess_inputs and postprocess_output make what is kept of both, and may hide or
            shorten; tracing_sample_rate is the share of traces that begin here to be recorded;
            accumulator makes one output of a stream's items, from what it returned last (None at
            first) and the next item; color and attributes are kept with each call;
            eager_call_start shows a call in the store from its first moment.

    """
    unknown = options.keys() - Options.__dataclass_fields__.keys()
    if unknown:
        raise TypeError(f"op() does not know {', '.join(sorted(unknown))}.")
    decorate = functools.partial(
        _decorate, name=name, kind=kind or "op", options=Options(**options),
        capture_code=enable_code_capture,
    )  # fmt: skip
    return decorate if fn is None else decorate(fn)


def _decorate(fn: Any, *, name: str | None, kind: str, options: Options, capture_code: bool) -> Any:
    again = functools.partial(
        _decorate, name=name, kind=kind, options=options, capture_code=capture_code
    )
    if isinstance(fn, classmethod | staticmethod):
        return type(fn)(again(fn.__func__))
    if op_state(fn) is not None:
        return fn
    if not callable(fn):
        raise TypeError(f"@op decorates functions, not {type(fn).__name__}.")
    state = OpState(fn, name, kind, options, capture_code)
    shell: Any
    runner: Any
    if inspect.isasyncgenfunction(fn):
        shell, runner = _async_stream_shell(state), run_async_stream
    elif inspect.isgeneratorfunction(fn):
        shell, runner = _stream_shell(state), run_stream
    elif inspect.iscoroutinefunction(fn):
        shell, runner = _async_shell(state), run_async
    else:
        shell, runner = _shell(state), run
    functools.update_wrapper(shell, fn)
    setattr(shell, OP_MARK, state)
    state.shell = shell
    shell.call = _call_of(state, runner)
    shell.calls = functools.partial(_calls_of, state)
    shell.resolve_fn, shell.ref = fn, None
    shell.name, shell.kind = state.name, state.kind
    shell.color, shell.attributes = options.color, dict(options.attributes or {})
    shell.tracing_sample_rate = options.tracing_sample_rate
    shell.get_captured_code = functools.partial(_code_of, state)
    return shell


def as_op(fn: F) -> F:
    """Returns an op as it is, for type checkers; raises TypeError for what is none."""
    if op_state(fn) is None:
        raise TypeError(f"{fn!r} is not an op: decorate it with @weavelite.op.")
    return fn


def state_of(value: Any) -> OpState | None:
    """Returns what is known of an op; None for what is not an op. Bound methods count."""
    state: OpState | None = op_state(value)
    return state


def _code_of(state: OpState) -> str:
    return capture.source_of(state.fn, state.owner).text


def _calls_of(state: OpState) -> Calls:
    """Reads the calls of an op, of all its versions."""
    client = SESSION.client or tracing_client()
    if client is None:
        raise NotStartedError("op.calls()")
    return client.get_calls(filter={"op_names": [state.name]})


def _begin(state: OpState, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    override = kwargs.pop(OVERRIDE, None) if kwargs and OVERRIDE in kwargs else None
    client = tracing_client()
    if client is None:
        return None
    if state.options is None and override is None:
        return recording.begin(state, client, state.inputs(args, kwargs))
    return begin_with_options(state, client, state.inputs(args, kwargs), override or {})


# The four shells: each begins a call and runs it; `op.call` runs the same runners.


def _shell(state: OpState) -> Any:
    fn = state.fn

    def traced(*args: Any, **kwargs: Any) -> Any:
        call = _begin(state, args, kwargs)
        return fn(*args, **kwargs) if call is None else run(call, fn, args, kwargs)

    return traced


def _async_shell(state: OpState) -> Any:
    fn = state.fn

    async def traced(*args: Any, **kwargs: Any) -> Any:
        call = _begin(state, args, kwargs)
        if call is None:
            return await fn(*args, **kwargs)
        return await run_async(call, fn, args, kwargs)

    return traced


def _stream_shell(state: OpState) -> Any:
    fn = state.fn

    def traced(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call = _begin(state, args, kwargs)
        if call is None:
            return (yield from fn(*args, **kwargs))
        return (yield from run_stream(call, fn, args, kwargs))

    return traced


def _async_stream_shell(state: OpState) -> Any:
    fn = state.fn

    async def traced(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call = _begin(state, args, kwargs)
        stream = fn(*args, **kwargs) if call is None else run_async_stream(call, fn, args, kwargs)
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


# op.call: the result, and the call that it came from.


def _call_of(state: OpState, runner: Callable[..., Any]) -> Callable[..., Any]:
    def start(args: Any, kwargs: Any) -> Call:
        call = _begin(state, args, kwargs)
        return call or unkept(state.name, state.kind, state.inputs(args, kwargs))

    def call(*args: Any, __should_raise: bool = False, **kwargs: Any) -> tuple[Any, Call]:
        made = start(args, kwargs)
        try:
            return runner(made, state.fn, args, kwargs), made
        except Exception as error:
            if __should_raise:
                raise
            made.raised = error.with_traceback(None)
            return None, made  # as in Weave: the exception is on the call

    async def call_async(
        *args: Any, __should_raise: bool = False, **kwargs: Any
    ) -> tuple[Any, Call]:
        made = start(args, kwargs)
        try:
            return await runner(made, state.fn, args, kwargs), made
        except Exception as error:
            if __should_raise:
                raise
            made.raised = error.with_traceback(None)
            return None, made

    return call_async if runner is run_async else call
