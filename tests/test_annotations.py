"""What people are asked about calls."""

from typing import Literal

import httpx
import pytest
from pydantic import Field

import weavelite
from weavelite.annotations import problem_of

TONE = {"type": "integer", "minimum": 1, "maximum": 5}


@weavelite.op
def answer(question):
    return "because"


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (TONE, [1, 5], [0, 6, "3", True, 2.5, None]),
        ({"type": "string", "maxLength": 3}, ["", "abc"], ["abcd", 1]),
        ({"type": "boolean"}, [True, False], [1, "yes"]),
        ({"enum": ["right", "wrong"]}, ["right"], ["", None]),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, [1.5, None], ["x"]),
        ({}, [None, "anything", {}], []),
    ],
)
def test_values_are_held_to_the_schema(schema, good, bad):
    """What the schema allows is an answer, anything else is refused with a reason."""
    assert [problem_of(schema, value) for value in good] == [None] * len(good)
    assert all(problem_of(schema, value) for value in bad)


def test_schemas_come_from_types(client):
    """A type, and a type with a Field, make the schema that they say; it comes back as it was."""
    spec = weavelite.AnnotationSpec(name="tone", field_schema=(int, Field(ge=1, le=5)))
    assert spec.field_schema == TONE
    assert spec.value_is_valid(3)
    assert not spec.value_is_valid(9)
    verdict = weavelite.AnnotationSpec(field_schema=Literal["right", "wrong"])
    assert verdict.field_schema["enum"] == ["right", "wrong"]
    ref = weavelite.publish(spec)
    assert weavelite.get(str(ref)).field_schema == TONE


def test_answers_rest_as_feedback(client, server):
    """An answer over HTTP is feedback that Python reads; one that does not fit is refused."""
    ref = weavelite.publish(weavelite.AnnotationSpec(name="tone", field_schema=TONE))
    weavelite.publish({"a": 1}, name="other")
    _, call = answer.call("why?")
    client.finish()
    url = f"{server.url}/api/projects/local/test/calls/{call.id}/annotations"
    assert httpx.post(url, json={"spec": "tone", "value": 4}).status_code == 200
    for spec, value, status in [("tone", 9, 400), ("other", 1, 400), ("nothing", 1, 404)]:
        refused = httpx.post(url, json={"spec": spec, "value": value})
        assert refused.status_code == status
        assert refused.json()["error"]
    [found] = call.feedback
    assert found.feedback_type == "wandb.annotation.tone"
    assert found.payload == {"value": 4, "annotation_ref": str(ref)}
