"""Aliases move, tags stay, and both can be taken back."""

import pytest

import weavelite
from weavelite.errors import InvalidNameError, NotFoundError, NotStartedError


@pytest.fixture
def versions(client):
    return [weavelite.publish({"n": n}, "thing") for n in range(2)]


def test_aliases_of_a_version(versions):
    """Names point at one version each; `latest` is always there."""
    first, second = versions
    weavelite.set_aliases(first, ["production", "best"])
    weavelite.set_aliases("thing:v1", "best")
    assert weavelite.get_aliases(first) == ["production"]
    assert weavelite.get_aliases(str(second)) == ["best", "latest"]
    assert weavelite.ref("thing:best").get() == {"n": 1}
    assert weavelite.list_aliases() == ["best", "production"]
    weavelite.remove_aliases(first, ["production", "best"])
    assert weavelite.list_aliases() == ["best"]


def test_tags_of_a_version(versions):
    """A version has many tags, a tag many versions."""
    first, second = versions
    weavelite.add_tags(first, ["reviewed", "small"])
    weavelite.add_tags(second, "reviewed")
    assert weavelite.get_tags("thing:v0") == ["reviewed", "small"]
    assert weavelite.list_tags() == ["reviewed", "small"]
    weavelite.remove_tags(first, ["small", "unknown"])
    assert weavelite.get_tags_and_aliases(first) == (["reviewed"], [])


def test_a_version_is_published_with_its_labels(client):
    """Tags and aliases can be given with the value."""
    ref = weavelite.publish({"n": 1}, "thing", tags=["new"], aliases=["candidate"])
    assert weavelite.get_tags_and_aliases(ref) == (["new"], ["candidate", "latest"])


@pytest.mark.parametrize("name", ["latest", "v3", "two words", "a/b", "", "a:b"])
def test_names_that_cannot_be_read_back_are_refused(versions, name):
    """An alias is no version, and fits into a ref."""
    with pytest.raises(InvalidNameError):
        weavelite.set_aliases(versions[0], name)
    with pytest.raises(InvalidNameError):
        weavelite.publish({"n": 1}, "thing", aliases=[name])


def test_what_has_no_versions_is_said(client):
    """Objects alone have labels, and those that are there."""
    with pytest.raises(NotFoundError, match="There is no object 'nothing'"):
        weavelite.add_tags("nothing", "x")
    with pytest.raises(NotFoundError, match="is not an object"):
        weavelite.set_aliases("weave:///local/test/op/f:abc", "x")
    weavelite.finish()
    with pytest.raises(NotStartedError):
        weavelite.list_tags()
