"""What is captured is what was there, at that moment, whatever it was."""

import collections
import dataclasses
import enum
import math
import sys
import uuid
from collections import namedtuple
from datetime import UTC, timedelta, timezone
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, PrivateAttr

from weavelite.codecs import register_codec
from weavelite.ids import digest
from weavelite.serialize import (
    CODECS,
    LOADERS,
    NOT_MINE,
    RESERVED,
    Stored,
    Walker,
    decode,
    encode,
    encode_exactly,
    exact_values,
    stable_repr,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | FINITE | st.text()
KEYS = st.text() | st.integers() | st.booleans() | st.none()
ZONES = st.none() | st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=30))])
STANDARD = (
    st.binary(max_size=600)
    | st.binary(max_size=600).map(bytearray)
    | st.datetimes(timezones=ZONES)
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.builds(range, st.integers(-99, 99), st.integers(), st.sampled_from([1, -1, 7]))
    | st.lists(st.text("ab/."), max_size=4).map(lambda parts: Path(*parts))
    | st.sampled_from([PureWindowsPath("C:\\a"), PurePosixPath("/a"), uuid.UUID(int=7)])
    | st.frozensets(st.integers() | st.text() | st.dates())
    | st.sets(st.integers() | st.text() | st.binary())
)
KIND = st.sampled_from([*RESERVED, "stub", "cycle", "mine"])
TAG_PARTS = {
    "_type": KIND | st.text(),
    "~": st.sampled_from([1, True, 1.0, 2, "1"]),
    "weave_type": st.dictionaries(st.just("type"), st.sampled_from(sorted(LOADERS)) | SCALARS),
}
TAG_FIELDS = ["items", "pairs", "value", "base64", "val", "files", "inline"]


def lookalikes(inner):
    """Dictionaries that look like the tags that stand for other values, more or less."""
    optional = {name: inner for name in TAG_FIELDS}
    return st.fixed_dictionaries(TAG_PARTS, optional=optional)


PYTHON = st.recursive(
    SCALARS | STANDARD,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner) | lookalikes(inner),
    max_leaves=20,
)


def is_same(value, found):
    """Compares with types, for 1, 1.0 and True are not the same; UUIDs in lists may be text."""
    if isinstance(value, uuid.UUID):
        return found in (value, str(value))
    if type(value) is not type(found):
        return False
    if dataclasses.is_dataclass(value):
        return all(
            is_same(getattr(value, n), getattr(found, n)) for n in value.__dataclass_fields__
        )
    if isinstance(value, BaseModel):
        return value == found and is_same(value.__pydantic_extra__, found.__pydantic_extra__)
    if isinstance(value, list | tuple):
        return len(value) == len(found) and all(map(is_same, value, found))
    if isinstance(value, dict):
        return value.keys() == found.keys() and all(is_same(value[k], found[k]) for k in value)
    return value == found


@given(PYTHON)
@example({"_type": "set", "items": [1], "~": True})
@example({"_type": "set", "items": [1], "~": 1})
@example({"_type": "set", "items": [{"_type": "dict", "pairs": [], "~": 1}], "~": 1})
def test_values_come_back(value):
    """Values of Python's own types are read back as they were, and what looks like a tag, too."""
    kept = {}

    def keep(data):
        return kept.setdefault(digest(data), data) and digest(data)

    assert is_same(value, decode(encode(value)))
    assert is_same(value, decode(encode_exactly(value)))
    assert is_same(value, decode(encode(value, None, keep), kept.__getitem__))


