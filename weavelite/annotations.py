"""What people are asked about calls: a name, and of what kind an answer is."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter, field_validator
from pydantic.fields import FieldInfo

from weavelite.errors import QueryError
from weavelite.objects import Object

ANNOTATION = "wandb.annotation."
"""Begins the type of feedback that answers; the name of what was asked ends it."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


class AnnotationSpec(Object):
    """Asks people about calls: the viewer makes a form of it beside each call.

    ```python
    weavelite.publish(AnnotationSpec(name="tone", field_schema={"type": "integer", "maximum": 5}))
    weavelite.publish(AnnotationSpec(name="verdict", field_schema=Literal["right", "wrong"]))
    ```

    Args:
        field_schema: a JSON schema, a type, a pydantic model, or a type with a pydantic Field.
        unique_among_creators: whether a second answer of the same person takes the place of the
            first.
        op_scope: refs of the ops whose calls it asks about; by default all.

    """

    field_schema: dict[str, Any] = Field(default_factory=dict)
    unique_among_creators: bool = False
    op_scope: list[str] | None = None

    @field_validator("field_schema", mode="before")
    @classmethod
    def _as_schema(cls, given: Any) -> Any:
        if isinstance(given, dict):
            return given
        if isinstance(given, FieldInfo):
            given = (given.annotation, given)
        if isinstance(given, tuple):
            kind, about = given
            given = Annotated[kind, about]
        return TypeAdapter(given).json_schema()

    def value_is_valid(self, value: Any) -> bool:
        """Tells whether a value is an answer."""
        return problem_of(self.field_schema, value) is None


def problem_of(schema: dict[str, Any], value: Any) -> str | None:
    """Says why a value does not fit the common parts of a JSON schema; None when it does."""
    if "enum" in schema or "const" in schema:
        options = schema.get("enum", [schema.get("const")])
        return None if value in options else f"is none of {', '.join(map(str, options))}"
    if "anyOf" in schema:
        problems = [problem_of(part, value) for part in schema["anyOf"]]
        return None if None in problems else problems[0]
    if (kind := schema.get("type")) is not None:
        kinds = [kind] if isinstance(kind, str) else kind
        if not any(_is_of(name, value) for name in kinds):
            return f"is not of type {' or '.join(kinds)}"
    return _out_of_bounds(schema, value)


def _is_of(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES.get(name, (object,)))


def _out_of_bounds(schema: dict[str, Any], value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            return f"is less than {schema['minimum']}"
        if value > schema.get("maximum", value):
            return f"is more than {schema['maximum']}"
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            return f"is shorter than {schema['minLength']} characters"
        if len(value) > schema.get("maxLength", len(value)):
            return f"is longer than {schema['maxLength']} characters"
    return None


def check_answer(name: str, schema: dict[str, Any], value: Any) -> None:
    """Raises QueryError when a value is no answer to what is asked."""
    problem = problem_of(schema, value)
    if problem is not None:
        raise QueryError(f"{value!r} does not answer {name}: it {problem}.")
