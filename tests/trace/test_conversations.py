"""Threads are conversations, and their turns come out as in Weave."""

import asyncio
import threading

import weavelite
from weavelite import instrument


@weavelite.op
def inner():
    return weavelite.get_current_call().turn_id


@weavelite.op
def turn():
    return inner()


def said(client):
    return [(call.op_name, call.thread_id, call.turn_id) for call in client.get_calls()]


def test_turns_are_the_outermost_calls(client):
    """Each outermost call in a thread is a turn: its own id, which those below it have, too."""
    with weavelite.thread("chat") as thread:
        assert (thread.thread_id, thread.turn_id) == ("chat", None)
        first = turn()
        assert thread.turn_id == first
        second = turn()
        assert thread.turn_id == second != first
    calls = list(client.get_calls())
    assert said(client) == [
        ("turn", "chat", first), ("inner", "chat", first),
        ("turn", "chat", second), ("inner", "chat", second),
    ]  # fmt: skip
    assert [call.id for call in calls if call.op_name == "turn"] == [first, second]
    assert list(client.get_calls(filter={"thread_ids": ["chat"], "trace_roots_only": True}))


def test_a_thread_is_named_by_itself_or_switched_off(client):
    """Without a name a thread has a new one; None takes calls out of the thread."""
    with weavelite.thread() as first, weavelite.thread() as second:
        assert len(first.thread_id) == 36 and first.thread_id != second.thread_id
        turn()
        with weavelite.thread(None) as none:
            turn()
            assert (none.thread_id, none.turn_id) == (None, None)
    turn()
    assert [thread for _, thread, _ in said(client)] == [second.thread_id] * 2 + [None] * 4


def test_a_call_without_a_thread_may_hold_turns(client):
    """Inside of a call of another thread, or of none, a thread has turns of its own."""

    @weavelite.op
    def holder():
        with weavelite.thread("a"):
            one = turn()
            with weavelite.thread("b"):
                two = turn()
        return one, two

    one, two = holder()
    assert said(client) == [
        ("holder", None, None),
        ("turn", "a", one), ("inner", "a", one), ("turn", "b", two), ("inner", "b", two),
    ]  # fmt: skip
    found = {call.id: call.parent_id for call in client.get_calls()}
    assert found[one] == found[two] == next(iter(found))


def test_threads_reach_tasks_and_threads(client):
    """A conversation goes along into tasks and threads of the machine."""

    async def answer():
        return await asyncio.gather(asyncio.to_thread(turn), asyncio.to_thread(turn))

    with weavelite.thread("chat"):
        first, second = asyncio.run(answer())
        worker = threading.Thread(target=turn)
        worker.start()
        worker.join()
    turns = [call for call in client.get_calls() if call.op_name == "turn"]
    assert {first, second} < {call.turn_id for call in turns} and len(turns) == 3
    assert all(call.thread_id == "chat" and call.turn_id == call.id for call in turns)


def test_a_thread_of_an_integration_has_turns(client):
    """A thread id that an integration reports makes a turn of its outermost call as well."""
    call = instrument.start("graph", {}, attributes={"thread_id": "t"})
    with instrument.active(call):
        below = inner()
    instrument.end(call)
    assert said(client) == [("graph", "t", call.id), ("inner", "t", call.id)]
    assert below == call.id
