"""Ids are ordered by time; digests are those of Weave."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from weavelite import ids

TIMES = st.integers(0, (1 << 48) * 1_000_000 - 1)
BITS = st.integers(0, (1 << 62) - 1)


@given(TIMES, BITS)
def test_an_id_is_a_uuid_of_version_7(now_ns, bits):
    """Version, variant and milliseconds stand where RFC 9562 puts them."""
    made = uuid.UUID(ids.uuid_text(*ids.new_id(now_ns, bits)))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == now_ns // 1_000_000


@given(TIMES, TIMES, BITS, BITS)
def test_ids_are_ordered_by_time(a, b, bits_a, bits_b):
    """Of two times that are 244 ns apart or more, the later has the greater id."""
    if abs(a - b) >= 245:
        assert (ids.new_id(a, bits_a) < ids.new_id(b, bits_b)) == (a < b)


@given(st.binary(min_size=16, max_size=16))
def test_a_uuid_can_be_read_back(raw):
    """Writing 16 bytes as a UUID and reading it gives the bytes, with dashes or without."""
    text = ids.uuid_of_bytes(raw)
    assert ids.uuid_bytes(text) == ids.uuid_bytes(text.replace("-", "")) == raw


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8), TIMES)
def test_a_foreign_span_has_one_id(trace_id, span_id, start_ns):
    """The id of a span that came twice is the same, and begins with its start."""
    made = ids.id_of_span(trace_id, span_id, start_ns)
    assert made == ids.id_of_span(trace_id, span_id, start_ns)
    assert int.from_bytes(made[:6]) == start_ns // 1_000_000


def test_digests_are_weaves():
    """Values, rows, tables and objects without ops have the digests of Weave 0.54."""
    plain = ids.digest_json({"hello": "world"})
    assert plain == "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE"
    rows = [ids.digest_json({"a": 1}), ids.digest_json({"a": 2})]
    assert rows[0] == "XdhgKMbg1k4iUYb5astpM4ssWXZN95FiEH9cS7NNExA"
    table = "1c95cdc46a75d6e7e971986a80adfcd676dd22f2222a3405c7743f3db8df6785"
    assert ids.digest_table(rows) == table
