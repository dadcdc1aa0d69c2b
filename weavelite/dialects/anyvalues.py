"""AnyValue, the value of attributes and bodies in OTLP, read from protobuf or from JSON."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_LARGEST = 1 << 63


def attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    """Reads pairs of protobuf."""
    return {pair.key: value_of(pair.value) for pair in pairs}


def value_of(value: Any) -> Any:
    """Reads an AnyValue of protobuf; bytes become base64."""
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [value_of(item) for item in value.array_value.values]
        case "kvlist_value":
            return attributes(value.kvlist_value.values)
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case name:
            return getattr(value, name)


def pairs(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Reads pairs of JSON."""
    return {str(pair.get("key")): plain_of(pair.get("value")) for pair in list_of(holder, name)}


def plain_of(value: Any) -> Any:
    """Reads an AnyValue of JSON; an empty one is null."""
    for kind, inner in mapping_of(value).items():
        match kind:
            case "stringValue":
                return str(inner)
            case "boolValue":
                return bool(inner)
            case "intValue":
                whole = int_of(inner)
                return whole if -_LARGEST <= whole < _LARGEST else str(whole)
            case "doubleValue":
                return _FLOATS.get(inner) if isinstance(inner, str) else float(inner)
            case "arrayValue":
                return [plain_of(item) for item in list_of(mapping_of(inner), "values")]
            case "kvlistValue":
                return pairs(mapping_of(inner), "values")
            case "bytesValue":
                return base64.b64encode(base64.b64decode(inner)).decode()
    return None


def id_of(text: Any) -> bytes:
    """Reads an id, which is hexadecimal in JSON; raises ValueError."""
    try:
        return binascii.unhexlify(text or "")
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def int_of(value: Any) -> int:
    """Reads a whole number, which may be a text; raises ValueError."""
    return int(value or 0)


def mapping_of(value: Any) -> Mapping[str, Any]:
    """Reads an object, which may be left out; raises ValueError."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r:.80} is not an object")
    return value


def list_of(holder: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Reads a list of objects, which may be left out; raises ValueError."""
    found = holder.get(name) or ()
    if not isinstance(found, list | tuple) or not all(isinstance(one, Mapping) for one in found):
        raise ValueError(f"{name} is not a list of objects")
    return found
