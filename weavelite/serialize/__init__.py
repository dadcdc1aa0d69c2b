"""Python values to JSON and back, as they are now: what the user changes later stays out.

`encode` tries orjson first, which is quick and refuses what it does not know. What it refuses goes
through `CODECS`, a list of plain functions that users can extend; where orjson gives up on the
structure (cycles, depth, integers above 64 bits, lone surrogates, keys that are not strings) a
bounded walker takes over. Values that JSON has no form for are tagged: `{"_type": ..., ...}`; the
bytes in them are kept by digest, where the caller says how (`keep`), and else stand inside as
base64. A user's dictionary that looks like a tag is written as pairs, and stays what it was.

orjson writes some values without asking, and to look for them first would cost more than all the
rest: tuples as lists everywhere, and deep inside of plain lists and dictionaries members of enums
by their values, UUIDs as text, and NaN as null. They come back as what they were where they are an
argument or a result themselves (but for tuples), stand in a field of a
dataclass, a model or a named tuple, or (but for tuples) are published.
"""

from weavelite.serialize.description import stable_repr
from weavelite.serialize.gist import in_words
from weavelite.serialize.plain import ASKED, exact_values, plain
from weavelite.serialize.reading import decode, restore
from weavelite.serialize.tags import (
    CODECS,
    CUSTOM,
    FINDERS,
    LOADERS,
    MARK,
    NOT_MINE,
    RESERVED,
    TYPE,
    Codec,
    Fetch,
    Keep,
    Loader,
    Pending,
    Sink,
    Stored,
    looks_tagged,
)
from weavelite.serialize.walker import Walker
from weavelite.serialize.writing import encode, encode_exactly, encode_json

__all__ = [
    "ASKED",
    "CODECS",
    "CUSTOM",
    "FINDERS",
    "LOADERS",
    "MARK",
    "NOT_MINE",
    "RESERVED",
    "TYPE",
    "Codec",
    "Fetch",
    "Keep",
    "Loader",
    "Pending",
    "Sink",
    "Stored",
    "Walker",
    "decode",
    "encode",
    "encode_exactly",
    "encode_json",
    "exact_values",
    "in_words",
    "looks_tagged",
    "plain",
    "restore",
    "stable_repr",
]
