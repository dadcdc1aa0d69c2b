"""What a list shows of inputs and outputs: one line of text, from the part that tells most."""

from typing import Any

import orjson

from weavelite.refs import is_ref, parse_ref
from weavelite.serialize import in_words

LIMIT = 160
PARSED = 65_536
"""Characters up to which a body is read whole for its preview; of a larger one, the start."""


def preview(value: Any) -> str:
    """Makes one line of a body."""
    return "" if value is None else one_line(_telling(value))


def one_line(text: str) -> str:
    """Makes one line of the start of a text."""
    line = " ".join(text[: 4 * LIMIT].split())
    return line if len(line) <= LIMIT else line[:LIMIT] + "…"


def _telling(value: Any) -> str:
    match value:
        case str():
            return _name(value)
        case {"~": 1}:
            return _words(value)
        case {"messages": [*_, last]} | {"choices": [{"message": last}, *_]}:
            return _telling(last)
        case {"role": str(), "content": str(text)} if text:
            return text
        case {"role": str(), "tool_calls": [*calls]} if calls:
            return "calls " + ", ".join(_tool(call) for call in calls)
        case {"self": _, **others} if others:
            return _telling(others)
        case dict() if len(value) == 1:
            return _telling(next(iter(value.values())))
        case dict():
            return ", ".join(f"{key}: {_short(item)}" for key, item in value.items())
        case [only]:
            return _telling(only)
    return _words(value)


def _tool(call: Any) -> str:
    match call:
        case {"function": {"name": str(name)}} | {"name": str(name)}:
            return name
    return "a tool"


def _short(value: Any) -> str:
    match value:
        case {"true_fraction": float(share)}:
            return f"{share * 100:.1f} %"
        case {"mean": int() | float() as mean}:
            return f"{mean:.3g}"
    return _name(value) if isinstance(value, str) else _words(value)


def _words(value: Any) -> str:
    """Writes a value as JSON, with a few words for what JSON has no form for."""
    said = in_words(value)
    return said if isinstance(said, str) else orjson.dumps(said).decode()


def _name(text: str) -> str:
    """Shortens a ref to what tells: `name:1a2b`; other text stays."""
    if not is_ref(text):
        return text
    ref = parse_ref(text)
    return f"{ref.name}:{ref.version[:4]}" if ref.version else ref.name
