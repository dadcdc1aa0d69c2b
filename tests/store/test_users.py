"""The figures of users are those of their traces, and what they cost is what calls cost."""

import contextlib
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weavelite.ids import uuid_of_bytes
from weavelite.query import CallQuery, search_query
from weavelite.records.writes import Batch, Progress
from weavelite.store import ledger, users
from weavelite.store.opening import connect
from weavelite.store.schema import ensure_schema
from weavelite.store.sqlite import SqliteStore

from .test_overview import GPT, OPS, PROJECT, START, stored, write

ORDERS = ("traces", "errors", "latency", "tokens", "cost")
PEOPLE = ("ada", "bob", "ünü")


def named(user):
    return {"attributes": {"user_id": user}} if user else {}


def ids(page):
    return {call.id for call in page.calls}


def told(store, start=START, end=START + 40 * 86_400):
    """Tells all that users and models are told of, in every order; sums of costs are rounded."""
    found = {order: store.users(PROJECT, start, end, order) for order in ORDERS}
    for answer in found.values():
        for each in answer.users:
            each.cost = round(each.cost, 12)
    spend = store.spend(PROJECT, start, end)
    for spent in (*spend.bars, *spend.models, *spend.ops):
        spent.cost = round(spent.cost, 12)
    ops = sorted(spend.ops, key=lambda spent: spent.name)
    return found, spend.bars, sorted(spend.models, key=lambda spent: spent.model), ops


