"""What stands in JSON for a value that JSON has no form for.

Python's own simple values have short tags: `{"_type": "set", "items": [...]}`. Everything else is
written as Weave writes it: `{"_type": "CustomWeaveType", "weave_type": {"type": "PIL.Image.Image"},
"files": {"image.png": <digest>}, "val": ...}`. Each has a mark, `"~": 1`: a user's dictionary
that looks the same but for it stays what it is, and one with it is found at no cost. Values of
the program's own classes are no tags: their mark is the name of the class, among their fields.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Codec = Callable[[Any], Any]
Keep = Callable[[bytes], str | None]
"""Keeps content, and returns its digest; None when it could not."""
Fetch = Callable[[str], bytes]
"""Reads content by its digest; raises NotFoundError."""

NOT_MINE = object()
"""What a codec returns for a value that it does not know."""

CODECS: list[Codec] = []
"""Asked in order for each value that JSON does not know; the first that answers wins."""

TYPE = "_type"
CUSTOM = "CustomWeaveType"
MARK = "~"
"""Is in every tag, and hardly ever in text: by its absence values are seen to need no escape."""
CLASS_NAME = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
"""What the mark is beside the fields of a value of the program's own class: `module:Class`."""
RESERVED = frozenset({CUSTOM, "bytes", "dict", "float", "int", "set"})
"""The tags that are given back as something else: a user's marked dictionary is escaped."""

INLINE = 256
"""Bytes up to which content stands inside the JSON: a digest and a row would be longer."""
LARGE = 16 * 1024 * 1024
"""Bytes above which content is left out where nothing keeps it and no other limit is given."""


class Tag(dict[str, Any]):
    """Is a dictionary that is a tag, and not one of the user's that looks like it."""


def make_tag(kind: str, **fields: Any) -> Tag:
    """Makes a tag of a kind."""
    return Tag({TYPE: kind, **fields, MARK: 1})


def looks_tagged(value: dict[Any, Any]) -> bool:
    """Tells whether a dictionary would be read as a tag, or as a value of a class."""
    kind, mark = value.get(TYPE), value.get(MARK)
    if type(mark) is str:
        return CLASS_NAME.fullmatch(mark) is not None
    return type(mark) is int and mark == 1 and isinstance(kind, str) and kind in RESERVED


class Pending(NamedTuple):
    """Is content that is made when it is known to be wanted; `size` is about how large it is."""

    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Stored:
    """Is the stored form of a value: the name of its type, what JSON can hold, and named files.

    A codec returns it to have a value's bytes kept by digest. It also stands for a value that
    cannot be given back here, because its library is missing or its content is gone: `val` and
    `read(name)` are what is left of it.
    """

    type: str
    val: Any = None
    files: Mapping[str, bytes | Pending] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """Returns the content of one of the files; raises NotFoundError when it is gone."""
        found = self.files[name]
        return found.read() if isinstance(found, Pending) else found

    def __repr__(self) -> str:
        files = f" with {', '.join(self.files)}" if self.files else ""
        return f"<stored {self.type}{files}>"


Loader = Callable[[Stored], Any]

LOADERS: dict[str, Loader] = {}
"""What makes values of their stored form, by the name of the type."""

FINDERS: list[Callable[[str], Loader | None]] = []
"""Asked for the loader of a type that LOADERS does not have."""


@dataclass(frozen=True, slots=True)
class Sink:
    """Says where content goes while one value is written, and how large it may be."""

    keep: Keep | None = None
    limit: int | None = None

    def tag(self, stored: Stored) -> Tag:
        """Writes the stored form of a value, and keeps its files."""
        parts: dict[str, dict[str, Any]] = {"files": {}, "inline": {}, "stubs": {}}
        for name, data in stored.files.items():
            place, text = self._place(data)
            parts[place][name] = text
        fields: dict[str, Any] = {place: files for place, files in parts.items() if files}
        if stored.val is not None:
            fields["val"] = stored.val
        return make_tag(CUSTOM, weave_type={"type": stored.type}, **fields)

    def _place(self, data: bytes | Pending) -> tuple[str, Any]:
        size = data.size if isinstance(data, Pending) else len(data)
        limit = LARGE if self.limit is None else self.limit
        if size > limit:
            return "stubs", size
        content = data.read() if isinstance(data, Pending) else data
        if self.keep is None or len(content) <= INLINE:
            return "inline", base64.b64encode(content).decode()
        digest = self.keep(content)
        return ("stubs", len(content)) if digest is None else ("files", digest)
