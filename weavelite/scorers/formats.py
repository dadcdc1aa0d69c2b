"""Scorers that tell whether an output has a form: JSON, XML, a pydantic model."""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from xml.parsers import expat

from pydantic import BaseModel, TypeAdapter, ValidationError, field_validator

from weavelite.errors import EvaluationError
from weavelite.eval.scorer import Scorer
from weavelite.tables import Save


class ValidJSONScorer(Scorer):
    """Tells whether the output is JSON; `NaN` and `Infinity` are none."""

    higher_is_better: ClassVar[Mapping[str, bool]] = {"json_valid": True}

    def score(self, *, output: Any) -> dict[str, bool]:
        """Reads the output, which is a text."""
        return {"json_valid": _is_json(output)}


def _is_json(output: Any) -> bool:
    if not isinstance(output, str | bytes):
        return False
    try:
        json.loads(output, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class ValidXMLScorer(Scorer):
    """Tells whether the output is well-formed XML; no entity is expanded, and nothing fetched."""

    higher_is_better: ClassVar[Mapping[str, bool]] = {"xml_valid": True}

    def score(self, *, output: Any) -> dict[str, bool]:
        """Reads the output, which is a text."""
        return {"xml_valid": _is_xml(output)}


def _is_xml(output: Any) -> bool:
    if not isinstance(output, str | bytes):
        return False
    text = output.strip().encode("utf-8", "replace") if isinstance(output, str) else output
    parser = expat.ParserCreate("utf-8" if isinstance(output, str) else None)
    parser.EntityDeclHandler = _refuse_entity  # a few lines of them expand to gigabytes
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _refuse_entity(name: str, *_: Any) -> None:
    raise ValueError(f"the entity {name} is not expanded")


class PydanticScorer(Scorer):
    """Tells whether the output fits a pydantic model, given as text of JSON or as a value.

    Args:
        model: a class of pydantic, or any type that it can check.

    """

    higher_is_better: ClassVar[Mapping[str, bool]] = {"valid_pydantic": True}
    model: Any

    @field_validator("model")
    @classmethod
    def _check(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return value  # of the store: it can be looked at, and is refused when it has to judge
        try:
            TypeAdapter(value)
        except Exception as error:
            raise ValueError(f"model is a class of pydantic, not {value!r}") from error
        return value

    def _record(self, save: Save) -> dict[str, Any]:
        record = super()._record(save)
        if not isinstance(self.model, Mapping):
            shown = getattr(self.model, "__name__", str(self.model))
            record["model"] = {"name": shown, "schema": TypeAdapter(self.model).json_schema()}
        return record

    def score(self, *, output: Any) -> dict[str, Any]:
        """Checks the output; `errors` says where it does not fit."""
        if isinstance(self.model, Mapping):
            raise EvaluationError(
                f"The model {self.model.get('name')!r} of this scorer was read from the store, "
                "where classes are not kept: make the scorer of the class again."
            )
        adapter: TypeAdapter[Any] = TypeAdapter(self.model)
        read: Callable[..., Any] = (
            adapter.validate_json if isinstance(output, str | bytes) else adapter.validate_python
        )
        try:
            read(output.model_dump() if isinstance(output, BaseModel) else output)
        except (ValidationError, ValueError, RecursionError) as error:
            return {"valid_pydantic": False, "errors": _places(error)}
        return {"valid_pydantic": True}


def _places(error: Exception) -> list[str]:
    if not isinstance(error, ValidationError):
        return [str(error)]
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [f"{'.'.join(map(str, e['loc'])) or 'output'}: {e['msg']}" for e in found[:10]]
