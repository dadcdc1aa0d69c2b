"""Scorers of texts, numbers and forms."""

import math

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

import weavelite
from weavelite.scorers import (
    ContainsScorer,
    ExactMatchScorer,
    LevenshteinScorer,
    NumericScorer,
    PydanticScorer,
    RegexScorer,
    StringMatchScorer,
    ValidJSONScorer,
    ValidXMLScorer,
)
from weavelite.scorers.numbers import number_in
from weavelite.scorers.texts import levenshtein, plain_levenshtein

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ANYTHING = JSON | st.binary(max_size=20) | st.builds(object)


@pytest.mark.parametrize(
    ("options", "output", "target"),
    [
        ({}, "Paris", "Paris"),
        ({}, "Paris", ["Rome", "Paris"]),
        ({}, {"a": 1, "b": [2]}, {"b": [2], "a": 1.0}),
        ({"ignore_case": True}, "STRASSE", "straße"),
        ({"ignore_space": True}, " a \n b ", "a b"),
        ({"ignore_punctuation": True}, "Paris.", "Paris"),
        ({"ignore_articles": True}, "the Eiffel Tower", "Eiffel Tower"),
        ({"ignore_accents": True}, "café", "cafe\u0301"),
    ],
)
def test_exact_match_looks_past_what_it_is_told_to(options, output, target):
    """An output matches the target, or one of several, up to the differences that are ignored."""
    assert ExactMatchScorer(**options).score(output=output, target=target)
    assert not ExactMatchScorer(**options).score(output=output, target="something else")


def test_exact_match_is_exact():
    """Nothing is ignored unless it is asked for."""
    score = ExactMatchScorer().score
    assert not score(output="paris", target="Paris") and not score(output="a ", target="a")
    assert not score(output=None, target="") and not score(output="1", target=1)


def test_contains_wants_all_or_any():
    """All of several targets have to be in the output, or any where that is asked for."""
    assert ContainsScorer().score(output="red and blue", target=["red", "blue"])
    assert not ContainsScorer().score(output="red", target=["red", "blue"])
    assert ContainsScorer(match="any").score(output="red", target=["red", "blue"])
    assert ContainsScorer(ignore_case=True).score(output={"colour": "RED"}, target="red")
    with pytest.raises(ValueError, match="looks for texts"):
        ContainsScorer().score(output="red", target=None)


def test_regex_takes_its_own_pattern_or_the_rows():
    """A pattern is the scorer's, else the row's; one that does not compile is said at once."""
    assert RegexScorer(pattern=r"\d+").score(output="room 12")
    assert not RegexScorer(pattern=r"\d+", match="full").score(output="room 12")
    assert RegexScorer(ignore_case=True).score(output="ROOM", pattern="room")
    with pytest.raises(pydantic.ValidationError, match="no regular expression"):
        RegexScorer(pattern="(")
    with pytest.raises(ValueError, match="needs a pattern"):
        RegexScorer().score(output="x")


def test_string_match_is_weaves():
    """The target has to contain the output, whatever the case; nothing is contained nowhere."""
    score = StringMatchScorer().score
    assert score(output="PARIS", target="It is Paris.") == {"string_in_input": True}
    assert score(output="Rome", target="It is Paris.") == {"string_in_input": False}
    assert score(output="", target="Paris") == score(output=None, target="Paris")
    assert score(output="", target="Paris") == {"string_in_input": False}


@given(st.text(max_size=12), st.text(max_size=12))
def test_levenshtein_with_and_without_rapidfuzz(one, other):
    """Our own distance is RapidFuzz's, whichever text comes first."""
    assert plain_levenshtein(one, other) == levenshtein(one, other) == levenshtein(other, one)


