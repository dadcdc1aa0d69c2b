"""Reads along while the user reads a stream of the openai SDK, and adds it up to one response."""

import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

from weavelite import instrument

HEAD = ("id", "created", "model", "service_tier", "system_fingerprint")
# Said once, or again in each chunk by some servers; all other text comes in pieces.
WHOLE = frozenset({"index", "type", "role", "id", "name", "format"})
ENDS = ("completed", "incomplete", "failed", "cancelled")
CONTENT_ONLY = {"content"}

Result = tuple[Any, dict[str, Any] | None, str | None]


class Sum(Protocol):
    """Adds up what a stream brings."""

    spoke: bool

    def add(self, item: Any) -> bool:
        """Takes one item; tells whether weavelite alone asked for it, so that it is hidden."""

    def complete(self) -> bool:
        """Tells whether the server said that it was done."""

    def result(self) -> Result:
        """Gives the response as far as it came, its usage and its model."""


class ChatSum:
    """Adds chunks of a chat completion up to the shape of a ChatCompletion."""

    def __init__(self, hide_usage: bool = False) -> None:
        self.spoke = False
        self._hide_usage = hide_usage
        self._head: dict[str, Any] = {}
        self._choices: dict[int, dict[str, Any]] = {}
        self._content: dict[int, list[str]] = {}
        self._usage: dict[str, Any] | None = None

    def add(self, item: Any) -> bool:
        """Takes one chunk."""
        for name in HEAD:
            if (value := getattr(item, name, None)) is not None:
                self._head[name] = value
        usage = getattr(item, "usage", None)
        if usage is not None:
            self._usage = dumped(usage)
        choices = getattr(item, "choices", None) or ()
        for choice in choices:
            self._add_choice(choice)
        return self._hide_usage and usage is not None and not choices

    def _add_choice(self, choice: Any) -> None:
        index = choice.index
        known = self._choices.get(index)
        if known is None:
            known = {"index": index, "message": {}, "finish_reason": None}
            self._choices[index] = known
        if choice.finish_reason is not None:
            known["finish_reason"] = choice.finish_reason
        if (logprobs := getattr(choice, "logprobs", None)) is not None:
            merge(known.setdefault("logprobs", {}), dumped(logprobs))
        delta = choice.delta
        if delta is None:
            return
        if content := getattr(delta, "content", None):
            self.spoke = True
            self._content.setdefault(index, []).append(content)
        if delta.model_fields_set != CONTENT_ONLY:  # nearly all chunks hold only that
            self._add_rest(index, known["message"], dumped(delta))

    def _add_rest(self, index: int, message: dict[str, Any], delta: dict[str, Any]) -> None:
        if delta.pop("content", None) is not None:
            self._content.setdefault(index, [])
        self.spoke = self.spoke or any(delta[name] for name in delta if name != "role")
        merge(message, delta)

    def complete(self) -> bool:
        """Tells whether each choice has a reason to be over."""
        return bool(self._choices) and all(
            choice["finish_reason"] for choice in self._choices.values()
        )

    def result(self) -> Result:
        """Gives the chat completion as far as it came."""
        choices = []
        for index in sorted(self._choices):
            choice = self._choices[index]
            content = self._content.get(index)
            said = {"content": None if content is None else "".join(content)}
            message = {"role": "assistant", **said, **choice["message"]}
            for call in message.get("tool_calls") or ():
                call.pop("index", None)  # only the pieces of a call have one
            choices.append({**choice, "message": message})
        told = {**self._head, "object": "chat.completion", "choices": choices}
        if self._usage is not None:
            told["usage"] = self._usage
        return told, self._usage, self._head.get("model")


class ResponseSum:
    """Takes the response out of the events of the Responses API; the last one has all of it."""

    def __init__(self) -> None:
        self.spoke = False
        self._response: Any = None
        self._text: list[str] = []

    def add(self, item: Any) -> bool:
        """Takes one event."""
        self._response = getattr(item, "response", None) or self._response
        kind = getattr(item, "type", "")
        if kind.endswith(".delta"):
            self.spoke = True
        if kind == "response.output_text.delta":
            self._text.append(item.delta)
        return False

    def complete(self) -> bool:
        """Tells whether the response has an end."""
        return getattr(self._response, "status", None) in ENDS

    def result(self) -> Result:
        """Gives the response, or what there is of its text when the end never came."""
        told = dumped(self._response) or {}
        if not told.get("output") and self._text:
            text = {"type": "output_text", "text": "".join(self._text)}
            told["output"] = [{"type": "message", "role": "assistant", "content": [text]}]
        return told, told.get("usage"), told.get("model")


def dumped(value: Any) -> Any:
    """Gives an object of the SDK as the JSON that the server sent."""
    dump = getattr(value, "model_dump", None)
    return value if dump is None else dump(mode="json", exclude_unset=True, warnings=False)


