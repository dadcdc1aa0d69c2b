"""The laws of queries: SQL finds what reading everything and looking at it would find."""

import sqlite3

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from weavelite.errors import QueryError
from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery, FeedbackQuery, call_query, feedback_query
from weavelite.query.expressions import parse
from weavelite.records.words import SCORE, STATUSES
from weavelite.records.writes import Batch, FeedbackWrite, OpWrite
from weavelite.store import figures, fulltext, reading, tallies
from weavelite.store.functions import install
from weavelite.store.sqlite import SqliteStore

from .looking import (
    FIELDS,
    KEYS,
    KNOWN,
    LONG,
    PROJECT,
    VALUES,
    holds,
    kind_of,
    plain,
    read,
    spelled,
    write,
)

COUNT = 48


def indexed(connection):
    """Makes what a server makes beside the calls, but for the newest."""
    return sum(room.advance(connection, keep=5) for room in (tallies, figures, fulltext))


@pytest.fixture(scope="module", params=["as it came", "indexed"])
def filled(request, tmp_path_factory):
    store = SqliteStore(tmp_path_factory.mktemp("queries") / "weavelite.db")
    ops = [OpWrite(n, PROJECT, f"op{n % 2}", "op", f"digest{n}") for n in (1, 2, 3)]
    calls = [write(number) for number in range(1, COUNT + 1)]
    feedback = [
        FeedbackWrite(f"f{n:03}", PROJECT, uuid_of_bytes((n % 20 + 1).to_bytes(16)),
                      SCORE + ("judge" if n % 3 else "other"), {"output": VALUES[n % len(VALUES)]},
                      f"user{n % 2}", n * 1000)
        for n in range(60)
    ]  # fmt: skip
    store.ingest(Batch(ops=ops, calls=calls[:30]))
    store.ingest(Batch(ops=ops, calls=calls[30:], feedback=feedback))
    while request.param == "indexed" and store.write(indexed):
        pass
    yield store
    store.close()


class Everything(list):
    def __repr__(self):
        return "<everything>"


@pytest.fixture(scope="module")
def everything(filled):
    found = Everything(filled.details(CallQuery(project=PROJECT, sort=[("started_at", "asc")])))
    assert len(found) == COUNT
    with sqlite3.connect(filled.path) as connection:
        assert connection.execute("SELECT count(*) FROM bodies WHERE packed").fetchone()[0] > 10
    return found


literals = st.sampled_from([*VALUES, *KNOWN]).map(lambda value: {"$literal": value})
fields = st.sampled_from(sorted(FIELDS)).map(lambda name: {"$getField": name})
leaves = st.one_of(fields, fields, literals)


def operations(inside):
    pairs = st.tuples(inside, inside).map(list).filter(fits)
    some = st.lists(inside, min_size=1, max_size=3)
    return st.one_of(
        *(st.builds(lambda items, n=name: {n: items}, some) for name in ("$and", "$or")),
        inside.map(lambda item: {"$not": [item]}),
        *(
            st.builds(lambda pair, n=name: {n: pair}, pairs)
            for name in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
        ),
        st.tuples(inside, st.lists(literals, max_size=4)).map(list).filter(all_fit).map(
            lambda pair: {"$in": pair}
        ),
        st.builds(
            lambda text, part, folded: {
                "$contains": {"input": text, "substr": part, "case_insensitive": folded}
            },
            inside, inside, st.booleans(),
        ),
        st.builds(
            lambda item, to: {"$convert": {"input": item, "to": to}},
            inside, st.sampled_from(["string", "int", "double", "bool", "exists"]),
        ),
    )  # fmt: skip


def fits(operands):
    """A text that is compared with a time has to be one."""
    timed = any(item.get("$getField") in ("started_at", "ended_at") for item in operands)
    return not (timed and any(isinstance(plain(item.get("$literal")), str) for item in operands))


def all_fit(pair):
    return fits([pair[0], *pair[1]])


trees = st.recursive(leaves, operations, max_leaves=8)
whole = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def found_ids(store, **parts):
    return [call.id for call in store.details(CallQuery(project=PROJECT, **parts))]


OTHER_SPELLING = {"$eq": [{"$getField": "trace_id"},
                          {"$literal": "00000000-0000-0000-0000-000000000001"}]}  # fmt: skip


