"""Two stores become one, in any order and again, and nothing of either is lost."""

import contextlib
import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import weavelite
from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.writes import Batch, CallWrite, FeedbackWrite, ObjectWrite, OpWrite
from weavelite.store.care import check
from weavelite.store.content_folder import write_content
from weavelite.store.merge import CHARACTERS, merge
from weavelite.store.opening import connect
from weavelite.store.sqlite import SqliteStore

PROJECTS = ("local/one", "local/two")
OPS = [OpWrite(number, PROJECTS[number], f"op{number}", "op", f"d{number}") for number in (0, 1)]


def call(number, end, failed, text):
    return CallWrite(
        id=number.to_bytes(16),
        trace_id=(number // 4 + 1).to_bytes(16),
        span_id=number.to_bytes(8),
        parent_span=(number - 1).to_bytes(8) if number % 4 else None,
        op_key=number // 4 % 2,
        start_ns=number * 1000 + 7,
        end_ns=number * 1000 + 507 if end else None,
        failed=failed and end,
        inputs=f'{{"text":"{text}"}}',
        output=f'"{text}"' if end else None,
        rest={"display_name": f"call {number}", "model": "m", "tokens": [number, *[0] * 10]}
        if number % 3 == 0
        else {"attributes": {"a": number}},
        fresh=False,
    )


CALLS = st.builds(  # an id says what the call is; how far it has come may differ
    lambda number, end: call(number, end, False, "long words " * 80 if number % 2 else "short"),
    st.integers(4, 15),
    st.booleans(),
)
FEEDBACK = st.builds(
    lambda number, on: FeedbackWrite(
        f"f{number}-{on}", PROJECTS[on // 4 % 2], uuid_of_bytes(on.to_bytes(16)), "wandb.note.1",
        {"note": f"n{number}"}, None, number,
    ),
    st.integers(1, 6),
    st.integers(4, 15),
)  # fmt: skip
OBJECTS = st.builds(
    lambda digest, at: ObjectWrite(PROJECTS[0], "thing", digest * 43, "object", None, "1", at),
    st.sampled_from("abc"),
    st.integers(1, 9),
)
HISTORIES = st.lists(
    st.one_of(
        CALLS,
        FEEDBACK,
        OBJECTS,
        st.integers(4, 15),  # deletes a call
    ),
    max_size=14,
)


def play(store, history):
    store.ingest(Batch(ops=list(OPS)))
    for event in history:
        match event:
            case CallWrite():
                store.ingest(Batch(calls=[event]))
            case FeedbackWrite():
                store.ingest(Batch(feedback=[event]))
            case ObjectWrite():
                store.ingest(Batch(objects=[event]))
            case int():
                with contextlib.suppress(weavelite.errors.NotFoundError):
                    id = uuid_of_bytes(event.to_bytes(16))
                    store.delete_calls(PROJECTS[event // 4 % 2], [id])


def content(store):
    """All that a reader sees, without the order in which it came."""
    found = {}
    for project in PROJECTS:
        calls = store.details(CallQuery(project=project, limit=None))
        found[project] = (
            sorted(map(repr, (without_order(dataclasses.asdict(one)) for one in calls))),
            sorted(one.id for one in store.feedback(project)),
            sorted(one.digest for one in versions(store, project)),
            [one.latest for one in store.objects(project)],
        )
    return found


def without_order(call):
    call["feedback"] = sorted(one["id"] for one in call["feedback"])
    if call["status"] in ("running", "interrupted"):  # who has not ended there is interrupted here
        call["status"] = "not ended"
    return call


def versions(store, project):
    with contextlib.suppress(weavelite.errors.NotFoundError):
        return store.object_versions(project, "thing")
    return []


@pytest.fixture
def stores(tmp_path_factory):
    def make(*histories):
        made = []
        for history in histories:
            path = tmp_path_factory.mktemp("merge") / "weavelite.db"
            with contextlib.closing(SqliteStore(path)) as store:
                play(store, history)
            made.append(path)
        return made

    return make


@settings(max_examples=40)
@given(HISTORIES, HISTORIES)
def test_the_order_of_merging_does_not_matter(tmp_path_factory, one, other):
    """A into B is B into A, and a second time changes nothing; the store stays sound."""
    paths = []
    for history in (one, other, one, other):
        path = tmp_path_factory.mktemp("merge") / "weavelite.db"
        with contextlib.closing(SqliteStore(path)) as store:
            play(store, history)
        paths.append(path)
    with contextlib.closing(SqliteStore(paths[0])) as first:
        merge(first, paths[1])
        merged = content(first)
        again = merge(first, paths[1])
        assert (again.calls, again.objects, again.feedback) == (0, 0, 0)
        assert content(first) == merged
    with contextlib.closing(SqliteStore(paths[3])) as second:
        merge(second, paths[2])
        assert content(second) == merged
    assert check(paths[0]) == check(paths[3]) == []


def test_what_is_merged_is_counted(stores):
    """A merge says what was new."""
    one, other = stores(
        [call(4, True, False, "a")], [call(4, True, False, "a"), call(8, True, True, "b" * 900)]
    )
    with contextlib.closing(SqliteStore(one)) as store:
        done = merge(store, other)
        assert (done.calls, done.objects, done.feedback) == (1, 0, 0)
        found = store.call(PROJECTS[0], uuid_of_bytes((8).to_bytes(16)))
        assert (found.output, found.status, found.start_us) == ("b" * 900, "error", 8)


def test_real_traces_content_and_datasets_come_along(tmp_path):
    """Two programs' traces can be read in one store, with their objects, content and prices."""

    @weavelite.op
    def say(text):
        return text

    refs = []
    for name in ("here", "there"):
        client = weavelite.init("test", store=tmp_path / name / "weavelite.db")
        _, made = say.call(f"{name} " * 300)
        made.feedback.add_note(name)
        refs.append(client.publish(weavelite.Dataset(name="rows", rows=[{"from": name}])))
        client.add_cost("m", 1.0, 2.0)
        weavelite.finish()
    write_content(tmp_path / "there" / "weavelite.db", "c" * 43, b"large")
    with contextlib.closing(SqliteStore(tmp_path / "here" / "weavelite.db")) as store:
        merge(store, tmp_path / "there" / "weavelite.db")
        assert store.file("c" * 43) == b"large"
    client = weavelite.init("test", store=tmp_path / "here" / "weavelite.db")
    assert {one.output.split()[0] for one in client.get_calls()} == {"here", "there"}
    assert [list(client.get(ref).rows) for ref in refs] == [[{"from": "here"}], [{"from": "there"}]]
    assert list(weavelite.ref("rows:latest").get().rows) == [{"from": "there"}]
    assert len(client.query_costs()) == 2


def test_a_store_of_an_older_schema_is_merged(tmp_path, stores):
    """The other store is brought to this version first."""
    from weavelite.store.schema import ensure_schema

    old = tmp_path / "old.db"
    with contextlib.closing(connect(old)) as connection:
        ensure_schema(connection, old, to=1)
    (path,) = stores([call(4, True, False, "a")])
    with contextlib.closing(SqliteStore(path)) as store:
        assert merge(store, old).calls == 0


@weavelite.op
def ask(question):
    usage = {"input_tokens": len(question), "output_tokens": 3}
    weavelite.get_current_call().summary["usage"] = {"gpt-4o": usage}
    return question


def test_what_calls_cost_is_the_same_after_a_merge(tmp_path):
    """Tokens stay those of the model that the summary names, and large calls come one by one."""
    source, target = tmp_path / "a" / "weavelite.db", tmp_path / "b" / "weavelite.db"
    weavelite.init("local/one", store=source)
    for length in (5, 700, CHARACTERS):
        ask("?" * length)
    weavelite.finish()
    query = CallQuery(project="local/one", limit=None)
    with (
        contextlib.closing(SqliteStore(target)) as store,
        contextlib.closing(SqliteStore(source)) as other,
    ):
        assert merge(store, source).calls == 3
        expected = list(other.details(query, costs=True))
        assert all(call.sum_cost for call in expected)
        assert list(store.details(query, costs=True)) == expected


def test_a_deletion_that_comes_in_is_no_negative_count(tmp_path):
    """What came in is counted without what went out."""
    source, target = tmp_path / "a" / "weavelite.db", tmp_path / "b" / "weavelite.db"
    weavelite.init("local/one", store=source)
    for text in "ab":
        ask(text)
    weavelite.finish()
    with (
        contextlib.closing(SqliteStore(target)) as store,
        contextlib.closing(SqliteStore(source)) as other,
    ):
        assert merge(store, source).calls == 2
        first = other.calls(CallQuery(project="local/one")).calls[0]
        other.delete_calls("local/one", [first.id])
        assert merge(store, source).calls == 0
        assert store.stats(CallQuery(project="local/one")).count == 1