def forget_the_ledger(connection):
    for table in ("_users", "_spent", "_users_spent"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE _marks SET upto = 0 WHERE name = ?", (ledger.MARK,))


calls = st.fixed_dictionaries(
    {
        "second": st.integers(START, START + 4 * 3600) | st.integers(START, START + 39 * 86_400),
        "below": st.none() | st.integers(1, 10),
        "latency_ms": st.integers(0, 10**7),
        "failed": st.booleans(),
        "user": st.none() | st.sampled_from(PEOPLE),
        "model": st.none() | st.sampled_from([GPT, "gpt-4o", "nobody-knows-it"]),
        "tokens": st.integers(1, 5000),
    }
)
steps = st.one_of(
    st.tuples(st.just("start"), st.sets(st.integers(1, 10), min_size=1)),
    st.tuples(st.just("write"), st.sets(st.integers(1, 10), min_size=1)),
    st.tuples(st.just("write"), st.sets(st.integers(1, 10), min_size=1)),
    st.tuples(st.just("delete"), st.integers(1, 10)),
    st.tuples(st.just("map"), st.integers(1, 10)),
    st.tuples(st.just("die"), st.none()),
    st.tuples(st.just("enter"), st.integers(0, 3)),
)


def made(known):
    """Makes calls of descriptions; each is below one that has a lower number, or none."""
    found = {}
    for number, call in enumerate(known, start=1):
        usage = {"model": call["model"], "input_tokens": call["tokens"], "output_tokens": 3}
        above = found.get(call["below"]) if call["below"] and call["below"] < number else None
        one = write(
            number,
            call["second"],
            failed=call["failed"],
            latency_ms=call["latency_ms"],
            usage={**named(call["user"]), **(usage if call["model"] else {})},
        )
        if above is not None:
            one = one._replace(trace_id=above.trace_id, parent_span=above.span_id)
        found[number] = one
    return found


def run(store, known, history):
    found = made(known)
    for at, (what, value) in enumerate(history):
        if what == "delete":
            with contextlib.suppress(LookupError):
                store.delete_calls(PROJECT, [uuid_of_bytes(found[value].id)])
        elif what == "map":
            anew = ("UPDATE calls SET op_key = 2 WHERE id = ?", (found[value].id,))
            store.write(lambda connection, anew=anew: connection.execute(*anew))
        elif what == "enter":
            store.write(lambda connection, keep=value: ledger.advance(connection, keep=keep))
        else:
            batch = Batch(ops=list(OPS), calls=[found[number] for number in sorted(value or ())])
            if what == "start":
                batch.calls = [c._replace(end_ns=None, failed=False) for c in batch.calls]
            store.ingest(batch, Progress(f"s{at}", 0, 1, "process", what == "die"))


@settings(max_examples=120)
@given(st.lists(calls, min_size=10, max_size=10), st.lists(steps, max_size=10))
def test_the_ledger_agrees_with_the_calls(known, history):
    """Whatever came, changed or went, whenever it was entered, sums are those of calls."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.closing(SqliteStore(Path(folder) / "weavelite.db")) as store,
    ):
        store.ingest(Batch(ops=list(OPS)))
        run(store, known, history)
        entered = told(store)
        store.write(forget_the_ledger)
        assert entered == told(store)


@settings(max_examples=60)
@given(st.lists(calls, min_size=10, max_size=10), st.booleans())
def test_users_cost_what_their_calls_cost(known, entered):
    """Tokens and costs of users, with those of nobody, are those of the calls, each once."""
    found = made(known)
    names = {}
    for number in sorted(found):  # who is named first names the trace
        call, user = found[number], known[number - 1]["user"]
        if user:
            names.setdefault(call.trace_id, user)
    cost, traces = defaultdict(float), defaultdict(int)
    with stored(found.values()) as store:
        if entered:
            store.write(lambda connection: ledger.advance(connection, keep=0))
        wanted = store.users(PROJECT, START, START + 40 * 86_400)
        every = store.details(CallQuery(project=PROJECT), costs=True)
        of_calls = {call.id: call for call in every}
        reports = store.write(
            lambda c: c.execute(
                "SELECT c.id FROM usage u JOIN calls c ON c.seq = u.seq WHERE NOT u.nested"
            ).fetchall()
        )
        spend = store.spend(PROJECT, START, START + 40 * 86_400)
    of_users = {
        number: known[number - 1]["user"] or names.get(call.trace_id)
        for number, call in found.items()
    }
    counted = {row[0] for row in reports}
    for number, call in found.items():
        user = of_users[number]
        traces[user] += call.parent_span is None
        if call.id in counted:
            cost[user] += of_calls[uuid_of_bytes(call.id)].sum_cost or 0
    assert {each.user: each.traces for each in wanted.users} == {
        user: traces[user] for user in set(of_users.values()) if user
    }
    for each in wanted.users:
        assert each.cost == pytest.approx(cost[each.user])
    for told in (spend.models, spend.ops):
        assert sum(cost.values()) == pytest.approx(sum(each.cost for each in told))


def test_a_trace_is_of_whom_any_of_its_calls_names():
    """A user named below the root, or at one span of many, has the trace, whatever comes first."""
    root = write(1, START)
    child = write(2, START, parent=root.id, usage=named("ada"))
    other = write(3, START, parent=root.id)
    orders = ([root, child, other], [other, child, root], [child, root, other])
    for order in orders:
        with stored([]) as store:
            for call in order:
                store.ingest(Batch(ops=list(OPS), calls=[call]))
            assert [u.user for u in store.users(PROJECT, START, START + 1).users] == ["ada"]
            for roots in (True, False):
                found = store.calls(
                    search_query(PROJECT, "user:ada", now_ns=0, roots_only=roots, limit=9)
                )
                assert len(found.calls) == (1 if roots else 3)


@pytest.mark.parametrize(
    ("attributes", "user"),
    [
        ({"user_id": "ada"}, "ada"),
        ({"userId": 1042}, "1042"),
        ({"metadata": {"user_id": "ada"}}, "ada"),
        ({"user": {"name": "ada"}}, None),
        ({"user_id": " ", "user": "bob"}, "bob"),
        ({"user_id": True}, None),
        ("no attributes", None),
    ],
)
def test_a_call_names_its_user_in_its_attributes(attributes, user):
    """Texts and numbers name users, under the names that programs give them."""
    assert users.user_of({"attributes": attributes}) == user


def test_the_first_users_are_those_who_have_most():
    """However many there are, few are told of, and how many are not."""
    calls = [
        write(number, START, failed=number % 7 == 0, latency_ms=number % 13,
              usage={**named(f"u{number % 20:02}"), "model": GPT, "input_tokens": number,
                     "output_tokens": 1})
        for number in range(1, 200)
    ]  # fmt: skip
    of = {"latency": "mean_us"}
    with stored(calls, indexed=True) as store:
        every = store.users(PROJECT, START, START + 1, limit=20)
        for order in ORDERS:
            first = store.users(PROJECT, START, START + 1, order, limit=5)
            name = of.get(order, order)
            assert len(first.users) == 5 and first.more == 15
            most = sorted((getattr(each, name) for each in every.users), reverse=True)[:5]
            assert [getattr(each, name) for each in first.users] == most


def test_users_of_an_older_store_are_found(store_path):
    """Calls that were there before users were known are looked through, and entered."""
    with contextlib.closing(connect(store_path)) as connection:
        ensure_schema(connection, store_path, to=10)
        connection.execute("INSERT INTO projects(entity, name) VALUES ('local', 'test')")
        connection.execute("INSERT INTO ops VALUES (1, 1, 'answer', 'op', 'd1', NULL, 0, 0)")
        for n in range(1, 5001):
            trace = (n + n % 2).to_bytes(16)  # every second is a root, with one that tells below it
            rest = f'{{"attributes":{{"user_id":"u{n % 10}"}}}}' if n % 2 else None
            connection.execute(
                "INSERT INTO calls(seq, id, trace_id, span_id, parent_span, project_id, op_key,"
                " start_ns, end_ns, status) VALUES (?1, ?2, ?3, ?4, ?5, 1, 1, ?6, ?6 + 1000, 1)",
                (n, (START * 1000).to_bytes(6) + n.to_bytes(10), trace, n.to_bytes(8),
                 (n + 1).to_bytes(8) if n % 2 else None, START * 10**9),
            )  # fmt: skip
            connection.execute("INSERT INTO bodies VALUES (?, '{}', NULL, ?, 0)", (n, rest))
    with contextlib.closing(SqliteStore(store_path)) as store:
        while store.index():
            pass
        found = store.users(PROJECT, START - 20 * 86_400, START + 20 * 86_400)
        assert {each.user: each.traces for each in found.users} == {
            f"u{n}": 500 for n in (1, 3, 5, 7, 9)
        }
        store.write(forget_the_ledger)
        assert found == store.users(PROJECT, START - 20 * 86_400, START + 20 * 86_400)
