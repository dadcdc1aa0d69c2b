"""Threads: conversations of a project, listed by what happened last, and their turns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.test_contract import PROJECT, any_store, call_id, ingest, write
from weavelite.errors import NotFoundError
from weavelite.ids import uuid_of_bytes
from weavelite.store import threads
from weavelite.store.sqlite import SqliteStore

__all__ = ["any_store"]


def in_thread(number, thread, **more):
    return write(number, thread_id=thread, **more)


def names(page):
    return [thread.id for thread in page.threads]


def numbers(page):
    return [int(call.id.replace("-", ""), 16) for call in page.calls]


def test_threads_come_by_their_newest_call_in_pages(any_store):
    """The thread in which something happened last is first; pages neither repeat nor omit one."""
    ingest(any_store, *[in_thread(n + 1, f"t{n % 7}") for n in range(30)], write(40))
    whole = any_store.threads(PROJECT)
    assert names(whole) == ["t1", "t0", "t6", "t5", "t4", "t3", "t2"] and whole.next is None
    paged, before = [], None
    while True:
        page = any_store.threads(PROJECT, before=before, limit=2)
        paged += names(page)
        if (before := page.next) is None:
            break
    assert paged == names(whole)
    assert any_store.threads("local/other").threads == []


def test_figures_of_a_thread_are_those_of_its_turns(any_store):
    """Turns, calls, errors, what runs, tokens and times are summed up; the newest turn is told."""
    usage = {"model": "m", "summary": {"usage": {"m": {"input_tokens": 3, "output_tokens": 4}}}}
    ingest(
        any_store,
        in_thread(1, "a", inputs='{"q":"first"}', output='"one"'),
        in_thread(2, "a", parent=1, trace=1, failed=True),
        in_thread(3, "a", inputs='{"q":"second"}', output='"two"'),
        in_thread(4, "a", parent=3, trace=3, **usage),
        in_thread(5, "a", parent=4, trace=3, end=False),
    )
    thread = any_store.thread(PROJECT, "a")
    assert (thread.turns, thread.calls, thread.errors, thread.running) == (2, 5, 1, 1)
    assert (thread.first_us, thread.last_us, thread.sum_tokens, thread.more) == (1, 504, 7, False)
    assert (thread.latest.input_preview, thread.latest.output_preview) == ("second", "two")
    assert any_store.threads(PROJECT).threads == [thread]
    with pytest.raises(NotFoundError):
        any_store.thread(PROJECT, "b")


def test_turns_are_the_calls_below_none_of_their_thread(any_store):
    """A turn may be a root or below other calls; what is below a turn is none, at any depth."""
    ingest(
        any_store,
        write(1),
        in_thread(2, "a", parent=1, trace=1),
        write(3, parent=2, trace=1),
        in_thread(4, "a", parent=3, trace=1),
        in_thread(5, "b", parent=4, trace=1),
        in_thread(6, "a", parent=1, trace=1),
        in_thread(7, "a"),
    )
    assert numbers(any_store.turns(PROJECT, "a")) == [7, 6, 2]
    assert numbers(any_store.turns(PROJECT, "b")) == [5]
    first = any_store.turns(PROJECT, "a", limit=2)
    assert numbers(first) == [7, 6]
    assert numbers(any_store.turns(PROJECT, "a", before=first.next, limit=2)) == [2]


def test_a_text_finds_threads_by_name_and_by_what_was_said(any_store):
    """A text is looked for in ids and in all calls, below the turns, too, in either case."""
    ingest(
        any_store,
        in_thread(1, "parcel-1", inputs='{"q":"hello"}'),
        in_thread(2, "x"),
        in_thread(3, "x", parent=2, trace=2, inputs='{"q":"Where is my Parcel?"}'),
        in_thread(4, "x"),
        in_thread(5, "y", inputs='{"q":"50% off"}'),
        write(6, inputs='{"q":"parcel"}'),
    )
    found = any_store.threads(PROJECT, "parcel")
    assert names(found) == ["x", "parcel-1"]
    assert [(thread.latest.id, thread.newest) for thread in found.threads] == [
        (uuid_of_bytes(call_id(turn)), uuid_of_bytes(call_id(found)))
        for turn, found in ((2, 3), (1, 1))
    ]
    assert names(any_store.threads(PROJECT, "0%")) == ["y"]
    assert names(any_store.threads(PROJECT, "nowhere")) == []


def test_deleted_turns_are_gone_from_threads(any_store):
    """A thread whose calls were deleted is listed no more."""
    ingest(any_store, in_thread(1, "a"), in_thread(2, "b"))
    any_store.delete_calls(PROJECT, [uuid_of_bytes(call_id(2))])
    assert names(any_store.threads(PROJECT)) == ["a"]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c", "Word", "x Word"]), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 4),
    st.sampled_from(["", "word", "wo", "ans"]),
)
def test_many_threads_are_listed_as_few_are(tmp_path_factory, calls, limit, text):
    """However many threads there are, the list, its pages and its searches are the same."""
    path = tmp_path_factory.mktemp("threads") / "weavelite.db"
    store = SqliteStore(path)
    written = [
        in_thread(n + 1, thread, inputs='{"q":"a word"}' if has else "{}")
        for n, (thread, has) in enumerate(calls)
    ]
    ingest(store, *written)

    def listed(few):
        found, before = [], None
        while True:
            page = store.write(
                lambda connection, key=before: threads.page(
                    connection, 1, text, key, limit, few=few
                )
            )
            found += [(thread.id, thread.newest) for thread in page.threads]
            if (before := page.next) is None:
                return found

    assert listed(0) == listed(100)
    store.close()
