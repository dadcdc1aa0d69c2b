"""The laws that every store keeps."""

import pytest

from weavelite.errors import NotFoundError, QueryError
from weavelite.ids import canonical_json, digest_json, digest_table, uuid_of_bytes
from weavelite.query import CallQuery
from weavelite.records.words import (
    NOTE,
    REACTION,
)
from weavelite.records.writes import (
    Batch,
    CallWrite,
    FeedbackWrite,
    ObjectWrite,
    OpWrite,
    Progress,
    TableWrite,
)
from weavelite.store.sqlite import SqliteStore

PROJECT = "local/test"
OPS = [OpWrite(1, PROJECT, "answer", "llm", "d1"), OpWrite(2, PROJECT, "search", "tool", "d2")]


@pytest.fixture(params=["sqlite"])
def any_store(request, store):
    """Each implementation of the store, empty."""
    return {"sqlite": store}[request.param]


def call_id(number):
    return number.to_bytes(16)


def write(number, *, op=1, parent=None, trace=None, end=True, failed=False, inputs="{}", **rest):
    return CallWrite(
        id=call_id(number),
        trace_id=call_id(trace or number),
        span_id=number.to_bytes(8),
        parent_span=parent.to_bytes(8) if parent else None,
        op_key=op,
        start_ns=number * 1000,
        end_ns=number * 1000 + 500_000 if end else None,
        failed=failed,
        inputs=inputs,
        output=rest.pop("output", None),
        rest=rest,
        fresh=rest.pop("fresh", end),
    )


def ingest(store, *calls, **parts):
    return store.ingest(Batch(ops=list(OPS), calls=list(calls), **parts))


def ids(page):
    return [int(call.id.replace("-", ""), 16) for call in page.calls]


def query(**parts):
    return CallQuery(project=PROJECT, **parts)


def test_a_call_comes_back_whole(any_store):
    """What was written of a call is read: bodies, tokens, error, attributes."""
    ingest(
        any_store,
        write(1),
        write(2, parent=1, trace=1, op=2, failed=True, inputs='{"q": "ä"}', output="[1]",
              error="E: x", exception="trace", attributes={"env": "prod"}, model="m",
              input_tokens=3, output_tokens=4, sum_tokens=7, summary={"note": 1}),
    )  # fmt: skip
    call = any_store.call(PROJECT, uuid_of_bytes(call_id(2)))
    assert (call.op_name, call.kind, call.status) == ("search", "tool", "error")
    assert (call.inputs, call.output) == ({"q": "ä"}, [1])
    assert (call.error, call.exception) == ("E: x", "trace")
    assert (call.model, call.input_tokens, call.output_tokens, call.sum_tokens) == ("m", 3, 4, 7)
    assert (call.attributes, call.summary) == ({"env": "prod"}, {"note": 1})
    assert call.parent_id == uuid_of_bytes(call_id(1))
    assert (call.start_us, call.end_us) == (2, 502)


def test_an_end_beats_a_start(any_store):
    """A call that was shown as running is one ended call after its end, in either order."""
    ingest(any_store, write(1, end=False))
    ingest(any_store, write(1, fresh=False, output='"done"'))
    ingest(any_store, write(1, end=False))
    (call,) = any_store.details(query())
    assert (call.status, call.output) == ("success", "done")


def test_an_ended_call_never_changes(any_store):
    """Whatever comes later for a call that has ended leaves it as it is."""
    ingest(any_store, write(1, fresh=False, output='"first"'))
    before = any_store.call(PROJECT, uuid_of_bytes(call_id(1)))
    ingest(any_store, write(1, fresh=False, output='"second"', failed=True, error="no"))
    assert any_store.call(PROJECT, uuid_of_bytes(call_id(1))) == before


def test_children_may_come_before_parents(any_store):
    """A child that arrives first finds its parent when it comes."""
    ingest(any_store, write(2, parent=1, trace=1))
    ingest(any_store, write(1))
    assert any_store.call(PROJECT, uuid_of_bytes(call_id(2))).parent_id == uuid_of_bytes(call_id(1))