def test_levenshtein_has_weaves_key():
    """The distance counts edits; the similarity is 1 for the same."""
    found = LevenshteinScorer().score(output="kitten", target="sitting")
    assert found == {"levenshtein_distance": 3, "levenshtein_similarity": 1 - 3 / 7}
    assert LevenshteinScorer().score(output=None, target="")["levenshtein_similarity"] == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is 1,234.5.", 1234.5),
        ("3 + 4 = 7", 7),
        ("between 2-3", 3),
        ("-5 °C", -5),
        ("−5", -5),
        ("1e3", 1000),
        ("#### 42", 42),
        ("none", None),
        ("", None),
        (".5", 0.5),
        (True, None),
        (10**400, None),
    ],
)
def test_the_last_number_of_a_text_counts(text, number):
    """A number is found as people write it, and the last one is taken."""
    assert number_in(text) == number


def test_numbers_are_near_enough_by_either_tolerance():
    """An error within the absolute or the relative tolerance passes."""
    score = NumericScorer(absolute=0.5, relative=0.1).score
    assert score(output="about 109", target=100)["within_tolerance"]
    assert score(output=0.4, target=0) == {
        "within_tolerance": True,
        "absolute_error": 0.4,
        "relative_error": None,
    }
    assert not score(output="no idea", target=3)["within_tolerance"]
    assert score(output=math.inf, target=math.inf)["within_tolerance"]
    with pytest.raises(ValueError, match="needs a number as target"):
        score(output=1, target="none")


@pytest.mark.parametrize(
    ("output", "valid"),
    [
        ('{"a": [1]}', True),
        ("3", True),
        ("{'a': 1}", False),
        ("NaN", False),
        ("", False),
        (None, False),
        ({"a": 1}, False),
        ("[" * 100_000, False),
    ],
)
def test_json(output, valid):
    """JSON is what the standard says, given as a text."""
    assert ValidJSONScorer().score(output=output) == {"json_valid": valid}


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("output", "valid"),
    [
        ("<a><b/></a>", True),
        (" <a>é</a>\n", True),
        ("<a>", False),
        ("", False),
        (None, False),
        (BOMB, False),
        ("\ud800", False),
    ],
)
def test_xml(output, valid):
    """XML is well-formed; documents that define entities are refused."""
    assert ValidXMLScorer().score(output=output) == {"xml_valid": valid}


class City(pydantic.BaseModel):
    name: str
    people: int


def test_pydantic_says_where_it_does_not_fit():
    """Texts, dictionaries and objects are checked; what does not fit is named."""
    score = PydanticScorer(model=City).score
    assert score(output='{"name": "Rome", "people": 3}') == {"valid_pydantic": True}
    assert score(output=City(name="Rome", people=3))["valid_pydantic"]
    found = score(output={"name": "Rome"})
    assert found == {"valid_pydantic": False, "errors": ["people: Field required"]}
    assert not score(output="no json")["valid_pydantic"]
    with pytest.raises(pydantic.ValidationError, match="class of pydantic"):
        PydanticScorer(model=3)


def test_pydantic_models_are_part_of_the_version(client):
    """Another model is another version; one of the store can be looked at, not run."""

    class Other(pydantic.BaseModel):
        name: str

    ref = weavelite.publish(PydanticScorer(model=City), "s")
    assert ref.digest != weavelite.publish(PydanticScorer(model=Other), "s").digest
    read = ref.get()
    assert read.model["schema"]["properties"].keys() == {"name", "people"}
    with pytest.raises(weavelite.errors.EvaluationError, match="'City' of this scorer"):
        read.score(output="{}")


@given(ANYTHING, ANYTHING)
def test_any_output_is_scored_or_said_to_be_wrong(output, target):
    """Whatever comes, a score or a ValueError that says what is wrong comes of it."""
    for scorer in (ExactMatchScorer(), StringMatchScorer(), LevenshteinScorer()):
        scorer.score(output=output, target=target)
    for scorer in (ContainsScorer(), NumericScorer()):
        try:
            scorer.score(output=output, target=target)
        except ValueError:
            pass
    for scorer in (ValidJSONScorer(), ValidXMLScorer(), PydanticScorer(model=City)):
        scorer.score(output=output)
