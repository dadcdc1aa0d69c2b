"""However a journal is cut, drained and damaged, the store has each whole record once."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.journal.test_drain import OP, call_payload
from weavelite.journal import entries
from weavelite.journal.drain import Drain, drain_all
from weavelite.journal.frame import Kind
from weavelite.journal.segment import Journal, journal_folder
from weavelite.query import CallQuery
from weavelite.store.sqlite import SqliteStore

APPEND = st.tuples(st.just("append"), st.integers(1, 40), st.integers(0, 3000))
STEPS = st.one_of(
    APPEND,
    APPEND,
    st.tuples(st.just("drain"), st.integers(0, 1), st.integers(1, 5000)),
    st.tuples(st.just("seal"), st.just(0), st.just(0)),
    st.tuples(st.just("rubbish"), st.just(0), st.integers(1, 50)),
    st.tuples(st.just("again"), st.just(0), st.just(0)),
)


def stored(store):
    found = store.calls(CallQuery(project="local/test", limit=None)).calls
    return sorted(call.start_us for call in found)


@settings(max_examples=50)
@given(st.lists(STEPS, max_size=25))
def test_a_drain_is_exact_and_idempotent(tmp_path_factory, steps):
    """Appends, pieces of two drains, seals, rubbish and repeated records in any order end alike."""
    path = tmp_path_factory.mktemp("law") / "weavelite.db"
    journal = Journal(path)
    written, last = set(), None
    with contextlib.closing(SqliteStore(path)) as one, contextlib.closing(SqliteStore(path)) as two:
        drains = [Drain(one, path), Drain(two, path)]
        for kind, which, size in steps:
            if kind == "append" or (kind == "again" and last):
                payload = last
                if kind == "append":
                    number = which * 1000
                    payload = call_payload(number, inputs=b'{"x":"%s"}' % (b"y" * size))
                    written.add(number // 1000)
                journal.append(*entries.pack(OP))
                journal.append(Kind.END, payload)
                last = payload
            elif kind == "drain":
                drains[which].step(size)
            elif kind == "seal":
                journal.seal()
            elif kind == "rubbish" and journal.path is not None and journal.path.exists():
                with journal.path.open("ab") as file:
                    file.write(b"\xd7Wv" + b"z" * size)
        journal.seal()
        drain_all(one, path)
        assert stored(one) == sorted(written)
        drain_all(two, path)
        assert stored(two) == sorted(written)
        for drain in drains:
            drain.close()
    assert not list(journal_folder(path).glob("*.wlj"))
