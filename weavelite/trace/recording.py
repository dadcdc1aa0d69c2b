"""The hot path: a call starts, is snapshotted, ends, and is appended to the journal.

Nothing here raises into the user's program: what goes wrong is logged once.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from weavelite.ids import new_id, random_bits
from weavelite.journal.frame import ANNOUNCED, BODY, FAILED, REMOTE, Kind
from weavelite.serialize import ASKED, encode, exact_values
from weavelite.trace import private
from weavelite.trace.call import Call
from weavelite.trace.context import AROUND, CURRENT, RESOLVERS, USAGE, innermost
from weavelite.usage import tokens_of

if TYPE_CHECKING:
    from weavelite.trace.client import Client
    from weavelite.trace.op import OpState

logger = logging.getLogger("weavelite")

ERROR_LINE = 200
EXCEPTION_LIMIT = 65_536
FRAME_LIMIT = 100

_time_ns = time.time_ns
_pack = BODY.pack
_END, _START = int(Kind.END), int(Kind.START)
_complaints: set[str] = set()


def complain(what: str) -> None:
    """Logs an error of weavelite's own, with its traceback, once a kind."""
    if what not in _complaints:
        _complaints.add(what)
        try:
            logger.warning("weavelite: %s; the program goes on.", what, exc_info=True)
        except RecursionError:  # the stack is full: what the program has left of it is its own
            _complaints.discard(what)


def guarded(function: Callable[[], Any], what: str) -> None:
    """Runs a function; what it raises is logged once."""
    try:
        function()
    except Exception:
        complain(what)


def begin(state: "OpState", client: "Client", inputs: Mapping[str, Any]) -> Call | None:
    """Starts a call of an op under the innermost one; the caller puts it on the context."""
    try:
        parent = innermost() if RESOLVERS else CURRENT.get()
        if parent is not None and parent.is_dropped:
            return None
        if state.publisher is not client.publisher:
            state.bind(client.publisher, type(next(iter(inputs.values()), None)))
        return start(client, state, inputs, parent)
    except Exception:
        complain("a call could not be recorded")
        return None


def start(
    client: "Client",
    op: Any,
    inputs: Mapping[str, Any],
    parent: Call | None,
    at_ns: int = 0,
    identity: tuple[int, int] | None = None,
) -> Call:
    """Makes a call that starts now, or did so then; `op` says its key, name, kind and digest."""
    call = Call()
    call.client = client
    call.op_key = op.key
    call.op_name = op.name
    call.op_digest = op.digest
    call.kind = op.kind
    options = client.options
    if client.metadata_only:
        call.inputs_json = private.inputs_without_content(op.name, inputs)
    else:
        if options is not None:
            inputs, call.shown = options.inputs(inputs), options.output
        for value in inputs.values():
            if type(value) not in ASKED:
                inputs = exact_values(inputs)
                break
        call.inputs_json = encode(inputs, client.capture_max, client.keep, client.redact)
    call.start_ns = now = at_ns or _time_ns()
    call.high, low = identity or new_id(now, random_bits(62))
    call.low = low
    if parent is None:
        parent = client.parent
    if parent is None:
        call.trace_high, call.trace_low = call.high, low
    else:
        call.parent = parent
        call.trace_high, call.trace_low = parent.trace_high, parent.trace_low
        call.parent_low = parent.low
        if parent.thread_id is not None:
            call.thread_id, call.turn_id = parent.thread_id, parent.turn_id
    around = AROUND.get()
    if around is not None:
        call._attributes = around.attributes
        if around.thread is not None:
            around.thread.take(call, parent)
    if options is not None and options.attributes:
        call._attributes = {**options.attributes, **(call._attributes or {})}
    client.open_calls[low] = call
    if not client.awake:
        client.wake()
    return call


def note_inputs(call: Call, inputs: Mapping[str, Any]) -> None:
    """Replaces the inputs of an open call, where they are only told when it ends."""
    client = call.client
    if client is not None and client.metadata_only:
        call.inputs_json = private.inputs_without_content(call.op_name, inputs)
    else:
        call.inputs_json = _written(call, exact_values(inputs))


def end(
    call: Call, output: Any = None, error: BaseException | str | None = None, at_ns: int = 0
) -> None:
    """Ends a call with what it returned or raised; a second end is passed over."""
    try:
        if not call.end_ns:
            client = call.client
            if call.shown is not None and error is None:
                output = call.shown(output)
            if client is None:  # of `op.call` while tracing is off
                close(call, b"" if output is None else encode(output), error)
                return
            text = b"" if output is None else snapshot(call, output)
            close(call, text, error, at_ns)
    except Exception:
        complain("the end of a call could not be recorded")


def snapshot(call: Call, value: Any) -> bytes:
    """Writes what comes out of a call as JSON, as it is now."""
    client = call.client
    if client is not None and client.metadata_only:
        return private.output_without_content(call, value)
    return _written(call, value)


