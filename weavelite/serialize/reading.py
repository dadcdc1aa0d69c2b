"""JSON back to values; what is stored may be made up, and runs nothing and breaks nothing."""

import base64
from typing import Any

import orjson

from weavelite.errors import NotFoundError, StoreError
from weavelite.serialize.classes import made
from weavelite.serialize.tags import (
    CUSTOM,
    FINDERS,
    LOADERS,
    MARK,
    TYPE,
    Fetch,
    Loader,
    Pending,
    Stored,
    looks_tagged,
)


def decode(text: str | bytes, fetch: Fetch | None = None) -> Any:
    """Reads what `encode` wrote, and gives tagged values back as what they were.

    `fetch` reads content that was kept by digest. What cannot be given back is a `Stored`.
    """
    return restore(orjson.loads(text), fetch)


def restore(value: Any, fetch: Fetch | None = None) -> Any:
    """Gives tagged values in plain JSON back as what they were; raises StoreError only."""
    try:
        return _restored(value, fetch)
    except RecursionError:  # made up, for what is written is bounded
        return value


def _restored(value: Any, fetch: Fetch | None) -> Any:
    if isinstance(value, list):
        return [_restored(item, fetch) for item in value]
    if not isinstance(value, dict):
        return value
    if looks_tagged(value):
        try:
            if type(value[MARK]) is str:
                return _of_class(value, fetch)
            return _untagged(value[TYPE], value, fetch)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            pass  # it only looks like a tag
    return {key: _restored(item, fetch) for key, item in value.items()}


def _of_class(value: dict[str, Any], fetch: Fetch | None) -> Any:
    fields = {key: _restored(item, fetch) for key, item in value.items() if key != MARK}
    return made(value[MARK], fields)


def _untagged(kind: str, tag: dict[str, Any], fetch: Fetch | None) -> Any:
    match kind:
        case "dict":
            pairs = [_restored(pair, fetch) for pair in tag["pairs"]]
            return {_hashable(key): item for key, item in pairs}
        case "set":
            return {_hashable(_restored(item, fetch)) for item in tag["items"]}
        case "bytes":
            return base64.b64decode(tag["base64"], validate=True)
        case "int":
            return int(tag["value"], 16)
        case "float":
            return float(tag["value"])
    return _custom(tag, fetch)


def _custom(tag: dict[str, Any], fetch: Fetch | None) -> Any:
    stored = _stored(tag, fetch)
    try:
        loader = loader_of(stored.type)
        return stored if loader is None else loader(stored)
    except StoreError:
        raise
    except Exception:  # no such library, damaged content, content that is gone
        return stored


def _stored(tag: dict[str, Any], fetch: Fetch | None) -> Stored:
    name = tag["weave_type"]["type"]
    if tag[TYPE] != CUSTOM or not isinstance(name, str):
        raise TypeError("not a tag")
    files: dict[str, bytes | Pending] = {
        str(file): Pending(0, _reader(digest, fetch))
        for file, digest in tag.get("files", {}).items()
    }
    for file, text in tag.get("inline", {}).items():
        files[str(file)] = base64.b64decode(text, validate=True)
    return Stored(name, _restored(tag.get("val"), fetch), files)


def _reader(digest: Any, fetch: Fetch | None) -> Any:
    def read() -> bytes:
        if fetch is None:
            raise NotFoundError(f"Content {digest} is kept in a store, and none is at hand.")
        return fetch(str(digest))

    return read


def loader_of(name: str) -> Loader | None:
    """Finds what makes values of a type; None when nothing here does."""
    if name in LOADERS:
        return LOADERS[name]
    return next((found for find in FINDERS if (found := find(name)) is not None), None)


def _hashable(value: Any) -> Any:
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value
