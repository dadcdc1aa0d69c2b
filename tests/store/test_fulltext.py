"""A search finds every call with a text, and no other, however much of the store is indexed."""

import contextlib
import tempfile
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.errors import QueryError
from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, CallWrite, OpWrite
from weavelite.store import fulltext
from weavelite.store.care import check, collect
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "answer", "llm", "d1"), OpWrite(2, PROJECT, "search", "tool", "d2")]
WORDS = ["zebra", "Ärger", "数据库", "100%", "a_b", 'say "hi"', "line\nbreak", "back\\slash", "zeb"]


def write(number, text, *, op=1, ended=True, error=None):
    return CallWrite(
        id=number.to_bytes(16),
        trace_id=number.to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span=None,
        op_key=op,
        start_ns=number * 1000,
        end_ns=number * 1000 + 5 if ended else None,
        failed=error is not None,
        inputs=orjson.dumps({"messages": [{"content": text}]}).decode(),
        output=orjson.dumps(text[::-1]).decode() if ended else None,
        rest={} if error is None else {"error": error},
        fresh=False,
    )


def found(store, text, **parts):
    return [call.id for call in store.calls(CallQuery(project=PROJECT, text=text, **parts)).calls]


def index(store, keep=0):
    while True:
        with store._transaction() as connection:
            if not fulltext.advance(connection, keep):
                return


def assert_finds_all(store, needles):
    """An index changes nothing of what is found, nor of its order."""
    indexed = [found(store, needle) for needle in needles]
    with store._transaction() as connection:
        fulltext.drop(connection)
    assert indexed == [found(store, needle) for needle in needles]


texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), min_size=1, max_size=4).map(" ".join)
long_texts = st.tuples(texts, st.integers(1, 60)).map(lambda pair: (pair[0] + " ") * pair[1])
steps = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 40), long_texts, st.booleans()),
    st.tuples(st.just("delete"), st.integers(1, 40)),
    st.tuples(st.just("index"), st.integers(0, 20)),
)


@settings(max_examples=80)
@given(st.lists(steps, max_size=60), texts)
def test_an_index_changes_nothing_of_what_is_found(history, needle):
    """Starts, ends and deletions, indexed whenever, are searched as if there were no index."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(SqliteStore(Path(folder) / "weavelite.db")) as store,
    ):
        store.ingest(Batch(ops=list(OPS)))
        for step in history:
            if step[0] == "write":
                _, number, text, ended = step
                store.ingest(Batch(ops=list(OPS), calls=[write(number, text, ended=ended)]))
            elif step[0] == "delete":
                with contextlib.suppress(LookupError):
                    store.delete_calls(PROJECT, [uuid_of_bytes(step[1].to_bytes(16))])
            else:
                index(store, keep=step[1])
        assert_finds_all(store, [*WORDS, needle, needle[1:-1], needle.upper(), "nswe", "brea"])


def fill(store, count, text="text"):
    for start in range(1, count + 1, 1000):
        store.ingest(
            Batch(
                ops=list(OPS),
                calls=[
                    write(number, f"{text} {number}", error=f"E{number}: slow")
                    for number in range(start, min(start + 1000, count + 1))
                ],
            )
        )


def test_what_is_rare_and_what_is_common_is_found(store):
    """Whether read at once or one after the other, the newest come first, and pages go on."""
    fill(store, 9000)
    while store.index():
        pass
    assert len(found(store, "text 77")) == 111
    assert found(store, "e8999: SLOW") == [uuid_of_bytes((8999).to_bytes(16))]
    assert found(store, "text 9001") == []
    newest = [uuid_of_bytes(number.to_bytes(16)) for number in range(9000, 8990, -1)]
    assert found(store, "text", limit=10) == newest
    assert found(store, "text", limit=5, before=newest[4]) == newest[5:]
    assert found(store, "answer", limit=10) == newest
    assert store.stats(CallQuery(project=PROJECT, text="text 77")).count == 111
    assert_finds_all(store, ["text 77", "slow", "E12", "7"])


def test_a_call_that_ends_after_it_was_indexed_is_found(store):
    """What came with the end is found, before and after it is indexed in its turn."""
    store.ingest(Batch(ops=list(OPS), calls=[write(500, "gazelle", ended=False)]))
    fill(store, 100, "other")
    index(store)
    assert (len(found(store, "gazelle")), len(found(store, "ellezag"))) == (1, 0)
    store.ingest(Batch(ops=list(OPS), calls=[write(500, "gazelle")]))
    assert len(found(store, "ellezag")) == 1
    fill(store, 130, "other")
    index(store)
    assert (len(found(store, "gazelle")), len(found(store, "ellezag"))) == (1, 1)
    with store._reading() as connection:
        assert connection.execute("SELECT count(*) FROM _texts_open").fetchone()[0] == 0


def test_a_null_character_hides_nothing(store):
    """What stands behind one is found, in an error and in a long text, and so are the neighbours.

    PDFs give texts such characters, and SQLite takes them for the end.
    """
    long = "page\0one " + "lorem " * 100 + "gazelle"
    store.ingest(
        Batch(
            ops=list(OPS),
            calls=[
                write(500, long),
                write(501, long),
                write(502, long + "!"),
                write(503, "short", error="No\0: \0 antelope"),
                write(504, "then the okapi"),
            ],
        )
    )
    for _ in range(2):
        found_now = [len(found(store, word)) for word in ("gazelle", "antelope", "okapi", "E\0")]
        assert found_now == [3, 1, 1, 3]
        index(store)
    inputs = store.call(PROJECT, uuid_of_bytes((501).to_bytes(16))).inputs
    assert inputs == {"messages": [{"content": long}]}


def test_a_text_that_cannot_be_searched_for_is_said(store):
    """A text that is too long is refused in words; half a character is searched for as a mark."""
    fill(store, 1)
    with pytest.raises(QueryError, match="too many"):
        found(store, "x" * 60_000)
    assert found(store, "\ud800") == []
    assert found(store, "数" * fulltext.LONGEST) == []


def test_a_collection_leaves_no_part_of_what_was_deleted_in_the_index(store_path):
    """The index is dropped with what was deleted, and made anew of what is left."""
    with contextlib.closing(SqliteStore(store_path)) as store:
        fill(store, 100)
        store.ingest(Batch(ops=list(OPS), calls=[write(500, "Xylophone-Quartz " * 50)]))
        fill(store, 600)
        index(store)
        assert len(found(store, "xylophone")) == 1
        store.delete_calls(PROJECT, [uuid_of_bytes((500).to_bytes(16))])
        assert found(store, "xylophone") == []
    collect(store_path, files=True)
    with contextlib.closing(SqliteStore(store_path)) as store:
        assert found(store, "xylophone") == []
        index(store)
        with store._reading() as connection:
            parts = connection.execute(
                "SELECT count(*) FROM _body_texts WHERE _body_texts MATCH 'xyl'"
            ).fetchone()[0]
        assert parts == 0
        assert len(found(store, "text 59")) == 11
    assert check(store_path) == []