def _written(call: Call, value: Any) -> bytes:
    client = call.client
    if client is None:
        return encode(value)
    return encode(value, client.capture_max, client.keep, client.redact)


def close(call: Call, output: bytes, error: BaseException | str | None, at_ns: int = 0) -> None:
    """Ends a call whose output is JSON already."""
    if call.end_ns:
        return
    call.output_json = output or None
    if error is not None:
        _note_error(call, error)
    if call.input_tokens is not None or call.output_tokens is not None or call.tokens_below:
        _roll_up(call)
    call.end_ns = max(at_ns or _time_ns(), call.start_ns)  # a clock may be set back
    client = call.client
    if client is None:  # of `op.call` while tracing is off
        return
    client.open_calls.pop(call.low, None)
    client.write_call(call.op_key, _END, payload(call))


def announce(call: Call) -> None:
    """Writes a start record, so that a call that takes long can be seen while it runs."""
    if call.client is not None and not call.end_ns:
        call.announced = True
        if call.write_start is not None:
            guarded(call.write_start, "an open span could not be shown")
        else:
            call.client.write_call(call.op_key, _START, payload(call))


def payload(call: Call) -> bytes:
    """Packs a call as the payload of a frame."""
    inputs, output = call.inputs_json, call.output_json or b""
    flags = (FAILED if call.failed else 0) | (ANNOUNCED if call.announced else 0)
    if call.parent is not None and call.parent.is_remote:
        flags |= REMOTE
    numbers = _pack(
        call.high, call.low, call.trace_high, call.trace_low, call.parent_low, call.op_key,
        call.start_ns, call.end_ns, flags, len(inputs), len(output),
    )  # fmt: skip
    return b"".join((numbers, inputs, output, _rest(call)))


def _rest(call: Call) -> bytes:
    """Writes what most calls do not have."""
    rest: dict[str, Any] = {}
    client = call.client
    bare = client is not None and client.metadata_only
    if bare:
        kept = private.rest_without_content(call)
        rest = {name: orjson.Fragment(_written(call, value)) for name, value in kept.items()}
    else:
        if call._attributes:
            rest["attributes"] = orjson.Fragment(_written(call, call._attributes))
        if call._summary:
            rest["summary"] = orjson.Fragment(_written(call, call._summary))
        if call.display_name is not None:
            rest["display_name"] = _told(call, call.display_name)
    if call.failed:
        rest["exception"], rest["error"] = call.exception, call.error
    if call.model is not None:
        rest["model"] = call.model
    if call.input_tokens is not None or call.output_tokens is not None:
        rest["input_tokens"], rest["output_tokens"] = call.input_tokens, call.output_tokens
    if call.tokens_below:
        rest["sum_tokens"] = call.tokens_below
    if call.thread_id is not None:
        rest["thread_id"] = call.thread_id
        if call.turn_id is not None:
            rest["turn_id"] = call.turn_id
    return orjson.dumps(rest) if rest else b""


def _note_error(call: Call, error: BaseException | str) -> None:
    call.failed = True
    try:
        if call.client is not None and call.client.metadata_only:
            call.error = call.exception = private.error_without_content(error)
            return
        if isinstance(error, str):
            call.exception = _told(call, error)[-EXCEPTION_LIMIT:]
            call.error = _told(call, error.strip().rpartition("\n")[2])[:ERROR_LINE]
            return
        lines = traceback.format_exception(error, limit=-FRAME_LIMIT)  # of many, those that failed
        call.exception = _told(call, "".join(lines))[-EXCEPTION_LIMIT:]
        first = str(error).strip().partition("\n")[0]
        name = type(error).__name__
        call.error = _told(call, f"{name}: {first}" if first else name)[:ERROR_LINE]
    except Exception:  # the user's __str__ may do anything
        call.error = call.exception = type(error).__name__


def note_usage(call: Call, usage: dict[str, Any]) -> None:
    """Notes what a provider reports about tokens, word for word, and counts them."""
    tokens = tokens_of(usage)
    if tokens is not None:
        call.input_tokens, call.output_tokens = tokens.input_tokens, tokens.output_tokens
    call.summary["usage"] = {call.model or "unknown": {"requests": 1, **usage}}
    listener = USAGE.get()
    if listener is not None:
        listener((call.model, usage))


def _told(call: Call, text: str) -> str:
    """Makes a text about a call fit to be kept, as a whole: what is cut may be half a secret."""
    clean = text.encode("utf-8", "backslashreplace").decode()
    client = call.client
    return clean if client is None or client.redact is None else client.redact.text(clean)


def _roll_up(call: Call) -> None:
    """Adds up tokens from the deepest reporters: who has a reporter below does not count itself."""
    if not call.tokens_below:
        call.tokens_below = (call.input_tokens or 0) + (call.output_tokens or 0)
    if call.parent is not None:
        call.parent.tokens_below += call.tokens_below
