"""Tagged values in a few words, for lists and for people."""

from typing import Any

from weavelite.serialize.tags import MARK, looks_tagged


def in_words(value: Any) -> Any:
    """Puts a few words in the place of each tag in plain JSON."""
    if isinstance(value, list):
        return [in_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    if looks_tagged(value):
        return _gist(value)
    return {key: in_words(item) for key, item in value.items()}


def _gist(tag: dict[str, Any]) -> Any:
    match tag:
        case {"~": str()}:
            return {key: in_words(item) for key, item in tag.items() if key != MARK}
        case {"items": list(items)}:
            return in_words(items)
        case {"pairs": list(pairs)}:
            return in_words(pairs)
        case {"value": str(text)}:
            return text
        case {"bytes": int(size)}:
            return f"<{size:,} bytes>"
        case {"weave_type": {"type": str(name)}}:
            return _of_type(name, tag.get("val"))
    return "<value>"


def _of_type(name: str, val: Any) -> Any:
    match val:
        case {"markup": str(text)}:
            return text
        case {"columns": list(columns), "rows": int(rows)}:
            return f"<{name} of {rows:,} rows, {len(columns):,} columns>"
        case {"dtype": str(dtype), "shape": list(shape)}:
            return f"<{dtype} array of {' × '.join(map(str, shape)) or 'one value'}>"
        case {"mimetype": str(mimetype), "width": int(width), "height": int(height)}:
            return f"<{mimetype}, {width} × {height}>"
        case {"mimetype": str(mimetype), "size": int(size)}:
            return f"<{mimetype}, {size:,} bytes>"
        case {"microseconds": int(count)}:
            return f"{count / 1e6:g} s"
        case str() | int():
            return val
    return f"<{name}>"