JSON = st.recursive(
    SCALARS | st.sampled_from(["QUJD", "2026", "0x", "nan", "9" * 50, [1, 2]]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | lookalikes(inner),
    max_leaves=20,
)


@given(JSON.filter(lambda value: all(-(1 << 63) <= n < 1 << 64 for n in integers(value))))
def test_made_up_tags_break_nothing(value):
    """Whatever JSON is in a store, it is read without an exception, and can be written again."""
    found = decode(orjson.dumps(value), lambda _: b"junk")
    orjson.loads(encode(found))


def integers(value):
    if isinstance(value, int):
        yield value
    for item in value if isinstance(value, list) else getattr(value, "values", tuple)():
        yield from integers(item)


def test_deep_json_is_read():
    """JSON that is nested as deep as JSON may be is read, with what looks like tags in it."""
    text = b'{"_type":"set","~":1,"items":[' * 500 + b"1" + b"]}" * 500
    decode(text)


def test_tags_travel_inside_values():
    """What the walker has written can stand inside a value that is written."""
    walked = Walker().walk({"score": math.nan, 1: {2}})
    found = decode(encode({"output": walked, "beside": [walked]}))
    assert math.isnan(found["output"]["score"])
    assert found["beside"][0][1] == {2}


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


class Level(enum.IntEnum):
    LOW = 1


class Shape(enum.Enum):
    ROUND = (1, 2)


class Pair(NamedTuple):
    a: object
    b: object


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    at: object
    loaded: int = dataclasses.field(default=0, init=False)

    def __post_init__(self):
        raise_when_read()


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    colour: Colour
    pair: tuple[int, str] = (1, "x")
    _note: str = PrivateAttr("none")


def raise_when_read():
    assert "reading" not in STATE, "code of the class ran"


STATE = set()
FIELD = (
    st.sampled_from([Colour.RED, Level.LOW, Shape.ROUND, uuid.UUID(int=7), math.inf, -math.inf])
    | SCALARS
    | STANDARD
    | st.lists(st.sampled_from([Colour.RED, uuid.UUID(int=1), "x", 1.5, math.inf]))
    | st.lists(st.floats(allow_nan=False))
    | st.dictionaries(st.text(), st.sampled_from([Level.LOW, 1, math.inf]))
)
INSTANCES = st.recursive(
    FIELD,
    lambda inner: (
        st.builds(Point, st.integers(), inner)
        | st.builds(Frozen, inner)
        | st.builds(Pair, inner, inner)
        | st.tuples(inner, inner)
        | st.builds(Loose, colour=st.just(Colour.RED), more=inner)
    ),
    max_leaves=8,
)


@given(INSTANCES)
@example(Frozen([1.0, math.inf]))
@example(Point(1, ([], (Level.LOW,))))
def test_what_is_in_fields_comes_back_as_it_was(value):
    """An instance comes back as one of its class, with the types in its fields, and no code run.

    It does so, too, where the careful way was taken, and it is plain where no classes are wanted.
    """
    careful = orjson.dumps(Walker(classes=True).walk(Point(1, value)))
    assert b":Point" not in encode_exactly(Point(1, value))
    for text in (encode(Point(1, value)), careful):
        STATE.add("reading")
        try:
            found = decode(text).tag
        finally:
            STATE.clear()
        assert is_same(value, found), text


@pytest.mark.parametrize(
    "value", [Colour.RED, Level.LOW, Shape.ROUND, uuid.UUID(int=3), math.inf, Pair(1, "x")]
)
def test_a_result_itself_comes_back_as_it_was(value):
    """A member, a UUID or an infinity is the same again, by itself and as an argument."""
    assert is_same(value, decode(encode(value)))
    assert is_same({"a": 1, "b": value}, decode(encode(exact_values({"a": 1, "b": value}))))


def test_nan_comes_back():
    """NaN that is a result, an argument, or in a field comes back as NaN."""
    for text in (encode(math.nan), encode(Pair(math.nan, 1)), encode(Point(1, [math.nan]))):
        found = decode(text)
        found = getattr(found, "a", getattr(found, "tag", found))
        assert math.isnan(found[0] if isinstance(found, list) else found)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (b'{"x":1,"tag":2,"~":"no.such:Point"}', {"x": 1, "tag": 2}),
        (b'{"x":1,"~":"tests.test_serialize:Point"}', {"x": 1}),
        (b'{"x":1,"tag":2,"~":"tests.test_serialize:Money"}', {"x": 1, "tag": 2}),
        (b'{"x":1,"~":"os:system"}', {"x": 1}),
        (b'{"x":1,"~":"tests.test_serialize:Point.__init__"}', {"x": 1}),
        (b'{"x":1,"~":"antigravity:Point"}', {"x": 1}),
    ],
)
def test_a_class_that_is_not_at_hand_is_no_hindrance(text, read):
    """Without the class, or when it has other fields now, the fields are read; nothing imports."""
    assert decode(text) == read
    assert "antigravity" not in sys.modules


def test_a_member_that_is_gone_is_its_value():
    """A member of an enum that this program does not know is read as its value."""
    text = encode(Colour.RED)
    assert decode(text.replace(b":Colour", b":Gone")) == "red"
    assert decode(text.replace(b'"red"', b'"blue"')) == "blue"


def test_fields_stand_where_people_look_for_them():
    """The JSON of an instance is that of its fields, with the name of its class beside them."""
    assert orjson.loads(encode({"point": Point(1, "t")})) == {
        "point": {"x": 1, "tag": "t", "~": "tests.test_serialize:Point"}
    }


