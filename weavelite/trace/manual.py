"""Records what no function wraps: while it runs, or after the fact."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weavelite.content import Content
from weavelite.objects import op_state
from weavelite.serialize import encode
from weavelite.trace import recording
from weavelite.trace.call import Call
from weavelite.trace.context import innermost, innermost_is, tracing_client
from weavelite.trace.remote import Parent, parent_call

if TYPE_CHECKING:
    from weavelite.trace.client import Client

DisplayName = str | Callable[[Call], str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _NamedOp:
    """Is what a call without a function has for an op: a name and a kind, without code."""

    __slots__ = ("digest", "key", "kind", "name")

    def __init__(self, key: int, name: str, kind: str) -> None:
        self.key, self.name, self.kind, self.digest = key, name, kind, None


def named_op(client: "Client", name: str, kind: str) -> Any:
    """Makes an op of a name known to a client, once."""
    op = client.plain_ops.get((name, kind))
    if op is None:
        key, _ = client.publisher.define_op(name, kind, None)
        op = client.plain_ops[(name, kind)] = _NamedOp(key, name, kind)
    return op


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Says what there is to say of a call beside its inputs."""

    kind: str = "op"
    parent: Parent = None
    use_stack: bool = True
    attributes: Mapping[str, Any] | None = None
    display_name: DisplayName | None = None
    model: str | None = None
    started_at: datetime | None = None


def start(op: Any, inputs: Mapping[str, Any], particulars: Particulars) -> Call:
    """Starts a call of a name or of an op; it is kept unless tracing is off."""
    state = op_state(op)
    name = state.name if state is not None else str(op)
    made: list[Call] = []
    recording.guarded(
        lambda: made.extend(_kept(state, name, inputs, particulars)),
        f"a call of {name} could not be recorded",
    )
    return made[0] if made else unkept(name, particulars.kind, inputs)


def _kept(
    state: Any, name: str, inputs: Mapping[str, Any], particulars: Particulars
) -> Iterator[Call]:
    client = tracing_client()
    if client is None:
        return
    if state is not None:
        state.bind(client.publisher)
    parent = parent_call(particulars.parent)
    if parent is None and particulars.use_stack:
        parent = innermost()
    if parent is not None and parent.is_dropped:
        return
    op = state or named_op(client, name, particulars.kind)
    began = nanoseconds(particulars.started_at) if particulars.started_at is not None else 0
    call = recording.start(client, op, inputs, parent, began)
    call.model = particulars.model
    describe(call, particulars.attributes, particulars.display_name)
    yield call


def describe(
    call: Call, attributes: Mapping[str, Any] | None, display_name: DisplayName | None
) -> None:
    """Adds attributes to a call that has just started, and names it for lists."""
    if attributes:
        call._attributes = {**(call._attributes or {}), **attributes}
    if callable(display_name):
        recording.guarded(lambda: _name(call, display_name(call)), "a display name failed")
    elif display_name is not None:
        _name(call, display_name)


def add_view(
    call: Call,
    name: str,
    content: Content | str,
    *text: Any,
) -> None:
    """Gives a call a view of itself; of a text, `text` is what `Content.from_text` takes beside."""
    made = Content.from_text(content, *text) if isinstance(content, str) else content
    call.summary.setdefault("_weave", {}).setdefault("views", {})[name] = made


def _name(call: Call, shown: str | None) -> None:
    call.display_name = None if shown is None else str(shown)


def unkept(name: str, kind: str, inputs: Mapping[str, Any]) -> Call:
    """Makes a call that is not kept, for a program that is not traced now."""
    call = Call()
    call.op_name, call.kind = name, kind
    call.inputs_json = encode(inputs)
    return call


def end(
    call: Call,
    output: Any = None,
    *,
    exception: BaseException | str | None = None,
    usage: Mapping[str, Any] | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Ends a call, now or then; the first end counts."""
    if call.end_ns:
        return
    if usage:
        recording.guarded(
            lambda: recording.note_usage(call, dict(usage)), "usage could not be read"
        )
    result = call._result if output is None else output
    call._result = None  # it is kept as JSON now
    recording.end(call, result, exception, nanoseconds(ended_at) if ended_at is not None else 0)


@contextmanager
def open_call(op: Any, inputs: Mapping[str, Any], particulars: Particulars) -> Iterator[Call]:
    """Runs a block as a call; what it raises is on the call, and goes on."""
    call = start(op, inputs, particulars)
    try:
        with innermost_is(call):
            yield call
    except BaseException as error:
        end(call, exception=error)
        raise
    end(call)


def nanoseconds(time: datetime) -> int:
    """Counts nanoseconds since 1970, not before; a time without a zone is local."""
    since = time.astimezone(UTC) - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    return max(0, seconds * 1_000_000_000 + since.microseconds * 1_000)
