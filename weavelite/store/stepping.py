"""Steps into JSON values, and how SQL has yes and no; pure."""

from typing import Any

from weavelite.serialize import looks_tagged

TRUE, FALSE = b"\x01", b"\x00"


def below(value: Any, step: str) -> Any:
    """Takes one step into a value; None where it leads nowhere."""
    if isinstance(value, dict):
        inner = value.get("val") if step not in value and looks_tagged(value) else None
        return value.get(step) if inner is None else below(inner, step)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
        return value[int(step)] if int(step) < len(value) else None
    return None
