"""The laws of queries as data: names of fields, and what users may ask."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.errors import QueryError
from weavelite.query import Field, Literal, call_query
from weavelite.query.expressions import parse, seconds
from weavelite.query.fields import call_field, split


@given(st.lists(st.text(), min_size=1))
def test_any_keys_can_be_spelled(parts):
    """Dots and backslashes in keys are written with a backslash, and the name is split again."""
    name = ".".join(part.replace("\\", "\\\\").replace(".", "\\.") for part in parts)
    assert split(name) == parts


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("op_name", Field("op_name")),
        ("inputs", Field("inputs")),
        ("inputs.messages.0.content", Field("inputs", ("messages", "0", "content"))),
        ("attributes.env", Field("rest", ("attributes", "env"))),
        ("summary.weave.status", Field("status")),
        ("summary.weave.other", Field("rest", ("summary", "weave", "other"))),
        ("feedback.[wandb.runnable.a.b].payload.output",
         Field("feedback", ("payload", "output"), "wandb.runnable.a.b")),
    ],
)  # fmt: skip
def test_names_of_fields(name, field):
    """A name is a column, a path into a body, or a path into feedback of a type."""
    assert call_field(name) == field


@pytest.mark.parametrize("name", ["", "input.x", "op_names", "exception.x", "feedback.x", "a\\", 3])
def test_what_is_no_field_is_refused(name):
    """An unknown field is an error that names the known ones."""
    with pytest.raises(QueryError):
        call_field(name)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))
def test_times_are_compared_to_the_microsecond(time):
    """A datetime, with any zone or none, and its text are the same time."""
    there = time.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=5)))
    for value in (time, there, there.isoformat()):
        tree = parse({"$expr": {"$gt": [{"$getField": "started_at"}, {"$literal": value}]}})
        assert tree.operands[1] == Literal(seconds(time))
    assert round(seconds(time) * 1e6) == (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("filter", "hint"),
    [
        ({"op_name": ["x"]}, "op_names"),
        ({"op_names": "x"}, r"\['x'\]"),
        (["x"], "dictionary"),
        ({"call_ids": ["x"]}, "not an id"),
        ({"statuses": ["done"]}, "interrupted"),
        ({"thread_ids": ["\ud800"]}, "no text"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(filter, hint):
    """An error of a filter says what to write instead."""
    with pytest.raises(QueryError, match=hint):
        call_query("p", filter)


@pytest.mark.parametrize(
    ("tree", "hint"),
    [
        ({"$gtt": []}, "gt"),
        ({"$eq": [{"$literal": 1}]}, "list of 2"),
        ({"$and": []}, "empty"),
        ({"$in": [{"$literal": 1}, {"$literal": 1}]}, "list of two"),
        ({"$in": [{"$literal": 1}, [{"$getField": "id"}]]}, "literal"),
        ({"$contains": {"input": {"$literal": "a"}}}, "substr"),
        ({"$convert": {"input": {"$literal": "a"}, "to": "date"}}, "double"),
        ({"$eq": [{"$getField": "started_at"}, {"$literal": "soon"}]}, "2026"),
        ({"$literal": float("nan")}, "NaN"),
        ({"$literal": object()}, "JSON"),
        ({"$eq": 1, "$ne": 2}, "one key"),
    ],
)
def test_an_expression_that_cannot_be_meant_is_refused(tree, hint):
    """An error of an expression says how the operator is written."""
    with pytest.raises(QueryError, match=hint):
        parse({"$expr": tree})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": "3"}, "limit is a whole number"),
        ({"limit": -1}, "limit is a whole number"),
        ({"limit": True}, "limit is a whole number"),
        ({"offset": 1.5}, "offset is a whole number"),
        ({"page_size": 0}, "page_size is a whole number, 1 or more"),
        ({"sort_by": "started_at"}, "sort_by is a list"),
        ({"sort_by": {"field": "started_at"}}, "sort_by is a list"),
        ({"sort_by": [{"field": 5}]}, "sort_by is a list"),
        ({"sort_by": ["started_at"]}, "sort_by is a list"),
        ({"sort_by": [{"field": "started_at", "direction": "up"}]}, "use asc or desc"),
        ({"sort_by": 5}, "sort_by is a list"),
    ],
)
def test_what_is_of_the_wrong_type_is_refused(asked, said):
    """Numbers and orders that are none are errors that say what to write."""
    with pytest.raises(QueryError, match=said):
        call_query("local/test", **asked)
