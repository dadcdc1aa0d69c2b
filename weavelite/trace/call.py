"""A call: while it runs, when it has just ended, and as it is read from the store."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from weavelite.ids import uuid_bytes, uuid_text
from weavelite.records.words import (
    NOTE,
    REACTION,
)
from weavelite.refs import Ref
from weavelite.serialize import Fetch, decode, restore
from weavelite.trace.context import SESSION
from weavelite.trace.home import Traceparent, home_of

if TYPE_CHECKING:
    from weavelite.records.answers import (
        CallDetail,
        Feedback,
    )
    from weavelite.trace.client import Client


class Call:
    """Is one run of an op.

    While it runs, `summary` may be added to; once it has ended nothing about it changes. Ids are
    kept as 64-bit halves and bodies as JSON, since most calls are only ever written.
    """

    # Defaults stand here, once, and not in each call: most calls have nothing to say about them.
    client: "Client | None" = None
    parent: "Call | None" = None
    high: int = 0
    low: int = 0
    trace_high: int = 0
    trace_low: int = 0
    parent_low: int = 0
    start_ns: int = 0
    end_ns: int = 0
    op_key: int = 0
    op_name: str = ""
    op_digest: str | None = None
    kind: str = "op"
    inputs_json: bytes = b"{}"
    output_json: bytes | None = None
    failed: bool = False
    is_remote: bool = False
    is_dropped: bool = False
    shown: Callable[[Any], Any] | None = None
    """Makes what is kept of the output, where something other than the output is."""
    accumulator: Callable[[Any, Any], Any] | None = None
    announced: bool = False
    write_start: Callable[[], None] | None = None
    """Shows that the call runs, where it is no call of this package's own."""
    exception: str | None = None
    error: str | None = None
    display_name: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    tokens_below: int = 0
    status_text: str | None = None
    parent_id_text: str | None = None
    raised: BaseException | None = None
    """Is what `op.call` did not raise, without its traceback, until somebody reads it."""
    _attributes: dict[str, Any] | None = None
    _summary: dict[str, Any] | None = None
    _memo: dict[str, Any] | None = None
    _result: Any = None

    @property
    def id(self) -> str:
        """Is the call's UUID."""
        return uuid_text(self.high, self.low)

    @property
    def trace_id(self) -> str:
        """Is the OpenTelemetry trace id, 32 hexadecimal digits."""
        return f"{self.trace_high:016x}{self.trace_low:016x}"

    @property
    def span_id(self) -> str:
        """Is the OpenTelemetry span id, 16 hexadecimal digits."""
        return f"{self.low:016x}"

    @property
    def traceparent(self) -> str:
        """Is the call as W3C trace context: other processes nest under it by this text.

        Pickled, as when it is handed to a spawned process, it says also where this one records.
        """
        text = f"00-{self.trace_id}-{self.span_id}-01"
        return Traceparent(text, home_of(self.client or SESSION.tracing))

    @property
    def parent_id(self) -> str | None:
        """Is the id of the call around this one, None for the root of a trace.

        Of a parent in another process that is not a root, it is known once the call is read again.
        """
        parent = self.parent
        return parent.id if parent is not None and parent.high else self.parent_id_text

    @property
    def func_name(self) -> str:
        """Is the name of the op."""
        return self.op_name

    @property
    def inputs(self) -> Any:
        """Are the arguments by name, as they were when the call started."""
        return decode(self.inputs_json, self._fetch)

    @property
    def output(self) -> Any:
        """Is what the call returned, as it was when the call ended.

        While a call of `open_call` is open, it is assigned: calls of ops return it by themselves.
        """
        if self._result is not None and not self.end_ns:
            return self._result
        return None if self.output_json is None else decode(self.output_json, self._fetch)

    @output.setter
    def output(self, value: Any) -> None:
        if self.end_ns or self.status_text is not None:
            raise AttributeError(f"{self!r} does not change any more: add feedback to it instead.")
        self._result = value

    @property
    def attributes(self) -> dict[str, Any]:
        """Are the attributes that were set around the call."""
        return dict(self._attributes or {})

    @property
    def summary(self) -> dict[str, Any]:
        """Is what was noted about the call: usage, and what the user adds while it runs."""
        if self._summary is None:
            self._summary = {}
        return self._summary if not self.end_ns else dict(self._summary)

    @property
    def memo(self) -> dict[str, Any]:
        """Holds an integration's own marks; it is not stored."""
        if self._memo is None:
            self._memo = {}
        return self._memo

    @property
    def status(self) -> str:
        """Is running, success, error or interrupted."""
        if self.status_text is not None:
            return self.status_text
        return ("error" if self.failed else "success") if self.end_ns else "running"

    @property
    def started_at(self) -> datetime:
        """Is when the call started, in UTC."""
        return _time(self.start_ns)

    @property
    def ended_at(self) -> datetime | None:
        """Is when the call ended, in UTC; None while it runs."""
        return _time(self.end_ns) if self.end_ns else None

    @property
    def latency(self) -> float | None:
        """Is how long the call took, in seconds; None while it runs."""
        return (self.end_ns - self.start_ns) / 1e9 if self.end_ns else None

    @property
    def ref(self) -> Ref:
        """Is the address of the call."""
        return Ref(self._client().project, "call", self.id)

    @property
    def ui_url(self) -> str:
        """Is the call's page in the viewer."""
        return self._client().call_url(self.id)

    @property
    def feedback(self) -> "CallFeedback":
        """Is the feedback on this call."""
        return CallFeedback(self._client(), self.id)

    async def apply_scorer(
        self, scorer: Any, additional_scorer_kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Scores this call, which has ended; the score is added to its feedback.

        Returns the scorer's `result` and its `score_call`. The scorer gets the output, those of
        the inputs that it names, and the additional arguments; what it raises is raised.
        """
        if SESSION.apply_scorer is None:
            raise LookupError("Scorers come with weavelite itself: import weavelite.")
        return await SESSION.apply_scorer(self, scorer, additional_scorer_kwargs)

    def children(self) -> "list[Call]":
        """Reads the calls directly below this one."""
        return list(self._client().get_calls(filter={"parent_ids": [self.id]}))

    def replay(self, fn: Callable[..., Any] | None = None, **changes: Any) -> "Call":
        """Runs this call again, with some inputs changed, and returns the new call.

        What the function raises is on the new call, whose attribute `replay_of` is this one's id.

        Args:
            fn: the function; by default the op of this name that the program has.
            **changes: new values of inputs by name; by path in a dictionary:
                `**{"self.prompt": "..."}`.

        """
        from weavelite.trace.replaying import replay  # for those who replay

        return replay(self, fn, changes)

    def delete(self) -> int:
        """Deletes this call and all below it, for good; returns how many."""
        return self._client().delete_calls([self.id])

    def to_dict(self) -> dict[str, Any]:
        """Returns the call as plain values, as `to_pandas` has them."""
        return {
            "id": self.id,
            "trace_id": self.trace_id,
            "parent_id": self.parent_id,
            "op_name": self.op_name,
            "display_name": self.display_name,
            "status": self.status,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "latency": self.latency,
            "inputs": self.inputs,
            "output": self.output,
            "exception": self.exception,
            "attributes": self.attributes,
            "summary": self.summary,
            "model": self.model,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "thread_id": self.thread_id,
            "turn_id": self.turn_id,
        }

    def __repr__(self) -> str:
        return f"<Call {self.op_name} {self.status} {self.id}>"

    def _repr_html_(self) -> str:
        from weavelite.trace.notebook import call_html

        return call_html(self)

    @property
    def _fetch(self) -> "Fetch | None":
        return self.client.content if self.client is not None else None

    def _client(self) -> "Client":
        if self.client is None:
            raise LookupError("This call was not traced: weavelite was not started.")
        return self.client


def _time(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)


def stored_call(client: "Client", record: "CallDetail") -> Call:
    """Makes a call of what a store answers."""
    call = Call()
    raw = uuid_bytes(record.id)
    call.client = client
    call.high, call.low = int.from_bytes(raw[:8]), int(record.span_id, 16)
    call.trace_high, call.trace_low = int(record.trace_id[:16], 16), int(record.trace_id[16:], 16)
    call.op_name, call.kind, call.op_digest = record.op_name, record.kind, record.op_digest
    call.start_ns, call.end_ns = record.start_us * 1000, (record.end_us or 0) * 1000
    if record.inputs is not None:
        call.inputs_json = orjson.dumps(record.inputs)
    call.output_json = None if record.output is None else orjson.dumps(record.output)
    call.exception, call.error = record.exception, record.error
    call.display_name, call.model = record.display_name, record.model
    call.thread_id, call.turn_id = record.thread_id, record.turn_id
    call.input_tokens, call.output_tokens = record.input_tokens, record.output_tokens
    if record.attributes:
        call._attributes = restore(record.attributes, client.content)
    if record.summary:
        call._summary = restore(record.summary, client.content)
    call.status_text, call.parent_id_text = record.status, record.parent_id
    return call


def _dropped() -> Call:
    call = Call()
    call.is_dropped, call.end_ns = True, 1  # ended: whatever is noted on it goes nowhere
    return call


DROPPED = _dropped()
"""Stands for a call that was not drawn as a sample; what runs inside of it is not recorded."""


class CallFeedback:
    """Is the feedback on one call: read by iterating, added to by `add_*`."""

    def __init__(self, client: "Client", call_id: str) -> None:
        self._client = client
        self._call_id = call_id

    def add_reaction(self, emoji: str) -> str:
        """Adds an emoji; returns the id of the feedback."""
        return self.add(REACTION, {"emoji": emoji})

    def add_note(self, note: str) -> str:
        """Adds a note; returns the id of the feedback."""
        return self.add(NOTE, {"note": note})

    def add(self, type: str, payload: dict[str, Any], creator: str | None = None) -> str:
        """Adds feedback of any type; returns its id."""
        return self._client.add_feedback(self._call_id, type, payload, creator)

    def purge(self, feedback_id: str) -> int:
        """Takes feedback back; returns how many."""
        return self._client.delete_feedback(feedback_id)

    def __iter__(self) -> "Iterator[Feedback]":
        return iter(self._client.feedback(self._call_id))

    def __len__(self) -> int:
        return len(self._client.feedback(self._call_id))

    def __getitem__(self, index: int) -> "Feedback":
        return self._client.feedback(self._call_id)[index]
