"""Texts and traces are compared: the same is the same, whichever way one looks."""

import copy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from weavelite.differences import Node, compare_traces, tree_of, word_changes

WORDS = st.text(alphabet="ab .,\n", max_size=40)


@given(WORDS, WORDS)
def test_changes_make_both_texts(before, after):
    """What is the same and removed is the old text; what is the same and added, the new one."""
    changes = word_changes(before, after)
    assert "".join(text for kind, text in changes if kind != "added") == before
    assert "".join(text for kind, text in changes if kind != "removed") == after


@st.composite
def trees(draw, depth=3):
    """A call with children that run one after the other."""
    node = Node(
        id=draw(st.uuids()).hex,
        name=draw(st.sampled_from("fgh")),
        inputs={"x": draw(st.integers(0, 2))},
        output=draw(st.one_of(st.none(), st.integers(0, 2))),
        error=draw(st.sampled_from([None, None, "ValueError"])),
    )
    if depth:
        node.children = draw(st.lists(trees(depth=depth - 1), max_size=3))
    return timed(node, 0)


def timed(node, start):
    node.start_us = start
    at = start + 1
    for child in node.children:
        timed(child, at)
        at = child.end_us + 1
    node.end_us = at
    return node


def parallel(node):
    """The same tree, in which all siblings ran at once."""
    for each in node.walk():
        each.start_us, each.end_us = 0, 10
    return node


def turned(node):
    """The same tree with all siblings the other way round."""
    node.children = [turned(child) for child in reversed(node.children)]
    return node


@given(trees())
def test_a_trace_is_itself(tree):
    """A trace equals itself, whatever its ids and times are."""
    other = timed(copy.deepcopy(tree), 1000)
    for node in other.walk():
        node.id += "2"
    found = compare_traces(tree, other)
    assert found.is_same and found.same == found.before == found.after


@given(trees(), trees())
def test_it_is_symmetric(one, other):
    """Seen from the other side the same call diverges in the same way."""
    there, back = compare_traces(one, other), compare_traces(other, one)
    assert (there.same, there.before) == (back.same, back.after)
    assert (there.first is None) == (back.first is None)
    if there.first is not None:
        assert there.first.what == back.first.what
        assert there.first.path[1:] == back.first.path[1:]
        if there.first.what not in ("order", "calls"):
            assert (there.first.before, there.first.after) == (back.first.after, back.first.before)


@given(trees())
def test_the_order_of_what_ran_in_parallel_does_not_matter(tree):
    """Equal calls that ran at the same time are equal in any order."""
    other = turned(copy.deepcopy(tree))
    assert compare_traces(parallel(tree), parallel(other)).is_same


@given(trees(), st.data())
def test_one_change_is_found(tree, data):
    """When one call alone has another output, it is the one that is found."""
    other = copy.deepcopy(tree)
    at = data.draw(st.integers(0, sum(1 for _ in tree.walk()) - 1))
    changed = list(other.walk())[at]
    changed.output = "another"
    found = compare_traces(tree, other)
    assert found.first.what == "output" and found.first.after is changed
    assert found.same == found.before - 1


@given(trees(), st.data())
def test_a_call_more_is_found(tree, data):
    """A call that only one trace has is named, with the way to it."""
    other = copy.deepcopy(tree)
    parent = data.draw(st.sampled_from(list(other.walk())))
    parent.children.append(Node(id="new", name="extra"))
    found = compare_traces(tree, timed(other, 0))
    assert found.first.what == "calls"
    assert found.first.before is None and found.first.after.id == "new"
    assert found.first.path[-1] == parent.name


def test_what_comes_first_is_found_first():
    """The cause comes before what follows from it: a tool's output before the answer's."""
    tool = Node(id="2", name="tool", output="old", start_us=1, end_us=2)
    root = Node(id="1", name="agent", output="old", children=[tool], end_us=3)
    other = copy.deepcopy(root)
    other.output = other.children[0].output = "new"
    assert compare_traces(root, other).first.path == ["agent", "tool"]
    other.inputs = {"q": "other"}
    assert compare_traces(root, other).first.what == "inputs"


def test_another_order_is_found_where_calls_ran_after_each_other():
    """Sequential siblings that changed places diverge, although they are equal as a set."""
    one = Node(id="1", name="f", children=[Node(id="2", name="a"), Node(id="3", name="b")])
    other = turned(copy.deepcopy(one))
    assert compare_traces(timed(one, 0), timed(other, 0)).first.what == "order"


def test_a_call_in_the_place_of_another():
    """Where one trace calls something else, both are named at once."""
    one = timed(Node(id="1", name="f", children=[Node(id="2", name="a")]), 0)
    other = replace(one, children=[replace(one.children[0], name="b")])
    first = compare_traces(one, other).first
    assert (first.what, first.before.name, first.after.name) == ("calls", "a", "b")


def test_a_trace_of_several_roots():
    """Several roots stand below one `trace`."""
    tree = tree_of([Node(id="1", name="a"), Node(id="2", name="b")], {})
    assert tree.name == "trace" and [child.name for child in tree.children] == ["a", "b"]
