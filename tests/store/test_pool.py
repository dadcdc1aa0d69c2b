"""What is large is kept once, comes back as it was, is found, and goes with its last user."""

import contextlib
import sqlite3

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.written import call_write
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, OpWrite
from weavelite.store.opening import connect
from weavelite.store.packed import MARK
from weavelite.store.recent import BLOCK
from weavelite.store.schema import VERSION, ensure_schema
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "chat", "llm", "d1")]


def write(number, inputs, output=None, **fields):
    answer = None if output is None else orjson.dumps(output).decode()
    return call_write(number, inputs=orjson.dumps(inputs).decode(), output=answer, **fields)


def ingest(store, *calls):
    store.ingest(Batch(ops=list(OPS), calls=list(calls)))


def bodies(store):
    """The inputs and outputs of all calls, oldest first."""
    found = store.details(CallQuery(project=PROJECT, sort=[("started_at", "asc")], limit=None))
    return [(call.inputs, call.output) for call in found]


def count(store, table):
    with contextlib.closing(connect(store.path)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def found(store, text):
    page = store.calls(CallQuery(project=PROJECT, text=text))
    return sorted(int(call.id.replace("-", ""), 16) for call in page.calls)


def chat(turns):
    """Yields the messages before each answer, and the answer."""
    messages = [{"role": "system", "content": "You are patient. " * 40}]
    for turn in range(turns):
        messages.append({"role": "user", "content": f"Question {turn}: " + "why is it so? " * 20})
        call = {"name": "search", "arguments": orjson.dumps({"query": f"q{turn}"}).decode()}
        messages.append({"role": "assistant", "content": None, "tool_calls": [
            {"id": f"call_{turn}", "type": "function", "function": call}]})  # fmt: skip
        found = f"Result {turn}: " + "it is known that " * 30
        messages.append({"role": "tool", "tool_call_id": f"call_{turn}", "content": found})
        answer = {"role": "assistant", "content": f"Answer {turn}: " + "because of that " * 30}
        yield list(messages), answer
        messages.append(answer)


LARGE = st.sampled_from(["x" * 300, "y" * 600, MARK + "z" * 300, "é" * 256])
TEXTS = st.text(max_size=8) | LARGE | st.sampled_from([MARK, MARK + ":\x81", MARK + "+\x81", "…"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.dictionaries(TEXTS, JSON, max_size=3), JSON), min_size=1, max_size=6))
def test_bodies_come_back_as_they_were(tmp_path_factory, pairs):
    """Whatever a body holds, references in the user's own text included, it is read as written."""
    path = tmp_path_factory.mktemp("pool") / "weavelite.db"
    with contextlib.closing(SqliteStore(path)) as store:
        for round in range(2):  # what is known is packed in other ways than what is new
            ingest(store, *(write(100 * round + n, *pair) for n, pair in enumerate(pairs, 1)))
        assert bodies(store) == pairs * 2


def test_a_chat_takes_the_room_of_its_text(store_path):
    """A chat of 100 turns with tools takes at most twice the room of its distinct text."""
    turns = list(chat(100))
    SqliteStore(store_path).close()
    empty = store_path.stat().st_size
    with contextlib.closing(SqliteStore(store_path)) as store:
        for number, (messages, answer) in enumerate(turns, 1):
            ingest(store, write(number, {"model": "m", "messages": messages}, answer))
        assert bodies(store)[-1] == ({"model": "m", "messages": turns[-1][0]}, turns[-1][1])
    distinct = sum(len(orjson.dumps(message)) for message in (*turns[-1][0], turns[-1][1]))
    assert store_path.stat().st_size - empty <= 2 * distinct


def test_a_text_that_comes_again_is_kept_once_more_and_then_never(store):
    """A long text in many calls is stored at most twice: where it came first, and in the pool."""
    text = "A long document. " * 400
    for number in range(1, 21):
        ingest(store, write(number, {"number": number, "document": text}))
    with contextlib.closing(connect(store.path)) as connection:
        stored = connection.execute(
            "SELECT (SELECT sum(length(inputs)) FROM bodies), (SELECT sum(length(value)) FROM pool)"
        ).fetchone()
    assert sum(stored) < 2.2 * len(text)
    assert {inputs["document"] for inputs, _ in bodies(store)} == {text}


def test_small_bodies_touch_no_pool(store):
    """A body of a few hundred bytes rests as it is, in its row alone."""
    ingest(store, *(write(n, {"question": "why?" * 50}, "because" * 20) for n in range(1, 9)))
    assert count(store, "pool") == count(store, "pool_uses") == 0


def test_text_is_found_in_every_call_that_holds_it(store):
    """A search finds the turn in which a text came up, and every later turn that repeats it."""
    for number, (messages, answer) in enumerate(chat(12), 1):
        ingest(store, write(number, {"messages": messages}, answer))
    assert found(store, "Question 7") == list(range(8, 13))
    assert found(store, "Answer 10") == [11, 12]
    assert found(store, "no such text") == []