def test_a_dictionary_that_looks_like_an_instance_stays_one():
    """What a user writes that would be read as an instance comes back as it was."""
    forged = {"x": 1, "tag": 2, "~": "tests.test_serialize:Point"}
    for value in (forged, [Point(1, forged)], {"~": "home: a"}):
        assert is_same(value, decode(encode(value)))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([Colour.RED], ["red"]),
        (Text("t"), "t"),
        ({1, 2}, {1, 2}),
        (ValueError("no"), "ValueError: no"),
        (namedtuple("Pair", "a b")(1, 2), {"a": 1, "b": 2}),
        ((1, (2, 3)), [1, [2, 3]]),
        (enum.IntFlag("Flag", "A B").A, 1),
        ([uuid.UUID(int=1)], [str(uuid.UUID(int=1))]),
        (Person, f"<class {Person.__module__}.Person>"),
        (len, "<function builtins.len>"),
    ],
)
def test_known_kinds_are_readable(value, written):
    """Subclasses, exceptions, and classes inside of functions are written plainly."""
    assert decode(encode(value)) == written


def test_reprs_are_stable_and_bounded():
    """A repr has no address, and at most 2,000 characters."""
    assert "0x" not in stable_repr([object(), lambda: 1, Addressed()])
    assert len(stable_repr("x" * 10_000)) <= 2001


def test_a_value_above_the_limit_is_a_stub():
    """A value above the limit is stood for by a stub that says how large it was."""
    stub = decode(encode("x" * 1000, limit=100))
    assert (stub["_type"], stub["bytes"]) == ("stub", 1002)


class Addressed:
    def __repr__(self):
        return f"<Addressed {id(self):#x}>"


class Money:
    def __init__(self, amount, receipt=None):
        self.amount, self.receipt = amount, receipt


class Euro(Money):
    pass


@pytest.fixture
def known_money():
    def load(saved):
        return Money(saved["amount"], saved["receipt"])

    register_codec(Money, lambda money: {"amount": money.amount, "receipt": money.receipt}, load)
    yield
    CODECS.pop(0)
    LOADERS.pop(f"{Money.__module__}.Money")


def test_users_can_register_a_codec(known_money):
    """A pair of functions decides how values of a class are written, and how they come back."""
    (found,) = decode(encode([Euro(3, b"paper" * 200)]))
    assert (type(found), found.amount, found.receipt) == (Money, 3, b"paper" * 200)


def test_a_codec_is_asked_once():
    """What a codec makes of a value may take long: it is made once."""
    asked = []
    register_codec(Hostile, lambda value: asked.append(value) or 1, lambda _: None)
    encode({"beside": b"ab", "hostile": Hostile()})
    CODECS.pop(0)
    LOADERS.pop(f"{Hostile.__module__}.Hostile")
    assert len(asked) == 1


def test_what_a_codec_saves_may_look_like_a_tag(known_money):
    """What a codec saves comes back to it as it was."""
    lookalike = {"_type": "set", "items": [1], "~": 1}
    assert decode(encode(Money(lookalike))).amount == lookalike


def test_without_the_codec_what_was_saved_is_reachable(known_money):
    """A program that has not registered a class reads what stands for it, and can pass it on."""
    text = encode({"price": Money(3)})
    LOADERS.pop(f"{Money.__module__}.Money")
    found = decode(text)["price"]
    LOADERS[found.type] = lambda stored: stored.val["amount"]
    assert (type(found), found.val["amount"]) == (Stored, 3)
    assert decode(encode(found)) == 3


def test_users_can_add_codecs():
    """A function in the list of codecs decides how a value is written."""

    def codec(value):
        return "mine" if isinstance(value, Hostile) else NOT_MINE

    CODECS.append(codec)
    try:
        assert decode(encode(Hostile())) == "mine"
    finally:
        CODECS.remove(codec)


@pytest.mark.parametrize(
    "value",
    [
        collections.deque([1, {"a": 2}], 5),
        {1: 0, "a": 0}.keys(),
        {"a": [1], "b": 2}.values(),
        {"a": 1}.items(),
        collections.UserList([1, "x"]),
    ],
)
def test_what_holds_items_keeps_them(value):
    """A deque of messages, or a view of a dictionary, is recorded as the items in it."""
    expected = [list(item) if isinstance(item, tuple) else item for item in value]
    assert decode(encode({"value": value})) == {"value": expected}
