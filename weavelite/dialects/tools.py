"""Definitions of tools, and parameters of requests, as chat completions have them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weavelite.dialects import aliases
from weavelite.dialects.reading import loads, mapping, number

_SCHEMAS = ("parameters", "inputSchema", "input_schema", "parameters_json_schema", "json_schema",
            "parametersJsonSchema", "schema")  # fmt: skip


def tools_of(attributes: Mapping[str, Any]) -> list[Any]:
    """Lists the tools that a model could call."""
    for name in aliases.TOOLS:
        found = loads(attributes.get(name))
        if isinstance(found, str | Mapping):
            found = [found]
        if isinstance(found, list) and found:
            return [definition for item in found for definition in _definitions(item)]
    asked = mapping(attributes.get("model_request_parameters"))
    listed = [*(asked.get("function_tools") or ()), *(asked.get("output_tools") or ())]
    return [definition for item in listed for definition in _definitions(item)]


def _definitions(item: Any) -> Iterator[Any]:
    item = loads(item)
    if not isinstance(item, Mapping):
        yield item
        return
    if isinstance(declared := item.get("functionDeclarations"), list):  # Gemini's
        for each in declared:
            yield from _definitions(each)
        return
    inner = loads(item.get("json_schema"))
    if isinstance(inner, Mapping) and ("name" in inner or "function" in inner or "type" in inner):
        item = inner if "name" not in item else item
    spec = item.get("toolSpec") if isinstance(item.get("toolSpec"), Mapping) else item
    function = spec.get("function") if isinstance(spec.get("function"), Mapping) else spec
    yield _definition(spec, function) if function.get("name") else dict(spec)


def _definition(item: Mapping[str, Any], function: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type")
    if function is item and kind not in (None, "function", "custom") and not _schema(item):
        return dict(item)  # a tool of the provider's own, such as web search
    known = {
        "name": function["name"],
        "description": function.get("description"),
        "parameters": _schema(function),
        "strict": function.get("strict", item.get("strict")),
    }
    told = {key: value for key, value in known.items() if value is not None}
    return {"type": "function", "function": told}


def _schema(function: Mapping[str, Any]) -> Any:
    found = next((loads(function[key]) for key in _SCHEMAS if function.get(key) is not None), None)
    if isinstance(found, Mapping) and isinstance(found.get("jsonSchema"), Mapping):
        return found["jsonSchema"]
    return found


def parameters_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Collects what a request asked for besides its messages: temperature, and the like."""
    found: dict[str, Any] = {}
    for name in aliases.PARAMETERS_WHOLE:
        for key, value in mapping(attributes.get(name)).items():
            _note(found, key, value)
    for name, value in attributes.items():
        if name in aliases.PARAMETERS:
            _note(found, aliases.PARAMETERS[name], value)
        elif name.startswith(aliases.PARAMETERS_UNDER):
            prefix = next(p for p in aliases.PARAMETERS_UNDER if name.startswith(p))
            _note(found, name[len(prefix) :], value)
    return found


def _note(found: dict[str, Any], name: str, value: Any) -> None:
    name = aliases.PARAMETER_NAMES.get(name, name)
    if value is None or value == "Infinity" or name in aliases.NO_PARAMETERS or "headers" in name:
        return
    if name.startswith(("tools.", "prompt.", "context.")):
        return
    found.setdefault(name, number(loads(value)))


def asked_model(attributes: Mapping[str, Any]) -> str | None:
    """Says which model was asked for, where it is told among the parameters."""
    return _model_in(attributes, aliases.PARAMETERS_WHOLE)


def answering_model(attributes: Mapping[str, Any]) -> str | None:
    """Says which model answered, where no attribute does: as the answer or the request has it."""
    return asked_model(attributes) or _model_in(attributes, aliases.BODIES_WHOLE)


def _model_in(attributes: Mapping[str, Any], names: Sequence[str]) -> str | None:
    for name in names:
        model = mapping(attributes.get(name)).get("model")
        if isinstance(model, str) and model:
            return model
    return None
