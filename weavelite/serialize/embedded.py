"""Content that stands in messages as base64: kept by digest, and given back letter by letter.

It is found by its look, in samples: a long run of nothing but base64's letters. To look for names
and prefixes would cost more than all the rest of writing a message. What is less than an eighth of
the JSON around it may be overlooked, and stays as text.
"""

import base64
import binascii
import re
from typing import Any

import orjson

from weavelite.media import OCTETS, sniff, type_of_extension
from weavelite.serialize.tags import LOADERS, Sink, Stored

EMBEDDED_FROM = 8192
"""Bytes of JSON below which nothing is looked for."""
LEAST = 1024
"""Letters of base64 below which a text stays as it is."""

_STRIDE, _WINDOWS, _WIDTH = 4096, 8, 64
_LETTERS = bytes(sorted(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[\w.+-]+)*);base64,", re.ASCII)
_TYPE_NAMES = ("media_type", "mime_type", "mimeType", "mimetype")


def lift(text: bytes, sink: Sink) -> bytes:
    """Takes long base64 out of JSON, if there is any; what is not in its usual form stays."""
    if not _may_hold_content(text):
        return text
    try:
        return orjson.dumps(_lifted(orjson.loads(text), None, sink))
    except (ValueError, TypeError, RecursionError):
        return text


def _may_hold_content(text: bytes) -> bool:
    stride = max(_STRIDE, len(text) // _WINDOWS)
    for start in range(stride, len(text), stride):
        if text.find(b" ", start, start + _WIDTH) >= 0:  # nearly always
            continue
        if not text[start : start + _WIDTH].translate(None, _LETTERS):
            return True
    return False


def _lifted(value: Any, around: dict[str, Any] | None, sink: Sink) -> Any:
    if isinstance(value, dict):
        return {key: _lifted(item, value, sink) for key, item in value.items()}
    if isinstance(value, list):
        return [_lifted(item, None, sink) for item in value]
    if isinstance(value, str) and len(value) >= LEAST:
        return _lifted_text(value, around or {}, sink)
    return value


def _lifted_text(text: str, around: dict[str, Any], sink: Sink) -> Any:
    found = _DATA_URL.match(text)
    start = found.end() if found is not None else 0
    if found is None and " " in text[:_WIDTH]:
        return text
    try:
        letters = text[start:].encode("ascii")
        data = binascii.a2b_base64(letters, strict_mode=True)
    except ValueError:
        return text
    rest = len(data) % 3 or 3
    if base64.b64encode(data[-rest:]) != letters[-4:]:  # the last letters may say too much
        return text
    mimetype = (found[1] if found is not None else _told(around)) or sniff(data)
    if found is None and mimetype in (OCTETS, "text/plain"):  # a long word of letters, most likely
        return text
    val = {"mimetype": mimetype, "size": len(data), "prefix": text[:start]}
    return sink.tag(Stored("base64", val, {"content": data}))


def _told(around: dict[str, Any]) -> str | None:
    """Finds what the neighbours of a bare text say of its media type, as providers name it."""
    for name in _TYPE_NAMES:
        if isinstance(around.get(name), str):
            return str(around[name])
    return type_of_extension(around["format"]) if isinstance(around.get("format"), str) else None


def _load(stored: Stored) -> str:
    return str(stored.val["prefix"]) + base64.b64encode(stored.read("content")).decode()


LOADERS["base64"] = _load
