"""A list shows of a body the part that tells most, in one line."""

from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelite import Content, Markdown
from weavelite.serialize import encode
from weavelite.store.preview import LIMIT, preview


def _read(value):
    return orjson.loads(encode(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"question": "why?"}, "why?"),
        ({"a": 1, "b": "x"}, "a: 1, b: x"),
        ({"self": "weave:///local/p/object/M:abcdef", "question": "why?"}, "why?"),
        ({"model": "weave:///local/p/object/M:abcdef"}, "M:abcd"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}, "b"),
        ({"choices": [{"message": {"role": "assistant", "content": "yes"}}]}, "yes"),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "search"}}]}, "calls search"),
        ([1, 2], "[1,2]"),
        ({"a": {"true_count": 1, "true_fraction": 0.5}, "b": {"mean": 2.5}}, "a: 50.0 %, b: 2.5"),
        ("two\nlines", "two lines"),
        ({"when": _read(datetime(2026, 1, 2))}, "2026-01-02T00:00:00"),
        ({"n": 1, "raw": _read(bytes(9))}, "n: 1, raw: <9 bytes>"),
        ([_read(Content.from_text("a")), 1], '["<text/plain, 1 bytes>",1]'),
        ({"a": _read(1 << 70), "b": _read({1})}, "a: 0x400000000000000000, b: [1]"),
        ({"a": _read(timedelta(seconds=1.5)), "b": _read(Markdown("# x"))}, "a: 1.5 s, b: # x"),
        (None, ""),
    ],
)  # fmt: skip
def test_previews_tell(value, shown):
    """Of messages the last, of one argument its value, of a ref its name."""
    assert preview(value) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("role"), inner),
    max_leaves=10,
)


@given(JSON)
def test_any_body_has_one_short_line(value):
    """Whatever a body is, its preview is one line of bounded length."""
    line = preview(value)
    assert len(line) <= LIMIT + 1 and "\n" not in line