@given(tree=trees)
@example(tree=OTHER_SPELLING)
@settings(whole, max_examples=200)
def test_sql_finds_what_looking_finds(filled, everything, tree):
    """Any tree of operators finds the calls of which it is true, and counts as many."""
    where = parse({"$expr": tree})
    expected = [call.id for call in everything if holds(call, tree) is True]
    assert found_ids(filled, where=where, sort=[("started_at", "asc")]) == expected
    assert filled.count(CallQuery(project=PROJECT, where=where)) == len(expected)


TEXTS = sorted({text[:24] for value in VALUES for text in (plain(value),) if isinstance(text, str)})
one_field = st.builds(
    lambda root, key, how, text: {how: [{"$getField": spelled(root, key)}, {"$literal": text}]},
    st.sampled_from(["inputs", "output"]), st.sampled_from(KEYS), st.sampled_from(["$eq", "$gt"]),
    st.sampled_from([*TEXTS, *VALUES]),
)  # fmt: skip
one_part = st.builds(
    lambda root, key, part, fold: {
        "$contains": {
            "input": {"$getField": spelled(root, key)},
            "substr": {"$literal": part},
            "case_insensitive": fold,
        }
    },
    st.sampled_from(["inputs", "output"]), st.sampled_from(KEYS), st.sampled_from(TEXTS),
    st.booleans(),
)  # fmt: skip
figure = st.builds(
    lambda name, how, value: {how: [{"$getField": name}, {"$literal": value}]},
    st.sampled_from(["latency_ms", "input_tokens"]), st.sampled_from(["$gt", "$gte", "$lt", "$eq"]),
    st.sampled_from([-1, 0, 4, 9.97, 10, 10.5, 30, True, "4"]),
)  # fmt: skip
column = st.builds(
    lambda name, make: make({"$getField": name}),
    st.sampled_from(["error", "model", "thread_id"]),
    st.sampled_from([
        lambda field: {"$convert": {"input": field, "to": "exists"}},
        lambda field: {"$in": [field, [{"$literal": "gpt"}, {"$literal": "t1"}]]},
        lambda field: {"$or": [{"$eq": [field, {"$literal": "gpt"}]},
                               {"$gt": [field, {"$literal": "U"}]}]},
        lambda field: {"$contains": {"input": field, "substr": {"$literal": "VALUE"},
                                     "case_insensitive": True}},
        lambda field: {"$in": [field, [{"$literal": "t0"}, {"$literal": None}]]},
    ]),
)  # fmt: skip


named = st.builds(
    lambda name: {"$eq": [{"$getField": "op_name"}, {"$literal": name}]},
    st.sampled_from(["op0", "op1", "nobody"]),
)


@given(
    trees=st.lists(one_field | one_part | figure | column | named, min_size=1, max_size=2),
    roots=st.booleans(), statuses=st.lists(st.sampled_from(STATUSES), max_size=2, unique=True),
)  # fmt: skip
@settings(whole, max_examples=400)
def test_what_is_known_beforehand_changes_nothing(filled, everything, trees, roots, statuses):
    """What indexes or tallies know of finds what reading each call finds."""
    tree = {"$and": trees}
    expected = [
        call.id
        for call in everything
        if holds(call, tree) is True
        and not (roots and call.parent_span_id)
        and (not statuses or call.status in statuses)
    ]
    query = {"where": parse({"$expr": tree}), "statuses": statuses, "trace_roots_only": roots}
    for way, found in (("asc", expected), ("desc", expected[::-1])):
        assert found_ids(filled, **query, sort=[("started_at", way)]) == found
    assert filled.stats(CallQuery(project=PROJECT, **query)).count == len(expected)


def rank(value):
    order = {bool: 2, str: 1, float: 0}[kind_of(value)]
    return (order, value)


