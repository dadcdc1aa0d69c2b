"""The bytes of the journal: frames that can be told from damage.

A frame is magic, format version, kind, length and CRC-32 of its payload, and the payload. A reader
that meets damage looks for the next magic whose CRC is right, and counts what it skipped. A frame
that is cut off at the end is "not yet" while its writer lives, and torn once it is dead.
"""

import zlib
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

MAGIC = b"\xd7WvL"
VERSION = 1
HEAD = Struct(">4sBBII")
BODY = Struct(">QQQQQqqqBII")
"""Of a call: id and trace id as two halves each, parent span (0: none), key of the op, start and
end in nanoseconds since the epoch, flags, lengths of inputs and of output. Then inputs, output and
the rest of the call, each as JSON."""

FAILED = 1
ANNOUNCED = 2  # a start record of this call was written before
REMOTE = 4  # its parent runs in another process

crc32 = zlib.crc32


class Kind(IntEnum):
    """Says what a frame holds."""

    HEADER = 1
    OP = 2
    START = 3
    END = 4
    OBJECT = 5
    TABLE = 6
    FILE = 7
    FEEDBACK = 8
    COUNT = 9


def frame(kind: int, payload: bytes) -> bytes:
    """Wraps a payload so that a reader can find and trust it."""
    return HEAD.pack(MAGIC, VERSION, kind, len(payload), crc32(payload, kind)) + payload


@dataclass(slots=True)
class Damage:
    """Counts what a reader had to skip."""

    frames: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Reading:
    """Is what `read_frames` found: frames as (kind, payload), and where to go on."""

    frames: list[tuple[int, memoryview]]
    end: int
    damage: Damage


def read_frames(data: bytes, *, closed: bool) -> Reading:
    """Reads the frames of a piece of a journal that starts where a frame starts.

    `closed` says that nothing will be appended any more: then an incomplete tail is damage, and is
    skipped; otherwise reading ends in front of it. Frames of unknown versions or kinds are handed
    on or skipped by the caller; their length is trusted if their CRC is right.
    """
    view, frames, damage = memoryview(data), [], Damage()
    at, size = 0, len(data)
    while at < size:
        found = _frame_at(view, at)
        if found is not None:
            frames.append((found[0], found[1]))
            at = found[2]
            continue
        after = _next_good(data, view, at + 1)
        if after is None and not closed:
            break
        skip_to = size if after is None else after
        damage.frames += 1
        damage.bytes += skip_to - at
        at = skip_to
    return Reading(frames, at, damage)


def _frame_at(view: memoryview, at: int) -> tuple[int, memoryview, int] | None:
    start = at + HEAD.size
    if start > len(view):
        return None
    magic, _, kind, length, crc = HEAD.unpack_from(view, at)
    if magic != MAGIC or start + length > len(view):
        return None
    payload = view[start : start + length]
    return (kind, payload, start + length) if crc32(payload, kind) == crc else None


def _next_good(data: bytes, view: memoryview, at: int) -> int | None:
    while (at := data.find(MAGIC, at)) >= 0:
        if _frame_at(view, at) is not None:
            return at
        at += 1
    return None