def test_a_search_finds_text_with_quotes_and_lines(store):
    """Text is found as it reads, not as JSON writes it, in small bodies and in large ones."""
    said = 'He said "now"\nand left. '
    ingest(store, write(1, {"a": said}), write(2, {"a": said * 40}), write(3, {}, said * 40))
    assert found(store, 'said "now"\nand') == [1, 2, 3]


def test_references_are_not_found_as_numbers(store):
    """A number that is searched for is not found in how the store refers to its pool."""
    for number in range(1, 30):
        ingest(store, write(number, {"document": "some words " * 100}, f"{'words' * 100}"))
    assert all(found(store, str(number)) == [] for number in range(40))


def test_a_deleted_call_takes_what_only_it_used(store):
    """The texts of a deleted call go with it, unless another call uses them."""
    turns = list(chat(6))
    for number, (messages, answer) in enumerate(turns, 1):
        ingest(store, write(number, {"messages": messages}, answer))
    id = "00000000-0000-0000-0000-00000000000{}".format
    store.delete_calls(PROJECT, [id(6)])
    assert found(store, "Question 5") == []
    assert [inputs["messages"] for inputs, _ in bodies(store)] == [m for m, _ in turns[:5]]
    store.delete_calls(PROJECT, [id(n) for n in range(1, 6)])
    assert [count(store, name) for name in ("pool", "pool_links", "pool_uses")] == [0, 0, 0]


def test_deleted_texts_can_come_again_in_another_process(store_path):
    """A writer that knows a text learns that another has deleted it, and keeps it anew."""
    text = "words that come and go " * 30
    with (
        contextlib.closing(SqliteStore(store_path)) as one,
        contextlib.closing(SqliteStore(store_path)) as other,
    ):
        ingest(one, write(1, {}, text))
        ingest(other, write(2, {}, text))
        ids = [f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2)]
        other.delete_calls(PROJECT, ids)
        ingest(one, write(3, {}, text))
        assert bodies(one) == [({}, text)]


def test_an_end_that_replaces_a_start_leaves_nothing_behind(store):
    """The bodies of a running call are replaced by those of its end, uses of the pool included."""
    first, last = "before " * 100, "after " * 100
    for number in (1, 2, 3):
        ingest(store, write(number, {"a": first}))
    ingest(store, write(4, {"a": first}, end_ns=None, fresh=False))
    ingest(store, write(4, {"a": first, "b": last}, last, fresh=False))
    assert bodies(store)[-1] == ({"a": first, "b": last}, last)
    assert found(store, "after") == [4]


def test_a_bad_record_leaves_the_pool_usable(store):
    """After a record that cannot be stored, others are, and are read as written."""
    text = "long enough to be pooled " * 30
    bad = write(2, {"a": text}, text)._replace(start_ns=2**70)
    ingest(store, write(1, {}, text), bad, write(3, {"a": text}, text + "!"))
    ingest(store, write(4, {"a": text}, text + "?"))
    assert bodies(store) == [({}, text), ({"a": text}, text + "!"), ({"a": text}, text + "?")]


def test_what_is_old_is_kept_once_more(store):
    """Only the newest two blocks of the pool are looked through; older entries still read."""
    text = "words of long ago " * 30
    ingest(store, write(1, {}, text))
    with contextlib.closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'pool'", [3 << BLOCK])
    with contextlib.closing(SqliteStore(store.path)) as later:
        ingest(later, write(2, {}, text))
        assert count(later, "pool") == 2
        assert bodies(later) == [({}, text)] * 2


def test_a_deep_body_comes_back(store):
    """A body with more levels than the pool looks into is kept as it came."""
    deep = {"text": "words " * 100}
    for _ in range(200):
        deep = {"in": deep}
    for number in (1, 2, 3):
        ingest(store, write(number, deep, {"a": MARK + "words " * 100}))
    assert bodies(store) == [(deep, {"a": MARK + "words " * 100})] * 3


@pytest.mark.parametrize("version", range(1, VERSION))
def test_older_stores_are_migrated(store_path, version):
    """A store of each older schema opens, keeps its calls, and takes new ones."""
    body = orjson.dumps({"a": MARK + ":\x81" + "words " * 200}).decode()
    with contextlib.closing(connect(store_path)) as connection:
        ensure_schema(connection, store_path, to=version)
        connection.execute("INSERT INTO projects VALUES (1, 'local', 'test')")
        connection.execute("INSERT INTO ops VALUES (1, 1, 'chat', 'llm', 'd1', NULL, 0, 0)")
        connection.execute(
            "INSERT INTO calls(seq, id, trace_id, span_id, project_id, op_key, start_ns, end_ns,"
            " status) VALUES (1, ?, ?, ?, 1, 1, 1000, 2000, 1)",
            (b"\0" * 15 + b"\1", b"\0" * 15 + b"\1", b"\0" * 7 + b"\1"),
        )
        connection.execute("INSERT INTO bodies(seq, inputs) VALUES (1, ?)", (body,))
    with contextlib.closing(SqliteStore(store_path)) as store:
        ingest(store, write(2, orjson.loads(body)))
        assert bodies(store) == [(orjson.loads(body), None)] * 2
