"""LangChain's objects as they are serialised: messages and documents by their constructors."""

from typing import Any

_DEEPEST = 24


def plain(value: Any, depth: int = _DEEPEST) -> Any:
    """Takes the constructors out of a value: messages and documents are their fields."""
    if depth == 0:
        return value
    if isinstance(value, list):
        return [plain(item, depth - 1) if isinstance(item, dict | list) else item for item in value]
    if not isinstance(value, dict):
        return value
    if is_constructor(value):
        return _constructed(value, depth - 1)
    return {
        key: plain(item, depth - 1) if isinstance(item, dict | list) else item
        for key, item in value.items()
    }


def is_constructor(value: Any) -> bool:
    """Tells whether a value is an object that LangChain serialised."""
    return isinstance(value, dict) and "lc" in value and isinstance(value.get("id"), list)


def _constructed(value: dict[str, Any], depth: int) -> Any:
    name = str(value["id"][-1]) if value["id"] else ""
    fields = value.get("kwargs")
    if not isinstance(fields, dict):
        return {"type": name, "repr": value["repr"]} if "repr" in value else {"type": name}
    held = plain(fields, depth)
    if "Message" in name:
        kind = name.replace("MessageChunk", "").replace("Message", "").lower()
        return {**held, "role": held.get("role") or kind}
    if name == "Document":
        return {key: held[key] for key in ("id", "page_content", "metadata") if held.get(key)}
    return {"type": name, **held}
