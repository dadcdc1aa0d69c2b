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
from weavelite.journal.frame import ANNOUNCED, BODY, FAILED, Kind
from weavelite.serialize import encode
from weavelite.trace.call import Call
from weavelite.trace.context import AROUND, CURRENT, RESOLVERS, innermost
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
        logger.warning("weavelite: %s; the program goes on.", what, exc_info=True)


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
    if options is not None:
        inputs, call.shown = options.inputs(inputs), options.output
    call.inputs_json = encode(inputs, client.capture_max, client.keep)
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
            limit, keep = client.capture_max, client.keep
            close(call, b"" if output is None else encode(output, limit, keep), error, at_ns)
    except Exception:
        complain("the end of a call could not be recorded")


def snapshot(call: Call, value: Any) -> bytes:
    """Writes a value of a call as JSON, as it is now."""
    client = call.client
    return encode(value) if client is None else encode(value, client.capture_max, client.keep)


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
        call.client.write_call(call.op_key, _START, payload(call))


def payload(call: Call) -> bytes:
    """Packs a call as the payload of a frame."""
    inputs, output = call.inputs_json, call.output_json or b""
    flags = (FAILED if call.failed else 0) | (ANNOUNCED if call.announced else 0)
    numbers = _pack(
        call.high, call.low, call.trace_high, call.trace_low, call.parent_low, call.op_key,
        call.start_ns, call.end_ns, flags, len(inputs), len(output),
    )  # fmt: skip
    return b"".join((numbers, inputs, output, _rest(call)))


def _rest(call: Call) -> bytes:
    """Writes what most calls do not have."""
    rest: dict[str, Any] = {}
    if call._attributes:
        rest["attributes"] = orjson.Fragment(snapshot(call, call._attributes))
    if call._summary:
        rest["summary"] = orjson.Fragment(snapshot(call, call._summary))
    if call.failed:
        rest["exception"], rest["error"] = call.exception, call.error
    if call.model is not None:
        rest["model"] = call.model
    if call.input_tokens is not None or call.output_tokens is not None:
        rest["input_tokens"], rest["output_tokens"] = call.input_tokens, call.output_tokens
    if call.tokens_below:
        rest["sum_tokens"] = call.tokens_below
    if call.display_name is not None:
        rest["display_name"] = call.display_name
    if call.thread_id is not None:
        rest["thread_id"] = call.thread_id
        if call.turn_id is not None:
            rest["turn_id"] = call.turn_id
    return orjson.dumps(rest) if rest else b""


def _note_error(call: Call, error: BaseException | str) -> None:
    call.failed = True
    try:
        if isinstance(error, str):
            call.exception = _clean(error)[-EXCEPTION_LIMIT:]
            call.error = _clean(error.strip().rpartition("\n")[2])[:ERROR_LINE]
            return
        lines = traceback.format_exception(error, limit=-FRAME_LIMIT)  # of many, those that failed
        call.exception = _clean("".join(lines))[-EXCEPTION_LIMIT:]
        first = str(error).strip().partition("\n")[0]
        name = type(error).__name__
        call.error = _clean(f"{name}: {first}" if first else name)[:ERROR_LINE]
    except Exception:  # the user's __str__ may do anything
        call.error = call.exception = type(error).__name__


def note_usage(call: Call, usage: dict[str, Any]) -> None:
    """Notes what a provider reports about tokens, word for word, and counts them."""
    tokens = tokens_of(usage)
    if tokens is not None:
        call.input_tokens, call.output_tokens = tokens.input_tokens, tokens.output_tokens
    call.summary["usage"] = {call.model or "unknown": {"requests": 1, **usage}}


def _clean(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _roll_up(call: Call) -> None:
    """Adds up tokens from the deepest reporters: who has a reporter below does not count itself."""
    if not call.tokens_below:
        call.tokens_below = (call.input_tokens or 0) + (call.output_tokens or 0)
    if call.parent is not None:
        call.parent.tokens_below += call.tokens_below
