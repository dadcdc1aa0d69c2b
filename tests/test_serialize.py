"""What is captured is what was there, at that moment, whatever it was."""

import dataclasses
import enum
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from weavelite.serialize import CODECS, NOT_MINE, decode, encode, encode_exactly, stable_repr

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | st.text()
KEYS = st.text() | st.integers() | st.booleans() | st.none()
PYTHON = st.recursive(
    SCALARS | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


def is_untagged(value):
    if isinstance(value, dict):
        return "_type" not in value and all(is_untagged(item) for item in value.values())
    return not isinstance(value, list) or all(is_untagged(item) for item in value)


@given(PYTHON.filter(is_untagged))
def test_values_come_back(value):
    """Text, numbers of any size, bytes, and keys that are not text are read back as they were."""
    assert decode(encode(value)) == value
    assert decode(encode_exactly(value)) == value


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_infinities_are_kept_exactly(number):
    """What JSON cannot say of a number is said by a tag, where exactness is asked for."""
    assert decode(encode_exactly({"score": number})) == {"score": number}


def test_nan_is_kept_exactly():
    """NaN is not null, where exactness is asked for."""
    assert math.isnan(decode(encode_exactly([math.nan]))[0])


def test_a_cycle_is_marked():
    """A list that holds itself is written up to where it would begin again."""
    value = [1]
    value.append(value)
    assert decode(encode(value)) == [1, {"_type": "cycle", "repr": "<list>"}]


def test_depth_is_bounded():
    """A value nested ten thousand deep is written, down to a limit."""
    value = None
    for _ in range(10_000):
        value = [value]
    assert b"too deep" in encode(value)


def test_lone_surrogates_are_written():
    """Text that UTF-8 cannot hold is escaped, and what stands beside it is kept."""
    assert decode(encode({"a": "x\ud800", "b": "ä"})) == {"a": "x\\ud800", "b": "ä"}


def test_streams_are_not_read():
    """A generator that is captured still has all its items."""
    stream = (n for n in range(3))
    assert b"generator" in encode({"stream": stream})
    assert list(stream) == [0, 1, 2]


class Lazy:
    def __iter__(self):
        raise AssertionError("was iterated")

    def __repr__(self):
        raise AssertionError("was looked at")


def test_lazy_collections_are_left_alone():
    """A collection whose repr would fetch it is named, not looked at."""
    assert b"Lazy object" in encode(Lazy())


class Hostile:
    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize("value", [Hostile(), {"deep": [Hostile()]}, {Hostile(): 1}])
def test_a_hostile_repr_does_not_raise(value):
    """Whatever a user's object does when it is looked at, encoding gives JSON."""
    orjson.loads(encode(value))


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    tag: object = None


class Person(BaseModel):
    name: str


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Colour.RED, "red"),
        (Point(1, Point(2)), {"x": 1, "tag": {"x": 2, "tag": None}}),
        (Person(name="Ada"), {"name": "Ada"}),
        (Text("t"), "t"),
        ({1, 2}, {1, 2}),
        (ValueError("no"), "ValueError: no"),
    ],
)
def test_known_kinds_are_readable(value, written):
    """Enums, dataclasses, pydantic models, subclasses, sets and exceptions are written plainly."""
    assert decode(encode(value)) == written


def test_reprs_are_stable_and_bounded():
    """A repr has no address, and at most 2,000 characters."""
    assert "0x" not in stable_repr(object())
    assert len(stable_repr("x" * 10_000)) <= 2001


def test_a_value_above_the_limit_is_a_stub():
    """A value above the limit is stood for by a stub that says how large it was."""
    stub = decode(encode("x" * 1000, limit=100))
    assert (stub["_type"], stub["bytes"]) == ("stub", 1002)


def test_users_can_add_codecs():
    """A function in the list of codecs decides how a value is written."""

    def codec(value):
        return "mine" if isinstance(value, Hostile) else NOT_MINE

    CODECS.append(codec)
    try:
        assert decode(encode(Hostile())) == "mine"
    finally:
        CODECS.remove(codec)
