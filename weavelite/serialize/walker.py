"""The careful way to write a value: level by level, bounded, with marks where it cannot go on."""

import math
from typing import Any

from weavelite.serialize.classes import without_class
from weavelite.serialize.plain import plain
from weavelite.serialize.tags import TYPE, Sink, Stored, Tag, looks_tagged, make_tag

DEPTH_LIMIT = 200

_INT_LIMIT = 1 << 63


class Walker:
    """Copies a value into plain JSON values; content in it goes to the sink.

    Args:
        sink: takes content; by default it stands in the JSON.
        classes: also says of what class values are, so that they come back as such. Scores, which
            others add up, are better without.

    """

    def __init__(self, sink: Sink | None = None, *, classes: bool = False) -> None:
        self._sink = sink or Sink()
        self._classes = classes
        self._above: set[int] = set()

    def walk(self, value: Any, depth: int = 0) -> Any:
        """Returns the JSON form of a value that stands `depth` levels deep."""
        match value:
            case None | bool():
                return value
            case int() if type(value) is int:
                fits = -_INT_LIMIT <= value < 2 * _INT_LIMIT
                return value if fits else make_tag("int", value=_digits(value))
            case float() if type(value) is float:
                return value if math.isfinite(value) else make_tag("float", value=str(value))
            case str() if type(value) is str:
                return value.encode("utf-8", "backslashreplace").decode()
        if depth >= DEPTH_LIMIT:
            return {TYPE: "too deep", "repr": f"<{type(value).__qualname__}>"}
        if id(value) in self._above:
            return {TYPE: "cycle", "repr": f"<{type(value).__qualname__}>"}
        self._above.add(id(value))
        try:
            return self._container(value, depth + 1)
        finally:
            self._above.discard(id(value))

    def _container(self, value: Any, depth: int) -> Any:
        if type(value) is dict:
            return self._dict(value, depth)
        if type(value) in (list, tuple):
            return [self.walk(item, depth) for item in value]
        known = self._known(value)
        if type(known) is Tag:
            return Tag({key: self.walk(item, depth) for key, item in known.items()})
        return self.walk(known, depth)

    def _known(self, value: Any) -> Any:
        try:
            known = plain(value)
            if not self._classes:
                known = without_class(known)
            return self._sink.tag(known) if isinstance(known, Stored) else known
        except Exception as error:  # a codec or a property of the user's class may do anything
            return f"<{type(value).__qualname__} object: {type(error).__name__}>"

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        items = list(value.items())
        if all(type(key) is str for key, _ in items) and not looks_tagged(value):
            return {self.walk(key, depth): self.walk(item, depth) for key, item in items}
        pairs = [[self.walk(key, depth), self.walk(item, depth)] for key, item in items]
        return make_tag("dict", pairs=pairs)


def _digits(value: int) -> str:
    return hex(value)  # decimal digits of a huge integer are slow, and limited by Python
