"""What came out of a stream, until its call ends."""

from typing import Any

from weavelite.serialize import decode, encode
from weavelite.trace import recording
from weavelite.trace.call import Call


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
        text = b"[" + b",".join(self._texts) + b"]"
        client, shown = self._call.client, self._call.shown
        if client is not None and client.metadata_only:
            return b""
        if shown is None:
            return text
        return recording.snapshot(self._call, shown(decode(text, self._call._fetch)))


class Accumulated(Items):
    """Is what an op's accumulator makes of the items."""

    def __init__(self, call: Call) -> None:
        super().__init__(call)
        self._state: Any = None

    def add(self, item: Any) -> None:
        """Takes an item in; one at which the accumulator fails is left out."""
        recording.guarded(lambda: self._take(item), "an accumulator failed")

    def _take(self, item: Any) -> None:
        if self._call.accumulator is not None:
            self._state = self._call.accumulator(self._state, item)

    def json(self) -> bytes:
        """Returns what came of the items."""
        shown = self._call.shown
        state = self._state if shown is None else shown(self._state)
        return recording.snapshot(self._call, state)


def items_of(call: Call) -> Items:
    """Makes what takes the items of a call's stream."""
    return Items(call) if call.accumulator is None else Accumulated(call)


def end_stream(call: Call, items: Items, error: BaseException | None = None) -> None:
    """Ends the call of a stream with what was read of it; the first end counts."""
    recording.guarded(
        lambda: recording.close(call, items.json(), error), "a stream's end could not be recorded"
    )