def test_pages_by_key_hold_everything_once(any_store):
    """Following `next` gives every call once, newest first, also while newer ones arrive."""
    ingest(any_store, *(write(n) for n in range(1, 24)))
    page = any_store.calls(query(limit=10))
    seen = ids(page)
    ingest(any_store, write(24))
    while page.next is not None:
        page = any_store.calls(query(limit=10, before=page.next))
        seen += ids(page)
    assert seen == list(range(23, 0, -1))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"op_names": ["search"]}, [4, 2]),
        ({"op_names": ["nothing"]}, []),
        ({"statuses": ["error"]}, [3]),
        ({"statuses": ["running"]}, [4]),
        ({"statuses": ["error", "running"]}, [4, 3]),
        ({"trace_roots_only": True}, [4, 3, 1]),
        ({"text": "NEEDLE"}, [3]),
        ({"text": "100%"}, [1]),
        ({"text": "search"}, [4, 2]),
        ({"parent_ids": [uuid_of_bytes(call_id(1))]}, [2]),
        ({"call_ids": [uuid_of_bytes(call_id(2)), uuid_of_bytes(call_id(3))]}, [3, 2]),
        ({"trace_ids": [call_id(1).hex()]}, [2, 1]),
        ({"thread_ids": ["t"]}, [3]),
        ({"limit": 2, "offset": 1}, [3, 2]),
        ({"sort": [("started_at", "asc")]}, [1, 2, 3, 4]),
        ({"sort": [("op_name", "asc")]}, [1, 3, 2, 4]),
        ({"limit": 0}, []),
    ],
)
def test_filters(any_store, parts, expected):
    """A query finds the calls that it describes, and no others."""
    ingest(
        any_store,
        write(1, inputs='{"x": "100%"}'),
        write(2, op=2, parent=1, trace=1),
        write(3, failed=True, output='"a needle"', thread_id="t"),
        write(4, op=2, end=False),
    )
    assert ids(any_store.calls(query(**parts))) == expected


def test_a_query_that_makes_no_sense_is_refused():
    """A status, an order or an id that cannot be is refused by name."""
    for parts in ({"statuses": ["done"]}, {"sort": [("cost", "asc")]}, {"before": "x"}):
        with pytest.raises(QueryError):
            query(**parts)


def test_stats_sum_up_what_a_query_finds(any_store):
    """Counts, errors, latencies and tokens are of the calls that the query finds."""
    ingest(
        any_store,
        *(write(n, failed=n == 3, input_tokens=n, output_tokens=1) for n in range(1, 11)),
        write(11, op=2),
    )
    stats = any_store.stats(query(op_names=["answer"]))
    assert (stats.count, stats.errors) == (10, 1)
    assert (stats.p50_us, stats.p95_us) == (500, 500)
    assert stats.tokens == 65
    assert sum(bucket.count for bucket in stats.histogram) == 10
    assert any_store.stats(query(op_names=["none"])).histogram == []


def test_tokens_of_traces_are_those_of_all_their_calls(any_store):
    """The sum over roots has what their descendants used; over all calls it is the same."""
    ingest(
        any_store,
        write(1, sum_tokens=7),
        write(2, parent=1, trace=1, input_tokens=3, output_tokens=4, sum_tokens=7),
        write(3, input_tokens=5),
    )
    assert any_store.stats(query(trace_roots_only=True)).tokens == 12
    assert any_store.stats(query()).tokens == 12


def test_deleting_takes_all_below(any_store):
    """A deleted call takes its descendants, bodies and feedback with it; its siblings stay."""
    ingest(
        any_store,
        write(1), write(2, parent=1, trace=1), write(3, parent=2, trace=1),
        write(4, parent=1, trace=1),
        feedback=[FeedbackWrite("f", PROJECT, uuid_of_bytes(call_id(3)), NOTE, {}, None, 1)],
    )  # fmt: skip
    assert any_store.delete_calls(PROJECT, [uuid_of_bytes(call_id(2))]) == 2
    assert ids(any_store.calls(query())) == [4, 1]
    assert any_store.feedback(PROJECT) == []
    with pytest.raises(NotFoundError):
        any_store.call(PROJECT, uuid_of_bytes(call_id(3)))
    ingest(any_store, write(3, parent=2, trace=1, fresh=False))
    assert ids(any_store.calls(query())) == [4, 1]


def test_feedback_is_attached_once_and_taken_back(any_store):
    """Feedback is shown with its call, stored once however often it is sent, and can be purged."""
    ingest(any_store, write(1))
    identity = uuid_of_bytes(call_id(1))
    item = FeedbackWrite("f1", PROJECT, identity, REACTION, {"emoji": "👍"}, None, 5000)
    any_store.add_feedback(item)
    ingest(any_store, feedback=[item])
    (shown,) = any_store.calls(query()).calls
    assert shown.reactions == ["👍"]
    assert [entry.id for entry in any_store.call(PROJECT, identity).feedback] == ["f1"]
    assert any_store.delete_feedback(PROJECT, "f1") == 1
    assert any_store.feedback(PROJECT, identity) == []


