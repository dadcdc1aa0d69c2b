"""Values of the program's own classes come back as they were, and are found by what is in them."""

import enum
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import BaseModel

import weavelite


class Colour(enum.Enum):
    RED = "red"


class Size(enum.StrEnum):
    SMALL = "s"


class Point(NamedTuple):
    x: int
    y: int


@dataclass
class Address:
    street: str
    corners: tuple[Point, ...]


class Person(BaseModel):
    name: str
    colour: Colour
    address: Address


PERSON = Person(name="Ada", colour=Colour.RED, address=Address("Elm", (Point(1, 2), Point(3, 4))))
VALUES = [
    Colour.RED, Size.SMALL, uuid.UUID(int=5), Decimal("1.10"), Path("a/b"), Point(1, 2), {1, 2},
    frozenset({"a"}), PERSON, PERSON.address, float("inf"), datetime(2026, 1, 1, tzinfo=UTC),
]  # fmt: skip


@weavelite.op
def work(value):
    return value


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_arguments_and_results_come_back_as_what_they_were(client, value):
    """What a call took and gave is read back as it was, and so is what is published."""
    work(value)
    (call,) = client.get_calls()
    rows = weavelite.get(weavelite.publish(weavelite.Dataset(name="d", rows=[{"v": value}]))).rows
    alone = weavelite.get(weavelite.publish({"v": value}, name="alone"))
    for found in (call.inputs["value"], call.output, rows[0]["v"], alone["v"]):
        assert found == value and type(found) is type(value)


def test_tuples_are_lists_but_in_fields(client):
    """In arguments, results and rows a tuple is read as the list that JSON has of it."""
    work((1, (2, 3)))
    (call,) = client.get_calls()
    assert call.inputs["value"] == call.output == [1, [2, 3]]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("inputs.value.name", "Ada"),
        ("inputs.value.colour", "red"),
        ("output.address.street", "Elm"),
        ("output.address.corners.1.y", 4),
    ],
)
def test_queries_look_into_values_of_classes(client, field, wanted):
    """A filter finds a field of an instance, and a member of an enum by its value."""
    work(PERSON)
    work("Ada")
    query = {"$expr": {"$eq": [{"$getField": field}, {"$literal": wanted}]}}
    assert [call.output for call in client.get_calls(query=query)] == [PERSON]


def test_queries_find_plain_forms(client):
    """Members of enums, UUIDs and dates as arguments are found by what they are written as."""
    for value in (Colour.RED, uuid.UUID(int=5), datetime(2026, 1, 1, tzinfo=UTC), Decimal("1.10")):
        work(value)
        text = value.isoformat() if isinstance(value, datetime) else str(value)
        wanted = "red" if value is Colour.RED else text
        query = {"$expr": {"$eq": [{"$getField": "inputs.value"}, {"$literal": wanted}]}}
        assert [call.output for call in client.get_calls(query=query)] == [value]