def merge(known: dict[str, Any], delta: dict[str, Any]) -> None:
    """Adds a delta: text and lists grow, items with an index grow by it, the rest is replaced."""
    for name, value in delta.items():
        before = known.get(name)
        if before is None or value is None or name in WHOLE:
            if value is not None or name not in known:
                known[name] = value
        elif isinstance(value, dict) and isinstance(before, dict):
            merge(before, value)
        elif isinstance(value, list) and isinstance(before, list):
            _merge_lists(before, value)
        elif isinstance(value, str) and isinstance(before, str):
            known[name] = before + value
        else:
            known[name] = value


def _merge_lists(known: list[Any], delta: list[Any]) -> None:
    for item in delta:
        index = item.get("index") if isinstance(item, dict) else None
        found = [old for old in known if isinstance(old, dict) and old.get("index") == index]
        if index is not None and found:
            merge(found[0], item)
        else:
            known.append(item)


class Reading:
    """Ends the call of a stream, however its reading ends."""

    def __init__(self, call: instrument.Call, total: Sum, started: float) -> None:
        self.call = call
        self.total = total
        self.started = started
        self.attached = False
        self.inside = False  # the SDK is at work on the next item
        self._over = False
        self._spoke = False

    def take(self, item: Any) -> bool:
        """Counts an item in, and tells whether it is to be hidden; never raises."""
        try:
            hidden = self.total.add(item)
        except Exception:  # a server's own idea of a chunk is no reason to break the stream
            return False
        if self.total.spoke and not self._spoke:
            self._spoke = True
            waited = time.perf_counter() - self.started
            instrument.annotate(self.call, {"time_to_first_token_s": round(waited, 6)})
        return hidden

    @instrument.quiet
    def finish(self, error: BaseException | None = None) -> None:
        """Ends the call with what came; the first end counts."""
        if self._over:
            return
        self._over = True
        if error is None and not self.total.complete():
            instrument.annotate(self.call, {"abandoned": True})
        output, usage, model = self.total.result()
        instrument.end(self.call, output, error=error, usage=usage, model=model)

    def __del__(self) -> None:
        self.finish()


class _Items(Iterator[Any]):
    def __init__(self, items: Iterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    def __next__(self) -> Any:
        self.reading.inside = True
        try:
            item = next(self.items)
            while self.reading.take(item):
                item = next(self.items)
        except StopIteration:
            self.reading.finish()
            raise
        except BaseException as error:
            self.reading.finish(error)
            raise
        finally:
            self.reading.inside = False
        return item


class _AsyncItems(AsyncIterator[Any]):
    def __init__(self, items: AsyncIterator[Any], reading: Reading) -> None:
        self.items = items
        self.reading = reading

    async def __anext__(self) -> Any:
        self.reading.inside = True
        try:
            item = await anext(self.items)
            while self.reading.take(item):
                item = await anext(self.items)
        except StopAsyncIteration:
            self.reading.finish()
            raise
        except BaseException as error:
            self.reading.finish(error)
            raise
        finally:
            self.reading.inside = False
        return item


def attach(stream: Any, reading: Reading) -> None:
    """Puts a reader between a Stream or AsyncStream of the SDK and its items.

    The object stays the SDK's own, so its type, response and context manager are what they were:
    only the iterator inside is replaced. Where a future SDK has no such iterator, the stream is
    left alone, and the call ends without an output.
    """
    items = getattr(stream, "_iterator", None)
    if items is None:
        reading.finish()
        return
    asynchronous = hasattr(items, "__anext__")
    stream._iterator = (_AsyncItems if asynchronous else _Items)(items, reading)
    # Every way to close a stream ends at its HTTP response; the SDK's own closing, from inside of
    # its iterator, is followed by the end or the error that says more.
    name = "aclose" if asynchronous else "close"
    before(stream.response, name, lambda: None if reading.inside else reading.finish())


def before(owner: Any, name: str, act: Callable[[], None]) -> None:
    """Lets something happen before a method of one object runs, plain or coroutine."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(*args: Any, **kwargs: Any) -> Any:
        act()
        return method(*args, **kwargs)

    setattr(owner, name, acting)


def after(owner: Any, name: str, asynchronous: bool, act: Callable[[Any], None]) -> None:
    """Lets something happen with what a method of one object returns."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(*args: Any, **kwargs: Any) -> Any:
        value = method(*args, **kwargs)
        act(value)
        return value

    @functools.wraps(method)
    async def acting_async(*args: Any, **kwargs: Any) -> Any:
        value = await method(*args, **kwargs)
        act(value)
        return value

    setattr(owner, name, acting_async if asynchronous else acting)