def test_feedback_needs_its_call(any_store):
    """Feedback on a call that is not there is refused."""
    ingest(any_store, write(1))
    item = FeedbackWrite("f", PROJECT, uuid_of_bytes(call_id(9)), NOTE, {}, None, 1)
    with pytest.raises(NotFoundError):
        any_store.add_feedback(item)


def publish(store, name, value, at=1):
    text = canonical_json(value)
    item = ObjectWrite(PROJECT, name, digest_json(value), "object", None, text, at)
    ingest(store, objects=[item])
    return item.digest


def test_versions_count_distinct_contents(any_store):
    """The same content again is the same version, and `latest` is what was published last."""
    first, second = publish(any_store, "thing", {"a": 1}), publish(any_store, "thing", {"a": 2})
    publish(any_store, "thing", {"a": 1})
    versions = any_store.object_versions(PROJECT, "thing")
    assert [version.digest for version in versions] == [second, first]
    assert any_store.object_version(PROJECT, "thing", "latest").digest == first
    assert any_store.object_version(PROJECT, "thing", "v1").value == {"a": 2}
    assert any_store.object_version(PROJECT, "thing", first[:10]).value == {"a": 1}


def test_aliases_move(any_store):
    """An alias names a version until it is pointed at another."""
    first, second = publish(any_store, "thing", {"a": 1}), publish(any_store, "thing", {"a": 2})
    any_store.set_alias(PROJECT, "thing", "production", first)
    assert any_store.object_version(PROJECT, "thing", "production").digest == first
    any_store.set_alias(PROJECT, "thing", "production", second)
    found = any_store.object_version(PROJECT, "thing", "production")
    assert (found.digest, sorted(found.aliases)) == (second, ["latest", "production"])


def test_aliases_can_be_taken_away(any_store):
    """What is taken away names nothing, may be set again, and is listed only while it is there."""
    first, _ = publish(any_store, "thing", {"a": 1}), publish(any_store, "thing", {"a": 2})
    any_store.set_alias(PROJECT, "thing", "production", "v0")
    assert any_store.aliases(PROJECT) == ["production"]
    any_store.set_alias(PROJECT, "thing", "production", None)
    assert any_store.aliases(PROJECT) == []
    with pytest.raises(NotFoundError):
        any_store.object_version(PROJECT, "thing", "production")
    any_store.set_alias(PROJECT, "thing", "production", "v0")
    assert any_store.object_version(PROJECT, "thing", "production").digest == first


def test_the_history_of_labels_is_kept(any_store):
    """Where each alias pointed and which tags there were is told, newest first."""
    first, second = publish(any_store, "thing", {"a": 1}), publish(any_store, "thing", {"a": 2})
    any_store.set_alias(PROJECT, "thing", "production", first)
    any_store.set_alias(PROJECT, "thing", "production", second)
    any_store.set_alias(PROJECT, "thing", "production", None)
    any_store.set_tag(PROJECT, "thing", first, "good")
    found = any_store.label_changes(PROJECT, "thing")
    told = [(one.kind, one.label, one.is_set, one.digest) for one in found][:4]
    assert told == [
        ("tag", "good", True, first),
        ("alias", "production", False, second),
        ("alias", "production", True, second),
        ("alias", "production", True, first),
    ]
    (summary,) = any_store.objects(PROJECT)
    assert (summary.aliases, summary.tags, summary.latest) == ({}, {"good": 0}, second)


def test_objects_tell_what_they_hold(any_store):
    """The refs in the value of a version are told, wherever they are in it, each once."""
    ref = f"weave:///{PROJECT}/object/thing:abc"
    publish(any_store, "thing", {"a": 1})
    digest = publish(any_store, "other", {"x": [{"y": ref}], "z": ref, "text": "weave:///"})
    (held,) = any_store.held_refs(PROJECT)
    assert (held.name, held.digest, held.refs) == ("other", digest, [ref])


def test_tags_are_put_on_versions(any_store):
    """A tag is on the versions that it was put on, until it is taken off."""
    first, second = publish(any_store, "thing", {"a": 1}), publish(any_store, "thing", {"a": 2})
    for version in (first, "v1"):
        any_store.set_tag(PROJECT, "thing", version, "reviewed")
    any_store.set_tag(PROJECT, "thing", first, "good")
    any_store.set_tag(PROJECT, "thing", second, "reviewed", is_set=False)
    found = {one.digest: one.tags for one in any_store.object_versions(PROJECT, "thing")}
    assert found == {first: ["good", "reviewed"], second: []}
    assert any_store.tags(PROJECT) == ["good", "reviewed"]


