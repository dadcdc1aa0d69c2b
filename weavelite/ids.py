"""Time-ordered ids of calls, and digests of content.

A call's id is a UUIDv7 (RFC 9562): 48 bits of milliseconds, 12 bits of the fraction of the
millisecond, 62 random bits. Its OpenTelemetry span id is its last 8 bytes; the id of a root is its
trace id. On the hot path an id is two 64-bit integers, because they are cheap to make and to pack.
"""

import base64
import hashlib
import json
import os
import random
import time
from collections.abc import Iterable
from typing import Any

from weavelite.errors import QueryError

_VERSION_7 = 0x7000
_VARIANT = 0x8000_0000_0000_0000
_NS_PER_MS = 1_000_000
_MS_BITS_IN_80 = 80

_source = random.Random(os.urandom(16))  # private: user code may seed the global one


def _reseed() -> None:
    _source.seed(os.urandom(16))


os.register_at_fork(after_in_child=_reseed)  # else parent and child would draw the same ids

random_bits = _source.getrandbits


def new_id(now_ns: int, bits: int) -> tuple[int, int]:
    """Makes a UUIDv7 of a time and 62 random bits, as its two 64-bit halves."""
    ms, rest = divmod(now_ns, _NS_PER_MS)
    fraction = (rest << 12) // _NS_PER_MS
    return (ms << 16) | _VERSION_7 | fraction, _VARIANT | bits


def fresh_uuid() -> str:
    """Makes a UUIDv7 for what is not on the hot path: feedback, publications, processes."""
    return uuid_text(*new_id(time.time_ns(), random_bits(62)))


def uuid_text(high: int, low: int) -> str:
    """Writes two 64-bit halves as a UUID."""
    return uuid_of_bytes(high.to_bytes(8) + low.to_bytes(8))


def uuid_of_bytes(raw: bytes) -> str:
    """Writes 16 bytes as a UUID."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_bytes(text: str) -> bytes:
    """Reads a UUID, with or without dashes, as 16 bytes; raises QueryError for anything else."""
    digits = text.replace("-", "")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        raw = b""
    if len(digits) != 32 or len(raw) != 16:  # `fromhex` passes over spaces
        raise QueryError(f"{text!r} is not an id: 32 hexadecimal digits are expected.")
    return raw


def parse_id(text: str) -> tuple[int, int]:
    """Reads a UUID as its two 64-bit halves; raises QueryError for anything else."""
    raw = uuid_bytes(text)
    return int.from_bytes(raw[:8]), int.from_bytes(raw[8:])


def id_of_span(trace_id: bytes, span_id: bytes, start_ns: int) -> bytes:
    """Makes the id of a span that came from OTLP: time-ordered, and the same each time it comes."""
    stamp = max(0, start_ns // _NS_PER_MS) & ((1 << 48) - 1)
    tail = hashlib.sha256(trace_id + span_id).digest()[:10]
    return ((stamp << _MS_BITS_IN_80) | int.from_bytes(tail)).to_bytes(16)


def digest(content: bytes) -> str:
    """Names content by its SHA-256, in Weave's alphabet: 43 letters and digits."""
    text = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
    return text.replace("-", "X").replace("_", "Y").rstrip("=")


def canonical_json(value: Any) -> str:
    """Writes a JSON value as Weave does before it digests it: sorted keys, ASCII, spaces."""
    return json.dumps(value, sort_keys=True)


def digest_json(value: Any) -> str:
    """Names a JSON value by its content, as Weave names an object or a row of a table."""
    return digest(canonical_json(value).encode())


def digest_table(row_digests: Iterable[str]) -> str:
    """Names a table by the digests of its rows, in their order: 64 hexadecimal digits."""
    whole = hashlib.sha256()
    for row in row_digests:
        whole.update(row.encode())
    return whole.hexdigest()


def short_key(text: str) -> int:
    """Makes a signed 64-bit key of a text, stable between processes."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)
