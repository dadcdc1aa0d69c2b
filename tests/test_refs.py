"""Addresses are read as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite.errors import InvalidNameError
from weavelite.refs import Project, Ref, is_ref, object_name, parse_project, parse_ref

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
STEPS = st.tuples(st.sampled_from(["attr", "key", "index", "id"]), st.text(min_size=1, max_size=9))


@given(NAMES, NAMES, st.sampled_from(["object", "op"]), NAMES, NAMES, st.lists(STEPS, max_size=3))
def test_a_ref_is_read_as_written(entity, project, kind, name, version, steps):
    """Reading the text of a ref gives the ref, whatever characters are in its path."""
    extra = tuple(part for step in steps for part in step)
    ref = Ref(Project(entity, project), kind, name, version, extra)
    assert parse_ref(str(ref)) == ref
    assert is_ref(str(ref))


@given(st.text())
def test_anything_can_be_a_name(text):
    """A name that a ref can carry is made of any text with a letter or digit, or refused."""
    try:
        name = object_name(text)
    except InvalidNameError:
        return
    assert "/" not in name and ":" not in name and 0 < len(name) <= 128


@pytest.mark.parametrize("text", ["", "a/b/c", "/x", "x/", "a:b", "a\nb", "-x", "x" * 129])
def test_bad_project_names_are_refused(text):
    """A project name that an address cannot carry is refused with what is allowed."""
    with pytest.raises(InvalidNameError, match="use 'name' or 'entity/name'"):
        parse_project(text)


def test_a_plain_project_is_local():
    """A project without an entity belongs to `local`."""
    assert str(parse_project("demo")) == "local/demo"
    assert str(parse_project("team/demo")) == "team/demo"
