"""Values of attributes, which are JSON in texts, lists, or numbered names, as plain values."""

from collections.abc import Mapping
from typing import Any

import orjson

from weavelite.dialects.aliases import NUMBERED

_WRAPPERS = frozenset({"message", "tool_call", "message_content", "document", "embedding", "prompt",
                       "completion", "tool", "image"})  # fmt: skip
"""Are the steps by which OpenInference names what an item of a list is."""
_MOST_ITEMS, _MOST_STEPS = 10_000, 16
_RESERVED = frozenset(name + "N." for name in NUMBERED)
"""Are names that nobody may send."""
_BEGINNINGS = tuple({name.partition(".")[0] + "." for name in NUMBERED})
_MARKS = ("{", "[", '"')


def loads(value: Any) -> Any:
    """Reads JSON in a text, or in the texts of a list; other texts stay, numbers in texts too."""
    if value is None:
        return None
    if isinstance(value, list):
        return [loads(item) for item in value]
    if not isinstance(value, str) or not value.lstrip().startswith(_MARKS):
        return value
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, RecursionError):
        return value


def mapping(value: Any) -> dict[str, Any]:
    """Reads an object, or JSON of one; anything else is an empty one."""
    if value is None:
        return {}
    found = loads(value)
    return found if isinstance(found, dict) else {}


def number(value: Any) -> Any:
    """Reads a number that was sent as text, as Java's Micrometer does; other values stay."""
    if not isinstance(value, str) or len(value) > 24:
        return value
    try:
        return int(value)
    except ValueError:
        pass
    try:
        found = float(value)
    except ValueError:
        return {"true": True, "false": False}.get(value.lower(), value)
    return found if found - found == 0 else value


def collect(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the attributes, with lists made of numbered ones under `prefix.N.`."""
    trees: dict[str, dict[str, Any]] = {}
    for name, value in attributes.items():
        if name.startswith(_BEGINNINGS) and name.startswith(NUMBERED):
            prefix = next(each for each in NUMBERED if name.startswith(each))
            _plant(trees.setdefault(prefix, {}), name[len(prefix) :].split("."), value)
    found = dict(attributes)
    for name in found.keys() & _RESERVED:
        del found[name]
    for prefix, tree in trees.items():
        items = _items(tree)
        if items:
            found[prefix + "N."] = items
    return found


def _items(tree: dict[str, Any]) -> list[Any]:
    """Makes a list of the numbered branches of a tree; what is not numbered is passed over."""
    return [_harvest(tree[step]) for step in sorted(filter(_is_index, tree), key=int)]


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 9 and int(step) < _MOST_ITEMS


def _plant(tree: dict[str, Any], steps: list[str], value: Any) -> None:
    if len(steps) > _MOST_STEPS:
        return
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):  # a value stands where others have a branch
            return
        tree = below
    tree.setdefault(steps[-1], value)


def _harvest(tree: Any) -> Any:
    """Makes lists of branches whose steps are numbers, with holes left out."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(map(_is_index, tree)):
        return _items(tree)
    if len(tree) == 1 and (only := next(iter(tree))) in _WRAPPERS and isinstance(tree[only], dict):
        return _harvest(tree[only])
    return {step: _harvest(below) for step, below in tree.items()}
