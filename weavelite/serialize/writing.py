"""Values to JSON: orjson where it can, with what it cannot said by codecs, and the walker else."""

from collections.abc import Callable
from typing import Any

import orjson

from weavelite.ids import digest as digest_of
from weavelite.serialize.embedded import EMBEDDED_FROM, lift
from weavelite.serialize.plain import ASKED, plain, unasked
from weavelite.serialize.tags import MARK, TYPE, Keep, Sink, Stored, Tag
from weavelite.serialize.walker import Walker

_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_TAGGED = (Tag, Stored)
Redact = Callable[[bytes], bytes]
"""Takes out of JSON what is not to be kept."""

_SIGN = ord(MARK)
_MARKED = f'"{MARK}":'.encode()


def encode(
    value: Any,
    limit: int | None = None,
    keep: Keep | None = None,
    redact: Redact | None = None,
) -> bytes:
    """Writes a value as JSON; raises nothing that a value can cause.

    Args:
        value: anything.
        limit: the size in bytes above which a stub stands for the value, or for content in it.
        keep: keeps content by digest; without it, content stands in the JSON.
        redact: takes out what is not to be kept, before anything is kept or left out.

    """
    try:
        if type(value) not in ASKED:
            value = unasked(value)
        text = orjson.dumps(value, _untagged, _OPTIONS)
        if _SIGN in text and _MARKED in text:
            text = _tagged_without(value, limit, keep, redact, None)
        elif redact is not None:
            text = redact(text)
    except Exception as error:  # orjson's own errors, and whatever the user's objects raise
        text = _tagged_without(value, limit, keep, redact, error.__cause__)
    if len(text) >= EMBEDDED_FROM and keep is not None:
        text = lift(text, Sink(keep, limit))
    if limit is not None and len(text) > limit:
        return orjson.dumps({TYPE: "stub", "bytes": len(text), "limit": limit})
    return text


def encode_exactly(value: Any, keep: Keep | None = None) -> bytes:
    """Writes a value as `encode` does, but for classes; keeps NaN, which orjson drops."""
    return _walked(value, Sink(keep), classes=False)


def encode_json(value: Any, keep: Keep | None = None) -> bytes:
    """Writes a value that is JSON already, in which tags are tags; `keep` as in `encode`."""
    try:
        text = orjson.dumps(value)
    except (TypeError, ValueError, RecursionError):  # deeper than orjson writes
        return encode(value, None, keep)
    return lift(text, Sink(keep)) if len(text) >= EMBEDDED_FROM and keep is not None else text


class _NeedsTag(Exception):
    """Says which value has to be tagged, and what it is written as: codecs may take long."""

    def __init__(self, value: Any, known: Any) -> None:
        self.value, self.known = value, known


def _untagged(value: Any) -> Any:
    """Writes a value without a tag: so nothing in the text can be one, unless the user wrote it."""
    known = plain(value)
    if isinstance(known, _TAGGED):
        raise _NeedsTag(value, known)
    return known


def _tagged(value: Any, sink: Sink, met: BaseException | None) -> bytes:
    written = 0
    first = met if isinstance(met, _NeedsTag) else None

    def write(item: Any) -> Any:
        nonlocal written, first
        if first is not None and item is first.value:
            known, first = first.known, None
        else:
            known = plain(item)
        if isinstance(known, Stored):
            known = sink.tag(known)
        if type(known) is not Tag:
            return known
        written += 1
        return dict(known)

    try:
        text = orjson.dumps(value, write, _OPTIONS)
    except Exception:  # orjson's own errors, and whatever the user's objects raise
        return _walked(value, sink)
    return text if text.count(_MARKED) == written else _walked(value, sink)


def _tagged_without(
    value: Any,
    limit: int | None,
    keep: Keep | None,
    redact: Redact | None,
    met: BaseException | None,
) -> bytes:
    """Writes a value, and keeps no content but what redaction leaves in it."""
    if redact is None or keep is None:
        text = _tagged(value, Sink(keep, limit), met)
        return text if redact is None else redact(text)
    held: dict[str, bytes] = {}

    def hold(data: bytes) -> str:
        digest = digest_of(data)
        held[digest] = data
        return digest

    text = redact(_tagged(value, Sink(hold, limit), met))
    if all(keep(data) for digest, data in held.items() if digest.encode() in text):
        return text
    return redact(_tagged(value, Sink(lambda data: None, limit), None))  # the disk is full


def _walked(value: Any, sink: Sink, *, classes: bool = True) -> bytes:
    try:
        return orjson.dumps(Walker(sink, classes=classes).walk(value))
    except Exception as error:  # a class that lies about itself, or no room left on the stack
        return orjson.dumps({TYPE: "unreadable", "error": type(error).__name__})