@given(
    names=st.lists(st.tuples(st.sampled_from(sorted(FIELDS)), st.sampled_from(["asc", "desc"])),
                   min_size=1, max_size=3),
    offset=st.integers(0, COUNT + 2), limit=st.one_of(st.none(), st.integers(0, COUNT)),
    page=st.integers(1, 20),
)  # fmt: skip
@settings(whole, max_examples=80)
def test_order_and_pages_agree_with_a_sorted_list(filled, everything, names, offset, limit, page):
    """Calls come by their fields, numbers before texts before booleans, and without one last."""
    expected = sorted(everything, key=lambda call: call.id, reverse=names[-1][1] == "desc")
    for name, direction in reversed(names):
        values = {call.id: read(call, FIELDS[name]) for call in expected}
        there = [call for call in expected if values[call.id] is not None]
        gone = [call for call in expected if values[call.id] is None]
        there.sort(key=lambda call, v=values: rank(v[call.id]), reverse=direction == "desc")
        expected = there + gone
    stop = None if limit is None else offset + limit
    wanted = [call.id for call in expected[offset:stop]]
    assert found_ids(filled, sort=names, offset=offset, limit=limit, page_size=page) == wanted


HOSTILE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
              st.sampled_from(["inputs.a", "?", "' OR 1=1 --", "\ud800", "inputs.\ud800", 2**70])),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(
            st.sampled_from(["$and", "$or", "$not", "$eq", "$gt", "$in", "$contains", "$convert",
                             "$getField", "$literal", "input", "substr", "to", "x", "$regex"]),
            inside, max_size=2,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@given(tree=HOSTILE, name=st.text(max_size=12) | st.just("inputs.\udfff"))
@settings(whole, max_examples=200)
def test_hostile_input_is_a_query_error(filled, tree, name):
    """Whatever is asked, the answer is calls or a QueryError, never an error of SQL."""
    equal = {"$eq": [{"$getField": name}, {"$literal": name}]}
    for parts in ({"query": {"$expr": tree}}, {"query": tree}, {"sort_by": [{"field": name}]},
                  {"sort_by": tree}, {"columns": [name]}, {"filter": {"op_names": [name]}},
                  {"scored_by": name}, {"filter": {"text": name}}, {"filter": {name: tree}},
                  {"filter": {"thread_ids": tree}}, {"filter": {"call_ids": tree}},
                  {"query": {"$expr": equal}}):  # fmt: skip
        try:
            list(filled.details(call_query(PROJECT, **parts)))
        except QueryError:
            continue
    try:
        filled.find_feedback(feedback_query(PROJECT, {"$expr": tree}))
    except QueryError:
        pass


@pytest.mark.parametrize("shape", ["and", "or", "deep", "in", "not"])
def test_large_queries_run(filled, shape):
    """A query at the limits of size and depth is within those of SQLite; a larger one is not."""
    leaf = {"$gt": [{"$convert": {"input": {"$getField": "inputs.a"}, "to": "int"}},
                    {"$getField": "output.a"}]}  # fmt: skip

    def tree(size):
        if shape in ("and", "or"):
            return {f"${shape}": [leaf] * (size // 4)}
        if shape == "in":
            return {"$in": [{"$getField": "inputs.a"}, list(range(size * 30))]}
        made = leaf
        for step in range(size * 13 // 499):
            made = {"$not": [made]} if shape == "not" else {("$and", "$or")[step % 2]: [made, leaf]}
        return made

    found_ids(filled, where=parse({"$expr": tree(499)}))
    with pytest.raises(QueryError):
        parse({"$expr": tree(640)})


def test_fields_of_weave(filled, everything):
    """What Weave works out in `summary.weave` can be asked for by its name; times as texts, too."""

    def ask(name, field, value):
        tree = {"$expr": {name: [{"$getField": field}, {"$literal": value}]}}
        return len(found_ids(filled, where=parse(tree)))

    assert ask("$eq", "summary.weave.status", "error") == ask("$eq", "status", "error") > 0
    assert ask("$gt", "summary.weave.latency_ms", 5) == ask("$gt", "latency_ms", 5) > 0
    assert ask("$gte", "started_at", "1970-01-01T00:00:30Z") == ask("$gte", "started_at", 30) == 29
    for wrong, hint in (("input.a", "inputs"), ("modle", "model"), ("feedback.x", "feedback")):
        with pytest.raises(QueryError, match=hint):
            ask("$eq", wrong, 1)


def test_filters_agree_with_looking(filled, everything):
    """Ops by name or version, turns, refs and scorers find the calls that have them."""

    def ask(filter=None, **parts):
        return {call.id for call in filled.details(call_query(PROJECT, filter, **parts))}

    ref = f"weave:///{PROJECT}/op/op1"
    of_op1 = {call.id for call in everything if call.op_name == "op1"}
    assert ask({"op_names": ["op1"]}) == ask({"op_names": [f"{ref}:*"]}) == of_op1
    assert ask({"op_names": [f"{ref}:digest1"]}) == {
        call.id for call in everything if call.op_digest == "digest1"
    }
    turn = uuid_of_bytes((2).to_bytes(16))
    assert ask({"turn_ids": [turn]}) == {c.id for c in everything if c.turn_id == turn} != set()
    assert ask(scored_by=["judge", "other"]) == {
        call.id for call in everything if len({item.type for item in call.feedback}) == 2
    }
    assert ask({"wb_user_ids": ["me"]}) == ask({"call_ids": []}) == set()
    assert len(ask({"wb_user_ids": None, "op_names": None})) == COUNT
    with pytest.raises(QueryError, match="op_names"):
        ask({"op_name": ["x"]})
    with pytest.raises(QueryError, match="is a list"):
        ask({"op_names": "op1"})


def test_refs_are_found_wherever_they_are(store):
    """Calls are found by a ref in their inputs or output, of one version or of any."""
    ref = "weave:///local/queries/object/model:v1"
    ops = [OpWrite(1, PROJECT, "op", "op", "d")]
    bodies = [{"model": ref}, {"deep": [{"x": ref}]}, {"big": [ref, LONG], "again": [LONG, LONG]},
              {"big": [ref, LONG]}, {"not": ref + "0"}, {"text": "see " + ref}]  # fmt: skip
    for number, inputs in enumerate(bodies, 1):
        call = write(number)._replace(inputs=orjson.dumps(inputs).decode(), op_key=1, output=None)
        store.ingest(Batch(ops=ops, calls=[call._replace(rest={})]))

    def ask(**filter):
        return sorted(int(call.id[-2:], 16) for call in store.details(call_query(PROJECT, filter)))

    assert ask(input_refs=[ref]) == [1, 2, 3, 4]
    assert ask(input_refs=[ref.replace("v1", "*")]) == [1, 2, 3, 4, 5]
    assert ask(output_refs=[ref]) == []


def test_feedback_is_found_by_its_fields(filled):
    """Feedback is found by type, payload, call and creator, oldest first, in pages."""

    def ask(tree=None, **parts):
        query = None if tree is None else {"$expr": tree}
        return filled.find_feedback(feedback_query(PROJECT, query, **parts))

    every = filled.find_feedback(FeedbackQuery(project=PROJECT))
    assert [item.id for item in every] == [f"f{n:03}" for n in range(60)]
    of_judge = ask({"$eq": [{"$getField": "feedback_type"}, {"$literal": SCORE + "judge"}]})
    assert of_judge == [item for item in every if item.type == SCORE + "judge"]
    true = ask({"$eq": [{"$getField": "payload.output"}, {"$literal": True}]})
    assert true == [item for item in every if item.payload["output"] is True] != []
    call = every[3].call_id
    ref = f"weave:///{PROJECT}/call/{call}"
    assert ask({"$eq": [{"$getField": "weave_ref"}, {"$literal": ref}]}) == [
        item for item in every if item.call_id == call
    ]
    assert ask(offset=5, limit=3) == every[5:8]
    assert filled.find_feedback(feedback_query(PROJECT, "f007")) == [every[7]]
    with pytest.raises(QueryError, match="payload"):
        ask({"$eq": [{"$getField": "paylod"}, {"$literal": 1}]})


def test_bodies_are_read_only_of_calls_that_pass_what_is_cheap(filled):
    """A condition on a column settles a call before one on a body is looked at, however written."""
    on_body = {"$eq": [{"$getField": "inputs.a"}, {"$literal": 1}]}
    on_column = {"$eq": [{"$getField": "model"}, {"$literal": "none has it"}]}
    looked = []
    with filled._reading() as connection:
        connection.create_function("json_at", 3, lambda *arguments: looked.append(arguments))
        try:
            for tree in (
                {"$and": [on_body, on_column]},
                {"$not": [{"$or": [on_body, {"$not": [on_column]}]}]},
            ):
                query = CallQuery(project=PROJECT, where=parse({"$expr": tree}))
                assert reading.count(connection, 1, query) == 0
        finally:
            install(connection)
    assert looked == []
