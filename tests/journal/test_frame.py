"""A reader of the journal finds every record that is whole, and trusts no other."""

from hypothesis import given
from hypothesis import strategies as st

from weavelite.journal.frame import MAGIC, frame, read_frames

RECORDS = st.lists(st.tuples(st.integers(1, 8), st.binary(max_size=60)), max_size=8)


def written(records):
    return b"".join(frame(kind, payload) for kind, payload in records)


def found(reading):
    return [(kind, bytes(payload)) for kind, payload in reading.frames]


@given(RECORDS)
def test_what_is_written_is_read(records):
    """All records are read, in order, and the reader stands at the end."""
    data = written(records)
    reading = read_frames(data, closed=True)
    assert found(reading) == records
    assert (reading.end, reading.damage.frames) == (len(data), 0)


@given(RECORDS, st.data())
def test_a_cut_loses_the_cut_record_only(records, data):
    """A journal cut at any byte gives all records before the cut; a live one waits for the rest."""
    whole = written(records)
    cut = data.draw(st.integers(0, len(whole)))
    before = [r for i, r in enumerate(records) if len(written(records[: i + 1])) <= cut]
    live = read_frames(whole[:cut], closed=False)
    assert found(live) == before
    assert live.end == len(written(before))
    dead = read_frames(whole[:cut], closed=True)
    assert found(dead) == before
    assert dead.end == cut
    assert (dead.damage.bytes > 0) == (cut > live.end)


@given(RECORDS.filter(bool), st.data())
def test_a_flipped_bit_loses_one_record(records, data):
    """A bit flipped anywhere loses the record it is in; all others are read."""
    whole = bytearray(written(records))
    at = data.draw(st.integers(0, len(whole) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    whole[at] ^= bit
    hit = next(i for i in range(len(records)) if at < len(written(records[: i + 1])))
    kept = found(read_frames(bytes(whole), closed=True))
    others = records[:hit] + records[hit + 1 :]
    version_byte = at - len(written(records[:hit])) == len(MAGIC)
    assert kept == (records if version_byte else others)


@given(st.binary(max_size=300))
def test_rubbish_is_skipped(rubbish):
    """A record that stands behind any bytes is found."""
    record = (4, b"payload")
    assert found(read_frames(rubbish + frame(*record), closed=True))[-1] == record


def test_a_partial_large_record_is_not_yet():
    """Half of an 8 MB record of a live process is neither read nor skipped."""
    data = frame(4, b"x" * 8_000_000)
    reading = read_frames(data[:4_000_000], closed=False)
    assert (reading.frames, reading.end, reading.damage.bytes) == ([], 0, 0)