def test_tables_are_paged_and_shared(any_store):
    """The rows of a table come in pages, in order; equal rows of two tables rest once."""
    rows = [(digest_json({"n": n}), canonical_json({"n": n})) for n in range(25)]
    table = TableWrite(digest_table([row[0] for row in rows]), rows)
    ingest(any_store, tables=[table, table])
    page = any_store.table_rows(table.digest, limit=10)
    values = [row.value["n"] for row in page.rows]
    while page.next is not None:
        page = any_store.table_rows(table.digest, page.next, 10)
        values += [row.value["n"] for row in page.rows]
    assert values == list(range(25))
    assert any_store.rows([rows[3][0], "none"]) == {rows[3][0]: {"n": 3}}


def test_ops_have_versions_with_code(any_store):
    """An op's versions are counted, and hold the code that was filed for them."""
    version = OpWrite(3, PROJECT, "answer", "llm", "d3", code="file")
    ingest(any_store, write(1), files=[("file", b"def answer(): ...")])
    any_store.ingest(Batch(ops=[version], calls=[write(5, op=3)]))
    found = any_store.op_version(PROJECT, "answer", "latest")
    assert (found.digest, found.version, found.calls) == ("d3", 1, 1)
    assert found.code == "def answer(): ..."
    summary = next(op for op in any_store.ops(PROJECT) if op.name == "answer")
    assert (summary.calls, summary.versions) == (2, 2)


def test_what_is_not_there_is_not_found(any_store):
    """Asking for what is not there raises NotFoundError, by name."""
    publish(any_store, "thing", {"a": 1})
    for ask in (
        lambda: any_store.object_version(PROJECT, "none", "latest"),
        lambda: any_store.object_version(PROJECT, "thing", "v9"),
        lambda: any_store.op_version(PROJECT, "none", "latest"),
        lambda: any_store.table_rows("none"),
        lambda: any_store.file("none"),
        lambda: any_store.trace(PROJECT, "0" * 31 + "9"),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_a_project_that_is_not_there_is_empty(any_store):
    """Lists of an unknown project are empty."""
    assert any_store.calls(CallQuery(project="local/none")).calls == []
    assert any_store.objects("local/none") == any_store.ops("local/none") == []


def test_a_cursor_moves_only_from_where_it_is(any_store):
    """A batch whose cursor has been moved by another writes nothing."""
    progress = Progress("segment", 0, 10)
    assert any_store.ingest(Batch(ops=list(OPS), calls=[write(1)]), progress)
    assert not any_store.ingest(Batch(ops=list(OPS), calls=[write(2)]), progress)
    assert ids(any_store.calls(query())) == [1]
    assert any_store.position("segment") == 10
    any_store.ingest(Batch(), Progress("segment", 10, 12, finished=True))
    assert any_store.position("segment") is None


def test_a_bad_record_is_set_aside(any_store, caplog):
    """A record that cannot be stored costs itself only, and is said; the next ones are stored."""
    bad = write(2)._replace(inputs=None)
    feedback = [
        FeedbackWrite("f1", PROJECT, "not an id", NOTE, {}, None, 1),
        FeedbackWrite("f2", PROJECT, uuid_of_bytes(call_id(1)), NOTE, {}, None, 1),
    ]
    ops = [*OPS, OpWrite(9, "a/b/c", "odd", "op")]
    any_store.ingest(Batch(ops=ops, calls=[write(1), bad, write(3)], feedback=feedback))
    assert ids(any_store.calls(query())) == [3, 1]
    assert [item.id for item in any_store.feedback(PROJECT)] == ["f2"]
    assert len(caplog.records) == 3


def test_one_span_twice_in_a_batch_is_one_call(any_store):
    """Two ends of one span, as a fork inside of an op leaves them, are one call: the first."""
    ingest(any_store, write(1, output='"a"'), write(1, output='"b"'), write(2))
    assert [call.output for call in any_store.details(query(sort=[("started_at", "asc")]))] == [
        "a",
        None,
    ]


def test_revision_changes_with_the_store(any_store, store_path):
    """The revision is another after a write, of this or of another connection."""
    before = any_store.revision()
    assert any_store.revision() == before
    ingest(any_store, write(1))
    after = any_store.revision()
    other = SqliteStore(store_path)
    ingest(other, write(2))
    other.close()
    assert len({before, after, any_store.revision()}) == 3
